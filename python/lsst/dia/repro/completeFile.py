# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Write files that are complete, and on the disk, when they appear."""

from __future__ import annotations

__all__ = ["makeScratchDirectory", "naming", "openComplete", "publish", "removeLeftovers"]

import contextlib
import errno
import functools
import os
import re
import shutil
import socket
import tempfile
from collections.abc import Iterator
from typing import IO

#: Names of what is not complete: which process of which computer is at it. The slice has the same.
PARTIAL = re.compile(r"\.partial-(?P<host>[^-]*)-(?P<process>\d+)-")

#: Characters of the final name that such a name has; a file system has a limit for the whole.
LONGEST_NAME = 100


@contextlib.contextmanager
def openComplete(path: str) -> Iterator[IO[str]]:
    """Open a file of text that gets its final name when it is complete.

    Parameters
    ----------
    path : `str`
        The final name.

    Yields
    ------
    stream : file object
        Its ``name``, of the same ending, may be written to instead.

    Raises
    ------
    OSError
        Raised if it cannot be written; it names the file, and what was there
        before stays.
    """
    directory = os.path.dirname(path) or os.curdir
    _removeLeftoversOnce(os.path.abspath(directory), os.getpid())
    with naming(path):
        stream = tempfile.NamedTemporaryFile("w", dir=directory, prefix=_makePrefix(path), delete=False,
                                             suffix=os.path.splitext(path)[1], encoding="utf-8")
    try:
        with naming(path), stream:
            yield stream
        publish(stream.name, path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.remove(stream.name)


@contextlib.contextmanager
def makeScratchDirectory(directory: str, name: str) -> Iterator[str]:
    """Make a directory for files that are not complete; it is removed in the end.

    Parameters
    ----------
    directory : `str`
        Where to make it.
    name : `str`
        What it is for.

    Yields
    ------
    scratch : `str`
        Its path. What a process leaves that is killed the next one removes.

    Raises
    ------
    OSError
        Raised if it cannot be made; it names where.
    """
    removeLeftovers(directory)
    with naming(directory):
        made = tempfile.TemporaryDirectory(dir=directory, prefix=_makePrefix(name))
    with made as scratch:
        yield scratch


@contextlib.contextmanager
def naming(path: str) -> Iterator[None]:
    """Let errors of the system name the file or folder to be, which those of streams do not.

    Parameters
    ----------
    path : `str`
        The final name.
    """
    try:
        yield
    except OSError as error:
        if error.errno is not None and (error.filename is None or _isPartial(str(error.filename))):
            error.filename, error.filename2 = path, None
        raise


def _isPartial(path: str) -> bool:
    """Tell whether a path is of something that is not complete, or in it."""
    return any(map(PARTIAL.match, path.split(os.sep)))


def publish(partial: str, path: str) -> None:
    """Flush a file to the disk, and give it its name, with the permissions that new files get.

    Parameters
    ----------
    partial : `str`
        Path of the file, on the same file system.
    path : `str`
        The final name.

    Raises
    ------
    OSError
        Raised if the disk is full or broken; it names the file, and what was
        there before stays.
    """
    umask = os.umask(0o077)
    os.umask(umask)
    with naming(path):
        os.chmod(partial, 0o666 & ~umask)
        _flush(partial)
        os.replace(partial, path)
        _flush(os.path.dirname(path) or os.curdir)


def removeLeftovers(directory: str) -> None:
    """Remove what processes of this computer that are no more left of their work.

    Parameters
    ----------
    directory : `str`
        Where to look.
    """
    with contextlib.suppress(OSError), os.scandir(directory) as entries:
        for entry in entries:
            match = PARTIAL.match(entry.name)
            if match and match["host"] == _findHost() and not _isAlive(int(match["process"])):
                _remove(entry)


@functools.lru_cache(maxsize=1024)
def _removeLeftoversOnce(directory: str, process: int) -> None:
    """Remove what was left, but not for each of many files again."""
    removeLeftovers(directory)


def _makePrefix(path: str) -> str:
    """Return how the name of a file begins that is not complete."""
    return f".partial-{_findHost()}-{os.getpid()}-{os.path.basename(path)[:LONGEST_NAME]}-"


def _findHost() -> str:
    """Return the name of this computer in the names of files."""
    return re.sub(r"[^\w.]", "_", socket.gethostname())[:100]


def _isAlive(process: int) -> bool:
    """Tell whether there is a process, anybody's."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return not _isZombie(process)


def _isZombie(process: int) -> bool:
    """Tell whether a process has ended, and only whoever started it does not know yet."""
    try:
        with open(f"/proc/{process}/stat") as stream:
            return stream.read().rpartition(")")[2].split()[0] in ("Z", "X")
    except (OSError, IndexError):
        return False


def _remove(entry: os.DirEntry) -> None:
    """Remove a file or a directory, unless another process does, or it is not ours to remove."""
    if entry.is_dir(follow_symlinks=False):
        shutil.rmtree(entry.path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            os.unlink(entry.path)


def _flush(path: str) -> None:
    """Wait until a file, or the names in a directory, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        # Some file systems cannot do it for directories.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(handle)
