# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Angles that know their unit."""

__all__ = [
    "HALFPI",
    "INVSQRTPI",
    "ONE_OVER_PI",
    "PI",
    "ROOT2",
    "SQRTPI",
    "TWOPI",
    "Angle",
    "AngleUnit",
    "arcminutes",
    "arcsecToRad",
    "arcseconds",
    "degToRad",
    "degrees",
    "hours",
    "isAngle",
    "masToRad",
    "milliarcseconds",
    "radToArcsec",
    "radToDeg",
    "radToMas",
    "radians",
]

import math

from ._numbers import toFloat

PI = math.pi
TWOPI = 2.0 * PI
HALFPI = 0.5 * PI
ONE_OVER_PI = 1.0 / PI
SQRTPI = math.sqrt(PI)
INVSQRTPI = 1.0 / SQRTPI
ROOT2 = math.sqrt(2.0)


class AngleUnit:
    """A unit of angle; multiply a number by it to get an `Angle`.

    Parameters
    ----------
    val : `float`
        Size of the unit in radians.
    """

    __slots__ = ("_val",)
    __hash__ = None

    def __init__(self, val):
        self._val = toFloat(val)

    def __eq__(self, other):
        return self._val == other._val if isinstance(other, AngleUnit) else NotImplemented

    def __mul__(self, other):
        if isinstance(other, (Angle, AngleUnit)):
            raise NotImplementedError("Only numbers can be multiplied by an AngleUnit")
        try:
            return _fromRadians(toFloat(other) * self._val)
        except TypeError:
            return NotImplemented

    __rmul__ = __mul__

    def __reduce__(self):
        return (AngleUnit, (self._val,))


radians = AngleUnit(1.0)
degrees = AngleUnit(PI / 180.0)
hours = AngleUnit(PI * 15.0 / 180.0)
arcminutes = AngleUnit(PI / 60 / 180.0)
arcseconds = AngleUnit(PI / 180.0 / 3600.0)
milliarcseconds = AngleUnit(PI / (180.0 * 3.6e6))


class Angle:
    """An angle, stored in radians and never wrapped unless asked.

    Parameters
    ----------
    val : `float`, optional
        Size in ``units``.
    units : `AngleUnit`, optional
        Unit of ``val``.
    """

    __slots__ = ("_val",)
    __hash__ = None

    def __init__(self, val=0.0, units=radians):
        if not isinstance(units, AngleUnit):
            raise TypeError(f"units must be an AngleUnit, not {type(units).__name__}")
        self._val = toFloat(val) * units._val

    def __float__(self):
        return self._val

    def asAngularUnits(self, units):
        """Return the size in the given `AngleUnit` (`float`)."""
        return self._val / units._val

    def asRadians(self):
        """Return the size in radians (`float`)."""
        return self._val

    def asDegrees(self):
        """Return the size in degrees (`float`)."""
        return self._val / degrees._val

    def asHours(self):
        """Return the size in hours, 15 degrees each (`float`)."""
        return self._val / hours._val

    def asArcminutes(self):
        """Return the size in arcminutes (`float`)."""
        return self._val / arcminutes._val

    def asArcseconds(self):
        """Return the size in arcseconds (`float`)."""
        return self._val / arcseconds._val

    def asMilliarcseconds(self):
        """Return the size in milliarcseconds (`float`)."""
        return self._val / milliarcseconds._val

    def wrap(self):
        """Return the equal angle in [0, 2 pi) (`Angle`)."""
        return _fromRadians(wrapRadians(self._val))

    def wrapCtr(self):
        """Return the equal angle in [-pi, pi) (`Angle`)."""
        return _fromRadians(_wrapCtr(self._val))

    def wrapNear(self, refAng):
        """Return the equal angle within pi of a reference.

        Parameters
        ----------
        refAng : `Angle`
            The reference.

        Returns
        -------
        angle : `Angle`
            In [refAng - pi, refAng + pi], closed above only by roundoff.
        """
        ref = refAng._val
        wrapped = _wrapCtr(self._val - ref) + ref
        if wrapped - ref >= PI:
            wrapped -= TWOPI
        if wrapped - ref < -PI:
            wrapped += TWOPI
        return _fromRadians(wrapped)

    def separation(self, other):
        """Return this angle minus ``other``, wrapped to [-pi, pi) (`Angle`)."""
        return _fromRadians(_wrapCtr(self._val - other._val))

    def __eq__(self, other):
        try:
            return self._val == _comparable(other)
        except TypeError:
            return NotImplemented

    def __lt__(self, other):
        try:
            return self._val < _comparable(other)
        except TypeError:
            return NotImplemented

    def __le__(self, other):
        try:
            return self._val <= _comparable(other)
        except TypeError:
            return NotImplemented

    def __gt__(self, other):
        try:
            return self._val > _comparable(other)
        except TypeError:
            return NotImplemented

    def __ge__(self, other):
        try:
            return self._val >= _comparable(other)
        except TypeError:
            return NotImplemented

    def __neg__(self):
        return _fromRadians(-self._val)

    def __abs__(self):
        return _fromRadians(abs(self._val))

    def __add__(self, other):
        return _fromRadians(self._val + other._val) if isinstance(other, Angle) else NotImplemented

    def __sub__(self, other):
        return _fromRadians(self._val - other._val) if isinstance(other, Angle) else NotImplemented

    def __iadd__(self, other):
        if not isinstance(other, Angle):
            return NotImplemented
        self._val += other._val
        return self

    def __isub__(self, other):
        if not isinstance(other, Angle):
            return NotImplemented
        self._val -= other._val
        return self

    def __mul__(self, other):
        if isinstance(other, AngleUnit):
            return NotImplemented
        try:
            return _fromRadians(self._val * toFloat(other))
        except TypeError:
            return NotImplemented

    __rmul__ = __mul__

    def __imul__(self, other):
        self._val *= toFloat(other)
        return self

    def __truediv__(self, other):
        if isinstance(other, (Angle, AngleUnit)):
            raise TypeError("unsupported operand type(s) for /: 'Angle' and 'Angle'")
        try:
            divisor = toFloat(other)
        except TypeError:
            return NotImplemented
        return _fromRadians(_divide(self._val, divisor))

    def __str__(self):
        return f"{self._val:g} rad"

    __repr__ = __str__

    def __reduce__(self):
        return (Angle, (self._val,))


