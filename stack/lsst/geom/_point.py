# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Points, whose differences are extents."""

__all__ = ["Point2D", "Point2I", "Point3D", "Point3I"]

import math
import operator

from ._coordinateBase import CoordinateBase, ThirdCoordinate
from ._extent import Extent2D, Extent2I, Extent3D, Extent3I, ExtentBase
from ._numbers import truncateToInt


class PointBase(CoordinateBase):
    """Behaviour common to all points: an affine space."""

    __slots__ = ()

    @classmethod
    def _fromOne(cls, value):
        if cls.dtype is int and isinstance(value, PointBase) and value.dtype is float:
            # An integer coordinate is the centre of a pixel, so points round to the nearest.
            if value.dimensions != cls.dimensions:
                raise TypeError(f"Cannot make a {cls.__name__} from a {type(value).__name__}")
            return tuple([truncateToInt(math.floor(v + 0.5) if math.isfinite(v) else v) for v in value._v])
        return super()._fromOne(value)

    def asExtent(self):
        """Return the extent from the origin to this point."""
        return self._extent._make(self._v)

    def __add__(self, other):
        if not isinstance(other, ExtentBase) or other.dimensions != self.dimensions:
            return NotImplemented
        cls = self._double if other.dtype is float else type(self)
        return cls._make(tuple(map(operator.add, self._v, other._v)))

    __radd__ = __add__

    def __sub__(self, other):
        if not isinstance(other, (PointBase, ExtentBase)) or other.dimensions != self.dimensions:
            return NotImplemented
        cls = self._double if other.dtype is float else type(self)
        if isinstance(other, PointBase):
            cls = cls._extent
        return cls._make(tuple(map(operator.sub, self._v, other._v)))

    def _move(self, op, other):
        if (
            not isinstance(other, ExtentBase)
            or other.dimensions != self.dimensions
            or (self.dtype is int and other.dtype is float)
        ):
            raise TypeError(f"{type(self).__name__} cannot be moved by a {type(other).__name__}")
        self._v = tuple(map(op, self._v, other._v))
        return self

    def __iadd__(self, other):
        return self._move(operator.add, other)

    def __isub__(self, other):
        return self._move(operator.sub, other)

    def shift(self, offset):
        """Move the point in place.

        Parameters
        ----------
        offset : extent of the same type
            How far to move.
        """
        if type(offset) is not self._extent:
            raise TypeError(f"{type(self).__name__} cannot be shifted by a {type(offset).__name__}")
        self._v = tuple(map(operator.add, self._v, offset._v))

    def scale(self, factor):
        """Multiply all coordinates by a number in place."""
        self._v = self._scalars([v * factor for v in self._v])

    def distanceSquared(self, other):
        """Return the squared distance to another point of the same class (`float`)."""
        if type(other) is not type(self):
            raise TypeError(f"A {type(self).__name__} is needed, not a {type(other).__name__}")
        return float(sum([(a - b) ** 2 for a, b in zip(self._v, other._v, strict=True)]))

    def toString(self):
        """Return a short description (`str`)."""
        return "Point({})".format(",".join(f"{v:g}" for v in self._v))


class Point2I(PointBase):
    """Integer point in two dimensions.

    Parameters
    ----------
    *args : `int`
        Nothing (the origin), one value for both coordinates, both coordinates, a point (rounded to the
        nearest pixel), an extent or a vector.
    """

    __slots__ = ()
    dimensions, dtype, _extent = 2, int, Extent2I


class Point2D(PointBase):
    """Floating-point point in two dimensions.

    Parameters
    ----------
    *args : `float`
        Nothing (the origin), one value for both coordinates, both coordinates, a point, an extent or a
        vector.
    """

    __slots__ = ()
    dimensions, dtype, _extent = 2, float, Extent2D


class Point3I(ThirdCoordinate, PointBase):
    """Integer point in three dimensions, made as `Point2I` is."""

    __slots__ = ()
    dimensions, dtype, _extent = 3, int, Extent3I


class Point3D(ThirdCoordinate, PointBase):
    """Floating-point point in three dimensions, made as `Point2D` is."""

    __slots__ = ()
    dimensions, dtype, _extent = 3, float, Extent3D


Point2I._double = Point2D._double = Point2D
Point3I._double = Point3D._double = Point3D
for _cls in (Point2I, Point2D, Point3I, Point3D):
    _cls._extent._point = _cls
