# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Angles and positions on the sphere against Astropy and against each other."""

import math
import pickle

import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from hypothesis import given, settings
from hypothesis import strategies as st

import lsst.geom as geom
import lsst.pex.exceptions as pexExceptions

finite = st.floats(-1e4, 1e4)
longitudes = st.floats(0.0, 359.999)
latitudes = st.floats(-90.0, 90.0)


@settings(deadline=None, max_examples=50)
@given(finite)
def test_wrappingKeepsTheDirection(value):
    angle = value * geom.degrees
    for wrapped, low in ((angle.wrap(), 0.0), (angle.wrapCtr(), -math.pi)):
        assert low <= wrapped.asRadians() < low + 2 * math.pi
        assert math.cos(wrapped) == pytest.approx(math.cos(angle), abs=1e-10)
        assert math.sin(wrapped) == pytest.approx(math.sin(angle), abs=1e-10)


@settings(deadline=None, max_examples=50)
@given(finite, finite)
def test_wrapNearIsWithinHalfATurn(value, reference):
    near = (value * geom.radians).wrapNear(reference * geom.radians)
    assert abs(near.asRadians() - reference) <= math.pi * (1 + 1e-9)


@pytest.mark.parametrize("unit", ["radians", "degrees", "arcminutes", "arcseconds", "milliarcseconds"])
def test_unitsAreAstropys(unit):
    astropyUnit = {"milliarcseconds": u.mas}.get(unit) or u.Unit(unit[:-1].replace("arcsecond", "arcsec")
                                                                 .replace("arcminute", "arcmin")
                                                                 .replace("radian", "rad")
                                                                 .replace("degree", "deg"))
    angle = 2.5 * getattr(geom, unit)
    assert angle.asRadians() == pytest.approx((2.5 * astropyUnit).to_value(u.rad), rel=1e-15)
    assert angle.asAngularUnits(getattr(geom, unit)) == pytest.approx(2.5, rel=1e-15)


def test_angleArithmeticRefusesPlainNumbers():
    angle = 1.0 * geom.degrees
    with pytest.raises(TypeError):
        angle + 1.0
    with pytest.raises(TypeError):
        angle / angle
    with pytest.raises(NotImplementedError):
        angle * geom.degrees
    assert 2 * angle == angle + angle


@settings(deadline=None, max_examples=50)
@given(longitudes, latitudes, longitudes, latitudes)
def test_separationIsAstropys(lon1, lat1, lon2, lat2):
    ours = geom.SpherePoint(lon1, lat1, geom.degrees).separation(geom.SpherePoint(lon2, lat2, geom.degrees))
    theirs = SkyCoord(lon1, lat1, unit="deg").separation(SkyCoord(lon2, lat2, unit="deg"))
    # the haversine formula loses precision towards the antipodes
    assert ours.asDegrees() == pytest.approx(theirs.deg, abs=2e-6)


@settings(deadline=None, max_examples=50)
@given(longitudes, st.floats(-85.0, 85.0), st.floats(0.0, 359.0), st.floats(0.001, 80.0))
def test_offsetLeadsWhereAstropySays(lon, lat, bearing, amount):
    start = geom.SpherePoint(lon, lat, geom.degrees)
    end = start.offset(bearing * geom.degrees, amount * geom.degrees)
    assert start.separation(end).asDegrees() == pytest.approx(amount, rel=1e-7)
    # east of north, as Astropy counts position angles
    theirs = SkyCoord(lon, lat, unit="deg").directional_offset_by((90 - bearing) * u.deg, amount * u.deg)
    separation = SkyCoord(end.getRa().asDegrees(), end.getDec().asDegrees(), unit="deg").separation(theirs)
    assert separation.arcsec < 1e-4


def test_meanOfPointsAcrossRaZero():
    points = [geom.SpherePoint(ra, 10.0, geom.degrees) for ra in (359.0, 1.0)]
    mean = geom.averageSpherePoint(points)
    assert mean.getRa().wrapCtr().asDegrees() == pytest.approx(0.0, abs=1e-12)
    with pytest.raises(pexExceptions.LengthError):
        geom.averageSpherePoint([])


def test_latitudeIsChecked():
    with pytest.raises(pexExceptions.InvalidParameterError, match="91"):
        geom.SpherePoint(0.0, 91.0, geom.degrees)


@pytest.mark.parametrize("value", [
    1.5 * geom.degrees, geom.SpherePoint(1.0, 2.0, geom.degrees), geom.Point2D(1.5, 2.5),
    geom.Extent2I(1, 2), geom.Box2I(geom.Point2I(1, 2), geom.Extent2I(3, 4)), geom.IntervalI(min=1, max=3),
])
def test_pickles(value):
    assert pickle.loads(pickle.dumps(value)) == value
