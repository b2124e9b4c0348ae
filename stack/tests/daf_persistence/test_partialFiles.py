# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""What processes that died left is removed, what others are at is not, and files are on the disk."""

import os
import resource
import signal
import subprocess
import sys
import time

import pytest

from lsst import _partialFile
from lsst.afw.fits import FitsError
from lsst.afw.table import SourceCatalog, SourceTable
from lsst.daf.persistence.safeFileIo import SafeFilename, SafeLockedFileForWrite

WRITERS = {"safe": """
from lsst.daf.persistence.safeFileIo import SafeFilename
with SafeFilename(sys.argv[1]) as name:
    wait()
""", "locked": """
from lsst.daf.persistence.safeFileIo import SafeLockedFileForWrite
with SafeLockedFileForWrite(sys.argv[1]) as stream:
    stream.write("half")
    wait()
""", "fits": """
from lsst.afw.fits._sink import openSink
openSink(sys.argv[1]).write(b"half")
wait()
"""}

WAIT = """
import sys, time
def wait():
    print("writing", flush=True)
    time.sleep(600)
"""


def startWriter(kind, path):
    """Start a process that never comes to the end of a file."""
    process = subprocess.Popen([sys.executable, "-c", WAIT + WRITERS[kind], path], stdout=subprocess.PIPE,
                               text=True)
    assert process.stdout.readline() == "writing\n"
    return process


def partials(folder):
    return [path.name for path in folder.glob(".partial-*")]


def writeAgain(path):
    """Write in a process of its own, as the next run does."""
    subprocess.run([sys.executable, "-c", "import sys\n"
                    "from lsst.daf.persistence.safeFileIo import SafeFilename\n"
                    "with SafeFilename(sys.argv[1]): pass", path], check=True)


@pytest.mark.parametrize("kind", sorted(WRITERS))
def test_leftoversOfDeadProcesses(kind, tmp_path):
    process = startWriter(kind, str(tmp_path / "file.fits"))
    (name,) = partials(tmp_path)
    assert f"-{process.pid}-" in name
    writeAgain(str(tmp_path / "other"))
    assert partials(tmp_path) == [name]  # It is at work.
    process.send_signal(signal.SIGKILL)
    process.wait()
    if kind != "locked":
        assert not (tmp_path / "file.fits").exists()
    writeAgain(str(tmp_path / "other"))
    assert partials(tmp_path) == []


def test_whatIsOfOthersStays(tmp_path):
    mine = tmp_path / f".partial-{_partialFile._host()}-{os.getpid()}-x-{2**22 + 1}-abc.tmp"
    elsewhere = tmp_path / ".partial-another.host-1-x-abc.tmp"
    dead = tmp_path / f".partial-{_partialFile._host()}-{2**22 + 1}-x-abc"  # No process has this number.
    for path in (mine, elsewhere):
        path.touch()
    (dead / "sub").mkdir(parents=True)
    (tmp_path / ".partial").touch()
    _partialFile.removeLeftovers(str(tmp_path))
    assert sorted(tmp_path.iterdir()) == sorted([mine, elsewhere, tmp_path / ".partial"])
    _partialFile.removeLeftovers(str(tmp_path / "none"))


@pytest.mark.parametrize("write", [SafeFilename, SafeLockedFileForWrite])
def test_filesAreFlushedBeforeTheyAreNamed(write, tmp_path, monkeypatch):
    events = []
    fsync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda handle: events.append(os.readlink(f"/proc/self/fd/{handle}"))
                        or fsync(handle))
    monkeypatch.setattr(os, "replace", lambda old, new: events.append("replace") or replace(old, new))
    with write(str(tmp_path / "file")) as target:
        if write is SafeLockedFileForWrite:
            target.write("text")
    partial, name, directory = events
    assert ".partial-" in partial and name == "replace" and directory == str(tmp_path)


@pytest.fixture
def fullDisk():
    """A disk that takes no file of more than 10 kB."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, handler)


def test_fullDiskNamesTheFile(tmp_path, fullDisk):
    path = tmp_path / "file"
    path.write_text("old")
    with pytest.raises(OSError) as info, SafeFilename(str(path)) as partial, open(partial, "w") as stream:
        stream.write("x" * 20_000)
    assert info.value.filename == str(path)
    with pytest.raises(OSError) as info, SafeLockedFileForWrite(str(path)) as stream:
        stream.write("x" * 20_000)
    assert info.value.filename == str(path)
    catalog = SourceCatalog(SourceTable.makeMinimalSchema())
    for _ in range(1000):
        catalog.addNew()
    with pytest.raises(FitsError, match=f"{tmp_path}/new.fits.*: could not write: File too large"):
        catalog.writeFits(str(tmp_path / "new.fits"))
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"] and path.read_text() == "old"


def test_leftoversAreLookedForOnce(tmp_path):
    with SafeFilename(str(tmp_path / "file")):
        pass
    for number in range(20_000):
        (tmp_path / f"{number}").touch()
    begin = time.process_time()
    for _ in range(100):
        _partialFile._removeLeftoversOnce(str(tmp_path), os.getpid())
    assert time.process_time() - begin < 0.01
