# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""TAI - UTC since 1961, and the conversion between the two."""

import bisect
import re

import lsst.pex.exceptions

NSEC_PER_DAY = 86.4e12
EPOCH_IN_MJD = 40587.0
MJD_TO_JD = 2400000.5

# From the Julian date on: offset in seconds, MJD at which the offset holds, drift in seconds a day.
# Source: IERS, tai-utc.dat (US Naval Observatory).
_TABLE = (
    (2437300.5, 1.4228180, 37300.0, 0.001296),
    (2437512.5, 1.3728180, 37300.0, 0.001296),
    (2437665.5, 1.8458580, 37665.0, 0.0011232),
    (2438334.5, 1.9458580, 37665.0, 0.0011232),
    (2438395.5, 3.2401300, 38761.0, 0.001296),
    (2438486.5, 3.3401300, 38761.0, 0.001296),
    (2438639.5, 3.4401300, 38761.0, 0.001296),
    (2438761.5, 3.5401300, 38761.0, 0.001296),
    (2438820.5, 3.6401300, 38761.0, 0.001296),
    (2438942.5, 3.7401300, 38761.0, 0.001296),
    (2439004.5, 3.8401300, 38761.0, 0.001296),
    (2439126.5, 4.3131700, 39126.0, 0.002592),
    (2439887.5, 4.2131700, 39126.0, 0.002592),
    *(
        (julianDate, 10.0 + n, 41317.0, 0.0)
        for n, julianDate in enumerate(
            (
                2441317.5,
                2441499.5,
                2441683.5,
                2442048.5,
                2442413.5,
                2442778.5,
                2443144.5,
                2443509.5,
                2443874.5,
                2444239.5,
                2444786.5,
                2445151.5,
                2445516.5,
                2446247.5,
                2447161.5,
                2447892.5,
                2448257.5,
                2448804.5,
                2449169.5,
                2449534.5,
                2450083.5,
                2450630.5,
                2451179.5,
                2453736.5,
                2454832.5,
                2456109.5,
                2457204.5,
                2457754.5,
            )
        )
    ),
)

_LINE = re.compile(
    r"\d{4}.*?=JD\s*([\d.]+)\s+TAI-UTC=\s+([\d.]+)\s+S \+ \(MJD - ([\d.]+)\) X ([\d.]+)\s*S"
)


class LeapSeconds:
    """A table of TAI - UTC.

    Parameters
    ----------
    rows : iterable of `tuple`
        Julian date (UTC) of a change, offset in seconds, MJD at which the offset holds, drift in seconds a
        day; in order of time.
    """

    def __init__(self, rows):
        self._whenUtc, self._whenTai, self._rows = [], [], []
        for julianDate, offset, mjdRef, drift in rows:
            mjd = julianDate - MJD_TO_JD
            whenUtc = int((mjd - EPOCH_IN_MJD) * NSEC_PER_DAY)
            self._whenUtc.append(whenUtc)
            self._whenTai.append(whenUtc + int(1.0e9 * (offset + (mjd - mjdRef) * drift)))
            self._rows.append((offset, mjdRef, drift))

    @classmethod
    def fromText(cls, text):
        """Make a table from the text of the IERS file ``tai-utc.dat``."""
        return cls([tuple(map(float, match.groups())) for match in _LINE.finditer(text)])

    def utcToTai(self, nsecs):
        """Convert nanoseconds since 1970 from UTC to TAI (`int`)."""
        offset, mjdRef, drift = self._find(self._whenUtc, nsecs, "UTC-TAI")
        leap = offset + (nsecs / NSEC_PER_DAY + EPOCH_IN_MJD - mjdRef) * drift
        return nsecs + int(leap * 1.0e9 + 0.5)

    def taiToUtc(self, nsecs):
        """Convert nanoseconds since 1970 from TAI to UTC (`int`)."""
        offset, mjdRef, drift = self._find(self._whenTai, nsecs, "TAI-UTC")
        leap = offset + (nsecs / NSEC_PER_DAY + EPOCH_IN_MJD - mjdRef) * drift
        # the drift is given per day of UTC
        leap /= 1.0 + drift * 1.0e9 / NSEC_PER_DAY
        return nsecs - int(leap * 1.0e9 + 0.5)

    def _find(self, when, nsecs, conversion):
        i = bisect.bisect_right(when, nsecs)
        if i == 0:
            raise lsst.pex.exceptions.DomainError(
                f"DateTime value too early for {conversion} conversion: {nsecs}"
            )
        return self._rows[i - 1]


leapSeconds = LeapSeconds(_TABLE)
