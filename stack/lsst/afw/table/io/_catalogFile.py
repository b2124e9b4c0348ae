# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Catalogs in files of their own."""

import logging

import lsst.pex.exceptions as pexExceptions
from lsst.afw.fits import FitsError, FitsFile

from .._catalog import CatalogBase
from .._formatRegistry import registerFileFormat
from ._fitsWriter import writeCatalog
from ._inputArchive import InputArchive
from ._rawTable import RawTable
from ._readSchema import resolveHdu

_LOG = logging.getLogger("lsst.afw.table.io")


def _writeFile(catalog, fileName, mode, flags):
    """Write a catalog to a file; see `lsst.afw.table.BaseCatalog.writeFits`."""
    with FitsFile(fileName, mode) as file:
        writeCatalog(catalog, file, flags)


def _readFile(cls, fileName, hdu, flags):
    """Read a catalog of a class from a file; see `lsst.afw.table.BaseCatalog.readFits`."""
    with FitsFile(fileName, "r") as file:
        return _readCatalog(cls, file, resolveHdu(file, hdu), flags)


def _readCatalog(cls, file, number, flags):
    """Read a catalog from an HDU of an open `lsst.afw.fits.FitsFile`."""
    hdu = file.hdu(number)
    if not hdu.isTable and not hdu.isCompressedImage:
        raise pexExceptions.LengthError(f"No table to read a catalog from ({hdu.where}); file is corrupt or "
                                        "invalid.")

    def findArchive(tableSchema):
        hasHdu = tableSchema.archiveHdu >= 0
        isExpected = hasHdu or tableSchema.type == "EXPOSURE"
        return _readArchive(file, tableSchema.archiveHdu if hasHdu else number + 1, isExpected)

    return RawTable.read(file, number).toCatalog(cls, flags, findArchive)


def _readArchive(file, number, isExpected):
    """Read the archive at an HDU, or return None if there is none.

    As in v23 a table can be read without the archive that it comes with; that is worth a warning.
    """
    try:
        return InputArchive.readFits(file, number)
    except FitsError as err:
        if isExpected:
            _LOG.warning("Reading a catalog without its objects (footprints and the like): %s", err)
        return None


registerFileFormat(CatalogBase, _readFile, _writeFile)
