# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""SkyWcs against formulas, and at the places of the sphere where things go wrong."""

import copy
import pickle

import astropy.wcs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wcsData import gnomonic, makeSip, makeTan, separation, sipMatrices

import astshim
import lsst.pex.exceptions
from lsst.afw.geom import (
    SkyWcs,
    TransformPoint2ToPoint2,
    getIntermediateWorldCoordsToSky,
    getPixelToIntermediateWorldCoords,
    makeCdMatrix,
    makeSkyWcs,
    makeTransform,
    makeWcsPairTransform,
)
from lsst.afw.geom._frameDicts import modifiedFrameDict
from lsst.daf.base import PropertyList
from lsst.geom import (
    AffineTransform,
    Box2D,
    Extent2D,
    LinearTransform,
    Point2D,
    SpherePoint,
    arcseconds,
    degrees,
    radians,
)

BOX = Box2D(Point2D(-500, -300), Extent2D(2000, 2500))
GRID = np.array(
    [grid.ravel() for grid in np.meshgrid(np.linspace(-500, 1500, 6), np.linspace(-300, 2200, 7))]
)


def tanResidual(ra, dec, orientation, flipX):
    """Return the largest difference (radians) of a TAN WCS from the formula, after a round trip."""
    wcs = makeTan(ra, dec, orientation, flipX)
    cd = makeCdMatrix(0.2 * arcseconds, orientation * degrees, flipX)
    xi, eta = np.radians(cd @ (GRID - [[100.0], [200.0]]))
    expected = gnomonic(np.radians(ra), np.radians(dec), xi, eta)
    measured = wcs.pixelToSkyArray(*GRID)
    assert (measured[0] >= 0).all() and (measured[0] <= 2 * np.pi).all()
    np.testing.assert_allclose(wcs.skyToPixelArray(*measured), GRID, atol=1e-6)
    return separation(*measured, *expected).max()


@pytest.mark.parametrize("flipX", [False, True])
@pytest.mark.parametrize("ra", [0.0, 0.02, 217.3, 359.98])
@pytest.mark.parametrize("dec, orientation", [(0.0, 0.0), (-27.4, 12.0), (89.9, -100.0), (-89.97, 45.0)])
def test_tanEqualsFormula(ra, dec, orientation, flipX):
    assert tanResidual(ra, dec, orientation, flipX) < 1e-13


# Exactly at a pole FITS defines the orientation another way (LONPOLE)
@settings(max_examples=40, deadline=None)
@given(
    ra=st.floats(0, 360),
    dec=st.floats(-89.999, 89.999),
    orientation=st.floats(-180, 180),
    flipX=st.booleans(),
)
def test_tanAnywhere(ra, dec, orientation, flipX):
    """AST takes elements of rotation matrices below about 1e-8 for 0: a milliarcsecond or two."""
    assert tanResidual(ra, dec, orientation, flipX) < 3e-8


def test_orientationConvention():
    """At orientation 0 North is up and East to the left; flipX puts it to the right."""
    for flipX, sign in ((False, -1), (True, 1)):
        wcs = makeTan(flipX=flipX, orientation=0)
        origin = wcs.pixelToSky(Point2D(100, 200))
        assert wcs.pixelToSky(Point2D(100, 201)).getDec() > origin.getDec()
        assert np.sign((wcs.pixelToSky(Point2D(101, 200)).getRa() - origin.getRa()).asDegrees()) == sign
        assert wcs.isFlipped is flipX


def test_sipEqualsFormula():
    wcs = makeSip()
    u, v = GRID - [[150.0], [240.0]]
    a, b = sipMatrices()
    polyval2d = np.polynomial.polynomial.polyval2d
    distorted = np.array([u + polyval2d(u, v, a), v + polyval2d(u, v, b)])
    xi, eta = np.radians(makeCdMatrix(0.2 * arcseconds, 12 * degrees) @ distorted)
    expected = gnomonic(np.radians(53.0), np.radians(-27.4), xi, eta)
    assert separation(*wcs.pixelToSkyArray(*GRID), *expected).max() < 1e-14
    np.testing.assert_allclose(wcs.skyToPixelArray(*expected), GRID, atol=1e-3)


