# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Adding records to catalogs and removing them."""

__all__ = ["CatalogEdit"]

import lsst.pex.exceptions as pexExceptions

from ._schemaMapper import SchemaMapper


class CatalogEdit:
    """The methods of a catalog that change which records it has."""

    def capacity(self):
        """Return the number of records there is space for."""
        return len(self) + self._table.getBufferSize()

    def reserve(self, n):
        """Make space for ``n`` records in all."""
        if n > len(self):
            self._table.preallocate(n - len(self))

    def resize(self, n):
        """Remove records from the end, or add new ones, to have ``n``."""
        self._columns = None
        old = len(self)
        if n < old:
            self._rowList.delete(n, old)
        elif n > old:
            self._table.preallocate(n - old)
            first = self._table._newRows(n - old)
            self._rowList.extendRows(self._table, slice(first, first + n - old))

    def addNew(self):
        """Append a new record and return it."""
        record = self._table.makeRecord()
        self._columns = None
        self._rowList.append(record._table, record._row)
        return record

    def _checkRecord(self, record):
        if not isinstance(record, self.Record):
            raise TypeError(f"{type(self).__name__} cannot hold a {type(record).__name__}")
        return record._table, record._row

    def append(self, record):
        """Append a record, which stays the same record."""
        self._columns = None
        self._rowList.append(*self._checkRecord(record))

    def insert(self, i, record):
        """Insert a record before position ``i``."""
        self._columns = None
        n = len(self)
        self._rowList.insert(min(max(i + n if i < 0 else i, 0), n), *self._checkRecord(record))

    def set(self, i, record):
        """Replace the record at position ``i``."""
        self._columns = None
        self._rowList.replace(self._index(i), *self._checkRecord(record))

    def clear(self):
        """Remove all records."""
        self._columns = None
        self._rowList.delete(0, len(self))

    def __delitem__(self, key):
        self._columns = None
        if isinstance(key, slice):
            start, stop, step = key.indices(len(self))
            if step != 1:
                raise IndexError("Slice step must be exactly 1")
            self._rowList.delete(start, max(start, stop))
        else:
            i = self._index(key)
            self._rowList.delete(i, i + 1)

    def extend(self, iterable, deep=False, mapper=None):
        """Append many records.

        Parameters
        ----------
        iterable : catalog or iterable of records
            The records.
        deep : `bool`, optional
            Append copies.
        mapper : `SchemaMapper`, optional
            Append copies made with this mapper.

        Raises
        ------
        lsst.pex.exceptions.LogicError, lsst.pex.exceptions.InvalidParameterError
            Raised if the schemas do not fit.
        """
        self._columns = None
        if isinstance(deep, SchemaMapper):
            mapper, deep = deep, False
        if not isinstance(iterable, CatalogEdit):
            for record in iterable:
                self.append(self._table.copyRecord(record, mapper) if mapper or deep else record)
            return
        if mapper is None and not deep:
            for table in iterable._rowList._tables:
                if len(iterable) and not issubclass(table.Record, self.Record):
                    raise TypeError(f"{type(self).__name__} cannot hold a {table.Record.__name__}")
            self._rowList.extend(iterable._rowList)
            return
        self._extendCopies(iterable, mapper)

    def _extendCopies(self, other, mapper):
        """Append copies of all records of a catalog, column by column."""
        table = self._table
        if mapper is not None and not table._schema.contains(mapper._output):
            raise pexExceptions.InvalidParameterError(
                "SchemaMapper's output schema does not match catalog's schema")
        segments = other._rowList.segments()
        if not segments:
            return
        pairs = []
        for source, _, _ in segments:
            if mapper is not None:
                pairs.append(mapper._pairsFor(source._schema, table._schema))
            elif source._schema != table._schema:
                raise pexExceptions.LogicError("Unequal schemas in record assignment.")
            else:
                pairs.append([(item.key, item.key) for item in table._schema._layout.items])
        if len(segments) == 1:
            source, _, rows = segments[0]
            first = table._appendCopies(source, rows, pairs[0])
            self._rowList.extendRows(table, slice(first, first + len(other)))
            return
        order = other._rowList._runs() if other._rowList._which is not None else segments
        bySource = {id(source): keys for (source, _, _), keys in zip(segments, pairs)}
        for source, _, rows in order:
            first = table._appendCopies(source, rows, bySource[id(source)])
            self._rowList.extendRows(table, slice(first, first + len(rows)))

    def cast(self, type_, deep=False):
        """Return a catalog of another class with the same records, or with ``deep`` with copies of them.

        Parameters
        ----------
        type_ : `type`
            Class of the result.
        deep : `bool`, optional
            Copy table and records.
        """
        table = self._table.clone() if deep else self._table
        if deep:
            table.preallocate(len(self))
        result = type_(table)
        result.extend(self, deep=deep)
        return result

    def copy(self, deep=False):
        """Return a copy that shares the records, or with ``deep`` has copies of them."""
        return self.cast(type(self), deep)
