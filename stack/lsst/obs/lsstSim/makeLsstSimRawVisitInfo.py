# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Making what is known about a visit from the header of a simulated LSST image."""

__all__ = ["MakeLsstSimRawVisitInfo"]

import math

from lsst.obs.base import MakeRawVisitInfo

_LONGITUDE, _LATITUDE, _ELEVATION = -70.749417, -30.244633, 2663.0  # degrees, degrees, m
_HUMIDITY = 40.0  # percent; the simulator gives none


class MakeLsstSimRawVisitInfo(MakeRawVisitInfo):
    """Makes a VisitInfo from the header of a simulated image.

    At ROTANG 0, east is +Y and north is +X of the detector; so the rotator's angle is -ROTANG.
    """

    def setArgDict(self, md, argDict):
        """Add the arguments of `lsst.afw.image.VisitInfo`.

        Parameters
        ----------
        md : `lsst.daf.base.PropertySet`
            Header.
        argDict : `dict`
            Arguments.
        """
        from lsst.afw.coord import Observatory
        from lsst.afw.image import RotType
        from lsst.geom import SpherePoint, degrees

        super().setArgDict(md, argDict)
        argDict["darkTime"] = self.popFloat(md, "DARKTIME")
        azimuth = self.popAngle(md, "AZIMUTH")
        altitude = self.altitudeFromZenithDistance(self.popAngle(md, "ZENITH"))
        argDict["boresightAzAlt"] = SpherePoint(azimuth, altitude)
        ra = self.popAngle(md, "RA_DEG")
        argDict["boresightRaDec"] = SpherePoint(ra, self.popAngle(md, "DEC_DEG"))
        argDict["boresightAirmass"] = self.popFloat(md, "AIRMASS")
        argDict["boresightRotAngle"] = -self.popAngle(md, "ROTANG")
        argDict["rotType"] = RotType.SKY
        argDict["observatory"] = Observatory(_LONGITUDE * degrees, _LATITUDE * degrees, _ELEVATION)
        argDict["weather"] = self._makeWeather(md)
        # The simulator itself does not say the hour angle; other programs that write such files do.
        if md.exists("HA"):
            argDict["era"] = self.popAngle(md, "HA", units="hourangle") + ra - _LONGITUDE * degrees

    def _makeWeather(self, md):
        from lsst.afw.coord import Weather

        temperature, pressure = _standardAtmosphere(_ELEVATION)
        return Weather(
            self.defaultMetadata(self.popFloat(md, "TEMPERA"), temperature, minimum=-10, maximum=40),
            self.defaultMetadata(
                self.pascalFromMmHg(self.popFloat(md, "PRESS")), pressure, minimum=50000, maximum=90000
            ),
            _HUMIDITY,
        )

    def getDateAvg(self, md, exposureTime):
        """Return the middle of the exposure; TAI is its beginning.

        Parameters
        ----------
        md : `lsst.daf.base.PropertySet`
            Header.
        exposureTime : `float`
            Exposure time (s).

        Returns
        -------
        date : `lsst.daf.base.DateTime`
            Middle of the exposure.
        """
        return self.offsetDate(self.popMjdDate(md, "TAI", timesys="TAI"), 0.5 * exposureTime)


def _standardAtmosphere(altitude):
    """Return temperature (degrees C) and pressure (Pa) at an altitude (m), as lsst.afw.coord does.

    19 degrees and 101325 Pa at sea level, 6.5 degrees less per km, and the barometric formula.
    """
    temperature = 19.0 - 6.5e-3 * altitude
    gravity, molarMass, gasConstant = 9.80665, 0.0289644, 8.31447
    scale = gasConstant * (temperature + 273.15) / (gravity * molarMass)
    return temperature, 101325.0 * math.exp(-altitude / scale)
