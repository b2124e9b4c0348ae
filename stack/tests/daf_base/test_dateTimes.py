# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Dates against Astropy's."""

import pytest
from astropy.time import Time
from hypothesis import given, settings
from hypothesis import strategies as st

import lsst.pex.exceptions as pexExceptions
from lsst.daf.base import DateTime


@settings(deadline=None, max_examples=50)
@given(st.floats(41317.0, 66000.0), st.sampled_from(["tai", "tt", "utc"]))
def test_scalesAreAstropys(mjd, scale):
    ours = DateTime(mjd, DateTime.MJD, getattr(DateTime, scale.upper()))
    theirs = Time(mjd, format="mjd", scale=scale)
    leapDay = abs(theirs.utc.mjd - round(theirs.utc.mjd)) < 1e-3
    for other in ("tai", "tt", "utc"):
        if leapDay and "utc" in (scale, other):
            # Astropy stretches the day with a leap second, the stack repeats it
            continue
        expected = getattr(theirs, other).mjd
        assert abs(ours.get(DateTime.MJD, getattr(DateTime, other.upper())) - expected) < 2e-5


@pytest.mark.parametrize("iso", ["1999-01-01T00:00:00", "2016-12-31T12:34:56", "2025-06-01T01:02:03"])
def test_utcToTheNanosecond(iso):
    theirs = Time(iso, scale="utc")
    ours = DateTime(iso + "Z", DateTime.UTC)
    assert ours.toString(DateTime.TAI)[:19] == theirs.tai.isot[:19]
    assert ours.toString(DateTime.UTC) == iso + ".000000000Z"
    assert ours.toPython(DateTime.UTC).isoformat() == iso


@pytest.mark.parametrize("mjd, offset, reference, drift", [
    (37300.5, 1.4228180, 37300, 0.001296),
    (38064.5, 1.8458580, 37665, 0.0011232),
    (38886.25, 3.6401300, 38761, 0.001296),
    (41316.75, 4.2131700, 39126, 0.002592),
    (41317.0, 10.0, 41317, 0.0),
    (41499.0, 11.0, 41317, 0.0),
])
def test_differenceIsThatOfTheIers(mjd, offset, reference, drift):
    utc = DateTime(mjd, DateTime.MJD, DateTime.UTC)
    expected = offset + (mjd - reference) * drift
    assert abs(utc.nsecs(DateTime.TAI) - utc.nsecs(DateTime.UTC) - expected * 1e9) <= 1
    assert abs(utc.nsecs(DateTime.UTC) - (mjd - 40587) * 86.4e12) <= 4


def test_theSecondAfterALeapSecondComesTwice():
    midnight = DateTime("2017-01-01T00:00:00Z", DateTime.UTC)
    half, second = 5 * 10**8, 10**9
    during = [DateTime(midnight.nsecs() + step) for step in (-second - half, -half, half)]
    assert [moment.toString(DateTime.UTC)[11:21] for moment in during] == [
        "23:59:59.5", "00:00:00.5", "00:00:00.5"]
    assert DateTime(midnight.nsecs(DateTime.UTC) - half, DateTime.UTC) == during[0]


def test_numbersForTheSameMoment():
    moment = DateTime(51544.5, DateTime.MJD, DateTime.TAI)
    assert moment.get(DateTime.JD) == 2451545.0
    assert moment.get(DateTime.EPOCH) == 2000.0
    assert moment == DateTime("2000-01-01T12:00:00", DateTime.TAI)
    assert moment == DateTime(moment.nsecs()) == DateTime(2000, 1, 1, 12, 0, 0, DateTime.TAI)


def test_badDates():
    assert not DateTime().isValid()
    with pytest.raises(pexExceptions.RuntimeError):
        DateTime().get()
    with pytest.raises(pexExceptions.DomainError):
        DateTime("2000-01-01T12:00:00", DateTime.UTC)
    with pytest.raises(pexExceptions.DomainError):
        DateTime(1e6)
    with pytest.raises(pexExceptions.DomainError):
        DateTime(1950, 1, 1, 0, 0, 0, DateTime.UTC)
