# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Storage of objects that take one row of one table in a FITS archive."""

__all__ = ["Field", "PointField", "readBounded", "readDimensions", "readPoint", "singleRecord",
           "writeRecord"]

import dataclasses

from .._schema import Schema
from ._inputArchive import MalformedArchiveError

_MAX_PIXELS = 2**24
"""Largest number of pixels of a kernel that is believed; a damaged file must not fill the memory."""


@dataclasses.dataclass
class Field:
    """One field of a row."""

    name: str
    """Name of the field."""

    type: str
    """Type, as `lsst.afw.table.Schema.addField` names it."""

    value: object
    """Value, or a function without arguments that returns it."""

    doc: str
    """Documentation."""

    units: str = ""
    """Units."""

    size: int = None
    """Number of elements of an array or of characters of a string."""

    def add(self, schema):
        """Add the field to a schema; return the keys."""
        return [schema.addField(self.name, type=self.type, doc=self.doc, units=self.units, size=self.size)]

    def values(self):
        """Return the values for the keys."""
        return [self.value() if callable(self.value) else self.value]


class PointField(Field):
    """Two fields, for x and y."""

    def add(self, schema):
        """Add the fields to a schema; return the keys."""
        return [schema.addField(f"{self.name}_{axis}", type=self.type, doc=self.doc, units=self.units)
                for axis in "xy"]

    def values(self):
        """Return the values for the keys."""
        return list(self.value)


def writeRecord(handle, *fields):
    """Store a row in a table of its own.

    Parameters
    ----------
    handle : `lsst.afw.table.io.OutputArchiveHandle`
        Where to store it.
    fields : `Field`
        What to store. Values that are functions, such as those that store other objects, are called when the
        table has its place in the archive: the stack's tables come in the same order.
    """
    schema = Schema()
    keys = [key for field in fields for key in field.add(schema)]
    catalog = handle.makeCatalog(schema)
    record = catalog.addNew()
    for key, value in zip(keys, (value for field in fields for value in field.values())):
        record.set(key, value)
    handle.saveCatalog(catalog)


def singleRecord(catalogs, nCatalogs=1):
    """Return the only row of the first of an object's tables.

    Raises
    ------
    lsst.afw.table.io.MalformedArchiveError
        If there are not as many tables or rows as there should be.
    """
    if len(catalogs) != nCatalogs or len(catalogs[0]) != 1:
        nRows = len(catalogs[0]) if catalogs else 0
        raise MalformedArchiveError(f"{len(catalogs)} tables, the first with {nRows} rows, instead of "
                                    f"{nCatalogs} and 1")
    return catalogs[0][0]


def readBounded(record, name, low, high):
    """Return the value of a field that must be in a range.

    Raises
    ------
    lsst.afw.table.io.MalformedArchiveError
        If it is not.
    """
    value = record.get(name)
    if not low <= value <= high:
        raise MalformedArchiveError(f"{name}={value} is not in the range {low} to {high}")
    return value


def readDimensions(record):
    """Return the width and height that a record holds.

    Raises
    ------
    lsst.afw.table.io.MalformedArchiveError
        If they cannot be those of an image.
    """
    width, height = (int(size) for size in readPoint(record, "dimensions"))
    if width < 1 or height < 1 or width*height > _MAX_PIXELS:
        raise MalformedArchiveError(f"dimensions {width} x {height} are not those of a kernel or PSF")
    return width, height


def readPoint(record, name):
    """Return the values of the fields ``name_x`` and ``name_y``."""
    return record.get(name + "_x"), record.get(name + "_y")
