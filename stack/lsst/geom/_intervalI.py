# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Intervals of pixels."""

__all__ = ["IntervalI"]

import enum
import math

import numpy as np

import lsst.pex.exceptions

from ._interval import IntervalBase
from ._intervalD import IntervalD
from ._numbers import INT_MAX, INT_MIN, checkForOverflow, toFloat, toInt


class IntervalI(IntervalBase):
    """A contiguous range of integers, both ends included.

    Parameters
    ----------
    other : `IntervalI` or `IntervalD`, optional
        What to copy or convert; without it the interval is empty.
    edgeHandling : `IntervalI.EdgeHandlingEnum`, optional
        Whether a pixel that ``other`` covers in part belongs to the result.
    **keywords : `int`
        Instead of the above, one pair of ``min, max``, ``min, size``, ``max, size`` or ``center, size``.

    Raises
    ------
    lsst.pex.exceptions.OverflowError
        Raised if an end does not fit in 32 bits.
    lsst.pex.exceptions.InvalidParameterError
        Raised if ``other`` is not finite.
    """

    __slots__ = ("_min", "_size")

    class EdgeHandlingEnum(enum.Enum):
        """What to do with pixels that a floating-point interval covers in part."""

        EXPAND = 0
        SHRINK = 1

    def __init__(self, other=None, edgeHandling=EdgeHandlingEnum.EXPAND, **keywords):
        if keywords:
            other = self._fromKeywords(keywords)
        if other is None:
            self._min, self._size = 0, 0
        elif isinstance(other, IntervalI):
            self._min, self._size = other._min, other._size
        elif isinstance(other, IntervalD):
            converted = self._fromDouble(other, edgeHandling)
            self._min, self._size = converted._min, converted._size
        else:
            raise TypeError(f"Cannot make an IntervalI from a {type(other).__name__}")

    @classmethod
    def _make(cls, minimum, size):
        self = cls.__new__(cls)
        self._min, self._size = minimum, size
        return self

    @classmethod
    def _fromDouble(cls, other, edgeHandling):
        if other.isEmpty():
            return cls()
        if not other.isFinite():
            raise lsst.pex.exceptions.InvalidParameterError(
                "Cannot convert non-finite IntervalD to IntervalI"
            )
        inset = 0.5 if edgeHandling is cls.EdgeHandlingEnum.SHRINK else -0.5
        return cls.fromMinMax(math.ceil(other.min + inset), math.floor(other.max - inset))

    @classmethod
    def fromMinMax(cls, min, max):
        """Return the interval with the given ends, empty if ``max < min``."""
        if max < min:
            return cls()
        checkForOverflow(min, "minimum")
        checkForOverflow(max, "maximum")
        checkForOverflow(1 + max - min, "size")
        return cls._make(toInt(min), toInt(1 + max - min))

    @classmethod
    def fromMinSize(cls, min, size):
        """Return the interval with the given start and size, empty if ``size <= 0``."""
        min, size = toInt(min), toInt(size)
        if size <= 0:
            return cls()
        checkForOverflow(min + size - 1, "maximum")
        return cls._make(min, size)

    @classmethod
    def fromMaxSize(cls, max, size):
        """Return the interval with the given last point and size, empty if ``size <= 0``."""
        max, size = toInt(max), toInt(size)
        if size <= 0:
            return cls()
        checkForOverflow(max - size + 1, "minimum")
        return cls._make(max - size + 1, size)

    @classmethod
    def fromCenterSize(cls, center, size):
        """Return the interval of the given size whose centre is nearest to ``center`` (`float`)."""
        size = toInt(size)
        if size <= 0:
            return cls()
        minimum = toFloat(center) - 0.5 * size + 0.5
        if not INT_MIN <= minimum <= INT_MAX:
            checkForOverflow(minimum if math.isfinite(minimum) else math.inf, "minimum")
        checkForOverflow(minimum + size - 1, "maximum")
        return cls._make(math.trunc(minimum), size)

    @property
    def min(self):
        """The lowest point (`int`)."""
        return self._min

    @property
    def max(self):
        """The highest point (`int`)."""
        return self._min + self._size - 1

    @property
    def size(self):
        """The number of points (`int`)."""
        return self._size

    @property
    def begin(self):
        """The lowest point (`int`)."""
        return self._min

    @property
    def end(self):
        """One past the highest point (`int`)."""
        return self._min + self._size

    def getBegin(self):
        """Return the lowest point (`int`)."""
        return self.begin

    def getEnd(self):
        """Return one past the highest point (`int`)."""
        return self.end

    def isEmpty(self):
        """Return whether there is no point (`bool`)."""
        return self._size == 0

    def _containsPoint(self, point):
        return self._min <= toInt(point) < self._min + self._size

    def _containsArray(self, points):
        if points.dtype.kind not in "iu":
            raise TypeError(f"IntervalI.contains needs integers, not {points.dtype}")
        return (points >= self._min) & (points < self._min + self._size)

    def dilatedBy(self, buffer):
        """Return the interval with both ends moved outwards by ``buffer`` (`int`)."""
        buffer = toInt(buffer)
        return IntervalI() if self.isEmpty() else self.fromMinMax(self.min - buffer, self.max + buffer)

    def shiftedBy(self, offset):
        """Return the interval moved by ``offset`` (`int`)."""
        offset = toInt(offset)
        return IntervalI() if self.isEmpty() else self.fromMinMax(self.min + offset, self.max + offset)

    def reflectedAbout(self, point):
        """Return the mirror image about ``point`` (`int`)."""
        point = toInt(point)
        return IntervalI() if self.isEmpty() else self.fromMinMax(2 * point - self.max, 2 * point - self.min)

    def _expandedToPoint(self, point):
        point = toInt(point)
        if self.isEmpty():
            return self._make(point, 1)
        return self.fromMinMax(min(point, self.min), max(point, self.max))

    @staticmethod
    def _format(value):
        return str(value)

    def range(self):
        """Return a `range` over all points."""
        return range(self.begin, self.end)

    def arange(self, dtype=np.int32):
        """Return an array of all points (`numpy.ndarray` of ``dtype``)."""
        return np.arange(self.begin, self.end, 1, dtype=dtype)

    def slice(self):
        """Return a `slice` over all points."""
        return slice(self.begin, self.end, None)
