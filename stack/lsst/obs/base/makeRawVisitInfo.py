# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Making what is known about a visit from the header of an image."""

__all__ = ["MakeRawVisitInfo"]

import logging
import math

PASCAL_PER_MMHG = 133.322387415


class MakeRawVisitInfo:
    """Makes an `lsst.afw.image.VisitInfo` from a header; subclasses know the keywords of a camera.

    A keyword that is missing or cannot be understood is a warning; the value is NaN then.

    Parameters
    ----------
    log : `logging.Logger`, optional
        Where warnings go.
    doStripHeader : `bool`, optional
        Remove the keywords that were used?
    """

    def __init__(self, log=None, doStripHeader=False):
        self.log = logging.getLogger("MakeRawVisitInfo") if log is None else log
        self.doStripHeader = doStripHeader

    def __call__(self, md, exposureId):
        """Make a VisitInfo.

        Parameters
        ----------
        md : `lsst.daf.base.PropertySet`
            Header.
        exposureId : `int`
            ID of the exposure.

        Returns
        -------
        visitInfo : `lsst.afw.image.VisitInfo`
            What is known about the visit.
        """
        from lsst.afw.image import VisitInfo

        args = {"exposureId": exposureId}
        self.setArgDict(md, args)
        return VisitInfo(**{name: value for name, value in args.items() if value is not None})

    def setArgDict(self, md, argDict):
        """Add arguments of `lsst.afw.image.VisitInfo`: here exposure time (EXPTIME) and date.

        Parameters
        ----------
        md : `lsst.daf.base.PropertySet`
            Header.
        argDict : `dict`
            Arguments.
        """
        argDict["exposureTime"] = self.popFloat(md, "EXPTIME")
        argDict["date"] = self.getDateAvg(md=md, exposureTime=argDict["exposureTime"])

    def getDateAvg(self, md, exposureTime):
        """Return the middle of the exposure.

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
        raise NotImplementedError()

    def offsetDate(self, date, offsetSec):
        """Return a date ``offsetSec`` seconds later; the same if either is not valid."""
        from lsst.daf.base import DateTime

        if not date.isValid() or math.isnan(offsetSec):
            self.log.warning("date or offset is invalid; cannot offset the date")
            return date
        return DateTime(date.nsecs(DateTime.TAI) + int(offsetSec * 1.0e9), DateTime.TAI)

    def popItem(self, md, key, default=None):
        """Return the value of a keyword, or ``default``."""
        if not md.exists(key):
            self.log.warning('Key="%s" not in metadata', key)
            return default
        value = md.getScalar(key)
        if self.doStripHeader:
            md.remove(key)
        return value

    def popFloat(self, md, key):
        """Return the value of a keyword as a `float`."""
        value = self.popItem(md, key, default=math.nan)
        try:
            return float(value)
        except (TypeError, ValueError) as error:
            self.log.warning("Could not interpret %s value %r as a float: %s", key, value, error)
            return math.nan

    def popAngle(self, md, key, units="deg"):
        """Return the value of a keyword, a number or a sexagesimal string, as an `lsst.geom.Angle`."""
        import astropy.coordinates

        from lsst.geom import degrees

        value = self.popItem(md, key)
        if value is None:
            return math.nan * degrees
        try:
            return float(astropy.coordinates.Angle(value, unit=units).deg) * degrees
        except Exception as error:
            self.log.warning("Could not interpret %s value %r as an angle: %s", key, value, error)
            return math.nan * degrees

    def popMjdDate(self, md, key, timesys=None):
        """Return the value of a keyword, an MJD, as an `lsst.daf.base.DateTime`.

        Parameters
        ----------
        md : `lsst.daf.base.PropertySet`
            Header.
        key : `str`
            Keyword.
        timesys : `str`, optional
            "TAI", "UTC" or another time scale of Astropy; that of TIMESYS, else UTC, if not given.

        Returns
        -------
        date : `lsst.daf.base.DateTime`
            The date; an invalid one if there is none.
        """
        import astropy.time

        from lsst.daf.base import DateTime

        mjd = self.popFloat(md, key)
        if not math.isfinite(mjd):
            return DateTime()
        if timesys is None:
            timesys = md.getScalar("TIMESYS") if md.exists("TIMESYS") else "UTC"
        try:
            time = astropy.time.Time(mjd, format="mjd", scale=timesys.lower(), precision=9)
            return DateTime(time.tai.isot, DateTime.TAI)
        except Exception as error:
            self.log.warning("Could not parse %s = %r as an MJD date: %s", key, mjd, error)
            return DateTime()

    @staticmethod
    def altitudeFromZenithDistance(zd):
        """Return the altitude that belongs to a zenith distance (`lsst.geom.Angle`)."""
        from lsst.geom import degrees

        return 90 * degrees - zd

    @staticmethod
    def pascalFromMmHg(mmHg):
        """Convert a pressure from mmHg to Pa."""
        return mmHg * PASCAL_PER_MMHG

    @staticmethod
    def defaultMetadata(value, defaultValue, minimum=None, maximum=None):
        """Return ``value``, or ``defaultValue`` if it is NaN or outside the limits."""
        isValid = (
            not math.isnan(value)
            and (minimum is None or value >= minimum)
            and (maximum is None or value <= maximum)
        )
        return value if isValid else defaultValue
