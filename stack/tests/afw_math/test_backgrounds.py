# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Interpolation, approximation and background models."""

import pickle

import numpy as np
import pytest
import scipy.interpolate

import lsst.afw.image as afwImage
import lsst.afw.math as afwMath
from lsst.geom import Box2I, Extent2I, Point2I
from lsst.pex.exceptions import InvalidParameterError, LengthError, OutOfRangeError, RuntimeError

AKIMA, LINEAR = afwMath.Interpolate.AKIMA_SPLINE, afwMath.Interpolate.LINEAR
REDUCE = afwMath.REDUCE_INTERP_ORDER


@pytest.fixture
def stored(stackData):
    """A file of two backgrounds that the real v23 wrote, and images that it made of them."""
    return str(stackData/"background"/"backgrounds.fits"), np.load(stackData/"background"/"images.npz")


def makeImage(slopeX=0.1, slopeY=-0.2, width=120, height=90):
    image = afwImage.MaskedImageF(Box2I(Point2I(10, 20), Extent2I(width, height)))
    y, x = np.mgrid[:height, :width]
    image.image.array[:] = 100 + slopeX*x + slopeY*y
    image.variance.array[:] = 4
    return image


def makeBackground(image, control):
    """A background whose cells are the means of pixels that are neither masked nor NaN."""
    statsImage = afwImage.MaskedImageF(control.getNxSample(), control.getNySample())
    values = np.where(image.mask.array == 0, image.image.array, np.nan)
    for y, rows in enumerate(np.array_split(values, control.getNySample())):
        for x, cell in enumerate(np.array_split(rows, control.getNxSample(), axis=1)):
            good = cell[~np.isnan(cell)]
            statsImage.image.array[y, x] = good.mean() if len(good) else np.nan
            statsImage.variance.array[y, x] = 4/max(len(good), 1)
    background = afwMath.BackgroundMI(image.getBBox(), statsImage)
    background.getBackgroundControl().setInterpStyle(control.getInterpStyle())
    background.getBackgroundControl().setUndersampleStyle(control.getUndersampleStyle())
    return background


def test_splinesAreScipys():
    random = np.random.default_rng(1)
    x, y = np.sort(random.uniform(0, 20, 9)), random.normal(size=9)
    inside = np.linspace(x[0], x[-1], 200)
    for style, spline in ((AKIMA, scipy.interpolate.Akima1DInterpolator(x, y)),
                          (afwMath.Interpolate.CUBIC_SPLINE,
                           scipy.interpolate.CubicSpline(x, y, bc_type="natural")),
                          (LINEAR, scipy.interpolate.interp1d(x, y))):
        values = afwMath.makeInterpolate(x, y, style).interpolate(inside)
        assert isinstance(values, list)
        np.testing.assert_allclose(values, spline(inside), rtol=1e-12, atol=1e-13)


def test_beyondTheEndsSplinesAreParabolas():
    x = np.arange(6.0)
    spline = afwMath.makeInterpolate(x, x**2, AKIMA)
    expected = scipy.interpolate.Akima1DInterpolator(x, x**2)
    value, slope, curve = (float(function(5.0)) for function in (
        expected, expected.derivative(1), expected.derivative(2)))
    assert spline.interpolate(7.0) == pytest.approx(value + 2*slope + 2*curve, rel=1e-12)
    assert afwMath.makeInterpolate(x, 3*x, LINEAR).interpolate(-2.0) == pytest.approx(-6)
    steps = afwMath.makeInterpolate(x, x, afwMath.Interpolate.CONSTANT)
    assert steps.interpolate([-3, 0.6, 2.4, 9]) == [0, 0.5, 1.5, 5]


def test_flatStretchesOfAkimaSplinesStayFlat():
    values = afwMath.makeInterpolate(np.arange(8.0), [0, 0, 0, 0, 1, 1, 1, 1], AKIMA).interpolate([1.5, 5.5])
    assert values == [0, 1]


def test_interpolationMistakes():
    with pytest.raises(OutOfRangeError, match="needs 5 points"):
        afwMath.makeInterpolate([1, 2], [1, 2])
    with pytest.raises(InvalidParameterError, match="must match"):
        afwMath.makeInterpolate([1, 2, 3], [1, 2], LINEAR)
    with pytest.raises(RuntimeError, match="increasing"):
        afwMath.makeInterpolate([1, 1], [1, 2], LINEAR)
    with pytest.raises(InvalidParameterError, match="nonsense"):
        afwMath.stringToInterpStyle("nonsense")
    assert [afwMath.lookupMaxInterpStyle(n).name for n in (1, 2, 4, 9)] == [
        "CONSTANT", "LINEAR", "CUBIC_SPLINE", "AKIMA_SPLINE"]


def test_aPlaneIsItsOwnBackground():
    image = makeImage()
    image.image.array[40:44, 50:53] = 1e5
    image.mask.array[40:44, 50:53] = image.mask.getPlaneBitMask("DETECTED")
    image.image.array[70, 90] = np.nan
    background = makeBackground(image, afwMath.BackgroundControl(12, 9))
    model = background.getImageF()
    assert model.getBBox() == image.getBBox()
    np.testing.assert_allclose(model.array, makeImage().image.array, atol=0.3)
    part = background.getImageF(Box2I(Point2I(20, 30), Extent2I(20, 15)), "LINEAR")
    np.testing.assert_allclose(part.array, makeImage().image.array[10:25, 10:30], atol=1e-4)
    assert part.getXY0() == Point2I(20, 30)
    background += 5
    np.testing.assert_allclose(background.getImageF().array, model.array + 5, rtol=1e-6)


