# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The result of comparing points or extents coordinate by coordinate."""

__all__ = ["CoordinateExpr2", "CoordinateExpr3", "all", "any"]

import builtins
import operator


class _CoordinateExpr:
    """A truth value for each coordinate.

    Parameters
    ----------
    val : `bool`, optional
        Value of all coordinates.
    """

    __slots__ = ("_v",)

    def __init__(self, *args, val=False):
        if len(args) > 1 and len(args) != self.dimensions:
            raise TypeError(f"{type(self).__name__} takes one value")
        self._v = tuple(map(bool, args)) if len(args) > 1 else (bool(args[0] if args else val),) * len(self)

    @classmethod
    def _make(cls, values):
        self = cls.__new__(cls)
        self._v = values
        return self

    def __len__(self):
        return self.dimensions

    def __iter__(self):
        return iter(self._v)

    def __getitem__(self, i):
        return self._v[i]

    def __setitem__(self, i, value):
        values = list(self._v)
        values[i] = bool(value)
        self._v = tuple(values)

    def and_(self, other):
        """Return where both are true."""
        return self._make(tuple(map(operator.and_, self._v, other._v)))

    def or_(self, other):
        """Return where either is true."""
        return self._make(tuple(map(operator.or_, self._v, other._v)))

    def not_(self):
        """Return where this is false."""
        return self._make(tuple(map(operator.not_, self._v)))


class CoordinateExpr2(_CoordinateExpr):
    """Truth values of two coordinates."""

    __slots__ = ()
    dimensions = 2


class CoordinateExpr3(_CoordinateExpr):
    """Truth values of three coordinates."""

    __slots__ = ()
    dimensions = 3


def all(expr):
    """Return whether a coordinate expression is true in every coordinate (`bool`)."""
    return builtins.all(expr._v)


def any(expr):
    """Return whether a coordinate expression is true in some coordinate (`bool`)."""
    return builtins.any(expr._v)
