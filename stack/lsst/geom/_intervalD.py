# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Intervals of real numbers."""

__all__ = ["IntervalD"]

import math

import numpy as np

from lsst.pex.exceptions import InvalidParameterError

from ._interval import IntervalBase
from ._numbers import toFloat


class IntervalD(IntervalBase):
    """A closed interval of real numbers, possibly infinite.

    Parameters
    ----------
    other : `IntervalD` or `IntervalI`, optional
        What to copy or convert (a pixel reaches half a unit to both sides); without it the interval is empty.
    **keywords : `float`
        Instead of that, one pair of ``min, max``, ``min, size``, ``max, size`` or ``center, size``.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if infinite values do not define an interval.
    """

    __slots__ = ("_min", "_max")

    def __init__(self, other=None, **keywords):
        if keywords:
            other = self._fromKeywords(keywords)
        if other is None:
            self._min = self._max = math.nan
        elif isinstance(other, IntervalD):
            self._min, self._max = other._min, other._max
        elif isinstance(other, IntervalBase):
            empty = other.isEmpty()
            self._min = math.nan if empty else other.min - 0.5
            self._max = math.nan if empty else other.max + 0.5
        else:
            raise TypeError(f"Cannot make an IntervalD from a {type(other).__name__}")

    @classmethod
    def fromMinMax(cls, min, max):
        """Return the interval with the given ends, empty if ``max < min`` or one is NaN."""
        min, max = toFloat(min), toFloat(max)
        self = cls()
        if max < min or math.isnan(min) or math.isnan(max):
            return self
        if min == math.inf:
            raise InvalidParameterError("Cannot set interval minimum to +infinity.")
        if max == -math.inf:
            raise InvalidParameterError("Cannot set interval maximum to -infinity.")
        self._min, self._max = min, max
        return self

    @classmethod
    def fromMinSize(cls, min, size):
        """Return the interval with the given start and size, empty if ``size < 0``."""
        cls._checkSize(min, size)
        return cls.fromMinMax(min, min + size)

    @classmethod
    def fromMaxSize(cls, max, size):
        """Return the interval with the given end and size, empty if ``size < 0``."""
        cls._checkSize(max, size)
        return cls.fromMinMax(max - size, max)

    @classmethod
    def fromCenterSize(cls, center, size):
        """Return the interval with the given centre and size, empty if ``size < 0``."""
        if math.isinf(center) or math.isinf(size):
            raise InvalidParameterError("Infinite values not supported.")
        return cls.fromMinSize(center - 0.5 * size, size)

    @staticmethod
    def _checkSize(end, size):
        if math.isinf(end) or size == math.inf:
            raise InvalidParameterError(
                "Ambiguously infinite interval parameters; use fromMinMax to construct infinite intervals "
                "instead."
            )

    @property
    def min(self):
        """The lower end (`float`), NaN if empty."""
        return self._min

    @property
    def max(self):
        """The upper end (`float`), NaN if empty."""
        return self._max

    @property
    def size(self):
        """The length (`float`), 0 if empty."""
        return 0.0 if self.isEmpty() else self._max - self._min

    @property
    def center(self):
        """The centre (`float`), NaN if empty."""
        return 0.5 * (self._min + self._max)

    def getCenter(self):
        """Return the centre (`float`), NaN if empty."""
        return self.center

    def isEmpty(self):
        """Return whether there is no point (`bool`)."""
        return math.isnan(self._min)

    def isFinite(self):
        """Return whether both ends are finite or there is no point (`bool`)."""
        return not (math.isinf(self._min) or math.isinf(self._max))

    def _containsPoint(self, point):
        point = toFloat(point)
        if math.isnan(point):
            raise InvalidParameterError("Cannot test whether an interval contains NaN.")
        return self._min <= point <= self._max

    def _containsArray(self, points):
        if np.isnan(points).any():
            raise InvalidParameterError("Cannot test whether an interval contains NaN.")
        return (points >= self._min) & (points <= self._max)

    def dilatedBy(self, buffer):
        """Return the interval with both ends moved outwards by ``buffer`` (`float`)."""
        if not math.isfinite(buffer):
            raise InvalidParameterError("Cannot dilate or erode with a non-finite buffer.")
        return self.fromMinMax(self._min - buffer, self._max + buffer)

    def shiftedBy(self, offset):
        """Return the interval moved by ``offset`` (`float`)."""
        if not math.isfinite(offset):
            raise InvalidParameterError("Cannot shift with a non-finite offset.")
        return self.fromMinMax(self._min + offset, self._max + offset)

    def reflectedAbout(self, point):
        """Return the mirror image about ``point`` (`float`)."""
        if not math.isfinite(point):
            raise InvalidParameterError("Cannot reflect about a non-finite point.")
        return self.fromMinMax(2 * point - self._max, 2 * point - self._min)

    def _expandedToPoint(self, point):
        point = toFloat(point)
        if not math.isfinite(point):
            raise InvalidParameterError("Cannot expand to a non-finite point.")
        if self.isEmpty():
            return self.fromMinMax(point, point)
        return self.fromMinMax(min(point, self._min), max(point, self._max))

    @staticmethod
    def _format(value):
        return f"{value:.17g}"
