# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Tables: where records come from."""

__all__ = ["BaseTable"]

import numpy as np

from ._baseRecord import BaseRecord
from ._columnStore import ColumnStore
from ._schema import Schema


class BaseTable:
    """A factory of records of one schema, and the owner of their values.

    Use `make` to create one.

    Parameters
    ----------
    schema : `Schema`
        Schema of the records; it is copied, and its aliases are no longer shared.
    """

    Record = BaseRecord
    Catalog = None
    ColumnView = None

    def __init__(self, schema):
        self._schema = Schema(schema)
        self._schema.disconnectAliases()
        self._setup()
        self._metadata = None

    def _setup(self):
        self._schema._aliases._tables.add(self)
        padding = -self._schema.getRecordSize() % 16
        if padding:
            self._schema._edit().recordSize += padding
        self._columns = ColumnStore(self._schema._layout)
        self._columnOf = self._columns.column
        self._schema._owned = False

    @classmethod
    def make(cls, schema):
        """Return a new table.

        Parameters
        ----------
        schema : `Schema`
            Schema of its records.
        """
        return cls(schema)

    @staticmethod
    def makeMinimalSchema():
        """Return a schema with the fields that every table of this class has."""
        return Schema()

    def _handleAliasChange(self, alias):
        """React to a change of the schema's aliases."""

    @property
    def schema(self):
        """Schema of the records (`Schema`); editing it does not change the table, its aliases do."""
        return Schema(self._schema)

    def getSchema(self):
        """Return the schema of the records."""
        return Schema(self._schema)

    def getMetadata(self):
        """Return the metadata (`lsst.daf.base.PropertyList`) or None."""
        return self._metadata

    def setMetadata(self, metadata):
        """Set the metadata."""
        self._metadata = metadata

    def popMetadata(self):
        """Return the metadata and forget it."""
        metadata, self._metadata = self._metadata, None
        return metadata

    def clone(self):
        """Return a table with the same schema, aliases and a copy of the metadata, without records."""
        other = type(self).__new__(type(self))
        other._schema = Schema(self._schema)
        other._setup()
        other._metadata = None if self._metadata is None else self._metadata.deepCopy()
        self._copyTo(other)
        return other

    def _copyTo(self, other):
        """Copy what a subclass adds to a clone."""

    def preallocate(self, n):
        """Make space for ``n`` more records."""
        self._columns.preallocate(n)

    def getBufferSize(self):
        """Return the number of records there is space for."""
        return self._columns.bufferSize

    def _newRows(self, n):
        """Add rows as new records have them and return the number of the first."""
        return self._columns.grow(n)

    def _setSource(self, source, n):
        """Let the first ``n`` records, in a new table, have the values of a file."""
        self._columns.setSource(source, n)

    def makeRecord(self):
        """Return a new record that is in no catalog."""
        return self.Record(self, self._newRows(1))

    def copyRecord(self, other, mapper=None):
        """Return a new record with the values of another.

        Parameters
        ----------
        other : `BaseRecord`
            Record to copy.
        mapper : `SchemaMapper`, optional
            Says which fields to copy; without it the schemas must be equal.
        """
        record = self.makeRecord()
        try:
            if mapper is None:
                record.assign(other)
            else:
                record.assign(other, mapper)
        except Exception:
            self._columns.truncate(record._row)
            raise
        return record

    def _copyExtras(self, destination, other, rows):
        """Copy what records hold besides fields.

        Parameters
        ----------
        destination : `int`
            First of the rows of this table.
        other : `BaseTable`
            Table to copy from.
        rows : `numpy.ndarray` of `int`
            Its rows.
        """

    def _appendCopies(self, other, rows, pairs):
        """Append copies of rows of another table and return the number of the first.

        Parameters
        ----------
        other : `BaseTable`
            Table to copy from.
        rows : `slice` or `numpy.ndarray` of `int`
            Its rows.
        pairs : iterable of (`Key`, `Key`)
            Keys of its fields and of those of this table.
        """
        n = rows.stop - rows.start if isinstance(rows, slice) else len(rows)
        self.preallocate(n)
        first = self._newRows(n)
        self._columns.copyRows(slice(first, first + n), other._columns, rows, pairs)
        indices = np.arange(rows.start, rows.stop) if isinstance(rows, slice) else rows
        self._copyExtras(first, other, indices)
        return first
