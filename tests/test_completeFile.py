# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Files are complete when they appear, and what dead processes left goes."""

import errno
import os
import re
import signal
import socket
import subprocess
import sys
import time

import pytest
from lsst.dia.repro.completeFile import makeScratchDirectory, openComplete, publish, removeLeftovers

#: No process has this number.
NOBODY = 2**22 + 1

WRITE = """
import sys, time
from lsst.dia.repro.completeFile import makeScratchDirectory, openComplete
with makeScratchDirectory(sys.argv[1], "work") as scratch, openComplete(sys.argv[1] + "/new.txt") as stream:
    open(scratch + "/rows", "w").close()
    print("writing", flush=True)
    time.sleep(600)
"""


def listPartials(folder):
    return sorted(path.name for path in folder.iterdir() if path.name.startswith("."))


def testWhole(tmp_path):
    path = tmp_path/"table.csv"
    path.write_text("old")
    with openComplete(str(path)) as stream:
        assert stream.name.endswith(".csv")
        stream.write("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new" and listPartials(tmp_path) == []
    umask = os.umask(0)
    os.umask(umask)
    assert path.stat().st_mode & 0o777 == 0o666 & ~umask


def testFailureKeepsTheOldFile(tmp_path):
    path = tmp_path/"table.csv"
    path.write_text("old")
    with pytest.raises(ZeroDivisionError), openComplete(str(path)) as stream:
        stream.write("half")
        raise ZeroDivisionError
    assert path.read_text() == "old" and listPartials(tmp_path) == []


def testErrorsNameTheFile(tmp_path, monkeypatch):
    path = str(tmp_path/"table.csv")
    with pytest.raises(OSError) as caught, openComplete(path) as stream:
        # As a stream says it: without a name.
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert caught.value.filename == path
    with pytest.raises(OSError) as caught, openComplete(path) as stream:
        os.remove(stream.name)
    assert caught.value.filename == path

    def refuse(handle):
        raise OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(OSError) as caught, openComplete(path):
        pass
    assert caught.value.filename == path and caught.value.errno == errno.EDQUOT
    assert list(tmp_path.iterdir()) == []


def testFlushedBeforeItIsNamed(tmp_path, monkeypatch):
    events = []
    fsync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda handle: (events.append(os.readlink(f"/proc/self/fd/{handle}")),
                                                     fsync(handle)))
    monkeypatch.setattr(os, "replace", lambda old, new: (events.append("replace"), replace(old, new)))
    (tmp_path/"scratch").write_text("all")
    publish(str(tmp_path/"scratch"), str(tmp_path/"final"))
    assert events == [str(tmp_path/"scratch"), "replace", str(tmp_path)]


def testLeftoversOfAKilledProcess(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", WRITE, str(tmp_path)], stdout=subprocess.PIPE,
                               text=True)
    assert process.stdout.readline() == "writing\n"
    left = listPartials(tmp_path)
    assert len(left) == 2 and all(f"-{process.pid}-" in name for name in left)
    with makeScratchDirectory(str(tmp_path), "work") as scratch:
        assert sorted([*left, os.path.basename(scratch)]) == listPartials(tmp_path)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert listPartials(tmp_path) == left
    with makeScratchDirectory(str(tmp_path), "work") as scratch:
        assert listPartials(tmp_path) == [os.path.basename(scratch)]
    assert list(tmp_path.iterdir()) == []


def testWhatIsNotOursStays(tmp_path):
    with openComplete(str(tmp_path/"x")) as stream:
        mine = os.path.basename(stream.name)
        ofNobody = mine.replace(f"-{os.getpid()}-", f"-{NOBODY}-")
        kept = sorted([mine, ".partial-elsewhere-1-x", ".partial", f".other-{NOBODY}-x"])
        for name in [ofNobody, *kept]:
            (tmp_path/name).touch()
        removeLeftovers(str(tmp_path))
        assert listPartials(tmp_path) == kept
    removeLeftovers(str(tmp_path/"none"))


def testLeftoversOfAProcessNobodyAskedFor(tmp_path):
    """It has ended, but who started it has not waited for it."""
    child = os.fork()
    if not child:
        os._exit(0)
    try:
        host = re.sub(r"[^\w.]", "_", socket.gethostname())
        left = tmp_path/f".partial-{host}-{child}-file.fits-abc"
        left.write_text("half")
        end = time.monotonic() + 5.0
        while left.exists() and time.monotonic() < end:
            removeLeftovers(str(tmp_path))
            time.sleep(0.01)
        assert not left.exists()
    finally:
        os.waitpid(child, 0)


def testScratchDirectoryThatCannotBe(tmp_path):
    with pytest.raises(OSError) as error, makeScratchDirectory(str(tmp_path/"nowhere"), "work"):
        pass
    assert error.value.filename == str(tmp_path/"nowhere")
