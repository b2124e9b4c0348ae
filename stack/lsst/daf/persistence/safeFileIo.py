# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Writing files so that nobody ever sees half of one.

New contents are written to a temporary file beside the final one, which takes its name when it is complete
and on the disk. If writing fails the temporary file is removed and what was there before stays.
"""

__all__ = ["SafeFilename", "SafeLockedFileForRead", "SafeLockedFileForWrite", "safeMakeDir", "setFileMode"]

import contextlib
import fcntl
import logging
import os

from lsst._partialFile import isPartial, makePartial, publish, setFileMode
from lsst.afw.fits._regularFile import openRegular

_log = logging.getLogger("daf.persistence.butler")


def safeMakeDir(directory):
    """Make a directory and its parents, unless they exist.

    Parameters
    ----------
    directory : `str`
        Path; an empty string is the working directory.
    """
    if directory:
        os.makedirs(directory, exist_ok=True)


@contextlib.contextmanager
def SafeFilename(name):
    """Provide the name of a temporary file that becomes ``name``.

    Parameters
    ----------
    name : `str`
        Path of the file.

    Yields
    ------
    tempName : `str`
        Path of an empty file in the same directory.
    """
    safeMakeDir(os.path.dirname(name))
    partial = makePartial(name)
    try:
        with _naming(name):
            yield partial
        publish(partial, name)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.remove(partial)


@contextlib.contextmanager
def SafeLockedFileForRead(name):
    """Provide a file for reading while no `SafeLockedFileForWrite` has it.

    Parameters
    ----------
    name : `str`
        Path of the file.

    Yields
    ------
    stream : file-like
        Text stream to read from.
    """
    with _openLocked(name, "r", fcntl.LOCK_SH) as stream:
        yield stream


class SafeLockedFileForWrite:
    """A file that one process at a time may read and rewrite.

    Parameters
    ----------
    name : `str`
        Path of the file; it is created empty where it does not exist.

    Notes
    -----
    What is written becomes visible, as a whole, when the file is closed; `read` gives what there was
    before. If nothing was written, or the ``with`` block ends with an exception, nothing changes.
    """

    def __init__(self, name):
        self.name = name
        self._lock = None
        self._readable = None
        self._writeable = None
        safeMakeDir(os.path.dirname(name))

    def __enter__(self):
        self.open()
        return self

    def __exit__(self, errorType, error, traceback):
        self.close(discard=errorType is not None)

    def open(self):
        """Wait for the lock."""
        self._lock = _openLocked(self.name, "a", fcntl.LOCK_EX)

    def close(self, discard=False):
        """Publish what was written, and let others have the file.

        Parameters
        ----------
        discard : `bool`, optional
            Throw away what was written?
        """
        try:
            if self._readable is not None:
                self._readable.close()
            if self._writeable is not None:
                self._closeWriteable(discard)
        finally:
            self._readable = self._writeable = None
            self._lock.close()

    def _closeWriteable(self, discard):
        name = self._writeable.name
        try:
            with _naming(self.name):
                self._writeable.close()
            if not discard:
                publish(name, self.name)
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.remove(name)

    @property
    def readable(self):
        """Text stream with the contents of the file."""
        if self._readable is None:
            self._readable = open(self.name)
        return self._readable

    @property
    def writeable(self):
        """Text stream for new contents."""
        if self._writeable is None:
            self._writeable = open(makePartial(self.name), "w")
        return self._writeable

    def read(self, size=None):
        """Read the file, or the next ``size`` characters of it."""
        return self.readable.read() if size is None else self.readable.read(size)

    def write(self, str):
        """Write new contents."""
        with _naming(self.name):
            self.writeable.write(str)


@contextlib.contextmanager
def _naming(name):
    """Let errors of the system, such as a full disk, name the file, which those of streams do not."""
    try:
        yield
    except OSError as error:
        if error.errno is not None and (error.filename is None or isPartial(str(error.filename))):
            error.filename = name
        raise


def _openLocked(name, mode, lock):
    """Open and lock a file; if it was replaced while waiting for the lock, the new one."""
    while True:
        stream = open(name, mode, opener=openRegular)
        try:
            _log.debug("Waiting for the lock on %s", name)
            fcntl.flock(stream, lock)
            if os.path.samestat(os.fstat(stream.fileno()), os.stat(name)):
                return stream
        except FileNotFoundError:
            pass
        except BaseException:
            stream.close()
            raise
        stream.close()
