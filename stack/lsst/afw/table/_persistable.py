# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Objects that can be stored in archives."""

__all__ = ["Persistable"]

from ._formatRegistry import archiveFormats, fileFormats


class Persistable:
    """Base class of objects that afw stores as rows of tables.

    How, is the business of the format that is registered for the class; see `lsst.afw.table.io`.
    """

    def isPersistable(self):
        """Can this object be stored? (`bool`)."""
        format = archiveFormats.of(type(self))
        return format is not None and format.isPersistable(self)

    def writeFits(self, fileName, mode="w"):
        """Write the object, and what it holds, to a FITS file.

        Parameters
        ----------
        fileName : `str` or `lsst.afw.fits.MemFileManager`
            The file.
        mode : `str`, optional
            "w" to replace, "a" to append to the file.

        Raises
        ------
        lsst.pex.exceptions.LogicError
            Raised if the object cannot be stored.
        """
        fileFormats.of(type(self)).write(self, fileName, mode)

    @classmethod
    def readFits(cls, fileName, hdu=None):
        """Read an object from a FITS file.

        Parameters
        ----------
        fileName : `str` or `lsst.afw.fits.MemFileManager`
            The file.
        hdu : `int`, optional
            Number of the HDU with the archive's index; by default the first that has data.

        Raises
        ------
        lsst.pex.exceptions.TypeError
            Raised if the object is of another class.
        """
        return fileFormats.of(cls).read(cls, fileName, hdu)
