# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Information about an exposure of the whole camera: times, pointing, place, weather."""

import math

from lsst.afw.coord import Observatory, Weather
from lsst.afw.table.io import Persistable
from lsst.daf.base import DateTime, PropertySet
from lsst.geom import Angle, SpherePoint, radians

from ._rotType import RotType
from ._visitInfoMetadata import readVisitInfoMetadata

__all__ = ["VisitInfo"]


def _nanAngle():
    return Angle(math.nan)


def _nanPoint():
    return SpherePoint(_nanAngle(), _nanAngle())


class VisitInfo(Persistable):
    """Information about one exposure, immutable.

    Parameters
    ----------
    exposureId : `int`, optional
        Identifier of the exposure; or a `lsst.daf.base.PropertySet` (``metadata``) with the header cards of
        `setVisitInfoMetadata`, or another `VisitInfo` (``visitInfo``) to copy.
    exposureTime : `float`, optional
        Duration in seconds.
    darkTime : `float`, optional
        Time from flush to readout, including the exposure, in seconds.
    date : `lsst.daf.base.DateTime`, optional
        Middle of the exposure.
    ut1 : `float`, optional
        UT1 of the middle of the exposure, as MJD.
    era : `lsst.geom.Angle`, optional
        Earth rotation angle at the middle of the exposure.
    boresightRaDec : `lsst.geom.SpherePoint`, optional
        ICRS position of the boresight.
    boresightAzAlt : `lsst.geom.SpherePoint`, optional
        Refracted apparent topocentric position of the boresight.
    boresightAirmass : `float`, optional
        Airmass at the boresight relative to the zenith at sea level.
    boresightRotAngle : `lsst.geom.Angle`, optional
        Rotation angle at the boresight.
    rotType : `RotType`, optional
        What the rotation angle refers to.
    observatory : `lsst.afw.coord.Observatory`, optional
        Place.
    weather : `lsst.afw.coord.Weather`, optional
        Weather.
    instrumentLabel : `str`, optional
        Short name of the instrument.
    id : `int`, optional
        Identifier of the exposure, as the Gen3 middleware has it.
    """

    def __init__(self, exposureId=0, exposureTime=math.nan, darkTime=math.nan, date=None, ut1=math.nan,
                 era=None, boresightRaDec=None, boresightAzAlt=None, boresightAirmass=math.nan,
                 boresightRotAngle=None, rotType=RotType.UNKNOWN, observatory=None, weather=None,
                 instrumentLabel="", id=0, *, metadata=None, visitInfo=None):
        source = next((item for item in (metadata, visitInfo) if item is not None), exposureId)
        if isinstance(source, PropertySet):
            return self.__init__(**readVisitInfoMetadata(source))
        if isinstance(source, VisitInfo):
            self.__dict__.update(source.__dict__)
            return None
        self._exposureId = int(exposureId)
        self._exposureTime = float(exposureTime)
        self._darkTime = float(darkTime)
        self._date = DateTime() if date is None else date
        self._ut1 = float(ut1)
        self._era = _nanAngle() if era is None else era
        self._boresightRaDec = _nanPoint() if boresightRaDec is None else boresightRaDec
        self._boresightAzAlt = _nanPoint() if boresightAzAlt is None else boresightAzAlt
        self._boresightAirmass = float(boresightAirmass)
        self._boresightRotAngle = _nanAngle() if boresightRotAngle is None else boresightRotAngle
        self._rotType = RotType(rotType)
        self._observatory = observatory or Observatory(_nanAngle(), _nanAngle(), math.nan)
        self._weather = weather or Weather(math.nan, math.nan, math.nan)
        self._instrumentLabel = instrumentLabel
        self._id = int(id)
        return None

    def getExposureId(self):
        """Return the identifier of the exposure (`int`)."""
        return self._exposureId

    def getExposureTime(self):
        """Return the duration in seconds (`float`)."""
        return self._exposureTime

    def getDarkTime(self):
        """Return the time from flush to readout in seconds (`float`)."""
        return self._darkTime

    def getDate(self):
        """Return the middle of the exposure (`lsst.daf.base.DateTime`)."""
        return self._date

    def getUt1(self):
        """Return the UT1 of the middle of the exposure as MJD (`float`)."""
        return self._ut1

    def getEra(self):
        """Return the Earth rotation angle at the middle of the exposure (`lsst.geom.Angle`)."""
        return self._era

    def getBoresightRaDec(self):
        """Return the ICRS position of the boresight (`lsst.geom.SpherePoint`)."""
        return self._boresightRaDec

    def getBoresightAzAlt(self):
        """Return the refracted apparent topocentric position of the boresight (`lsst.geom.SpherePoint`)."""
        return self._boresightAzAlt

    def getBoresightAirmass(self):
        """Return the airmass at the boresight (`float`)."""
        return self._boresightAirmass

    def getBoresightRotAngle(self):
        """Return the rotation angle at the boresight (`lsst.geom.Angle`)."""
        return self._boresightRotAngle

    def getRotType(self):
        """Return what the rotation angle refers to (`RotType`)."""
        return self._rotType

    def getObservatory(self):
        """Return the place (`lsst.afw.coord.Observatory`)."""
        return self._observatory

    def getWeather(self):
        """Return the weather (`lsst.afw.coord.Weather`)."""
        return self._weather

    def getInstrumentLabel(self):
        """Return the short name of the instrument (`str`)."""
        return self._instrumentLabel

    def getId(self):
        """Return the identifier of the exposure that Gen3 uses (`int`)."""
        return self._id

    def getLocalEra(self):
        """Return the Earth rotation angle plus the longitude (`lsst.geom.Angle`)."""
        return self._era + self._observatory.getLongitude()

    def getBoresightHourAngle(self):
        """Return the hour angle of the boresight (`lsst.geom.Angle`)."""
        return self.getLocalEra() - self._boresightRaDec.getLongitude()

    def getBoresightParAngle(self):
        """Return the parallactic angle: at the boresight, from the north pole to the zenith."""
        hourAngle = self.getBoresightHourAngle().asRadians()
        dec = self._boresightRaDec.getLatitude().asRadians()
        latitude = self._observatory.getLatitude().asRadians()
        return math.atan2(math.sin(hourAngle), math.cos(dec) * math.tan(latitude)
                          - math.sin(dec) * math.cos(hourAngle)) * radians

    exposureTime = property(getExposureTime, doc="Duration in seconds (`float`).")
    darkTime = property(getDarkTime, doc="Time from flush to readout in seconds (`float`).")
    date = property(getDate, doc="Middle of the exposure (`lsst.daf.base.DateTime`).")
    ut1 = property(getUt1, doc="UT1 of the middle of the exposure as MJD (`float`).")
    era = property(getEra, doc="Earth rotation angle (`lsst.geom.Angle`).")
    boresightRaDec = property(getBoresightRaDec, doc="ICRS position (`lsst.geom.SpherePoint`).")
    boresightAzAlt = property(getBoresightAzAlt, doc="Horizontal position (`lsst.geom.SpherePoint`).")
    boresightAirmass = property(getBoresightAirmass, doc="Airmass at the boresight (`float`).")
    boresightParAngle = property(getBoresightParAngle, doc="Parallactic angle (`lsst.geom.Angle`).")
    boresightRotAngle = property(getBoresightRotAngle, doc="Rotation angle (`lsst.geom.Angle`).")
    rotType = property(getRotType, doc="What the rotation angle refers to (`RotType`).")
    observatory = property(getObservatory, doc="Place (`lsst.afw.coord.Observatory`).")
    weather = property(getWeather, doc="Weather (`lsst.afw.coord.Weather`).")
    localEra = property(getLocalEra, doc="Earth rotation angle plus longitude (`lsst.geom.Angle`).")
    boresightHourAngle = property(getBoresightHourAngle, doc="Hour angle (`lsst.geom.Angle`).")
    instrumentLabel = property(getInstrumentLabel, doc="Short name of the instrument (`str`).")
    id = property(getId, doc="Identifier of the exposure that Gen3 uses (`int`).")

    def __eq__(self, other):
        if not isinstance(other, VisitInfo):
            return NotImplemented
        return all(value == other.__dict__[name] for name, value in self.__dict__.items())

    __hash__ = None

    def __str__(self):
        return (f"VisitInfo(exposureId={self._exposureId}, exposureTime={self._exposureTime:g}, "
                f"darkTime={self._darkTime:g}, date={self._date.toString(DateTime.TAI)}, UT1={self._ut1:g}, "
                f"ERA={self._era}, boresightRaDec={self._boresightRaDec}, "
                f"boresightAzAlt={self._boresightAzAlt}, boresightAirmass={self._boresightAirmass:g}, "
                f"boresightRotAngle={self._boresightRotAngle}, rotType={int(self._rotType)}, "
                f"observatory={self._observatory}, weather={self._weather}, "
                f"instrumentLabel='{self._instrumentLabel}', id={self._id})")
