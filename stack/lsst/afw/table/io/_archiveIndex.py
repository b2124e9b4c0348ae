# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The table of contents of an archive."""

__all__ = ["ArchiveIndexSchema", "NO_CATALOGS_SAVED"]

from .._schema import Schema

NO_CATALOGS_SAVED = -1
"""Stands in the index for an object that has no state."""

_MAX_NAME_LENGTH = 64


class ArchiveIndexSchema:
    """Schema and keys of the index: a row for each catalog that an object has rows in."""

    def __init__(self):
        schema = self.schema = Schema()
        self.id = schema.addField(
            "id", "I", "Archive ID of the persistable object that owns the records pointed at by this entry")
        self.catArchive = schema.addField(
            "cat.archive", "I",
            "index of the catalog this entry points to, from the perspective of the archive")
        self.catPersistable = schema.addField(
            "cat.persistable", "I",
            "index of the catalog this entry points to, from the perspective of the Persistable")
        self.row0 = schema.addField("row0", "I", "first row used by the persistable object in this catalog")
        self.nRows = schema.addField(
            "nrows", "I", "number of rows used by the persistable object in this catalog")
        self.name = schema.addField(
            "name", "String", "unique name for the persistable object's class", size=_MAX_NAME_LENGTH)
        self.module = schema.addField(
            "module", "String", "Python module that should be imported to register the object's factory",
            size=_MAX_NAME_LENGTH)


_instance = None


def archiveIndexSchema():
    """Return the only instance."""
    global _instance
    if _instance is None:
        _instance = ArchiveIndexSchema()
    return _instance
