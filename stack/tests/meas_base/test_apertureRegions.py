# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Fluxes in circles, ellipses and annuli: sinc coefficients and whole pixels against integrals."""

import numpy as np
import pytest
from forced import makeExposure
from numpyBackground import containsPixels, gatherAnnuli
from simulated import makeDataset, measure
from testDataset import TestDataset

import lsst.afw.geom as afwGeom
import lsst.afw.image as afwImage
import lsst.geom as geom
from lsst.afw.geom.ellipses import Axes
from lsst.afw.math._shiftStamps import Shifts, sumShifted
from lsst.afw.math._sincCoefficients import sincCoefficients
from lsst.meas.base._ellipseSpans import EllipseSpans
from lsst.meas.base._planes import getPlanes
from lsst.meas.base.apertureFlux import ApertureFluxControl, _splitPositions, computeCircularFluxes

X, Y = np.array([54.6]), np.array([42.3])


def makeGaussian(axes, size=101):
    """Make an image of an elliptical Gaussian of flux one, with variance 4."""
    box = geom.Box2I(geom.Point2I(5, -7), geom.Extent2I(size, size))
    ellipse = afwGeom.Ellipse(afwGeom.Quadrupole(axes), geom.Point2D(X[0], Y[0]))
    image = afwImage.makeMaskedImage(TestDataset.drawGaussian(box, 1.0, ellipse))
    image.variance.array[:] = 4.0
    return afwImage.ExposureF(image)


def sumSinc(exposure, coefficients):
    """Return flux and error of the Gaussian in any aperture, as circles are measured."""
    wanted = np.ones((1, 1), dtype=bool)
    pixels, dx, dy = _splitPositions(X, Y)
    planes, starts = getPlanes(exposure), pixels - [exposure.getX0(), exposure.getY0()]
    sums = sumShifted(planes[0], planes[2], starts, [coefficients], Shifts.make(dx, dy), wanted)
    return sums[0, 0, 0], np.sqrt(sums[1, 0, 0])


def sumPixels(exposure, axes):
    """Return flux and error of the Gaussian in the pixels of an ellipse."""
    moments = afwGeom.Quadrupole(axes)
    spans = EllipseSpans.fromShapes(X, Y, moments.getIxx(), moments.getIyy(), moments.getIxy())
    x0, y0 = (np.array([value]) for value in exposure.getXY0())
    (inside,) = containsPixels(spans, x0, y0, exposure.image.array.shape)
    return exposure.image.array[inside].sum(), np.sqrt(exposure.variance.array[inside].sum())


def measureCircle(exposure, radius, maxSincRadius):
    """Return the results of the Gaussian in a circle."""
    ctrl = ApertureFluxControl()
    ctrl.maxSincRadius = maxSincRadius
    (result,) = computeCircularFluxes(exposure, X, Y, [radius], ctrl)
    return result


@pytest.mark.parametrize("theta", [0.0, 0.4, 2.5])
@pytest.mark.parametrize("scale", [0.5, 1.0, 2.0])
def test_fluxInAnEllipse(scale, theta):
    exposure = makeGaussian(Axes(6.0, 3.0, theta))
    axes = Axes(6.0 * scale, 3.0 * scale, theta)
    expected = 1 - np.exp(-0.5 * scale**2)
    flux, error = sumSinc(exposure, sincCoefficients(6.0 * scale, 0.0, 0.5, theta))
    assert flux == pytest.approx(expected, abs=2e-4 if scale >= 1 else 3e-3)
    naiveFlux, naiveError = sumPixels(exposure, axes)
    assert naiveFlux == pytest.approx(expected, abs=0.05)
    nPixels = afwGeom.SpanSet.fromShape(afwGeom.Ellipse(axes, geom.Point2D(X[0], Y[0]))).getArea()
    assert naiveError == pytest.approx(2 * np.sqrt(nPixels))
    assert error == pytest.approx(naiveError, rel=0.15)


