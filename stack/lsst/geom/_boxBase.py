# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""What integer and floating-point boxes have in common."""


class BoxBase:
    """An axis-aligned rectangle, possibly empty."""

    __slots__ = ()
    __hash__ = None

    def swap(self, other):
        """Exchange the contents with another box of the same class."""
        mine = type(self)(self)
        self._assign(other)
        other._assign(mine)

    def getMin(self):
        """Return the lower left corner."""
        return self.Point(self.minX, self.minY)

    def getMax(self):
        """Return the upper right corner."""
        return self.Point(self.maxX, self.maxY)

    def getMinX(self):
        """Return the lower x."""
        return self.minX

    def getMinY(self):
        """Return the lower y."""
        return self.minY

    def getMaxX(self):
        """Return the upper x."""
        return self.maxX

    def getMaxY(self):
        """Return the upper y."""
        return self.maxY

    def getDimensions(self):
        """Return width and height as an extent."""
        return self.Extent(self.width, self.height)

    def getWidth(self):
        """Return the width."""
        return self.width

    def getHeight(self):
        """Return the height."""
        return self.height

    @property
    def area(self):
        """Width times height."""
        return self.width * self.height

    def getArea(self):
        """Return width times height."""
        return self.width * self.height

    def getCenter(self):
        """Return the centre (`Point2D`)."""
        return self._centerPoint(self.centerX, self.centerY)

    def getCenterX(self):
        """Return the x of the centre (`float`)."""
        return self.centerX

    def getCenterY(self):
        """Return the y of the centre (`float`)."""
        return self.centerY

    def getX(self):
        """Return the interval in x."""
        return self.x

    def getY(self):
        """Return the interval in y."""
        return self.y

    def getCorners(self):
        """Return the corners counter-clockwise from the lower left (`list` of points)."""
        minX, minY, maxX, maxY = self.minX, self.minY, self.maxX, self.maxY
        return [
            self.Point(minX, minY),
            self.Point(maxX, minY),
            self.Point(maxX, maxY),
            self.Point(minX, maxY),
        ]

    def contains(self, *args, **kwargs):
        """Return whether a point, arrays of coordinates or another box lies inside.

        Parameters
        ----------
        *args : point, box, or ``x, y``
            What to look for; ``x`` and ``y`` may be arrays.

        Returns
        -------
        inside : `bool` or `numpy.ndarray` of `bool`
            The answer.
        """
        if kwargs:
            args += tuple(kwargs.pop(name) for name in ("x", "y")[len(args):] if name in kwargs)
            if kwargs:
                raise TypeError(f"contains does not take {', '.join(kwargs)}")
        if len(args) == 2:
            return self._containsXY(*args)
        if len(args) != 1:
            raise TypeError("contains takes a point, a box, or x and y")
        (other,) = args
        if isinstance(other, type(self)):
            return self._containsBox(other)
        self._checkPoint(other)
        return self._containsPoint(other.getX(), other.getY())

    def __contains__(self, other):
        return self.contains(other)

    def _checkPoint(self, point):
        if not isinstance(point, self.Point):
            raise TypeError(f"A {self.Point.__name__} or {type(self).__name__} is needed, not {point!r}")

    def _containsBox(self, other):
        return self.x.contains(other.x) and self.y.contains(other.y)

    def overlaps(self, other):
        """Return whether some point is in both boxes (`bool`)."""
        return not self.isDisjointFrom(other)

    def intersects(self, other):
        """Return whether some point is in both boxes (`bool`)."""
        return self.overlaps(other)

    def _toExtent(self, buffer):
        return buffer if isinstance(buffer, self.Extent) else self.Extent(buffer, buffer)

    def dilatedBy(self, buffer):
        """Return the box grown on all sides by a number or an extent."""
        dx, dy = self._toExtent(buffer)
        return type(self)(self.x.dilatedBy(dx), self.y.dilatedBy(dy))

    def erodedBy(self, buffer):
        """Return the box shrunk on all sides by a number or an extent."""
        return self.dilatedBy(-buffer)

    def shiftedBy(self, offset):
        """Return the box moved by an extent."""
        return type(self)(self.x.shiftedBy(offset.getX()), self.y.shiftedBy(offset.getY()))

    def reflectedAboutX(self, x):
        """Return the mirror image about a vertical line."""
        return type(self)(self.x.reflectedAbout(x), self.y)

    def reflectedAboutY(self, y):
        """Return the mirror image about a horizontal line."""
        return type(self)(self.x, self.y.reflectedAbout(y))

    def clippedTo(self, other):
        """Return the part that is also in another box."""
        return type(self)(self.x.clippedTo(other.x), self.y.clippedTo(other.y))

    def __repr__(self):
        return f"{type(self).__name__}(minimum={self.getMin()!r}, dimensions={self.getDimensions()!r})"

    def __str__(self):
        return f"(minimum={self.getMin()}, maximum={self.getMax()})"

    def toString(self):
        """Return a description as the C++ output operator writes it (`str`)."""
        name = type(self).__name__
        if self.isEmpty():
            return f"{name}()"
        dimensions, point, extent = self.getDimensions(), self.Point.__name__, self.Extent.__name__
        low = ", ".join(f"{v:g}" for v in self.getMin())
        return f"{name}({point}({low}), {extent}({dimensions[0]:g}, {dimensions[1]:g}))"

    def __reduce__(self):
        return (type(self), (self.getMin(), self.getMax()))
