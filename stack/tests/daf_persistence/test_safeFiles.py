# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Files appear whole or not at all."""

import os

import pytest

from lsst.daf.persistence import safeFileIo


@pytest.fixture
def path(tmp_path):
    return str(tmp_path/"sub"/"file.txt")


def names(path):
    return sorted(os.listdir(os.path.dirname(path)))


def testFinalNameAppearsAtTheEnd(path):
    with safeFileIo.SafeFilename(path) as temp:
        with open(temp, "w") as stream:
            stream.write("whole")
        assert not os.path.exists(path)
    assert open(path).read() == "whole"
    assert names(path) == ["file.txt"]


@pytest.mark.parametrize("writer", [safeFileIo.SafeFilename, safeFileIo.SafeLockedFileForWrite])
def testFailureKeepsTheOldFile(path, writer):
    safeFileIo.safeMakeDir(os.path.dirname(path))
    with open(path, "w") as stream:
        stream.write("old")
    with pytest.raises(ZeroDivisionError), writer(path) as target:
        if hasattr(target, "write"):
            target.write("half")
        raise ZeroDivisionError
    assert open(path).read() == "old"
    assert names(path) == ["file.txt"]


def testFailureLeavesNoFile(path):
    with pytest.raises(ZeroDivisionError), safeFileIo.SafeFilename(path):
        raise ZeroDivisionError
    assert names(path) == []


def testUmask(path):
    old = os.umask(0o027)
    try:
        with safeFileIo.SafeFilename(path):
            pass
    finally:
        os.umask(old)
    assert os.stat(path).st_mode & 0o777 == 0o640


def testLockedFileShowsNewContentsWhenClosed(path):
    with safeFileIo.SafeLockedFileForWrite(path) as stream:
        stream.write("first")
    with safeFileIo.SafeLockedFileForWrite(path) as stream:
        assert stream.read() == "first"
        stream.write("second")
        assert open(path).read() == "first"
    with safeFileIo.SafeLockedFileForRead(path) as stream:
        assert stream.read() == "second"