def _fromRadians(val):
    angle = Angle.__new__(Angle)
    angle._val = val
    return angle


def _comparable(other):
    return other._val if type(other) is Angle else toFloat(other)


def _divide(numerator, denominator):
    # C++ division: infinities and NaN where Python raises.
    if denominator != 0.0:
        return numerator / denominator
    if numerator == 0.0 or math.isnan(numerator):
        return math.nan
    return math.copysign(math.inf, numerator) * math.copysign(1.0, denominator)


def wrapRadians(val):
    """Return ``val`` radians wrapped to [0, 2 pi) (`float`); NaN for a non-finite one."""
    if not math.isfinite(val):
        return math.nan
    wrapped = math.fmod(val, TWOPI)
    if wrapped < 0.0:
        wrapped += TWOPI
    # adding 2 pi to a tiny negative number rounds to 2 pi
    return 0.0 if wrapped >= TWOPI else wrapped


def _wrapCtr(val):
    if not math.isfinite(val):
        return math.nan
    wrapped = math.fmod(val, TWOPI)
    if wrapped < -PI:
        wrapped += TWOPI
        return -PI if wrapped >= PI else wrapped
    if wrapped >= PI:
        wrapped -= TWOPI
        return -PI if wrapped < -PI else wrapped
    return wrapped


def isAngle(obj):
    """Return whether ``obj`` is an `Angle` (`bool`)."""
    return isinstance(obj, Angle)


def degToRad(x):
    """Convert degrees to radians (`float`)."""
    return x * PI / 180.0


def radToDeg(x):
    """Convert radians to degrees (`float`)."""
    return x * 180.0 / PI


def radToArcsec(x):
    """Convert radians to arcseconds (`float`)."""
    return x * 3600.0 * 180.0 / PI


def radToMas(x):
    """Convert radians to milliarcseconds (`float`)."""
    return x * 1000.0 * 3600.0 * 180.0 / PI


def arcsecToRad(x):
    """Convert arcseconds to radians (`float`)."""
    return (x / 3600.0) * PI / 180.0


def masToRad(x):
    """Convert milliarcseconds to radians (`float`)."""
    return (x / (1000.0 * 3600.0)) * PI / 180.0
