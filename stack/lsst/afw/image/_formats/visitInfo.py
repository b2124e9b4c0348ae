# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""`VisitInfo` in archives."""

from lsst.afw.coord import Observatory, Weather
from lsst.afw.table import CoordKey, Schema
from lsst.afw.table.io import registerArchiveFormat
from lsst.daf.base import DateTime
from lsst.geom import SpherePoint
from lsst.pex.exceptions import TypeError as LsstTypeError

from .._visitInfo import VisitInfo

_VERSION = 2

_AZALT_DOC = "refracted apparent topocentric position of boresight at middle of exposure"

_FIELDS = (
    ("exposureid", "L", "exposure ID", ""),
    ("exposuretime", "D", "exposure duration", "s"),
    ("darktime", "D", "time from CCD flush to readout", "s"),
    ("tai", "L", "TAI date and time at middle of exposure as nsec from unix epoch", "nsec"),
    ("ut1", "D", "UT1 date and time at middle of exposure", "MJD"),
    ("era", "Angle", "earth rotation angle at middle of exposure", ""),
    ("boresightradec", "Coord", "sky position of boresight at middle of exposure", ""),
    ("boresightazalt_az", "Angle", _AZALT_DOC, ""),
    ("boresightazalt_alt", "Angle", _AZALT_DOC, ""),
    ("boresightairmass", "D", "airmass at boresight, relative to zenith at sea level", ""),
    ("boresightrotangle", "Angle", "rotation angle at boresight at middle of exposure", ""),
    ("rottype", "I", "rotation type; see VisitInfo.getRotType for details", "MJD"),
    ("latitude", "Angle", "latitude of telescope (+ is east of Greenwich)", ""),
    ("longitude", "Angle", "longitude of telescope", ""),
    ("elevation", "D", "elevation of telescope", ""),
    ("airtemperature", "D", "air temperature", "C"),
    ("airpressure", "D", "air pressure", "Pascal"),
    ("humidity", "D", "humidity (%)", ""),
    ("instrumentlabel", "String", "Short name of the instrument that took this data", ""),
    ("version", "I", "version of this VisitInfo", ""),
    ("idnum", "L", "identifier of this full focal plane exposure", ""),
)
"""Name, type, description and units of the fields, as every v23 file has them."""


def _addField(schema, name, kind, doc, units):
    if kind == "Coord":
        return CoordKey.addFields(schema, name, doc)
    size = {"size": 0} if kind == "String" else {}
    if kind == "Angle":
        units = units or "rad"
    return schema.addField(name, type=kind, doc=doc, units=units, parse_strict="silent", **size)


def _write(visitInfo, handle):
    """Save a `VisitInfo` in an archive."""
    schema = Schema()
    keys = {name: _addField(schema, name, kind, doc, units) for name, kind, doc, units in _FIELDS}
    catalog = handle.makeCatalog(schema)
    record = catalog.addNew()
    for name, value in _values(visitInfo).items():
        record.set(keys[name], value)
    handle.saveCatalog(catalog)


def _values(visitInfo):
    observatory, weather = visitInfo.getObservatory(), visitInfo.getWeather()
    azAlt = visitInfo.getBoresightAzAlt()
    return {
        "exposureid": visitInfo.getExposureId(),
        "exposuretime": visitInfo.getExposureTime(),
        "darktime": visitInfo.getDarkTime(),
        "tai": visitInfo.getDate().nsecs(DateTime.TAI),
        "ut1": visitInfo.getUt1(),
        "era": visitInfo.getEra(),
        "boresightradec": visitInfo.getBoresightRaDec(),
        "boresightazalt_az": azAlt.getLongitude(),
        "boresightazalt_alt": azAlt.getLatitude(),
        "boresightairmass": visitInfo.getBoresightAirmass(),
        "boresightrotangle": visitInfo.getBoresightRotAngle(),
        "rottype": int(visitInfo.getRotType()),
        "latitude": observatory.getLatitude(),
        "longitude": observatory.getLongitude(),
        "elevation": observatory.getElevation(),
        "airtemperature": weather.getAirTemperature(),
        "airpressure": weather.getAirPressure(),
        "humidity": weather.getHumidity(),
        "instrumentlabel": visitInfo.getInstrumentLabel(),
        "version": _VERSION,
        "idnum": visitInfo.getId(),
    }


def _read(archive, catalogs):
    record = catalogs[0][0]
    schema = record.getSchema()
    version = record.get("version") if "version" in schema else 0
    if version > _VERSION:
        raise LsstTypeError(f"Cannot read VisitInfo FITS version > {_VERSION}")
    get = record.get
    return VisitInfo(
        exposureId=get("exposureid"), exposureTime=get("exposuretime"), darkTime=get("darktime"),
        date=DateTime(get("tai"), DateTime.TAI), ut1=get("ut1"), era=get("era"),
        boresightRaDec=get(CoordKey(schema["boresightradec"])),
        boresightAzAlt=SpherePoint(get("boresightazalt_az"), get("boresightazalt_alt")),
        boresightAirmass=get("boresightairmass"), boresightRotAngle=get("boresightrotangle"),
        rotType=get("rottype"),
        observatory=Observatory(get("longitude"), get("latitude"), get("elevation")),
        weather=Weather(get("airtemperature"), get("airpressure"), get("humidity")),
        instrumentLabel=get("instrumentlabel") if version >= 1 else "",
        id=get("idnum" if "idnum" in schema.getNames() else "id") if version >= 2 else 0)


registerArchiveFormat(VisitInfo, "VisitInfo", "", _read, _write)
