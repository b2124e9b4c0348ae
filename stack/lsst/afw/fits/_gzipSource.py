# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The bytes of a gzipped FITS file, uncompressed as far as they are asked for.

A file of ten megabytes may go on for gigabytes after the last HDU.
"""

__all__ = ["GzipSource"]

import gzip
import zlib

import numpy as np

from ._error import FitsError

_CHUNK = 1 << 22
_MAX_BYTES = 1 << 32


class GzipSource:
    """Random access to the bytes of a gzipped FITS file.

    Parameters
    ----------
    stream : file-like
        The open file.
    name : `str`
        Name for error messages.
    """

    path = None

    def __init__(self, stream, name):
        self.name = name
        self._stream = stream
        self._unzipped = gzip.open(stream)
        self._data = bytearray()

    @property
    def size(self):
        """Number of bytes (`int`); all of them are uncompressed to find it out."""
        self.reaches(_MAX_BYTES)
        return len(self._data)

    def reaches(self, end):
        """Are there that many bytes? (`bool`)

        Raises
        ------
        FitsError
            Raised if the file is damaged, or has too many.
        """
        while len(self._data) < end and self._unzipped is not None:
            self._uncompress(min(max(end - len(self._data), _CHUNK), 16 * _CHUNK))
        return len(self._data) >= end

    def _uncompress(self, n):
        try:
            chunk = self._unzipped.read(n)
            self._data += chunk
        except (OSError, EOFError, zlib.error) as err:
            raise FitsError(f"cfitsio error ({self.name}): could not uncompress: {err}") from err
        except MemoryError:
            raise FitsError(f"cfitsio error ({self.name}): not enough memory for more than "
                            f"{len(self._data):,} uncompressed bytes") from None
        if len(self._data) > _MAX_BYTES:
            raise FitsError(f"cfitsio error ({self.name}): more than {_MAX_BYTES:,} uncompressed bytes")
        if not chunk:
            self.close()

    def read(self, offset, n):
        """Return up to ``n`` bytes from ``offset``."""
        self.reaches(offset + n)
        return bytes(memoryview(self._data)[offset:offset + n])

    def readArray(self, offset, dtype, count):
        """Return ``count`` elements as a new writable array.

        Raises
        ------
        FitsError
            Raised if the file ends before.
        """
        dtype = np.dtype(dtype)
        end = offset + dtype.itemsize * count
        if not self.reaches(end):
            raise FitsError(f"cfitsio error ({self.name}): file ends at byte {len(self._data)}, "
                            f"data reach to byte {end}")
        array = np.empty(count, dtype)
        if array.nbytes:
            memoryview(array).cast("B")[:] = memoryview(self._data)[offset:end]
        return array

    def close(self):
        """Close the file; what has been uncompressed stays."""
        if self._unzipped is not None:
            self._unzipped.close()
            self._unzipped = None
            self._stream.close()

    # Readers close their file when they go, as those of v23 do.
    __del__ = close
