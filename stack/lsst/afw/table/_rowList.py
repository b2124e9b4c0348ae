# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Which rows of which tables a catalog has."""

__all__ = ["RowList"]

import numpy as np


class RowList:
    """An ordered list of rows.

    As long as the rows follow each other in one table, only the first and their number are stored; then come
    an index array, and for rows of several tables an array that says which.

    Parameters
    ----------
    table : `BaseTable`
        Table of the rows that are added first.
    start : `int`, optional
        First row.
    count : `int`, optional
        Number of rows from there.
    """

    def __init__(self, table, start=0, count=0):
        self._tables = [table]
        self._start = start
        self._count = count
        self._rows = None
        self._which = None

    def __len__(self):
        return self._count

    def copy(self):
        """Return a copy."""
        return self.take(slice(0, self._count))

    def span(self):
        """Return (table, start, count) if the rows are contiguous in one table, else None."""
        if self._rows is None:
            return self._tables[0], self._start, self._count
        if self._which is not None and np.any(self._which[:self._count] != self._which[0]):
            return None
        rows = self._rows[:self._count]
        if len(rows) and (rows[-1] - rows[0] != len(rows) - 1 or np.any(np.diff(rows) != 1)):
            return None
        table = self._tables[0 if self._which is None else int(self._which[0])]
        self._tables, self._start, self._which = [table], int(rows[0]) if len(rows) else 0, None
        self._rows = None
        return table, self._start, self._count

    def at(self, i):
        """Return (table, row) of an element."""
        if self._rows is None:
            return self._tables[0], self._start + i
        return self._tables[0 if self._which is None else int(self._which[i])], int(self._rows[i])

    def rows(self):
        """Return the row numbers as an array."""
        if self._rows is None:
            return np.arange(self._start, self._start + self._count)
        return self._rows[:self._count]

    def segments(self):
        """Return a list of (table, positions, rows): slices where contiguous, else index arrays."""
        if self._rows is None:
            rows = slice(self._start, self._start + self._count)
            return [(self._tables[0], slice(0, self._count), rows)] if self._count else []
        rows = self.rows()
        if self._which is None:
            return [(self._tables[0], slice(0, self._count), rows)] if self._count else []
        which = self._which[:self._count]
        result = []
        for i in np.unique(which):
            positions = np.flatnonzero(which == i)
            result.append((self._tables[i], positions, rows[positions]))
        return result

    def _reserve(self, n):
        """Use index arrays with space for ``n`` rows."""
        if self._rows is None or len(self._rows) < n:
            rows = np.empty(max(n, 2 * self._count, 16), np.int64)
            rows[:self._count] = self.rows()
            if self._which is not None:
                which = np.empty(len(rows), np.int32)
                which[:self._count] = self._which[:self._count]
                self._which = which
            self._rows = rows

    def _tableIndex(self, table):
        """Return the number of a table in this list, added if it is new."""
        for i, known in enumerate(self._tables):
            if known is table:
                return i
        if self._count == 0:
            self._tables = [table]
            return 0
        self._tables.append(table)
        if self._which is None:
            self._reserve(self._count + 1)
            self._which = np.zeros(len(self._rows), np.int32)
        return len(self._tables) - 1

    def append(self, table, row):
        """Append a row."""
        if self._rows is None and table is self._tables[0]:
            if self._count == 0:
                self._start = row
            if row == self._start + self._count:
                self._count += 1
                return
        index = self._tableIndex(table)
        if self._count == 0:
            self._rows = self._which = None
            self._start, self._count = row, 1
            return
        self._reserve(self._count + 1)
        self._rows[self._count] = row
        if self._which is not None:
            self._which[self._count] = index
        self._count += 1

    def extend(self, other):
        """Append the rows of another list."""
        for table, positions, rows in other.segments() if other._which is None else other._runs():
            del positions
            self.extendRows(table, rows)

    def _runs(self):
        """Return segments as `segments` does, but in order: one for each run of rows of a table."""
        which, rows = self._which[:self._count], self.rows()
        edges = np.flatnonzero(np.diff(which)) + 1
        starts, stops = [0, *edges], [*edges, self._count]
        return [(self._tables[which[a]], slice(a, b), rows[a:b]) for a, b in zip(starts, stops)]

    def extendRows(self, table, rows):
        """Append rows of a table, given as a slice or an index array."""
        isSlice = isinstance(rows, slice)
        n = rows.stop - rows.start if isSlice else len(rows)
        if n == 0:
            return
        if isSlice and (self._count == 0 or self._rows is None and table is self._tables[0]
                        and rows.start == self._start + self._count):
            if self._count == 0:
                self._tables, self._rows, self._which, self._start = [table], None, None, rows.start
            self._count += n
            return
        index = self._tableIndex(table)
        self._reserve(self._count + n)
        end = self._count + n
        self._rows[self._count:end] = np.arange(rows.start, rows.stop) if isSlice else rows
        if self._which is not None:
            self._which[self._count:end] = index
        self._count = end

    def take(self, indices):
        """Return the list of some elements, given as a slice or an index array."""
        result = RowList(self._tables[0])
        if self._rows is None and isinstance(indices, slice):
            start, stop, step = indices.indices(self._count)
            if step == 1:
                result._start, result._count = self._start + start, max(0, stop - start)
                return result
        result._rows = self.rows()[indices].copy()
        result._count = len(result._rows)
        if self._which is not None:
            result._tables = list(self._tables)
            result._which = self._which[:self._count][indices].copy()
        return result

    def delete(self, start, stop):
        """Remove a range of elements."""
        if self._rows is None and stop == self._count:
            self._count = start
            return
        if self._rows is None and start == 0:
            self._start += stop
            self._count -= stop
            return
        keep = np.concatenate([np.arange(start), np.arange(stop, self._count)])
        other = self.take(keep)
        self._rows, self._which, self._count = other._rows, other._which, other._count

    def insert(self, i, table, row):
        """Insert a row before an element."""
        self.append(table, row)
        last = self._count - 1
        order = np.concatenate([np.arange(i), [last], np.arange(i, last)])
        other = self.take(order)
        self._rows, self._which, self._tables = other._rows, other._which, other._tables

    def replace(self, i, table, row):
        """Replace an element."""
        if self.at(i) == (table, row):
            return
        index = self._tableIndex(table)
        self._reserve(self._count)
        self._rows[i] = row
        if self._which is not None:
            self._which[i] = index
