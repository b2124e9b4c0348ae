# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Objects that can be stored in archives."""

__all__ = ["Persistable"]

import lsst.pex.exceptions as pexExceptions
from lsst.afw.fits import FitsFile


class Persistable:
    """Base class of objects that afw stores as rows of tables.

    Subclasses implement `_persistenceName`, `_pythonModule` and `_write`, and register a factory for the
    name with `registerFactory`.
    """

    def isPersistable(self):
        """Can this object be stored?"""
        return type(self)._write is not Persistable._write

    def _persistenceName(self):
        """Return the name its factory is registered with."""
        return ""

    def _pythonModule(self):
        """Return the name of the module whose import registers the factory."""
        return ""

    def _write(self, handle):
        """Save the object's state in catalogs of an `OutputArchiveHandle`."""
        raise pexExceptions.LogicError("afw::table-based persistence is not supported for this object.")

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
        from ._outputArchive import OutputArchive

        archive = OutputArchive()
        archive.put(self)
        with FitsFile(fileName, mode) as file:
            archive.writeFits(file)

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
        from ._inputArchive import InputArchive
        from ._readSchema import resolveHdu

        with FitsFile(fileName, "r") as file:
            archive = InputArchive.readFits(file, resolveHdu(file, hdu))
        result = archive.get(1)
        if not isinstance(result, cls):
            raise pexExceptions.TypeError(f"The file holds a {type(result).__name__}, not a {cls.__name__}")
        return result
