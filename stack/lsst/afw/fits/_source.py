# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Where the bytes of a FITS file come from: a file, a gzipped file, or memory."""

__all__ = ["TailSource", "openSource", "sourceName", "splitExtension"]

import io
import os
import re

import numpy as np

from ._error import FitsError
from ._gzipSource import GzipSource
from ._regularFile import openRegular

_EXTENSION = re.compile(r"(.*)\[\s*(\w+)\s*\]")


class Source:
    """Random access to the bytes of a FITS file.

    Parameters
    ----------
    stream : file-like
        An open binary stream.
    name : `str`
        Name for error messages.
    path : `str` or `None`
        Path of the file if other libraries may read the same bytes from there.
    """

    def __init__(self, stream, name, path):
        self._stream = stream
        self.name = name
        self.path = path
        self.size = stream.seek(0, os.SEEK_END)

    def reaches(self, end):
        """Are there that many bytes? (`bool`)"""
        return self.size >= end

    def read(self, offset, n):
        """Return up to ``n`` bytes from ``offset``."""
        # headers may say that data reach further than any offset
        if not self.reaches(offset):
            return b""
        self._stream.seek(offset)
        return self._stream.read(n)

    def readArray(self, offset, dtype, count):
        """Return ``count`` elements as a new writable array.

        Raises
        ------
        FitsError
            Raised if the file ends before.
        """
        dtype = np.dtype(dtype)
        nBytes = dtype.itemsize * count
        if offset + nBytes > self.size:
            raise FitsError(f"cfitsio error ({self.name}): file ends at byte {self.size}, "
                            f"data reach to byte {offset + nBytes}")
        array = np.empty(count, dtype)
        self._stream.seek(offset)
        if nBytes and self._stream.readinto(memoryview(array).cast("B")) != nBytes:
            raise FitsError(f"cfitsio error ({self.name}): could not read {nBytes} bytes at {offset}")
        return array

    def close(self):
        self._stream.close()

    # Readers close their file when they go, as those of v23 do.
    __del__ = close


class TailSource:
    """The bytes of a file from some offset on, kept in memory.

    Parameters
    ----------
    source : `Source`
        The open file.
    offset : `int`
        Where the part begins; what comes before cannot be read.
    """

    path = None

    def __init__(self, source, offset):
        self.name = source.name
        self.size = source.size
        self._offset = offset
        self._data = source.read(offset, source.size - offset)

    def reaches(self, end):
        """Are there that many bytes? (`bool`)"""
        return self.size >= end

    def read(self, offset, n):
        """Return up to ``n`` bytes from ``offset``."""
        if offset < self._offset:
            raise FitsError(f"cfitsio error ({self.name}): the bytes at {offset} were not kept")
        return self._data[offset - self._offset:offset - self._offset + n]

    def readArray(self, offset, dtype, count):
        """Return ``count`` elements as a new writable array.

        Raises
        ------
        FitsError
            Raised if the file ends before, or the bytes were not kept.
        """
        dtype = np.dtype(dtype)
        data = self.read(offset, dtype.itemsize * count)
        if len(data) < dtype.itemsize * count:
            raise FitsError(f"cfitsio error ({self.name}): file ends at byte {self.size}, "
                            f"data reach to byte {offset + dtype.itemsize * count}")
        return np.frombuffer(data, dtype).copy()

    def close(self):
        pass


def isInMemory(file):
    """Is a file a `MemFileManager`, not a path?"""
    return hasattr(file, "setData")


def sourceName(file):
    """Return the name of a file or memory manager for messages."""
    return "<memory>" if isInMemory(file) else os.fspath(file)


def splitExtension(file):
    """Split the name of an HDU off a file name, as in ``file.fits[MASK]`` or ``file.fits[2]``.

    Returns
    -------
    file : path-like or `MemFileManager`
        The file.
    extension : `str` or `None`
        What was in brackets, None if nothing was or if there is a file of the whole name.
    """
    if isInMemory(file):
        return file, None
    match = _EXTENSION.fullmatch(os.fspath(file))
    return (match[1], match[2]) if match and not os.path.exists(file) else (file, None)


def openSource(file):
    """Open a path or `MemFileManager` for reading; whole-file gzip is undone in memory, as far as is
    asked for.

    Raises
    ------
    FitsError
        Raised if the file does not exist or cannot be read.
    """
    if isInMemory(file):
        return Source(io.BytesIO(file.getData()), "<memory>", None)
    path = os.fspath(file)
    try:
        stream = open(path, "rb", buffering=0, opener=openRegular)
    except OSError as err:
        raise FitsError(f"cfitsio error ({path}): could not open the named file: "
                        f"{err.strerror} : Opening file '{path}' with mode 'r'") from err
    if stream.read(2) != b"\x1f\x8b":
        return Source(stream, path, path)
    stream.seek(0)
    return GzipSource(stream, path)
