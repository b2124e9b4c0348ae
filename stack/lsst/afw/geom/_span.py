# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""One contiguous run of pixels in a row."""

__all__ = ["Span"]

import numpy as np

from lsst.geom import IntervalI, Point2I


class Span:
    """A run of pixels in a row.

    Parameters
    ----------
    *args : several
        Nothing (empty); ``y, x0, x1`` (`int`, both ends included); or ``x, y`` (`lsst.geom.IntervalI`,
        `int`).
    """

    __slots__ = ("_x0", "_x1", "_y")
    __hash__ = None

    def __init__(self, *args):
        if not args:
            self._y, self._x0, self._x1 = 0, 0, -1
        elif len(args) == 3:
            self._y, self._x0, self._x1 = map(_toInt, args)
        elif len(args) == 2 and isinstance(args[0], IntervalI):
            self._y, self._x0, self._x1 = _toInt(args[1]), args[0].min, args[0].max
        else:
            raise TypeError("A Span takes y, x0, x1 or an IntervalI and y")

    def getX0(self):
        """Return the first column (`int`)."""
        return self._x0

    def getX1(self):
        """Return the last column (`int`)."""
        return self._x1

    getMinX = getBeginX = getX0
    getMaxX = getX1

    def getEndX(self):
        """Return one past the last column (`int`)."""
        return self._x1 + 1

    def getX(self):
        """Return the columns (`lsst.geom.IntervalI`)."""
        return IntervalI.fromMinMax(self._x0, self._x1)

    def getY(self):
        """Return the row (`int`)."""
        return self._y

    def getWidth(self):
        """Return the number of pixels (`int`)."""
        return self._x1 - self._x0 + 1

    def getMin(self):
        """Return the first pixel (`lsst.geom.Point2I`)."""
        return Point2I(self._x0, self._y)

    def getMax(self):
        """Return the last pixel (`lsst.geom.Point2I`)."""
        return Point2I(self._x1, self._y)

    def contains(self, *args, **kwargs):
        """Return whether a column ``x``, a `lsst.geom.Point2I`, or ``x, y`` (maybe arrays) is inside."""
        args += tuple(kwargs[name] for name in ("x", "y") if name in kwargs)
        if len(args) == 2:
            x, y = args
            inside = (np.asarray(x) >= self._x0) & (np.asarray(x) <= self._x1) & (np.asarray(y) == self._y)
            return bool(inside) if inside.ndim == 0 else inside
        (arg,) = args
        if isinstance(arg, Point2I):
            return self._y == arg.getY() and self._x0 <= arg.getX() <= self._x1
        return self._x0 <= _toInt(arg) <= self._x1

    def isEmpty(self):
        """Return whether there is no pixel (`bool`)."""
        return self._x1 < self._x0

    def shift(self, dx, dy):
        """Move by columns and rows, in place."""
        self._x0, self._x1, self._y = self._x0 + dx, self._x1 + dx, self._y + dy

    def __iter__(self):
        return iter([Point2I(x, self._y) for x in range(self._x0, self._x1 + 1)])

    def __len__(self):
        return self.getWidth()

    def _key(self):
        return (self._y, self._x0, self._x1)

    def __eq__(self, other):
        return self._key() == other._key() if isinstance(other, Span) else NotImplemented

    def __lt__(self, other):
        return self._key() < other._key() if isinstance(other, Span) else NotImplemented

    def toString(self):
        """Return row and columns as text (`str`)."""
        return f"{self._y}: {self._x0}..{self._x1}"

    __str__ = toString

    def __reduce__(self):
        return (Span, self._key())


def _toInt(value):
    if type(value) is int:
        return value
    return value.__index__()
