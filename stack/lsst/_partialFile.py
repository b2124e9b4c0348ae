# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Files that are complete, and on the disk, when they get their name; and what is left of those that died.

A file is written beside its final name, under one that tells which process of which computer does it. So
nobody sees half of it, and what a process left that is no more is known and can be removed.
"""

__all__ = ["isPartial", "makePartial", "publish", "removeLeftovers", "setFileMode"]

import contextlib
import errno
import functools
import os
import re
import shutil
import socket
import tempfile

_NAME = re.compile(r"\.partial-(?P<host>[^-]*)-(?P<process>\d+)-")

_LONGEST_NAME = 100  # Characters of the final name; a file system has a limit for the whole.


@functools.cache
def _host():
    return re.sub(r"[^\w.]", "_", socket.gethostname())[:100]


def isPartial(path):
    """Tell whether a file is one that `makePartial` made."""
    return _NAME.match(os.path.basename(path)) is not None


def makePartial(path, suffix=".tmp"):
    """Make an empty file beside a path.

    Parameters
    ----------
    path : `str`
        The final name.
    suffix : `str`, optional
        How the name of the file shall end.

    Returns
    -------
    partial : `str`
        Path of the file.
    """
    directory, name = os.path.split(path)
    _removeLeftoversOnce(os.path.abspath(directory), os.getpid())
    try:
        handle, partial = tempfile.mkstemp(
            prefix=f".partial-{_host()}-{os.getpid()}-{name[:_LONGEST_NAME]}-", suffix=suffix,
            dir=directory or ".")
    except OSError as error:
        # The user knows the final name.
        error.filename = path
        raise
    os.close(handle)
    return partial


def setFileMode(filename):
    """Give a file the permissions that the umask grants to new files; temporary files have fewer.

    Parameters
    ----------
    filename : `str`
        Path of the file.
    """
    umask = os.umask(0o077)
    os.umask(umask)
    os.chmod(filename, ~umask & 0o666)


def publish(partial, path):
    """Flush a file to the disk, and give it its name, with the permissions that new files get.

    Parameters
    ----------
    partial : `str`
        Path of the file.
    path : `str`
        The final name.

    Raises
    ------
    OSError
        The disk is full or broken; the name then has what it had before.
    """
    try:
        setFileMode(partial)
        _flush(partial)
        os.replace(partial, path)
        _flush(os.path.dirname(path) or ".")
    except OSError as error:
        error.filename, error.filename2 = path, None
        raise


def _flush(path):
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


@functools.lru_cache(maxsize=1024)
def _removeLeftoversOnce(directory, process):
    removeLeftovers(directory)


def removeLeftovers(directory):
    """Remove what processes of this computer that are no more left of their work in a directory.

    Parameters
    ----------
    directory : `str`
        Path of the directory; it need not exist.
    """
    with contextlib.suppress(OSError), os.scandir(directory) as entries:
        for entry in entries:
            match = _NAME.match(entry.name)
            if match and match["host"] == _host() and not _isAlive(int(match["process"])):
                _remove(entry)


def _isAlive(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return not _isZombie(process)


def _isZombie(process):
    """Tell whether a process has ended, and only whoever started it does not know yet."""
    try:
        with open(f"/proc/{process}/stat") as stream:
            return stream.read().rpartition(")")[2].split()[0] in ("Z", "X")
    except (OSError, IndexError):
        return False


def _remove(entry):
    # Another process may do the same at this moment, and only owners may.
    if entry.is_dir(follow_symlinks=False):
        shutil.rmtree(entry.path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            os.unlink(entry.path)