@pytest.mark.parametrize("scale", [0.5, 1.0, 2.0])
def test_fluxInACircle(scale):
    exposure = makeGaussian(Axes(4.5, 4.5, 0.0))
    expected = 1 - np.exp(-0.5 * scale**2)
    sinc, naive = (measureCircle(exposure, 4.5 * scale, maxSincRadius) for maxSincRadius in (10.0, 0.0))
    assert sinc.instFlux == pytest.approx(expected, abs=2e-4 if scale >= 1 else 3e-3)
    assert naive.instFlux == pytest.approx(expected, abs=0.05)
    circle = afwGeom.Ellipse(Axes(4.5 * scale, 4.5 * scale, 0.0), geom.Point2D(X[0], Y[0]))
    assert naive.instFluxErr == pytest.approx(2 * np.sqrt(afwGeom.SpanSet.fromShape(circle).getArea()))
    assert sinc.instFluxErr == pytest.approx(naive.instFluxErr, rel=0.15)
    for result in (sinc, naive):
        assert not (result.apertureTruncated | result.sincCoeffsTruncated | result.missed).any()
    assert (sinc.instFlux[0], sinc.instFluxErr[0]) == sumSinc(exposure, sincCoefficients(4.5 * scale))


@pytest.mark.parametrize("maximum", [10.0, 0.0])
def test_truncatedCircles(maximum):
    def edit(config):
        config.plugins["base_CircularApertureFlux"].radii = [6.0]
        config.plugins["base_CircularApertureFlux"].maxSincRadius = maximum

    dataset = makeDataset([(8.0, 42.3), (13.0, 42.3), (54.6, 42.3)], size=(101, 101), xy0=(5, -7))
    catalog, _ = measure(dataset, ["base_CircularApertureFlux"], edit=edit)
    prefix = "base_CircularApertureFlux_6_0_"
    for name in ("flag", "flag_apertureTruncated"):
        assert catalog[prefix + name].tolist() == [True, False, False]
    assert np.isnan(catalog[prefix + "instFlux"]).tolist() == [True, False, False]
    isSinc = maximum > 6.0
    assert (prefix + "flag_sincCoeffsTruncated" in catalog.schema.getNames()) == isSinc
    if isSinc:
        assert catalog[prefix + "flag_sincCoeffsTruncated"].tolist() == [True, True, False]


def test_annulusIsTheDifferenceOfItsCircles():
    annulus = sincCoefficients(6.0, 3.0)
    disk, hole = sincCoefficients(6.0), sincCoefficients(3.0)
    expected = disk.copy()
    margin = (len(disk) - len(hole)) // 2
    # The coefficients of the hole reach less far; what they leave out is small.
    expected[margin:-margin, margin:-margin] -= hole
    np.testing.assert_allclose(annulus, expected, atol=0.02)
    assert annulus.sum() == pytest.approx(np.pi * (36 - 9), rel=1e-9)


def test_pixelsOfAnAnnulusAreTheDifferenceOfItsCircles():
    exposure = makeExposure()
    exposure.mask.array[::7, ::5] = 4
    exposure.image.array[::11, ::3] = np.nan
    rng = np.random.default_rng(5)
    x = rng.uniform(exposure.getX0() + 25, exposure.getX0() + 95, 40)
    y = rng.uniform(exposure.getY0() + 25, exposure.getY0() + 75, 40)
    values, nPixels, counts = gatherAnnuli(exposure, 4, 7.3, 15.6, x, y)
    columns, rows = np.meshgrid(exposure.getX0() + np.arange(120), exposure.getY0() + np.arange(100))
    for i in range(len(x)):
        distance = np.hypot(columns - x[i], rows - y[i])
        used = (distance <= 15.6) & ~(distance <= 7.3) & (exposure.mask.array == 0)
        expected = exposure.image.array[used]
        assert nPixels[i] == used.sum()
        assert counts[i] == np.isfinite(expected).sum() < used.sum()
        np.testing.assert_array_equal(np.sort(values[i])[: counts[i]],
                                      np.sort(expected[np.isfinite(expected)]))
        assert np.isinf(np.sort(values[i])[counts[i] :]).all()
