# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""UTC and TAI: their difference is ERFA's, what happens at a leap second is the stack's."""

__all__ = ["taiToUtc", "utcToTai"]

import datetime

from erfa import ufunc

from lsst.pex.exceptions import DomainError

_NSEC_PER_DAY = 86400 * 10**9
_EPOCH = datetime.date(1970, 1, 1)

# The stack's table begins here, a year after ERFA's.
_FIRST_UTC = (datetime.date(1961, 1, 1) - _EPOCH).days * _NSEC_PER_DAY


def utcToTai(nsecs):
    """Convert nanoseconds since 1970 from UTC to TAI.

    Parameters
    ----------
    nsecs : `int`
        UTC. It does not count leap seconds, so that the second after one comes twice.

    Returns
    -------
    nsecs : `int`
        TAI.

    Raises
    ------
    lsst.pex.exceptions.DomainError
        Raised before 1961.
    """
    if nsecs < _FIRST_UTC:
        raise DomainError(f"DateTime value too early for UTC-TAI conversion: {nsecs}")
    return nsecs + _taiMinusUtc(nsecs)


def taiToUtc(nsecs):
    """Convert nanoseconds since 1970 from TAI to UTC; see `utcToTai`."""
    if nsecs < _FIRST_TAI:
        raise DomainError(f"DateTime value too early for TAI-UTC conversion: {nsecs}")
    # The inner difference is that of some seconds too late, by which it may be past a leap second.
    return nsecs - _taiMinusUtc(nsecs - _taiMinusUtc(nsecs))


def _taiMinusUtc(utc):
    """Return TAI - UTC in nanoseconds; before 1972 it changes with the time of day."""
    days, rest = divmod(utc, _NSEC_PER_DAY)
    date = _EPOCH + datetime.timedelta(days)
    # erfa.dat itself warns of every date some years ahead
    seconds, _ = ufunc.dat(date.year, date.month, date.day, rest / _NSEC_PER_DAY)
    return int(seconds * 1.0e9 + 0.5)


_FIRST_TAI = _FIRST_UTC + _taiMinusUtc(_FIRST_UTC)