def test_cellsWithoutDataAreBridged():
    image = makeImage()
    image.image.array[:, 40:60] = np.nan
    background = makeBackground(image, afwMath.BackgroundControl("AKIMA_SPLINE", 12, 9, REDUCE))
    assert np.isnan(background.getStatsImage().image.array[:, 4:6]).all()
    np.testing.assert_allclose(background.getImageF().array, makeImage().image.array, atol=0.02)
    assert background.getAsUsedInterpStyle() == AKIMA
    image.image.array[:, :100] = np.nan
    background = makeBackground(image, afwMath.BackgroundControl(12, 9))
    with pytest.raises(OutOfRangeError):
        background.getImageF()
    np.testing.assert_allclose(background.getImageF("AKIMA_SPLINE", "REDUCE_INTERP_ORDER").array,
                               makeImage().image.array, atol=0.02)
    image.image.array[:] = np.nan
    nothing = makeBackground(image, afwMath.BackgroundControl(6, 6)).getImageF(AKIMA, REDUCE)
    assert np.isnan(nothing.array).all()


def test_tooFewCells():
    background = makeBackground(makeImage(), afwMath.BackgroundControl(3, 2))
    with pytest.raises(InvalidParameterError, match="nxSample and nySample have too few"):
        background.getImageF()
    background.getImageF(AKIMA, REDUCE)
    assert background.getAsUsedInterpStyle() == LINEAR
    with pytest.raises(LengthError):
        background.getImageF(Box2I(Point2I(0, 0), Extent2I(5, 5)), LINEAR)
    with pytest.raises(LengthError):
        afwMath.BackgroundControl(0, 2)
    with pytest.raises(TypeError):
        afwMath.BackgroundControl(3)


def test_polynomials():
    image = makeImage()
    background = makeBackground(image, afwMath.BackgroundControl(6, 5))
    control = afwMath.ApproximateControl(afwMath.ApproximateControl.CHEBYSHEV, 2)
    approximation = background.getApproximate(control)
    np.testing.assert_allclose(approximation.getImage().array, image.image.array, rtol=1e-5)
    np.testing.assert_allclose(approximation.getImage(0).array, image.image.array.mean(), rtol=1e-5)
    np.testing.assert_array_equal(approximation.getMaskedImage().image.array, approximation.getImage().array)
    background.getBackgroundControl().setApproximateControl(control)
    np.testing.assert_array_equal(background.getImageF().array, approximation.getImage().array)
    background.getStatsImage().variance.array[:] = 0
    with pytest.raises(RuntimeError, match="weighting=False"):
        background.getApproximate(control)
    with pytest.raises(InvalidParameterError, match="must be equal"):
        afwMath.ApproximateControl(afwMath.ApproximateControl.CHEBYSHEV, 2, 3)


def test_imagesOfStoredBackgroundsAreTheStacks(stored):
    path, expected = stored
    backgrounds = afwMath.BackgroundList.readFits(path)
    assert len(backgrounds) == 2 and backgrounds[0][1:3] == (AKIMA, REDUCE)
    first = backgrounds[0][0]
    assert first.getImageBBox() == Box2I(Point2I(10, 20), Extent2I(120, 100))
    np.testing.assert_allclose(backgrounds.getImage().array[::7, ::5], expected["sum"], rtol=1e-6)
    for name, style in (("akima", "AKIMA_SPLINE"), ("linear", "LINEAR"), ("cubic", "CUBIC_SPLINE"),
                        ("constant", "CONSTANT")):
        image = first.getImageF(style, "REDUCE_INTERP_ORDER")
        np.testing.assert_allclose(image.array[::7, ::5], expected[name], rtol=1e-6)


def test_listsAreWrittenAsTheyWereRead(stored, tmp_path):
    backgrounds = afwMath.BackgroundList.readFits(stored[0])
    backgrounds.writeFits(str(tmp_path/"copy.fits"))
    for copy in (afwMath.BackgroundList.readFits(str(tmp_path/"copy.fits")),
                 pickle.loads(pickle.dumps(backgrounds)), backgrounds.clone()):
        assert [item[1:] for item in copy] == [item[1:] for item in backgrounds]
        np.testing.assert_array_equal(copy.getImage().array, backgrounds.getImage().array)
    assert afwMath.BackgroundList().getImage() is None


def test_filesOfSomethingElse(stackData, tmp_path):
    with pytest.raises(RuntimeError, match=r"nothing\.fits"):
        afwMath.BackgroundList.readFits(str(tmp_path/"nothing.fits"))
    afwImage.ImageF(3, 3).writeFits(str(tmp_path/"image.fits"))
    with pytest.raises(RuntimeError, match="multiple of 3"):
        afwMath.BackgroundList.readFits(str(tmp_path/"image.fits"))
    for _ in range(2):
        afwImage.ImageF(3, 3).writeFits(str(tmp_path/"image.fits"), None, "a")
    with pytest.raises(RuntimeError, match=r"No background in HDU 0 of .*image\.fits.*BKGD_X0"):
        afwMath.BackgroundList.readFits(str(tmp_path/"image.fits"))
