# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Sorting catalogs and searching sorted ones."""

__all__ = ["CatalogSearch"]

import numpy as np

_SORTABLE = frozenset(("I", "L", "F", "D", "Angle"))


def _check(key):
    if getattr(key, "typeString", None) not in _SORTABLE:
        raise TypeError(f"Catalogs cannot be sorted or searched by {key!r}")
    return key


class CatalogSearch:
    """The methods of a catalog that sort and search."""

    def isSorted(self, key):
        """Is the catalog in ascending order of a field?"""
        column = self._stored(_check(key))
        return not bool(np.any(column[1:] < column[:-1]))

    def sort(self, key):
        """Sort the catalog in place, stably, in ascending order of a field; NaN comes last."""
        order = np.argsort(self._stored(_check(key)), kind="stable")
        if np.any(order[1:] < order[:-1]):
            self._rowList = self._rowList.take(order)
        self._columns = None

    def _bound(self, value, key, side):
        """Return where a value would be inserted, by binary search."""
        element = _check(key)._toElement(value)
        span = self._span()
        if span is not None:
            table, start, count = span
            column = table._columnOf(key)[start:start + count]
            return int(np.searchsorted(column, column.dtype.type(element), side))
        low, high = 0, len(self)
        while low < high:
            middle = (low + high) // 2
            table, row = self._rowList.at(middle)
            other = table._columnOf(key)[row]
            if other < element or side == "right" and other == element:
                low = middle + 1
            else:
                high = middle
        return low

    def lower_bound(self, value, key):
        """Return the position of the first record whose field is not less than a value."""
        return self._bound(value, key, "left")

    def upper_bound(self, value, key):
        """Return the position of the first record whose field is greater than a value."""
        return self._bound(value, key, "right")

    def equal_range(self, value, key):
        """Return the slice of the records whose field equals a value; the catalog must be sorted by it."""
        return slice(self.lower_bound(value, key), self.upper_bound(value, key), 1)

    def between(self, lower, upper, key):
        """Return the slice of the records whose field is from ``lower`` to ``upper``, both included."""
        return slice(self.lower_bound(lower, key), self.upper_bound(upper, key), 1)

    def find(self, value, key):
        """Return a record whose field equals a value, or None.

        The search is binary if the catalog is sorted by the field; otherwise all records are looked at.
        """
        i = self._bound(value, key, "left")
        element = key._toElement(value)
        if i < len(self):
            table, row = self._rowList.at(i)
            if table._columnOf(key)[row] == element:
                return self._record(i)
        column = self._stored(key)
        found = np.flatnonzero(column == column.dtype.type(element))
        return self._record(int(found[0])) if len(found) else None


class SortedCatalogSearch(CatalogSearch):
    """The same for catalogs that have an ID, which is then the default key."""

    def _idOr(self, key):
        return self.table.getIdKey() if key is None else key

    def isSorted(self, key=None):
        """Is the catalog in ascending order of a field, by default the ID?"""
        return super().isSorted(self._idOr(key))

    def sort(self, key=None):
        """Sort the catalog in place by a field, by default the ID."""
        super().sort(self._idOr(key))

    def find(self, value, key=None):
        """Return a record whose field, by default the ID, equals a value, or None."""
        return super().find(value, self._idOr(key))
