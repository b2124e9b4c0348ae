# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""How tables of records are stored: what beside the columns of their schema."""

__all__ = ["FitsExtras", "TableFormat", "registerTableFormat"]

import dataclasses

from lsst.afw.fits._cards import formatCards

from .._baseTable import BaseTable
from .._formatRegistry import tableFormats


@dataclasses.dataclass
class FitsExtras:
    """What is written of a table besides the fields of its schema."""

    metadata: object = None
    """Metadata to write (`lsst.daf.base.PropertyList` or None)."""

    fields: list = dataclasses.field(default_factory=list)
    """Pairs of a field and the array of its values, written after those of the schema."""

    leadingFields: list = dataclasses.field(default_factory=list)
    """The same, written before those of the schema."""

    archive: object = None
    """Archive to write after the table (`lsst.afw.table.io.OutputArchive` or None)."""

    trailer: list = dataclasses.field(default_factory=list)
    """Cards to write after the metadata."""


class TableFormat:
    """How tables of a class are stored; this base class adds nothing to the fields of the schema.

    Parameters
    ----------
    tableClass : `type`
        Subclass of `lsst.afw.table.BaseTable`.
    kind : `str`, optional
        Name of the kind of table, such as "Source"; without it AFW_TYPE is not written.
    """

    def __init__(self, tableClass, kind=None):
        self.tableClass = tableClass
        self.kind = kind

    def usesArchive(self, flags):
        """Do records hold objects of an archive, if read with these flags?"""
        return False

    def customize(self, tableSchema, raw, flags, archive):
        """Take special columns out of the schema of a table that is read.

        Parameters
        ----------
        tableSchema : `TableSchema`
            Schema of the file.
        raw : `RawTable`
            The table.
        flags : `int`
            SOURCE_IO_NO_FOOTPRINTS and the like.
        archive : `InputArchive` or `None`
            Archive that goes with the table.

        Returns
        -------
        attach : callable or `None`
            Gets the new table.
        """
        return None

    def mendSchema(self, schema, where):
        """Take out of a schema that comes from a file what would keep the table from being made.

        Parameters
        ----------
        schema : `lsst.afw.table.Schema`
            Schema to change.
        where : `str`
            File and HDU.
        """

    def extras(self, catalog, flags):
        """Return what is written besides the fields (`FitsExtras`).

        Parameters
        ----------
        catalog : catalog
            The catalog that is written.
        flags : `int`
            SOURCE_IO_NO_FOOTPRINTS and the like.
        """
        extras = FitsExtras(catalog.table.getMetadata())
        if self.kind is not None:
            article = "an" if self.kind[0] in "AEIOU" else "a"
            extras.trailer += formatCards("AFW_TYPE", self.kind.upper(),
                                          f"Tells lsst::afw to load this as {article} {self.kind} table.")
        return extras


def registerTableFormat(name, format):
    """Register a `TableFormat` under a value of AFW_TYPE; it writes the tables of its class."""
    isWritten = format.kind is not None or name == "BASE"
    tableFormats.register(format, name, format.tableClass if isWritten else None)


registerTableFormat("BASE", TableFormat(BaseTable))
registerTableFormat("AMPINFO", TableFormat(BaseTable))
