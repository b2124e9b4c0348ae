# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""What points, extents and coordinate expressions have in common."""

import numbers
import operator

import numpy as np

from ._numbers import toFloat, toInt, truncateToInt


class CoordinateBase:
    """A fixed number of coordinates of one type, held as a tuple in ``_v``.

    The leaf classes set ``dimensions`` (2 or 3) and ``dtype`` (`int` or `float`).
    """

    __slots__ = ("_v",)
    __hash__ = None

    def __init__(self, *args, **kwargs):
        if tuple(map(type, args)) == self._exactTypes:
            self._v = args
        elif kwargs:
            self._setFromKeywords(kwargs)
        else:
            self._setFromArgs(args)

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        # integers always go through the check of their range
        cls._exactTypes = (float,) * cls.dimensions if cls.dtype is float else None

    dimensions, dtype, _exactTypes = 0, None, None

    def __len__(self):
        return self.dimensions

    def __iter__(self):
        return iter(self._v)

    def __getitem__(self, i):
        i = operator.index(i)
        n = self.dimensions
        if not -n <= i < n:
            raise IndexError(f"Index {i} not in range [{-n}, {n - 1}]")
        return self._v[i]

    def __setitem__(self, i, value):
        i = operator.index(i)
        n = self.dimensions
        if not -n <= i < n:
            raise IndexError(f"Index {i} not in range [{-n}, {n - 1}]")
        values = list(self._v)
        values[i] = self._scalar(value)
        self._v = tuple(values)

    def _setFromArgs(self, args):
        """Set the coordinates from positional arguments: none, one scalar, one vector, or one each."""
        n = self.dimensions
        if len(args) == n:
            self._v = self._scalars(args)
        elif not args:
            self._v = (self.dtype(0),) * n
        elif len(args) == 1:
            self._v = self._fromOne(args[0])
        else:
            raise TypeError(f"{type(self).__name__} takes 0, 1 or {n} coordinates, not {len(args)}")

    def _setFromKeywords(self, keywords):
        if set(keywords) == {"value"}:
            self._v = (self._scalar(keywords["value"]),) * self.dimensions
            return
        names = ("x", "y", "z")[: self.dimensions]
        if set(keywords) != set(names):
            raise TypeError(f"{type(self).__name__} does not take {', '.join(sorted(keywords))}")
        self._v = self._scalars([keywords[name] for name in names])

    @classmethod
    def _scalar(cls, value):
        return toFloat(value) if cls.dtype is float else toInt(value)

    @classmethod
    def _scalars(cls, values):
        # A pair of floats is accepted for integer coordinates, and truncated.
        return tuple(map(toFloat if cls.dtype is float else truncateToInt, values))

    @classmethod
    def _fromOne(cls, value):
        if isinstance(value, numbers.Number) or isinstance(value, np.generic):
            return (cls._scalar(value),) * cls.dimensions
        if not hasattr(value, "__len__"):
            raise TypeError(f"Cannot make a {cls.__name__} from a {type(value).__name__}")
        vector = np.asarray(value)
        if vector.shape != (cls.dimensions,) or vector.dtype.kind not in "iuf":
            raise TypeError(f"Cannot make a {cls.__name__} from {value!r}")
        return cls._scalars(vector.tolist())

    @classmethod
    def _make(cls, values):
        """Make an instance from a tuple that already has the right length and types."""
        self = cls.__new__(cls)
        self._v = values
        return self

    def clone(self):
        """Return a copy."""
        return self._make(self._v)

    def __eq__(self, other):
        return self._v == other._v if type(other) is type(self) else NotImplemented

    def getX(self):
        """Return the first coordinate."""
        return self._v[0]

    def getY(self):
        """Return the second coordinate."""
        return self._v[1]

    def setX(self, value):
        """Set the first coordinate."""
        self[0] = value

    def setY(self, value):
        """Set the second coordinate."""
        self[1] = value

    x = property(getX, setX)
    y = property(getY, setY)


class ThirdCoordinate:
    """The accessors that only three-dimensional classes have."""

    __slots__ = ()

    def getZ(self):
        """Return the third coordinate."""
        return self._v[2]

    def setZ(self, value):
        """Set the third coordinate."""
        self[2] = value

    z = property(getZ, setZ)
