# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Column access to contiguous catalogs."""

__all__ = ["BaseColumnView", "SimpleColumnView"]

import numpy as np

import lsst.pex.exceptions as pexExceptions

from ._keys import KeyFlag


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
