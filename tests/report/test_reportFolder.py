# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""A report appears when it is complete, and replaces none but a report."""

import errno
import os
import pathlib
import signal
import subprocess
import sys

import pytest
from lsst.dia.repro.report.reportFolder import replaceReport

#: How a script of a report begins.
MARK = "// Part of dia_repro. License: GPL-3.0-or-later.\n"


def write(path, text):
    with replaceReport(str(path)) as directory:
        assert os.listdir(directory) == []
        os.mkdir(os.path.join(directory, "static"))
        for name in ("index.html", os.path.join("static", "report.js")):
            with open(os.path.join(directory, name), "w") as stream:
                stream.write(MARK + text)


def testNewAndAgain(tmp_path):
    path = tmp_path/"deep"/"report"
    for text in ("one", "two"):
        write(path, text)
        assert (path/"index.html").read_text() == MARK + text
    assert os.listdir(path.parent) == ["report"]


def testEmptyFolder(tmp_path):
    write(tmp_path/"report", "one")
    (tmp_path/"empty").mkdir()
    write(tmp_path/"empty", "one")
    assert sorted(os.listdir(tmp_path)) == ["empty", "report"]


def testPermissions(tmp_path):
    (tmp_path/"usual").mkdir()
    write(tmp_path/"report", "one")
    assert (tmp_path/"report").stat().st_mode == (tmp_path/"usual").stat().st_mode


@pytest.mark.parametrize("isFolder", [True, False])
def testSomethingElse(tmp_path, isFolder):
    path = tmp_path/"mine"
    if isFolder:
        path.mkdir()
        (path/"index.html").write_text("mine")
    else:
        path.write_text("mine")
    with pytest.raises(ValueError, match="is there and not a report: give another --output"):
        write(path, "one")
    assert ((path/"index.html") if isFolder else path).read_text() == "mine"


def testPagesOfOthers(tmp_path):
    (tmp_path/"mine"/"static").mkdir(parents=True)
    (tmp_path/"mine"/"static"/"report.js").write_text("mine")
    with pytest.raises(ValueError, match="is there and not a report"):
        write(tmp_path/"mine", "one")
    assert (tmp_path/"mine"/"static"/"report.js").read_text() == "mine"


def testSomethingComesInTheMeantime(tmp_path):
    with pytest.raises(ValueError, match="is there and not a report"), replaceReport(str(tmp_path/"report")):
        (tmp_path/"report").mkdir()
        (tmp_path/"report"/"mine").write_text("mine")
    assert (tmp_path/"report"/"mine").read_text() == "mine"


def testLinkStays(tmp_path):
    write(tmp_path/"report", "one")
    (tmp_path/"link").symlink_to("report")
    write(tmp_path/"link", "two")
    assert (tmp_path/"link").is_symlink()
    assert (tmp_path/"report"/"index.html").read_text() == MARK + "two"


def testErrorNamesTheFolder(tmp_path):
    with pytest.raises(OSError) as caught, replaceReport(str(tmp_path/"report")) as directory:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), os.path.join(directory, "index.html"))
    assert caught.value.filename == str(tmp_path/"report")


def testFailure(tmp_path):
    write(tmp_path/"report", "one")
    with pytest.raises(RuntimeError), replaceReport(str(tmp_path/"report")):
        raise RuntimeError
    assert (tmp_path/"report"/"index.html").read_text() == MARK + "one"
    assert os.listdir(tmp_path) == ["report"]


@pytest.mark.parametrize("number", [1, 2, 3])
def testKilledAsItIsReplaced(tmp_path, number):
    """Old or new is there, or comes back with the next run, whether that comes to an end or not."""
    write(tmp_path/"report", "one")
    script = f"""
import os, signal, sys
sys.path.insert(0, {str(pathlib.Path(__file__).parent)!r})
from test_reportFolder import write
rename, calls = os.rename, []
def killBefore(*args):
    calls.append(args)
    if len(calls) == {number}:
        os.kill(os.getpid(), signal.SIGKILL)
    rename(*args)
os.rename = killBefore
write({str(tmp_path/"report")!r}, "two")
"""
    assert subprocess.run([sys.executable, "-c", script]).returncode == -signal.SIGKILL
    with pytest.raises(RuntimeError), replaceReport(str(tmp_path/"report")):
        raise RuntimeError
    assert (tmp_path/"report"/"index.html").read_text() == MARK + ("one" if number < 3 else "two")
    write(tmp_path/"report", "three")
    assert (tmp_path/"report"/"index.html").read_text() == MARK + "three"
    assert os.listdir(tmp_path) == ["report"]
