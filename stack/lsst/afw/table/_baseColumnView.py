# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Column access to contiguous catalogs."""

__all__ = ["BaseColumnView", "BitsColumn", "SimpleColumnView"]

import numpy as np

import lsst.pex.exceptions as pexExceptions

from ._keys import KeyFlag

_MAX_BITS = 8


class BitsColumn:
    """Several flags of every record as bits of an integer.

    Parameters
    ----------
    items : `list` [`SchemaItem`]
        The flags; the first is bit 0.
    array : `numpy.ndarray`
        Integers, one a record.
    """

    def __init__(self, items, array):
        self._items = items
        self.array = array

    def getArray(self):
        """Return the integers."""
        return self.array

    def getBit(self, key):
        """Return the number of the bit of a flag, given by name or key.

        Raises
        ------
        lsst.pex.exceptions.NotFoundError
            Raised if it is not one of the flags.
        """
        for i, item in enumerate(self._items):
            if (item.field.getName() if isinstance(key, str) else item.key) == key:
                return i
        raise pexExceptions.NotFoundError(f"'{key}' not found in BitsColumn")

    def getMask(self, key):
        """Return the mask that selects the bit of a flag, given by name or key."""
        return 1 << self.getBit(key)


class BaseColumnView:
    """The columns of records that follow each other in a table.

    Parameters
    ----------
    table : `BaseTable`
        The table.
    start : `int`
        First row.
    count : `int`
        Number of rows.
    """

    def __init__(self, table, start, count):
        self._table = table
        self._start = start
        self._count = count

    @property
    def table(self):
        """The table."""
        return self._table

    def getTable(self):
        """Return the table."""
        return self._table

    @property
    def schema(self):
        """The schema."""
        return self._table.schema

    def getSchema(self):
        """Return the schema."""
        return self._table.schema

    def __getitem__(self, key):
        """Return a column, as a view wherever the type allows; flags are copied.

        Parameters
        ----------
        key : `str` or `Key`
            Field name or key.

        Returns
        -------
        column : `numpy.ndarray`
            Angles in radians; two-dimensional for array fields.

        Raises
        ------
        KeyError
            Raised if there is no field of that name.
        lsst.pex.exceptions.LogicError
            Raised for an invalid key and for variable-length fields.
        """
        if isinstance(key, str):
            key = self._table._schema.find(key).key
        column = self._table._columnOf(key)[self._start:self._start + self._count]
        if key.typeString == "Flag":
            return column.copy()
        return fieldColumn(key, column)

    def get(self, key):
        """Return a column; same as indexing."""
        return self[key]

    def __setitem__(self, key, value):
        self[key][:] = value

    def set(self, key, value):
        """Set a column to an array or a scalar."""
        self[key][:] = value

    def get_bool_array(self, key):
        """Return a flag column as an array of bool.

        Raises
        ------
        TypeError
            Raised if the key is not that of a flag.
        """
        if isinstance(key, KeyFlag):
            return self[key]
        raise TypeError(f"key={key} not an lsst.afw.table.KeyFlag")

    def getBits(self, keys=None):
        """Return flags as the bits of integers.

        Parameters
        ----------
        keys : sequence of `str` or `Key`, optional
            The flags, by default all of the schema.

        Returns
        -------
        bits : `BitsColumn`
            The integers and the meaning of their bits.

        Raises
        ------
        lsst.pex.exceptions.LengthError
            Raised if there are too many.
        """
        if keys is None:
            return self.getAllBits()
        items = [self._table._schema.find(key) for key in keys]
        return self._bits(items, "keys passed to getBits()")

    def getAllBits(self):
        """Return all flags of the schema as the bits of integers."""
        items = [item for item in self._table._schema if item.key.typeString == "Flag"]
        return self._bits(items, "Flag keys in schema")

    def _bits(self, items, what):
        if len(items) > _MAX_BITS:
            raise pexExceptions.LengthError(f"Too many {what}; {len(items)} > {_MAX_BITS}.")
        array = np.zeros(self._count, np.int64)
        for i, item in enumerate(items):
            array |= self[item.key].astype(np.int64) << i
        return BitsColumn(items, array)

    def extract(self, *patterns, **kwds):
        """Return a dictionary of the columns that match glob patterns; strings are left out.

        Parameters
        ----------
        patterns : `str`
            Glob patterns.
        items : `dict`, optional
            Result of an earlier `Schema.extract`, to be used instead of patterns.
        where : index expression, optional
            Applied to every column.
        copy : `bool`, optional
            Return contiguous copies.
        regex, sub, ordered : optional
            See `Schema.extract`.

        Raises
        ------
        ValueError
            Raised if ``items`` is given together with other arguments.
        """
        copy = kwds.pop("copy", False)
        where = kwds.pop("where", None)
        items = kwds.pop("items", None)
        if items is None:
            items = self.schema.extract(*patterns, **kwds)
        elif kwds:
            raise ValueError("kwd 'items' was specified, which is not compatible with additional keywords")
        columns = {}
        for name, item in items.items():
            if item.key.typeString == "String":
                continue
            column = self[item.key]
            if where is not None:
                column = column[where]
            columns[name] = np.ascontiguousarray(column) if copy else column
        return columns


def fieldColumn(key, column):
    """Turn a stored column into what is shown of it.

    Strings become a read-only array of `str`, which v23 does not offer at all; variable-length arrays raise.
    """
    if column.dtype == object and key.typeString != "String":
        raise pexExceptions.LogicError("Cannot get columns for variable-length array fields")
    if key.typeString != "String":
        return column
    return stringColumn(column)


def stringColumn(column):
    """Return a stored string column as a read-only array of `str`."""
    if column.dtype == object:
        result = np.array(["" if v is None else v for v in column], dtype=str)
    else:
        result = np.char.decode(column, "utf-8", "replace")
    result.flags.writeable = False
    return result


class SimpleColumnView(BaseColumnView):
    """The columns of a `SimpleCatalog`."""
