# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""`VisitInfo` in the header of an exposure."""

import math

from lsst.afw.coord import Observatory, Weather
from lsst.daf.base import DateTime
from lsst.geom import SpherePoint, degrees
from lsst.pex.exceptions import RuntimeError as LsstRuntimeError
from lsst.pex.exceptions import TypeError as LsstTypeError

from ._rotType import RotType

__all__ = ["readVisitInfoMetadata", "setVisitInfoMetadata", "stripVisitInfoKeywords"]

_KEYWORDS = ("EXPID", "EXPTIME", "DARKTIME", "DATE-AVG", "TIMESYS", "TIME-MID", "MJD-AVG-UT1", "AVG-ERA",
             "BORE-RA", "BORE-DEC", "BORE-AZ", "BORE-ALT", "BORE-AIRMASS", "BORE-ROTANG", "ROTTYPE",
             "OBS-LONG", "OBS-LAT", "OBS-ELEV", "AIRTEMP", "AIRPRESS", "HUMIDITY", "INSTRUMENT", "IDNUM")


def stripVisitInfoKeywords(metadata):
    """Remove the cards of a `VisitInfo` from a header and return how many there were."""
    present = [key for key in _KEYWORDS if metadata.exists(key)]
    for key in present:
        metadata.remove(key)
    return len(present)


def readVisitInfoMetadata(metadata):
    """Return the arguments of a `VisitInfo` that a header defines.

    Parameters
    ----------
    metadata : `lsst.daf.base.PropertySet`
        Header with the cards of `setVisitInfoMetadata`, or with TIME-MID (UTC) of older stacks in place of
        DATE-AVG, or with EXPTIME as a string.

    Raises
    ------
    lsst.pex.exceptions.RuntimeError
        Raised if DATE-AVG is not in TAI, or ROTTYPE is unknown.
    """
    def number(key):
        return metadata.getAsDouble(key) if metadata.exists(key) else math.nan

    def angle(key):
        return number(key) * degrees

    def integer(key):
        return metadata.getAsInt64(key) if metadata.exists(key) else 0

    return dict(
        exposureId=integer("EXPID"),
        exposureTime=_exposureTime(metadata),
        darkTime=number("DARKTIME"),
        date=_date(metadata),
        ut1=number("MJD-AVG-UT1"),
        era=angle("AVG-ERA"),
        boresightRaDec=SpherePoint(angle("BORE-RA"), angle("BORE-DEC")),
        boresightAzAlt=SpherePoint(angle("BORE-AZ"), angle("BORE-ALT")),
        boresightAirmass=number("BORE-AIRMASS"),
        boresightRotAngle=angle("BORE-ROTANG"),
        rotType=_rotType(metadata),
        observatory=Observatory(angle("OBS-LONG"), angle("OBS-LAT"), number("OBS-ELEV")),
        weather=Weather(number("AIRTEMP"), number("AIRPRESS"), number("HUMIDITY")),
        instrumentLabel=metadata.getAsString("INSTRUMENT") if metadata.exists("INSTRUMENT") else "",
        id=integer("IDNUM"),
    )


def _exposureTime(metadata):
    if not metadata.exists("EXPTIME"):
        return math.nan
    try:
        return metadata.getAsDouble("EXPTIME")
    except LsstTypeError:
        return float(metadata.getAsString("EXPTIME"))


def _date(metadata):
    if metadata.exists("DATE-AVG"):
        if not metadata.exists("TIMESYS"):
            raise LsstRuntimeError("TIMESYS not found; VisitInfo requires it to exist and to equal \"TAI\"")
        system = metadata.getAsString("TIMESYS").rstrip()
        if system != "TAI":
            raise LsstRuntimeError(f"TIMESYS = \"{system}\"; VisitInfo requires it to equal \"TAI\"")
        return DateTime(metadata.getAsString("DATE-AVG").rstrip(), DateTime.TAI)
    if metadata.exists("TIME-MID"):
        return DateTime(metadata.getAsString("TIME-MID").rstrip(), DateTime.UTC)
    return DateTime()


def _rotType(metadata):
    if not metadata.exists("ROTTYPE"):
        return RotType.UNKNOWN
    name = metadata.getAsString("ROTTYPE")
    try:
        return RotType[name]
    except KeyError:
        raise LsstRuntimeError(f"Unknown RotType name: \"{name}\"") from None


def setVisitInfoMetadata(metadata, visitInfo):
    """Write a `VisitInfo` into a header; values that are not finite are left out.

    Parameters
    ----------
    metadata : `lsst.daf.base.PropertyList`
        Header to add to.
    visitInfo : `VisitInfo`
        What to write.
    """
    def number(key, value):
        if math.isfinite(value):
            metadata.set(key, value)

    def angle(key, value):
        number(key, value.asDegrees())

    if visitInfo.getExposureId() != 0:
        metadata.set("EXPID", visitInfo.getExposureId())
    number("EXPTIME", visitInfo.getExposureTime())
    number("DARKTIME", visitInfo.getDarkTime())
    if visitInfo.getDate().isValid():
        metadata.set("DATE-AVG", visitInfo.getDate().toString(DateTime.TAI),
                     "TAI date at middle of observation")
        metadata.set("TIMESYS", "TAI")
    number("MJD-AVG-UT1", visitInfo.getUt1())
    angle("AVG-ERA", visitInfo.getEra())
    angle("BORE-RA", visitInfo.getBoresightRaDec().getLongitude())
    angle("BORE-DEC", visitInfo.getBoresightRaDec().getLatitude())
    angle("BORE-AZ", visitInfo.getBoresightAzAlt().getLongitude())
    angle("BORE-ALT", visitInfo.getBoresightAzAlt().getLatitude())
    number("BORE-AIRMASS", visitInfo.getBoresightAirmass())
    angle("BORE-ROTANG", visitInfo.getBoresightRotAngle())
    metadata.set("ROTTYPE", visitInfo.getRotType().name, "Type of rotation angle")
    angle("OBS-LONG", visitInfo.getObservatory().getLongitude())
    angle("OBS-LAT", visitInfo.getObservatory().getLatitude())
    number("OBS-ELEV", visitInfo.getObservatory().getElevation())
    number("AIRTEMP", visitInfo.getWeather().getAirTemperature())
    number("AIRPRESS", visitInfo.getWeather().getAirPressure())
    number("HUMIDITY", visitInfo.getWeather().getHumidity())
    if visitInfo.getInstrumentLabel():
        metadata.set("INSTRUMENT", visitInfo.getInstrumentLabel())
    if visitInfo.getId() != 0:
        metadata.set("IDNUM", visitInfo.getId(), "identifier of this full focal plane exposure")
