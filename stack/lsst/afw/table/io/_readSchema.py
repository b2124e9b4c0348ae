# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Reading the schema of a table without its records."""

__all__ = ["resolveHdu"]

from lsst.afw.fits import DEFAULT_HDU, FitsFile
from lsst.afw.fits._error import namingErrors

from .._formatRegistry import registerFileFormat
from .._schema import Schema
from ._tableSchema import TableSchema


def resolveHdu(file, hdu):
    """Return the number of an HDU, where None and DEFAULT_HDU mean the first that has data."""
    return file.defaultHdu() if hdu is None or hdu == DEFAULT_HDU else hdu


def _readFile(cls, fileName, hdu):
    """Read the schema of a table in a file; see `lsst.afw.table.Schema.readFits`."""
    with FitsFile(fileName, "r") as file:
        unit = file.hdu(resolveHdu(file, hdu))
        with namingErrors(unit.where):
            return TableSchema(unit.entries).finish()


registerFileFormat(Schema, _readFile, None)
