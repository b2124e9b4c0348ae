# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""What integer and floating-point intervals have in common."""

import numpy as np


class IntervalBase:
    """A one-dimensional interval, empty or with ``min <= max``."""

    __slots__ = ()
    __hash__ = None

    @classmethod
    def _fromKeywords(cls, keywords):
        makers = {
            frozenset(("min", "max")): lambda kw: cls.fromMinMax(kw["min"], kw["max"]),
            frozenset(("min", "size")): lambda kw: cls.fromMinSize(kw["min"], kw["size"]),
            frozenset(("max", "size")): lambda kw: cls.fromMaxSize(kw["max"], kw["size"]),
            frozenset(("center", "size")): lambda kw: cls.fromCenterSize(kw["center"], kw["size"]),
        }
        try:
            make = makers[frozenset(keywords)]
        except KeyError:
            raise TypeError(
                "General constructor requires one of the following keyword-only argument pairs: "
                "(min, max), (center, size), (min, size), (max, size)."
            ) from None
        return make(keywords)

    @classmethod
    def fromSpannedPoints(cls, points):
        """Return the smallest interval that contains all points.

        Parameters
        ----------
        points : sequence of numbers
            The points; an empty sequence gives an empty interval.
        """
        result = cls()
        for point in points.tolist() if isinstance(points, np.ndarray) else points:
            result = result.expandedTo(point)
        return result

    def getMin(self):
        """Return the lowest point."""
        return self.min

    def getMax(self):
        """Return the highest point."""
        return self.max

    def getSize(self):
        """Return the size."""
        return self.size

    def __eq__(self, other):
        if type(other) is not type(self):
            return NotImplemented
        if self.isEmpty() or other.isEmpty():
            return self.isEmpty() and other.isEmpty()
        return self.min == other.min and self.max == other.max

    def contains(self, other):
        """Return whether a point, each point of an array, or another interval lies inside.

        Parameters
        ----------
        other : number, array or interval
            What to look for; an empty interval is inside any other.

        Returns
        -------
        inside : `bool` or `numpy.ndarray` of `bool`
            The answer.
        """
        if isinstance(other, type(self)):
            return other.isEmpty() or (
                not self.isEmpty() and other.min >= self.min and other.max <= self.max
            )
        if np.ndim(other) > 0:
            return self._containsArray(np.asarray(other))
        return self._containsPoint(other)

    def __contains__(self, other):
        return bool(self.contains(other))

    def isDisjointFrom(self, other):
        """Return whether no point is in both; an empty interval is disjoint from everything (`bool`)."""
        if self.isEmpty() or other.isEmpty():
            return True
        return self.min > other.max or self.max < other.min

    def overlaps(self, other):
        """Return whether some point is in both (`bool`)."""
        return not self.isDisjointFrom(other)

    intersects = overlaps

    def erodedBy(self, buffer):
        """Return the interval with both ends moved inwards by ``buffer``."""
        return self.dilatedBy(-buffer)

    def clippedTo(self, other):
        """Return the part that is also in ``other``."""
        if self.isEmpty() or other.isEmpty():
            return type(self)()
        return type(self).fromMinMax(max(self.min, other.min), min(self.max, other.max))

    def expandedTo(self, other):
        """Return the smallest interval that contains this one and a point or another interval."""
        if not isinstance(other, type(self)):
            return self._expandedToPoint(other)
        if other.isEmpty():
            return self
        if self.isEmpty():
            return other
        return type(self).fromMinMax(min(self.min, other.min), max(self.max, other.max))

    def toString(self):
        """Return the ends as text (`str`)."""
        return f"(min={self._format(self.min)}, max={self._format(self.max)})"

    __str__ = toString

    def __repr__(self):
        name = type(self).__name__
        return f"{name}()" if self.isEmpty() else f"{name}{self.toString()}"

    def __reduce__(self):
        if self.isEmpty():
            return (type(self), ())
        return (type(self).fromMinMax, (self.min, self.max))
