# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""v23's ``Fits`` class: a file with a current HDU."""

__all__ = ["Fits"]

import numpy as np

from ._error import FitsError
from ._file import FitsFile
from ._metadata import metadataToCards
from ._readMetadata import DEFAULT_HDU


class Fits:
    """A FITS file with a current HDU, as v23's Python interface has it.

    Parameters
    ----------
    filename : path-like or `MemFileManager`
        The file; a name such as "image.fits[2]" moves to that HDU.
    mode : `str`
        ``r``, ``w`` or ``a`` (with or without ``b``).
    behavior : `int`, optional
        Accepted for compatibility; errors are always checked.
    """

    status = 0

    def __init__(self, filename, mode, behavior=3):
        self.file = FitsFile(filename, mode.rstrip("b"))
        self._hdu = self.file.namedHdu()
        self._pending = None

    def __enter__(self):
        return self

    def __exit__(self, kind, error, traceback):
        self.closeFile(keep=kind is None)

    def closeFile(self, keep=True):
        """Write what is pending and close the file."""
        if keep:
            self.flush()
        self.file.close(keep)

    def flush(self):
        """Write the HDU that `createEmpty` began."""
        if self._pending is not None:
            cards, self._pending = self._pending, None
            self.file.writeEmpty(cards)

    def getFileName(self):
        """Return the name of the file."""
        return self.file.name

    def getHdu(self):
        """Return the number of the current HDU."""
        return self._hdu

    def setHdu(self, hdu, relative=False):
        """Move to an HDU; DEFAULT_HDU leaves an empty primary for the first extension."""
        if relative:
            hdu += self._hdu
        elif hdu == DEFAULT_HDU:
            hdu = self.file.defaultHdu() if self._hdu == 0 else self._hdu
        self.file.hdu(hdu)
        self._hdu = hdu

    def gotoFirstHdu(self):
        """Move as ``setHdu(DEFAULT_HDU)`` does."""
        self.setHdu(DEFAULT_HDU)

    def countHdus(self):
        """Return the number of HDUs."""
        return self.file.nHdus + (self._pending is not None)

    def createEmpty(self):
        """Begin an HDU without pixels; `writeMetadata` then adds to its header."""
        self.flush()
        self._pending = []

    def writeMetadata(self, metadata):
        """Write metadata into the HDU that was begun."""
        if self._pending is None:
            raise FitsError(f"cfitsio error ({self.file.name}): no HDU was created to write metadata to")
        self._pending += metadataToCards(metadata)

    def readMetadata(self, strip=False):
        """Read the header of the current HDU."""
        return self.file.readHeader(self._hdu, strip)

    def readImageI(self):
        """Read the pixels of the current HDU as 32-bit integers."""
        return self.file.readImage(self._hdu, dtype=np.dtype("i4"))

    def checkCompressedImagePhu(self):
        """Move on if this is an empty primary before a compressed image; tell whether it was."""
        if self._hdu != 0 or self.file.nHdus == 1 or self.file.hdu(0).naxes:
            return False
        if not self.file.isCompressedImage(1):
            return False
        self._hdu = 1
        return True
