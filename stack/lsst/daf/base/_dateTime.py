# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Dates with nanoseconds and a time scale."""

__all__ = ["DateTime"]

import calendar
import datetime
import enum
import operator
import re
import time

from lsst.pex.exceptions import DomainError, InvalidParameterError, RuntimeError

from ._leapSeconds import taiToUtc, utcToTai

_EPOCH_IN_MJD = 40587.0
_MJD_TO_JD = 2400000.5
_NSEC_PER_DAY = 86.4e12
_JD2000 = 2451545.0
_NSEC_PER_SEC = 10**9
# days that signed 64-bit nanoseconds can hold
_MAX_DAYS = 106751.99
_TT_MINUS_TAI_NSECS = 32184000000

_ISO = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})T(\d{2}):?(\d{2}):?(\d{2})([.,](\d*))?(Z?)", re.ASCII)


class DateTime:
    """A moment, stored as TAI nanoseconds since 1970-01-01T00:00:00 TAI.

    Parameters
    ----------
    *args : several
        Nothing (invalid); ``nsecs`` (`int`); ``date`` (`float`), ``system``; year, month, day, hour, minute,
        second (`int`); or an ISO 8601 text, which ends in ``Z`` if and only if the scale is UTC. Each may
        be followed by the time scale, which the last two need.

    Raises
    ------
    lsst.pex.exceptions.DomainError
        Raised if the date is malformed, cannot be represented or is too early for UTC.
    """

    __slots__ = ("_nsecs",)
    __hash__ = None

    class Timescale(enum.Enum):
        """Time scales."""

        TAI = 5
        UTC = 6
        TT = 7

    class DateSystem(enum.Enum):
        """Ways to express a date as one number: Julian date, modified Julian date, Julian epoch."""

        JD = 0
        MJD = 1
        EPOCH = 2

    invalid_nsecs = -(2**63)

    def __init__(self, *args, **kwargs):
        if not args and not kwargs:
            self._nsecs = self.invalid_nsecs
        elif args and isinstance(args[0], str):
            self._setFromText(*args, **kwargs)
        elif len(args) > 3:
            self._setFromCalendar(*args, **kwargs)
        elif "nsecs" in kwargs or _isNsecs(args, kwargs):
            self._setFromNsecs(*args, **kwargs)
        else:
            self._setFromDate(*args, **kwargs)

    def _setFromNsecs(self, nsecs, scale=Timescale.TAI):
        self._nsecs = _toTai(operator.index(nsecs), scale)

    def _setFromDate(self, date, system=DateSystem.MJD, scale=Timescale.TAI):
        date = float(date)
        if system is self.DateSystem.JD:
            date -= _MJD_TO_JD
        elif system is self.DateSystem.EPOCH:
            date = 365.25 * (date - 2000.0) + _JD2000 - _MJD_TO_JD
        elif system is not self.DateSystem.MJD:
            raise TypeError(f"system must be a DateTime.DateSystem, not {system!r}")
        if date > _EPOCH_IN_MJD + _MAX_DAYS:
            raise DomainError(f"MJD too far in the future: {date}")
        if not date >= _EPOCH_IN_MJD - _MAX_DAYS:
            raise DomainError(f"MJD too far in the past: {date}")
        self._nsecs = _toTai(int((date - _EPOCH_IN_MJD) * _NSEC_PER_DAY), scale)

    def _setFromCalendar(self, year, month, day, hr, min, sec, scale):
        fields = tuple(map(operator.index, (year, month, day, hr, min, sec)))
        if not 1902 <= fields[0] <= 2261:
            raise DomainError(f"Year = {fields[0]} out of range [1902, 2261]")
        # like timegm, this normalizes months and days out of their range
        years, months = divmod(fields[1] - 1, 12)
        days = datetime.date(fields[0] + years, months + 1, 1).toordinal() + fields[2] - 1
        date = datetime.date.fromordinal(days)
        seconds = calendar.timegm((date.year, date.month, date.day, *fields[3:]))
        self._nsecs = _toTai(seconds * _NSEC_PER_SEC, scale)

    def _setFromText(self, iso8601, scale):
        match = _ISO.fullmatch(iso8601)
        if match is None or (match[9] == "Z") != (scale is self.Timescale.UTC):
            raise DomainError(f"Not in acceptable ISO8601 format: {iso8601}")
        self._setFromCalendar(*[int(match[i]) for i in range(1, 7)], scale)
        if match[7]:
            self._nsecs += int(match[8][:9].ljust(9, "0"))

    def isValid(self):
        """Return whether this is a moment at all (`bool`)."""
        return self._nsecs != self.invalid_nsecs

    def _inScale(self, scale):
        if not self.isValid():
            raise RuntimeError("DateTime not valid")
        return _fromTai(self._nsecs, scale)

    def nsecs(self, scale=Timescale.TAI):
        """Return nanoseconds since 1970 in a time scale (`int`); `invalid_nsecs` if invalid."""
        return self._inScale(scale) if self.isValid() else self.invalid_nsecs

    def get(self, system=DateSystem.MJD, scale=Timescale.TAI):
        """Return the date as one number.

        Parameters
        ----------
        system : `DateTime.DateSystem`, optional
            Which number.
        scale : `DateTime.Timescale`, optional
            Time scale.

        Returns
        -------
        date : `float`
            Days (JD, MJD) or years (EPOCH).

        Raises
        ------
        lsst.pex.exceptions.RuntimeError
            Raised if this is not valid.
        """
        mjd = self._inScale(scale) / _NSEC_PER_DAY + _EPOCH_IN_MJD
        if system is self.DateSystem.MJD:
            return mjd
        if system is self.DateSystem.JD:
            return mjd + _MJD_TO_JD
        if system is self.DateSystem.EPOCH:
            return 2000.0 + (mjd + _MJD_TO_JD - _JD2000) / 365.25
        raise TypeError(f"system must be a DateTime.DateSystem, not {system!r}")

    def toString(self, scale):
        """Return the date as ISO 8601 text with nine decimals (`str`); it ends in ``Z`` if in UTC.

        Raises
        ------
        lsst.pex.exceptions.RuntimeError
            Raised if this is not valid.
        """
        seconds, fraction = divmod(self._inScale(scale), _NSEC_PER_SEC)
        moment = _EPOCH + datetime.timedelta(seconds=seconds)
        suffix = "Z" if scale is self.Timescale.UTC else ""
        return f"{moment.isoformat(timespec='seconds')}.{fraction:09d}{suffix}"

    def gmtime(self, scale):
        """Return the whole second as calendar date in a time scale (`time.struct_time`)."""
        return time.gmtime(self._inScale(scale) // _NSEC_PER_SEC)

    def timespec(self, scale):
        """Return seconds since 1970 and nanoseconds in a time scale (`tuple` of two `int`)."""
        return divmod(self._inScale(scale), _NSEC_PER_SEC)

    def timeval(self, scale):
        """Return seconds since 1970 and microseconds in a time scale (`tuple` of two `int`)."""
        return divmod(self._inScale(scale) // 1000, 10**6)

    def toPython(self, timescale=None):
        """Return a naive `datetime.datetime` in the given time scale (TAI by default), to microseconds."""
        nsecs = self.nsecs(self.Timescale.TAI if timescale is None else timescale)
        return datetime.datetime.fromtimestamp(nsecs / 10**9, tz=datetime.UTC).replace(tzinfo=None)

    @classmethod
    def now(cls):
        """Return the present moment, to microseconds (`DateTime`)."""
        return cls(time.time_ns() // 1000 * 1000, cls.Timescale.UTC)

    def __eq__(self, other):
        return self._nsecs == other._nsecs if isinstance(other, DateTime) else NotImplemented

    def __repr__(self):
        return f'DateTime("{self.toString(self.Timescale.TAI)}", TAI)' if self.isValid() else "DateTime()"

    def __reduce__(self):
        return (DateTime, (self.nsecs(),))


_EPOCH = datetime.datetime(1970, 1, 1)
for _member in (*DateTime.Timescale, *DateTime.DateSystem):
    setattr(DateTime, _member.name, _member)


def _isNsecs(args, kwargs):
    """Return whether arguments are nanoseconds rather than a date with a system."""
    if "date" in kwargs or "system" in kwargs or not args:
        return False
    if len(args) > 1 and not isinstance(args[1], DateTime.Timescale):
        return False
    try:
        operator.index(args[0])
    except TypeError:
        return False
    return True


def _toTai(nsecs, scale):
    if scale is DateTime.Timescale.TAI:
        return nsecs
    if scale is DateTime.Timescale.TT:
        return nsecs - _TT_MINUS_TAI_NSECS
    if scale is DateTime.Timescale.UTC:
        return utcToTai(nsecs)
    raise InvalidParameterError(f"Unsupported scale {scale}")


def _fromTai(nsecs, scale):
    if scale is DateTime.Timescale.TAI:
        return nsecs
    if scale is DateTime.Timescale.TT:
        return nsecs + _TT_MINUS_TAI_NSECS
    if scale is DateTime.Timescale.UTC:
        return taiToUtc(nsecs)
    raise InvalidParameterError(f"Unsupported scale {scale}")
