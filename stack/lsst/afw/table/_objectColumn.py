# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""What records hold besides fields."""

__all__ = ["ObjectColumn"]

import numpy as np

_MISSING = object()


class ObjectColumn:
    """Objects of the rows of a table, such as footprints; those of a file are made when asked for."""

    def __init__(self):
        self._objects = {}
        self._lazy = []

    def setLoader(self, load, n):
        """Let ``load(i)`` make the objects of the first ``n`` rows."""
        self._lazy.append((0, np.arange(n), load))

    def get(self, row):
        """Return the obj of a row, or None."""
        obj = self._objects.get(row, _MISSING)
        if obj is not _MISSING:
            return obj
        for first, indices, load in self._lazy:
            if first <= row < first + len(indices):
                obj = self._objects[row] = load(int(indices[row - first]))
                return obj
        return None

    def set(self, row, obj):
        """Set the obj of a row."""
        self._objects[row] = obj

    def copyRows(self, destination, other, rows):
        """Take over the objects of rows of another column, without making them."""
        if not other._objects and not other._lazy:
            return
        rows = np.asarray(rows, dtype=np.int64)
        if len(rows) == 1:
            self.set(destination, other.get(int(rows[0])))
            return
        for first, indices, load in other._lazy:
            inside = (rows >= first) & (rows < first + len(indices))
            if inside.all():
                self._lazy.append((destination, indices[rows - first], load))
            else:
                for i in np.flatnonzero(inside):
                    self.set(destination + int(i), other.get(int(rows[i])))
        if other._objects:
            for i, row in enumerate(rows.tolist()):
                obj = other._objects.get(row, _MISSING)
                if obj is not _MISSING:
                    self.set(destination + i, obj)
