# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Boxes of pixels."""

__all__ = ["Box2I", "BoxI"]

import enum
import math

import numpy as np

import lsst.pex.exceptions

from ._boxBase import BoxBase
from ._boxD import Box2D
from ._extent import Extent2I
from ._intervalI import IntervalI
from ._numbers import INT_MAX, toInt
from ._point import Point2D, Point2I


class Box2I(BoxBase):
    """A rectangle of pixels, all its edges included.

    Parameters
    ----------
    *args : several
        Nothing (empty); ``minimum, maximum`` (`Point2I`); ``corner, dimensions`` (`Point2I`, `Extent2I`);
        ``x, y`` (`IntervalI`); or ``other`` (`Box2I` or `Box2D`).
    invert : `bool`, optional
        Whether negative dimensions are turned round rather than giving an empty box.
    edgeHandling : `Box2I.EdgeHandlingEnum`, optional
        Whether pixels that a `Box2D` covers in part belong to the result.

    Raises
    ------
    lsst.pex.exceptions.OverflowError
        Raised if an edge does not fit in 32 bits.
    """

    __slots__ = ("_x", "_y", "_w", "_h")

    Point = Point2I
    Extent = Extent2I
    _centerPoint = Point2D

    class EdgeHandlingEnum(enum.Enum):
        """What to do with pixels that a floating-point box covers in part."""

        EXPAND = 0
        SHRINK = 1

    def __init__(self, *args, **kwargs):
        names = ("minimum", "maximum", "corner", "dimensions", "x", "y", "other")
        args += tuple(kwargs.pop(name) for name in names if name in kwargs)
        if not args:
            self._clear()
        elif isinstance(args[0], Point2I):
            self._setFromCorner(*args, **kwargs)
            return
        elif isinstance(args[0], IntervalI):
            self._setFromIntervals(*args)
        elif isinstance(args[0], Box2I):
            self._assign(*args)
        elif isinstance(args[0], Box2D):
            self._setFromDouble(*args, **kwargs)
            return
        else:
            raise TypeError(f"Cannot make a Box2I from {', '.join(type(a).__name__ for a in args)}")
        if kwargs:
            raise TypeError(f"Box2I does not take {', '.join(kwargs)} here")

    def _clear(self):
        self._x = self._y = self._w = self._h = 0

    def _assign(self, other):
        self._x, self._y, self._w, self._h = other._x, other._y, other._w, other._h

    def _setFromCorner(self, corner, other, invert=True):
        if isinstance(other, Point2I):
            self._setFromMinMax(corner, other, invert)
        elif isinstance(other, Extent2I):
            self._setFromDimensions(corner, other, invert)
        else:
            raise TypeError(f"Cannot make a Box2I from a Point2I and a {type(other).__name__}")

    def _setFromMinMax(self, minimum, maximum, invert):
        low, size = list(minimum._v), [b - a for a, b in zip(minimum._v, maximum._v, strict=True)]
        for n in (0, 1):
            if size[n] < 0:
                if not invert:
                    self._clear()
                    return
                low[n] += size[n]
                size[n] = -size[n]
        self._x, self._y = low
        self._w, self._h = size[0] + 1, size[1] + 1

    def _setFromDimensions(self, corner, dimensions, invert):
        low, size = list(corner._v), list(dimensions._v)
        for n in (0, 1):
            if size[n] == 0 or (size[n] < 0 and not invert):
                self._clear()
                return
            if size[n] < 0:
                low[n] += size[n] + 1
                size[n] = -size[n]
        if max(low[0] + size[0], low[1] + size[1]) - 1 > INT_MAX:
            raise lsst.pex.exceptions.OverflowError("Box dimensions too large; integer overflow detected.")
        self._x, self._y = low
        self._w, self._h = size

    def _setFromIntervals(self, x, y):
        if x.isEmpty() or y.isEmpty():
            self._clear()
        else:
            self._x, self._y, self._w, self._h = x.min, y.min, x.size, y.size

    def _setFromDouble(self, other, edgeHandling=EdgeHandlingEnum.EXPAND):
        handling = IntervalI.EdgeHandlingEnum[edgeHandling.name]
        self._setFromIntervals(IntervalI(other.x, handling), IntervalI(other.y, handling))

    @classmethod
    def makeCenteredBox(cls, center, size):
        """Return the box of given size whose centre is nearest to a point.

        Parameters
        ----------
        center : `Point2D`
            The wanted centre.
        size : `Extent2I`
            Width and height.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if the centre is not finite.
        """
        if not (math.isfinite(center.getX()) and math.isfinite(center.getY())):
            raise lsst.pex.exceptions.InvalidParameterError("Cannot make Box2I with non-finite center")
        corner = Point2D(*[c - 0.5 * s + 0.5 for c, s in zip(center._v, size._v, strict=True)])
        return cls(Point2I(corner), size, False)

    def __eq__(self, other):
        if not isinstance(other, Box2I):
            return NotImplemented
        return (self._x, self._y, self._w, self._h) == (other._x, other._y, other._w, other._h)

    def isEmpty(self):
        """Return whether there is no pixel (`bool`)."""
        return self._w == 0 and self._h == 0

    @property
    def minX(self):
        """The lowest x (`int`)."""
        return self._x

    @property
    def minY(self):
        """The lowest y (`int`)."""
        return self._y

    @property
    def maxX(self):
        """The highest x (`int`)."""
        return self._x + self._w - 1

    @property
    def maxY(self):
        """The highest y (`int`)."""
        return self._y + self._h - 1

    @property
    def beginX(self):
        """The lowest x (`int`)."""
        return self._x

    @property
    def beginY(self):
        """The lowest y (`int`)."""
        return self._y

    @property
    def endX(self):
        """One past the highest x (`int`)."""
        return self._x + self._w

    @property
    def endY(self):
        """One past the highest y (`int`)."""
        return self._y + self._h

    def getBegin(self):
        """Return the lower left pixel (`Point2I`)."""
        return Point2I(self._x, self._y)

    def getBeginX(self):
        """Return the lowest x (`int`)."""
        return self._x

    def getBeginY(self):
        """Return the lowest y (`int`)."""
        return self._y

    def getEnd(self):
        """Return the pixel one past the upper right one in both coordinates (`Point2I`)."""
        return Point2I(self.endX, self.endY)

    def getEndX(self):
        """Return one past the highest x (`int`)."""
        return self.endX

    def getEndY(self):
        """Return one past the highest y (`int`)."""
        return self.endY

    @property
    def width(self):
        """Number of columns (`int`)."""
        return self._w

    @property
    def height(self):
        """Number of rows (`int`)."""
        return self._h

    @property
    def centerX(self):
        """The x of the centre (`float`), NaN if empty."""
        return math.nan if self.isEmpty() else self._x + 0.5 * (self._w - 1)

    @property
    def centerY(self):
        """The y of the centre (`float`), NaN if empty."""
        return math.nan if self.isEmpty() else self._y + 0.5 * (self._h - 1)

    @property
    def x(self):
        """The columns (`IntervalI`)."""
        return IntervalI.fromMinSize(self._x, self._w)

    @property
    def y(self):
        """The rows (`IntervalI`)."""
        return IntervalI.fromMinSize(self._y, self._h)

    def getSlices(self):
        """Return slices of rows and columns (`tuple` of two `slice`)."""
        return (slice(self._y, self._y + self._h, 1), slice(self._x, self._x + self._w, 1))

    @property
    def slices(self):
        """Slices of rows and columns (`tuple` of two `slice`)."""
        return self.getSlices()

    def _containsPoint(self, x, y):
        return self._x <= x < self._x + self._w and self._y <= y < self._y + self._h

    def _containsXY(self, x, y):
        if np.ndim(x) == 0 and np.ndim(y) == 0:
            return self._containsPoint(toInt(x), toInt(y))
        x, y = np.asarray(x), np.asarray(y)
        if x.dtype.kind not in "iu" or y.dtype.kind not in "iu":
            raise TypeError(f"Box2I.contains needs integers, not {x.dtype} and {y.dtype}")
        return (x >= self._x) & (x < self._x + self._w) & (y >= self._y) & (y < self._y + self._h)

    def isDisjointFrom(self, other):
        """Return whether no pixel is in both boxes (`bool`)."""
        if self.isEmpty() or other.isEmpty():
            return True
        return (
            self._x > other.maxX or self.maxX < other._x or self._y > other.maxY or self.maxY < other._y
        )

    def grow(self, buffer):
        """Grow on all sides in place, by an `int` or an `Extent2I`."""
        self._assign(self.dilatedBy(buffer))

    def shift(self, offset):
        """Move in place by an `Extent2I`."""
        self._assign(self.shiftedBy(offset))

    def flipLR(self, xExtent):
        """Mirror left and right, in place, in a parent image of the given width."""
        if not self.isEmpty():
            self._x = toInt(xExtent) - (self._x + self._w)

    def flipTB(self, yExtent):
        """Mirror top and bottom, in place, in a parent image of the given height."""
        if not self.isEmpty():
            self._y = toInt(yExtent) - (self._y + self._h)

    def include(self, other):
        """Grow in place to contain a `Point2I` or a `Box2I`."""
        self._assign(self.expandedTo(other))

    def clip(self, other):
        """Shrink in place to the part that is also in another box."""
        self._assign(self.clippedTo(other))

    def expandedTo(self, other):
        """Return the smallest box that contains this one and a `Point2I` or a `Box2I`."""
        if isinstance(other, Box2I):
            if other.isEmpty():
                return Box2I(self)
            return Box2I(self.x.expandedTo(other.x), self.y.expandedTo(other.y))
        self._checkPoint(other)
        return Box2I(self.x.expandedTo(other.getX()), self.y.expandedTo(other.getY()))

    def grid(self, dtype=np.int32):
        """Return the coordinates of all pixels.

        Parameters
        ----------
        dtype : `numpy.dtype`, optional
            Type of the arrays.

        Returns
        -------
        x, y : `numpy.ndarray`
            Arrays of shape ``(height, width)``.
        """
        return np.meshgrid(self.x.arange(dtype=dtype), self.y.arange(dtype=dtype))


Box2I.EXPAND = Box2I.EdgeHandlingEnum.EXPAND
Box2I.SHRINK = Box2I.EdgeHandlingEnum.SHRINK
BoxI = Box2I
