# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Boxes of real coordinates."""

__all__ = ["Box2D", "BoxD"]

import math
import sys

import numpy as np

from ._boxBase import BoxBase
from ._extent import Extent2D
from ._intervalD import IntervalD
from ._numbers import toFloat
from ._point import Point2D

_EPSILON = 2 * sys.float_info.epsilon


def _tweaked(value):
    """Return the next usable number above an upper edge, so that a half-open box contains the edge."""
    if value < 0.0:
        return value * (1.0 - _EPSILON)
    return value * (1.0 + _EPSILON) if value > 0.0 else _EPSILON


class Box2D(BoxBase):
    """A rectangle that contains its lower but not its upper edges.

    Parameters
    ----------
    *args : several
        Nothing (empty); ``minimum, maximum`` (`Point2D`); ``corner, dimensions`` (`Point2D`, `Extent2D`);
        ``x, y`` (`IntervalD`); or a `Box2D` or `Box2I` (whose pixels reach half a unit to all sides).
    invert : `bool`, optional
        Whether negative dimensions are turned round rather than giving an empty box.
    """

    __slots__ = ("_x0", "_y0", "_x1", "_y1")

    Point = Point2D
    Extent = Extent2D
    _centerPoint = Point2D

    EPSILON = _EPSILON
    INVALID = math.nan

    def __init__(self, *args, **kwargs):
        names = ("minimum", "maximum", "corner", "dimensions", "x", "y")
        args += tuple(kwargs.pop(name) for name in names if name in kwargs)
        if not args:
            self._clear()
        elif isinstance(args[0], Point2D):
            self._setFromCorner(*args, **kwargs)
            return
        elif isinstance(args[0], IntervalD):
            x, y = args
            self._setFromEdges(x.min, y.min, x.max, y.max, False)
        elif isinstance(args[0], Box2D):
            self._assign(*args)
        elif isinstance(args[0], BoxBase):
            self._setFromPixels(*args)
        else:
            raise TypeError(f"Cannot make a Box2D from {', '.join(type(a).__name__ for a in args)}")
        if kwargs:
            raise TypeError(f"Box2D does not take {', '.join(kwargs)} here")

    def _clear(self):
        self._x0 = self._y0 = self._x1 = self._y1 = math.nan

    def _assign(self, other):
        self._x0, self._y0, self._x1, self._y1 = other._x0, other._y0, other._x1, other._y1

    def _setFromCorner(self, corner, other, invert=True):
        x0, y0 = corner
        if isinstance(other, Point2D):
            self._setFromEdges(x0, y0, *other, invert)
        elif isinstance(other, Extent2D):
            self._setFromEdges(x0, y0, x0 + other[0], y0 + other[1], invert)
        else:
            raise TypeError(f"Cannot make a Box2D from a Point2D and a {type(other).__name__}")

    def _setFromEdges(self, x0, y0, x1, y1, invert):
        if x0 == x1 or y0 == y1 or (not invert and (x0 > x1 or y0 > y1)):
            self._clear()
            return
        self._x0, self._x1 = (x1, x0) if x0 > x1 else (x0, x1)
        self._y0, self._y1 = (y1, y0) if y0 > y1 else (y0, y1)

    def _setFromPixels(self, other):
        if other.isEmpty():
            self._clear()
            return
        self._x0, self._y0 = other.minX - 0.5, other.minY - 0.5
        self._x1, self._y1 = other.maxX + 0.5, other.maxY + 0.5

    @classmethod
    def makeCenteredBox(cls, center, size):
        """Return the box of given centre (`Point2D`) and size (`Extent2D`)."""
        corner = Point2D(*[c - 0.5 * s for c, s in zip(center._v, size._v, strict=True)])
        return cls(corner, size, False)

    def __eq__(self, other):
        if not isinstance(other, Box2D):
            return NotImplemented
        if self.isEmpty() and other.isEmpty():
            return True
        return (self._x0, self._y0, self._x1, self._y1) == (other._x0, other._y0, other._x1, other._y1)

    def isEmpty(self):
        """Return whether there is no point (`bool`)."""
        return math.isnan(self._x0)

    @property
    def minX(self):
        """The lower x (`float`), NaN if empty."""
        return self._x0

    @property
    def minY(self):
        """The lower y (`float`), NaN if empty."""
        return self._y0

    @property
    def maxX(self):
        """The upper x (`float`), NaN if empty."""
        return self._x1

    @property
    def maxY(self):
        """The upper y (`float`), NaN if empty."""
        return self._y1

    @property
    def width(self):
        """The width (`float`), 0 if empty."""
        return 0.0 if self.isEmpty() else self._x1 - self._x0

    @property
    def height(self):
        """The height (`float`), 0 if empty."""
        return 0.0 if self.isEmpty() else self._y1 - self._y0

    @property
    def centerX(self):
        """The x of the centre (`float`), NaN if empty."""
        return (self._x0 + self._x1) * 0.5

    @property
    def centerY(self):
        """The y of the centre (`float`), NaN if empty."""
        return (self._y0 + self._y1) * 0.5

    @property
    def x(self):
        """The range of x (`IntervalD`)."""
        return IntervalD.fromMinMax(self._x0, self._x1)

    @property
    def y(self):
        """The range of y (`IntervalD`)."""
        return IntervalD.fromMinMax(self._y0, self._y1)

    def _containsPoint(self, x, y):
        return self._x0 <= x < self._x1 and self._y0 <= y < self._y1

    def _containsXY(self, x, y):
        if np.ndim(x) == 0 and np.ndim(y) == 0:
            return self._containsPoint(toFloat(x), toFloat(y))
        x, y = np.asarray(x), np.asarray(y)
        return (x >= self._x0) & (x < self._x1) & (y >= self._y0) & (y < self._y1)

    def isDisjointFrom(self, other):
        """Return whether no point is in both boxes (`bool`)."""
        if self.isEmpty() or other.isEmpty():
            return True
        return (
            other._x1 <= self._x0 or other._y1 <= self._y0 or other._x0 >= self._x1 or other._y0 >= self._y1
        )

    def grow(self, buffer):
        """Grow on all sides in place, by a number or an `Extent2D`."""
        if self.isEmpty():
            return
        dx, dy = self._toExtent(buffer)
        x0, y0, x1, y1 = self._x0 - dx, self._y0 - dy, self._x1 + dx, self._y1 + dy
        if x0 >= x1 or y0 >= y1:
            self._clear()
        else:
            self._x0, self._y0, self._x1, self._y1 = x0, y0, x1, y1

    def shift(self, offset):
        """Move in place by an `Extent2D`."""
        dx, dy = offset
        self._x0, self._y0, self._x1, self._y1 = self._x0 + dx, self._y0 + dy, self._x1 + dx, self._y1 + dy

    def flipLR(self, xExtent):
        """Mirror left and right, in place, in a parent of the given width."""
        self._x0, self._x1 = xExtent - self._x1, xExtent - self._x0

    def flipTB(self, yExtent):
        """Mirror top and bottom, in place, in a parent of the given height."""
        self._y0, self._y1 = yExtent - self._y1, yExtent - self._y0

    def include(self, other):
        """Grow in place to contain a `Point2D` or a `Box2D`."""
        if isinstance(other, Box2D):
            self._includeBox(other)
            return
        self._checkPoint(other)
        x, y = other
        if self.isEmpty():
            self._x0, self._y0, self._x1, self._y1 = x, y, _tweaked(x), _tweaked(y)
            return
        self._x0, self._y0 = min(x, self._x0), min(y, self._y0)
        if x >= self._x1:
            self._x1 = _tweaked(x)
        if y >= self._y1:
            self._y1 = _tweaked(y)

    def _includeBox(self, other):
        if self.isEmpty():
            self._assign(other)
        elif not other.isEmpty():
            self._x0, self._y0 = min(self._x0, other._x0), min(self._y0, other._y0)
            self._x1, self._y1 = max(self._x1, other._x1), max(self._y1, other._y1)

    def clip(self, other):
        """Shrink in place to the part that is also in another box."""
        self._assign(self.clippedTo(other))

    def expandedTo(self, other):
        """Return the smallest box that contains this one and a `Point2D` or a `Box2D`."""
        result = Box2D(self)
        result.include(other)
        return result


BoxD = Box2D