def test_headerEqualsAstropy():
    wcs = makeSip()
    header = astropy.io.fits.Header(wcs.getFitsMetadata(True).toDict())
    theirs = astropy.wcs.WCS(header).all_pix2world(*GRID, 0)
    assert separation(*wcs.pixelToSkyArray(*GRID), *np.radians(theirs)).max() < np.radians(1e-7 / 3600)


def test_pointsListsAndArraysAgree():
    wcs = makeSip()
    ra, dec = wcs.pixelToSkyArray(*GRID)
    points = [Point2D(x, y) for x, y in GRID.T]
    skies = wcs.pixelToSky(points)
    assert [sky.getRa().asRadians() for sky in skies] == pytest.approx(ra.tolist(), abs=0)
    assert wcs.pixelToSky(points[3]) == skies[3] == wcs.pixelToSky(points[3].getX(), points[3].getY())
    x, y = wcs.skyToPixelArray(ra, dec)
    assert [(p.getX(), p.getY()) for p in wcs.skyToPixel(skies)] == list(zip(x, y, strict=True))
    assert wcs.pixelToSky([]) == [] and wcs.skyToPixel([]) == []
    assert [len(values) for values in wcs.pixelToSkyArray([], [])] == [0, 0]


def test_undefinedPositionsAreNan():
    wcs = makeTan()
    ra, dec = wcs.pixelToSkyArray([np.nan, 1.0], [1.0, 1.0])
    assert np.isnan(ra[0]) and np.isnan(dec[0]) and np.isfinite(ra[1])
    x, y = wcs.skyToPixelArray([210.0, np.nan, 30.0], [20.0, 0.0, -20.0], degrees=True)
    assert np.isnan(x[:2]).all() and np.isnan(y[:2]).all()
    assert (x[2], y[2]) == pytest.approx((100, 200))


def test_wrongTypes():
    with pytest.raises(TypeError):
        makeTan().pixelToSky(SpherePoint(1, 1, degrees))
    with pytest.raises(TypeError):
        makeTan().skyToPixel([Point2D(1, 1)])
    with pytest.raises(TypeError):
        SkyWcs({"CRPIX1": 1.0})
    with pytest.raises(lsst.pex.exceptions.TypeError, match="CRPIX1"):
        makeSkyWcs(PropertyList())


@pytest.mark.parametrize("pixel", [(0, 0), (1500, -300)])
def test_localScaleAndMatrix(pixel):
    wcs = makeSip()
    point = Point2D(*pixel)
    matrix = wcs._tangentPlaneMatrixArray(*[[value] for value in pixel])[0]
    area = abs(np.linalg.det(matrix))
    assert wcs.getPixelScale(point).asRadians() == pytest.approx(np.sqrt(area), rel=1e-6)


def test_tangentPlaneMatrixAtPole():
    """Offsets east and north stay regular where RA does not."""
    wcs = makeTan(dec=89.9999, orientation=30)
    matrices = wcs._tangentPlaneMatrixArray(*GRID)
    np.testing.assert_allclose(abs(np.linalg.det(matrices)), np.radians(0.2 / 3600) ** 2, rtol=1e-5)


def test_linearization():
    wcs = makeSip()
    pixel = Point2D(400, 700)
    sky = wcs.pixelToSky(pixel)
    for unit in (degrees, radians):
        toSky = wcs.linearizePixelToSky(pixel, unit)
        position = toSky(pixel)
        assert tuple(position) == pytest.approx(tuple(sky.getPosition(unit)), rel=1e-14)
        assert tuple(wcs.linearizeSkyToPixel(sky, unit)(position)) == pytest.approx((400, 700), abs=1e-6)


def separate(wcs0, pixel0, wcs1, pixel1):
    """Return the arcseconds between pixels of two WCSs."""
    return wcs0.pixelToSky(Point2D(*pixel0)).separation(wcs1.pixelToSky(Point2D(*pixel1))).asArcseconds()


def test_origins():
    wcs = makeSip()
    assert tuple(wcs.getPixelOrigin()) == pytest.approx((150, 240), abs=1e-8)
    assert wcs.getSkyOrigin().separation(SpherePoint(53, -27.4, degrees)).asArcseconds() < 1e-9
    np.testing.assert_allclose(wcs.getCdMatrix(), makeCdMatrix(0.2 * arcseconds, 12 * degrees), rtol=1e-10)
    shifted = wcs.copyAtShiftedPixelOrigin(Extent2D(10, -20))
    assert tuple(shifted.getPixelOrigin()) == pytest.approx((160, 220), abs=1e-8)
    assert separate(shifted, (10, -20), wcs, (0, 0)) < 1e-9


