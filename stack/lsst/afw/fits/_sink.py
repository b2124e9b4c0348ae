# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Where written bytes go: a temporary sibling that takes the final name at the end, or memory."""

__all__ = ["openSink"]

import contextlib
import gzip
import io
import os

from lsst._partialFile import isPartial, makePartial, publish

from ._error import FitsError
from ._source import isInMemory


class _FileSink:
    """A file that appears under its name only when it is complete."""

    def __init__(self, path, append):
        self._path = path
        self._temporary = None
        try:
            if append:
                self._stream = open(path, "r+b")
                self._stream.seek(0, os.SEEK_END)
                return
            # What is not the final file needs no other beside it.
            self._temporary = None if isPartial(path) else makePartial(path)
            self._stream = open(self._temporary or path, "w+b")
        except OSError as err:
            raise FitsError(f"cfitsio error ({path}): could not create the file: {err.strerror}") from err

    def write(self, data):
        try:
            self._stream.write(data)
        except OSError as err:
            raise FitsError(f"cfitsio error ({self._path}): could not write: {err.strerror}") from err

    def close(self, keep):
        try:
            self._stream.close()
            if keep and self._temporary is not None:
                self._publish()
        except OSError as err:
            raise FitsError(f"cfitsio error ({self._path}): could not write: {err.strerror}") from err
        finally:
            if self._temporary is not None:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(self._temporary)

    def _publish(self):
        """Give the file its name."""
        if self._path.endswith(".gz"):
            self._compress()
        publish(self._temporary, self._path)

    def _compress(self):
        with open(self._temporary, "rb") as stream:
            data = stream.read()
        with open(self._temporary, "wb") as stream:
            stream.write(gzip.compress(data, compresslevel=6))


class _MemorySink:
    """A file that ends up in a memory manager."""

    def __init__(self, manager, append):
        self._manager = manager
        self._stream = io.BytesIO()
        if append:
            self._stream.write(manager.getData())

    def write(self, data):
        self._stream.write(data)

    def close(self, keep):
        if keep:
            data = self._stream.getvalue()
            self._manager.setData(data, len(data))


def openSink(file, append=False):
    """Open a path or `MemFileManager` for writing.

    The returned object has ``write(bytes-like)`` and ``close(keep)``; with ``keep`` false nothing is left.

    Raises
    ------
    FitsError
        Raised if the file cannot be created.
    """
    if isInMemory(file):
        return _MemorySink(file, append)
    return _FileSink(os.fspath(file), append)
