# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The place of a telescope."""

__all__ = ["Observatory"]


class Observatory:
    """Geodetic position of a telescope.

    Parameters
    ----------
    longitude : `lsst.geom.Angle`
        Longitude, positive to the east.
    latitude : `lsst.geom.Angle`
        Latitude.
    elevation : `float`
        Height above the reference spheroid, in meters.
    """

    def __init__(self, longitude, latitude, elevation):
        self._longitude = longitude
        self._latitude = latitude
        self._elevation = float(elevation)

    def getLongitude(self):
        """Return the longitude (`lsst.geom.Angle`)."""
        return self._longitude

    def getLatitude(self):
        """Return the latitude (`lsst.geom.Angle`)."""
        return self._latitude

    def getElevation(self):
        """Return the height in meters (`float`)."""
        return self._elevation

    def setLongitude(self, longitude):
        """Set the longitude (`lsst.geom.Angle`)."""
        self._longitude = longitude

    def setLatitude(self, latitude):
        """Set the latitude (`lsst.geom.Angle`)."""
        self._latitude = latitude

    def setElevation(self, elevation):
        """Set the height in meters (`float`)."""
        self._elevation = float(elevation)

    def __eq__(self, other):
        if not isinstance(other, Observatory):
            return NotImplemented
        return ((self._longitude - other._longitude).wrapCtr().asRadians() == 0
                and (self._latitude - other._latitude).wrapCtr().asRadians() == 0
                and self._elevation == other._elevation)

    __hash__ = None

    def __str__(self):
        return f"{self._longitude.asDegrees():g}W, {self._latitude.asDegrees():g}N  {self._elevation:g}"

    __repr__ = __str__
