# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Extents: differences of points."""

__all__ = ["Extent2D", "Extent2I", "Extent3D", "Extent3I", "ceil", "floor", "truncate"]

import math
import operator

from ._coordinateBase import CoordinateBase, ThirdCoordinate
from ._numbers import INT_MAX, INT_MIN, toFloat, toInt


def _isInteger(value):
    try:
        operator.index(value)
    except TypeError:
        return False
    return True


def _quotient(value, divisor):
    # C++ division: infinities and NaN where Python raises.
    if divisor != 0.0:
        return value / divisor
    return math.nan if value == 0.0 or value != value else math.copysign(math.inf, value)


class ExtentBase(CoordinateBase):
    """Behaviour common to all extents: a vector space."""

    __slots__ = ()

    def asPoint(self):
        """Return the point this far from the origin."""
        return self._point._make(self._v)

    def computeSquaredNorm(self):
        """Return the squared length."""
        return sum(map(operator.mul, self._v, self._v))

    def computeNorm(self):
        """Return the length (`float`; for integer extents truncated to `int`)."""
        return self.dtype(math.sqrt(self.computeSquaredNorm()))

    def _combine(self, op, other):
        if not isinstance(other, ExtentBase) or other.dimensions != self.dimensions:
            return NotImplemented
        cls = self._double if other.dtype is float else type(self)
        return cls._make(tuple(map(op, self._v, other._v)))

    def __add__(self, other):
        if isinstance(other, CoordinateBase) and not isinstance(other, ExtentBase):
            return NotImplemented
        return self._combine(operator.add, other)

    def __sub__(self, other):
        return self._combine(operator.sub, other)

    def _combineInPlace(self, op, other):
        if not isinstance(other, ExtentBase) or other.dimensions != self.dimensions:
            return self._refuse(other)
        if self.dtype is int and other.dtype is float:
            return self._refuse(other)
        self._v = tuple(map(op, self._v, other._v))
        return self

    def _refuse(self, other):
        raise TypeError(f"{type(self).__name__} cannot be changed in place by a {type(other).__name__}")

    def __iadd__(self, other):
        return self._combineInPlace(operator.add, other)

    def __isub__(self, other):
        return self._combineInPlace(operator.sub, other)

    def __mul__(self, other):
        if isinstance(other, CoordinateBase):
            return NotImplemented
        if self.dtype is int and _isInteger(other):
            factor, cls = toInt(other), type(self)
        else:
            try:
                factor, cls = toFloat(other), self._double
            except TypeError:
                return NotImplemented
        return cls._make(tuple([v * factor for v in self._v]))

    __rmul__ = __mul__

    def __imul__(self, other):
        if isinstance(other, CoordinateBase) or (self.dtype is int and not _isInteger(other)):
            return self._refuse(other)
        factor = self._scalar(other)
        self._v = tuple([v * factor for v in self._v])
        return self

    def __truediv__(self, other):
        if isinstance(other, CoordinateBase):
            return NotImplemented
        try:
            divisor = toFloat(other)
        except TypeError:
            return NotImplemented
        return self._double._make(tuple([_quotient(v, divisor) for v in self._v]))

    def __itruediv__(self, other):
        if self.dtype is int:
            raise TypeError("In-place true division not supported for Extent<int,N>.")
        result = self.__truediv__(other)
        if result is NotImplemented:
            return self._refuse(other)
        self._v = result._v
        return self

    def __floordiv__(self, other):
        if self.dtype is float or not _isInteger(other):
            return NotImplemented
        divisor = toInt(other)
        return self._make(tuple([v // divisor for v in self._v]))

    def __ifloordiv__(self, other):
        result = self.__floordiv__(other)
        if result is NotImplemented:
            return self._refuse(other)
        self._v = result._v
        return self

    def __neg__(self):
        return self._make(tuple([-v for v in self._v]))

    def __pos__(self):
        return self._make(self._v)


class _Rounding:
    """Conversions to integers that only floating-point extents have."""

    __slots__ = ()

    def truncate(self):
        """Return the integer extent with the fractions dropped."""
        return truncate(self)

    def floor(self):
        """Return the integer extent rounded down."""
        return floor(self)

    def ceil(self):
        """Return the integer extent rounded up."""
        return ceil(self)


class Extent2I(ExtentBase):
    """Integer extent in two dimensions.

    Parameters
    ----------
    *args : `int`
        Nothing (zero), one value for both coordinates, both coordinates, a point, an extent or a vector.
    """

    __slots__ = ()
    dimensions, dtype = 2, int


class Extent2D(_Rounding, ExtentBase):
    """Floating-point extent in two dimensions.

    Parameters
    ----------
    *args : `float`
        Nothing (zero), one value for both coordinates, both coordinates, a point, an extent or a vector.
    """

    __slots__ = ()
    dimensions, dtype = 2, float


class Extent3I(ThirdCoordinate, ExtentBase):
    """Integer extent in three dimensions, made as `Extent2I` is."""

    __slots__ = ()
    dimensions, dtype = 3, int


class Extent3D(ThirdCoordinate, _Rounding, ExtentBase):
    """Floating-point extent in three dimensions, made as `Extent2D` is."""

    __slots__ = ()
    dimensions, dtype = 3, float


Extent2I._double = Extent2D._double = Extent2D
Extent3I._double = Extent3D._double = Extent3D
Extent2D._integer = Extent2I
Extent3D._integer = Extent3I


def _toInteger(rounding, extent):
    values = [rounding(v) if math.isfinite(v) else INT_MIN for v in extent._v]
    return extent._integer._make(tuple([v if INT_MIN <= v <= INT_MAX else INT_MIN for v in values]))


def truncate(extent):
    """Return a floating-point extent with the fractions dropped, as an integer extent."""
    return _toInteger(math.trunc, extent)


def floor(extent):
    """Return a floating-point extent rounded down, as an integer extent."""
    return _toInteger(math.floor, extent)


def ceil(extent):
    """Return a floating-point extent rounded up, as an integer extent."""
    return _toInteger(math.ceil, extent)
