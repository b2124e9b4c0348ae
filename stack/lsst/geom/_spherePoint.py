# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Positions on the sphere.

The type is the stack's; Astropy's ``SkyCoord`` takes 180 us for a separation, this half a microsecond.
"""

__all__ = ["SpherePoint", "averageSpherePoint"]

import math
import operator

import lsst.pex.exceptions

from ._angle import HALFPI, Angle, AngleUnit, _fromRadians, degrees, radians, wrapRadians
from ._numbers import toFloat
from ._point import Point2D


class SpherePoint:
    """A position on the sphere, in any coordinate system with a longitude and a latitude.

    Parameters
    ----------
    *args : several
        Nothing (not a number); ``longitude, latitude`` (`Angle`); ``longitude, latitude, units``
        (`float`, `float`, `AngleUnit`); or a `SpherePoint`, `lsst.sphgeom.Vector3d`,
        `lsst.sphgeom.UnitVector3d` or `lsst.sphgeom.LonLat`.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if the latitude is not in [-90, 90] degrees, or a vector has zero length.

    Notes
    -----
    Longitudes are wrapped to [0, 360) degrees.
    """

    __slots__ = ("_lat", "_lon")
    __hash__ = None

    def __init__(self, *args, **kwargs):
        names = ("longitude", "latitude", "units", "vector", "unitVector", "lonLat", "other")
        args += tuple(kwargs.pop(name) for name in names if name in kwargs)
        if kwargs:
            raise TypeError(f"SpherePoint does not take {', '.join(kwargs)}")
        n = len(args)
        if n == 2 and isinstance(args[0], Angle) and isinstance(args[1], Angle):
            self._set(args[0]._val, args[1]._val)
        elif n == 3 and isinstance(args[2], AngleUnit):
            unit = args[2]._val
            self._set(toFloat(args[0]) * unit, toFloat(args[1]) * unit)
        elif n == 1:
            self._setFromOne(args[0])
        elif n == 0:
            self._lon = self._lat = math.nan
        else:
            raise TypeError(f"Cannot make a SpherePoint from {', '.join(type(a).__name__ for a in args)}")

    def _set(self, lon, lat):
        if abs(lat) > HALFPI:
            raise lsst.pex.exceptions.InvalidParameterError(
                f"Angle {math.degrees(lat):f} is not a valid latitude."
            )
        self._lon, self._lat = wrapRadians(lon), lat

    def _setFromOne(self, other):
        if isinstance(other, SpherePoint):
            self._lon, self._lat = other._lon, other._lat
            return
        # importing sphgeom takes a noticeable time and most users never hand in its objects
        import lsst.sphgeom

        if isinstance(other, (lsst.sphgeom.Vector3d, lsst.sphgeom.UnitVector3d)):
            self._setFromVector(other.x(), other.y(), other.z())
        elif isinstance(other, lsst.sphgeom.LonLat):
            self._set(other.getLon().asRadians(), other.getLat().asRadians())
        else:
            raise TypeError(f"Cannot make a SpherePoint from a {type(other).__name__}")

    def _setFromVector(self, x, y, z):
        norm = math.hypot(x, y, z) if not math.isnan(x + y + z) else math.nan
        if norm <= 0.0:
            raise lsst.pex.exceptions.InvalidParameterError(
                f"Vector [{x:g}, {y:g}, {z:g}] has zero norm and cannot be normalized."
            )
        if not math.isfinite(norm):
            self._lon = self._lat = math.nan
            return
        self._lat = math.asin(max(-1.0, min(1.0, z / norm)))
        self._lon = 0.0 if self.atPole() else wrapRadians(math.atan2(y / norm, x / norm))

    @classmethod
    def _fromVector(cls, x, y, z):
        self = cls.__new__(cls)
        self._setFromVector(x, y, z)
        return self

    def _vector(self):
        cosLat = math.cos(self._lat)
        return math.cos(self._lon) * cosLat, math.sin(self._lon) * cosLat, math.sin(self._lat)

    def getLongitude(self):
        """Return the longitude in [0, 360) degrees (`Angle`)."""
        return _fromRadians(self._lon)

    def getLatitude(self):
        """Return the latitude in [-90, 90] degrees (`Angle`)."""
        return _fromRadians(self._lat)

    getRa = getLongitude
    getDec = getLatitude

    def getVector(self):
        """Return the position as a unit vector (`lsst.sphgeom.UnitVector3d`)."""
        import lsst.sphgeom

        return lsst.sphgeom.UnitVector3d(*self._vector())

    def getPosition(self, units):
        """Return longitude and latitude as a point.

        Parameters
        ----------
        units : `AngleUnit`
            Unit of the coordinates.

        Returns
        -------
        position : `Point2D`
            Longitude, latitude.
        """
        return Point2D(self._lon / units._val, self._lat / units._val)

    def __getitem__(self, i):
        i = operator.index(i)
        if not -2 <= i < 2:
            raise IndexError(f"Index {i} not in range [-2, 1]")
        return _fromRadians(self._lat if i % 2 else self._lon)

    def __len__(self):
        return 2

    def __iter__(self):
        return iter((self[0], self[1]))

    def __eq__(self, other):
        if not isinstance(other, SpherePoint):
            return NotImplemented
        return self._lon == other._lon and self._lat == other._lat

    def atPole(self):
        """Return whether the latitude is exactly 90 or -90 degrees (`bool`)."""
        return abs(self._lat) >= HALFPI

    def isFinite(self):
        """Return whether both coordinates are finite (`bool`)."""
        return math.isfinite(self._lon) and math.isfinite(self._lat)

    def separation(self, other):
        """Return the angular distance to another point, by the haversine formula (`Angle`)."""
        sinLat = math.sin((self._lat - other._lat) / 2.0)
        sinLon = math.sin((self._lon - other._lon) / 2.0)
        hav = sinLat * sinLat + math.cos(self._lat) * math.cos(other._lat) * sinLon * sinLon
        # roundoff can take antipodes a little above 1
        return _fromRadians(2.0 * math.asin(min(math.sqrt(hav), 1.0)) if hav == hav else math.nan)

    def _rotatedAbout(self, axis, amount):
        # Rodrigues' rotation formula.
        k, v = axis, self._vector()
        if not math.isfinite(amount):
            return SpherePoint()
        cos, sin = math.cos(amount), math.sin(amount)
        cross = _cross(k, v)
        along = sum(map(operator.mul, k, v)) * (1.0 - cos)
        return self._fromVector(*[v[i] * cos + cross[i] * sin + k[i] * along for i in range(3)])

    def offset(self, bearing, amount):
        """Return the point a given distance away.

        Parameters
        ----------
        bearing : `Angle`
            Counter-clockwise from increasing longitude: 0 is east, 90 degrees north.
        amount : `Angle`
            Distance along the great circle; may be negative.

        Returns
        -------
        point : `SpherePoint`
            The other point.
        """
        r = self._vector()
        east = (-math.sin(self._lon), math.cos(self._lon), 0.0)
        north = _cross(r, east)
        cos, sin = math.cos(bearing._val), math.sin(bearing._val)
        direction = tuple(cos * e + sin * n for e, n in zip(east, north, strict=True))
        return self._rotatedAbout(_cross(r, direction), amount._val)

    def getTangentPlaneOffset(self, other):
        """Return the gnomonic projection of another point on the plane that touches the sphere here.

        Parameters
        ----------
        other : `SpherePoint`
            The point to project.

        Returns
        -------
        xi, eta : `Angle`
            Offsets in the directions of increasing longitude and latitude.
        """
        cos1, sin1 = math.cos(self._lat), math.sin(self._lat)
        cos2, sin2 = math.cos(other._lat), math.sin(other._lat)
        cosDiff, sinDiff = math.cos(other._lon - self._lon), math.sin(other._lon - self._lon)
        div = cos1 * cosDiff * cos2 + sin1 * sin2
        xi = cos1 * sinDiff / div
        eta = (cos1 * cosDiff * sin2 - sin1 * cos2) / div
        return xi * radians, eta * radians

    def __str__(self):
        lon, lat = self._lon / degrees._val, self._lat / degrees._val
        return f"({lon:.10f}, {lat:+.10f})"

    def __repr__(self):
        lon, lat = self._lon / degrees._val, self._lat / degrees._val
        return f"SpherePoint({lon!r}*geom.degrees, {lat!r}*geom.degrees)"

    def __reduce__(self):
        return (SpherePoint, (self.getLongitude(), self.getLatitude()))


def _cross(a, b):
    return (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])


def averageSpherePoint(coords):
    """Return the mean of positions, taken as unit vectors.

    Parameters
    ----------
    coords : sequence of `SpherePoint`
        The positions.

    Returns
    -------
    mean : `SpherePoint`
        The direction of the sum of the vectors.

    Raises
    ------
    lsst.pex.exceptions.LengthError
        Raised if there is no position.
    """
    if len(coords) == 0:
        raise lsst.pex.exceptions.LengthError("No coordinates provided to average")
    return SpherePoint._fromVector(
        *[math.fsum(axis) for axis in zip(*[c._vector() for c in coords], strict=True)]
    )
