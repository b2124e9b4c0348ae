# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Progress: a bar on a terminal, elsewhere lines at a bounded rate."""

import logging
import os
import pty
import subprocess
import sys
import termios

import pytest
from lsst.dia.repro import progress as progressModule
from lsst.dia.repro.progress import Progress, formatDuration, trackProgress

LOOP = """
import logging, time
from lsst.dia.repro.progress import Progress
logging.basicConfig(level=logging.INFO, format="%(message)s")
with Progress(30, logging.getLogger(), "Working") as progress:
    for number in range(30):
        time.sleep(0.02)
        progress.step(isFailed=number == 3)
        if number == 20:
            logging.info("a message")
logging.info("the end")
"""


def runOnTerminal(code):
    """Run Python with a terminal as its standard error, and return what came there."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 90))
    process = subprocess.Popen([sys.executable, "-c", code], stderr=theirs)
    os.close(theirs)
    text = b""
    try:
        while piece := os.read(ours, 4096):
            text += piece
    except OSError:
        # The other side is closed.
        pass
    os.close(ours)
    assert process.wait() == 0, text
    return text.decode()


def testBarOnATerminal():
    pytest.importorskip("tqdm")
    text = runOnTerminal(LOOP)
    assert "Working:" in text and "/30 [" in text and "1 failed" in text and "it/s" in text
    # No rest of the bar before or after a message.
    assert "\r\033[Ka message\r\n" in text
    assert text.endswith("the end\r\n")


def testPlainLinesWithoutTqdm():
    text = runOnTerminal("import sys; sys.modules['tqdm'] = None\n" + LOOP)
    assert text == "a message\r\nthe end\r\n"


def testLinesAtABoundedRate(monkeypatch, caplog):
    caplog.set_level(logging.INFO)
    now = 0.0
    monkeypatch.setattr(progressModule.time, "monotonic", lambda: now)
    with Progress(1000, logging.getLogger(), "Working") as progress:
        now += 29.0  # the first step compiles
        for number in range(1000):
            now += 0.25
            progress.step(isFailed=number == 10)
    lines = [record.getMessage() for record in caplog.records]
    assert lines[:2] == ["Working: 4 of 1000", "Working: 124 of 1000, 1 failed, 4/s, 0:03:39 left"]
    assert len(lines) == 9


def testEachItemComesOnce():
    assert list(trackProgress([3, 1, 2], logging.getLogger(), "Working")) == [3, 1, 2]


@pytest.mark.parametrize("seconds, text", [(0.4, "0:00:00"), (59.6, "0:01:00"), (3723.0, "1:02:03"),
                                           (360000.0, "100:00:00")])
def testFormatDuration(seconds, text):
    assert formatDuration(seconds) == text
