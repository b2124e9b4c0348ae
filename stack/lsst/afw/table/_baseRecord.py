# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Records: rows of a table."""

__all__ = ["BaseRecord"]

import lsst.pex.exceptions as pexExceptions

from . import _keys


def _typedAccess(keyClass):
    """Make getX and setX of one field type."""
    typeString = keyClass.typeString

    def get(self, key):
        return _checked(key).get(self)

    def set(self, key, value):
        _checked(key).set(self, value)

    def _checked(key):
        if type(key) is not keyClass:
            raise TypeError(f"Expected a key of type {typeString}, got {key!r}")
        return key

    get.__doc__ = f"Return the value of a field of type {typeString}."
    set.__doc__ = f"Set the value of a field of type {typeString}."
    get.__name__, set.__name__ = "get" + typeString, "set" + typeString
    return get, set


class BaseRecord:
    """A row of a table; two records are equal if they are the same row.

    Parameters
    ----------
    table : `BaseTable`
        The table.
    row : `int`
        Number of the row.
    """

    __slots__ = ("_table", "_row", "__weakref__")

    Table = None
    Catalog = None
    ColumnView = None

    def __init__(self, table, row):
        self._table = table
        self._row = row

    @property
    def table(self):
        """The table this record belongs to."""
        return self._table

    def getTable(self):
        """Return the table this record belongs to."""
        return self._table

    @property
    def schema(self):
        """Schema of the table."""
        return self._table.schema

    def getSchema(self):
        """Return the schema of the table."""
        return self._table.schema

    def _key(self, name):
        try:
            return self._table._schema._findName(name.decode() if isinstance(name, bytes) else name).key
        except pexExceptions.NotFoundError as err:
            raise KeyError(str(err)) from None

    def get(self, key):
        """Return the value of a field.

        Parameters
        ----------
        key : `str` or `Key` or functor key
            Which field.

        Raises
        ------
        KeyError
            Raised if there is no field of that name.
        """
        return (self._key(key) if isinstance(key, (str, bytes)) else key).get(self)

    __getitem__ = get

    def set(self, key, value):
        """Set the value of a field; see `get`."""
        (self._key(key) if isinstance(key, (str, bytes)) else key).set(self, value)

    __setitem__ = set

    def assign(self, other, mapper=None):
        """Copy the values of another record.

        Parameters
        ----------
        other : `BaseRecord`
            Record to copy.
        mapper : `SchemaMapper`, optional
            Says which fields to copy.

        Raises
        ------
        lsst.pex.exceptions.LogicError
            Raised if the schemas do not fit.
        """
        table = self._table
        if mapper is None:
            if table._schema != other._table._schema:
                raise pexExceptions.LogicError("Unequal schemas in record assignment.")
            pairs = [(item.key, item.key) for item in table._schema._layout.items]
        else:
            pairs = mapper._pairsFor(other._table._schema, table._schema)
        here = slice(self._row, self._row + 1)
        table._columns.copyRows(here, other._table._columns, slice(other._row, other._row + 1), pairs)
        table._copyExtras(self._row, other._table, [other._row])

    def extract(self, *patterns, **kwargs):
        """Return a dictionary of the values of the fields that match glob patterns.

        Parameters
        ----------
        patterns : `str`
            Glob patterns.
        items : `dict`, optional
            Result of an earlier `Schema.extract`, to be used instead of patterns.
        regex, sub, ordered : optional
            See `Schema.extract`.
        """
        items = kwargs.pop("items", None)
        if items is None:
            items = self.schema.extract(*patterns, **kwargs)
        elif kwargs:
            raise ValueError(f"Unrecognized keyword arguments for extract: {', '.join(kwargs)}")
        return {name: self.get(item.key) for name, item in items.items()}

    def __eq__(self, other):
        if not isinstance(other, BaseRecord):
            return NotImplemented
        return self._table is other._table and self._row == other._row

    def __hash__(self):
        return hash((id(self._table), self._row))

    def __str__(self):
        return "".join(f"{item.field.getName()}: {self.get(item.key)}\n" for item in self.schema)

    def __repr__(self):
        return f"{type(self)}\n{self}"


for _keyClass in _keys.Key.__subclasses__():
    _get, _set = _typedAccess(_keyClass)
    setattr(BaseRecord, _get.__name__, _get)
    setattr(BaseRecord, _set.__name__, _set)