def largestDifference(wcs, other):
    """Return the largest separation (arcseconds) of the two positions of a pixel on the grid."""
    separations = separation(*wcs.pixelToSkyArray(*GRID), *other.pixelToSkyArray(*GRID))
    return np.rad2deg(separations.max()) * 3600


def test_derivedWcs():
    wcs = makeSip()
    assert largestDifference(wcs, makeSkyWcs(wcs.getFitsMetadata(True))) < 1e-7
    tan = wcs.getTanWcs(Point2D(500, 500))
    assert separate(tan, (500, 500), wcs, (500, 500)) < 1e-8
    np.testing.assert_allclose(tan.getCdMatrix(), wcs.getCdMatrix(Point2D(500, 500)), rtol=1e-9)
    assert largestDifference(wcs, tan) > 0.01
    pair = makeWcsPairTransform(wcs, wcs.copyAtShiftedPixelOrigin(Extent2D(6, 0)))
    assert tuple(pair.applyForward(Point2D(7, 27))) == pytest.approx((13, 27), abs=1e-4)
    toIwc, toSky = getPixelToIntermediateWorldCoords(wcs), getIntermediateWorldCoordsToSky(wcs)
    sky = toIwc.then(toSky).applyForward(Point2D(5, 6))
    assert sky.separation(wcs.pixelToSky(Point2D(5, 6))).asArcseconds() < 1e-9


def test_distortedWcsIsNotFits():
    rows = np.array([[1.0, 1, 1, 0], [0.0011, 1, 3, 0], [1.0, 2, 0, 1], [0.0011, 2, 0, 3]])
    distortion = astshim.PolyMap(rows, 2, "IterInverse=1")
    wcs = SkyWcs(modifiedFrameDict(distortion, makeTan().getFrameDict(), False))
    assert not wcs.isFits
    with pytest.raises(lsst.pex.exceptions.RuntimeError):
        wcs.getFitsMetadata(True)
    assert wcs.getFitsMetadata().getScalar("CTYPE1") == "RA---TAN"
    assert str(wcs).startswith("Non-standard SkyWcs (Frames: PIXELS, IWC, SKY)")


def test_fromFieldAngle():
    scale = (0.2 * arcseconds).asRadians()
    pixelsToFieldAngle = makeTransform(AffineTransform(LinearTransform.makeScaling(scale)))
    wcs = makeSkyWcs(pixelsToFieldAngle, 33 * degrees, True, SpherePoint(30, -20, degrees))
    expected = makeTan(orientation=33, flipX=True, crpix=(0, 0))
    assert largestDifference(wcs, expected) < 1e-9


@pytest.mark.parametrize("wcs", [makeTan(), makeSip()], ids=["TAN", "TAN-SIP"])
def test_copies(wcs, tmp_path):
    path = str(tmp_path / "wcs.fits")
    wcs.writeFits(path)
    for other in (
        pickle.loads(pickle.dumps(wcs)),
        copy.deepcopy(wcs),
        copy.copy(wcs),
        SkyWcs.readString(wcs.writeString()),
        SkyWcs(wcs.getFrameDict()),
        SkyWcs.readFits(path),
    ):
        assert other == wcs and other is not wcs
        assert other.writeString() == wcs.writeString()
    assert wcs != makeTan(ra=31.0)
    assert wcs != "a string"


def test_badStrings():
    text = makeTan().writeString()
    for bad in ("2" + text[1:], text.replace("SkyWcs", "xSkyWcs", 1), "1 SkyWcs 0 Begin ZoomMap\n"):
        with pytest.raises((lsst.pex.exceptions.TypeError, RuntimeError)):
            SkyWcs.readString(bad)
    transform = TransformPoint2ToPoint2(astshim.ZoomMap(2, 0.1))
    with pytest.raises(lsst.pex.exceptions.TypeError):
        SkyWcs.readString(transform.writeString())


def test_missingFrames():
    for domain in ("PIXELS", "IWC", "SKY"):
        frames = makeTan().getFrameDict()
        frames.removeFrame(domain)
        with pytest.raises(lsst.pex.exceptions.TypeError):
            SkyWcs(frames)
