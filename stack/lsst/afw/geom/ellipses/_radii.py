# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Four definitions of the radius of an ellipse."""

__all__ = ["DeterminantRadius", "LogDeterminantRadius", "LogTraceRadius", "TraceRadius"]

import math

from lsst.pex.exceptions import InvalidParameterError


def _determinantScale(distortion):
    square = 1.0 - (distortion.real * distortion.real + distortion.imag * distortion.imag)
    return math.sqrt(square) if square >= 0 else math.nan


class _Radius:
    """A radius, convertible to `float`.

    Parameters
    ----------
    value : `float`, optional
        The radius.
    """

    __slots__ = ("_value",)
    _default = 1.0

    def __init__(self, value=None):
        self._value = self._default if value is None else float(value)

    def __float__(self):
        return self._value

    @classmethod
    def getName(cls):
        """Return the name of the definition (`str`)."""
        return cls.__name__

    def normalize(self):
        """Raise `lsst.pex.exceptions.InvalidParameterError` if the radius is negative."""
        if self._value < 0:
            raise InvalidParameterError("Ellipse radius cannot be negative.")

    def _toQuadrupole(self, distortion):
        """Return the second moments xx, yy, xy for a complex `Distortion`."""
        r2, scale = self._scales(distortion)
        e1, e2 = distortion.real, distortion.imag
        return r2 * (1.0 + e1) / scale, r2 * (1.0 - e1) / scale, r2 * e2 / scale

    def __str__(self):
        return f"{self._value:f}"

    def __repr__(self):
        return f"{type(self).__name__}({self._value:f})"


class DeterminantRadius(_Radius):
    """The fourth root of the determinant of the second moments."""

    __slots__ = ()

    def _scales(self, distortion):
        return self._value * self._value, _determinantScale(distortion)

    @classmethod
    def _fromQuadrupole(cls, ixx, iyy, ixy):
        det = ixx * iyy - ixy * ixy
        return cls(det**0.25 if det >= 0 else math.nan)


class TraceRadius(_Radius):
    """The root of half the sum of the second moments."""

    __slots__ = ()

    def _scales(self, distortion):
        return self._value * self._value, 1.0

    @classmethod
    def _fromQuadrupole(cls, ixx, iyy, ixy):
        return cls(math.sqrt(0.5 * (ixx + iyy)))


class _LogRadius(_Radius):
    __slots__ = ()
    _default = 0.0

    def normalize(self):
        """Accept any value."""


class LogDeterminantRadius(_LogRadius):
    """The natural logarithm of a `DeterminantRadius`."""

    __slots__ = ()

    def _scales(self, distortion):
        return math.exp(2.0 * self._value), _determinantScale(distortion)

    @classmethod
    def _fromQuadrupole(cls, ixx, iyy, ixy):
        det = ixx * iyy - ixy * ixy
        return cls(0.25 * math.log(det) if det > 0 else -math.inf if det == 0 else math.nan)


class LogTraceRadius(_LogRadius):
    """The natural logarithm of a `TraceRadius`."""

    __slots__ = ()

    def _scales(self, distortion):
        return math.exp(2.0 * self._value), 1.0

    @classmethod
    def _fromQuadrupole(cls, ixx, iyy, ixy):
        return cls(0.5 * math.log(0.5 * (ixx + iyy)))
