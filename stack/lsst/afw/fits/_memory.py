# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""FITS files in memory."""

__all__ = ["MemFileManager"]

from ._readMetadata import DEFAULT_HDU, readMetadata


class MemFileManager:
    """A buffer that holds a FITS file in memory.

    Parameters
    ----------
    size : `int`, optional
        Size in bytes of a buffer to be filled with `setData`.
    """

    def __init__(self, size=0):
        self._data = bytes(size)

    def getLength(self):
        """Return the length of the file in bytes."""
        return len(self._data)

    def getData(self):
        """Return the file as `bytes`."""
        return self._data

    def setData(self, data, size):
        """Replace the file by the first ``size`` bytes of ``data``."""
        self._data = bytes(data[:size])

    def reset(self, size=0):
        """Forget the file."""
        self._data = bytes(size)

    def readMetadata(self, hdu=None, strip=False):
        """Read the header of an HDU; see `lsst.afw.fits.readMetadata`."""
        return readMetadata(self, DEFAULT_HDU if hdu is None else hdu, strip)
