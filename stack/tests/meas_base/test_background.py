# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""base_LocalBackground, the clipped statistics under it, and the regions of pixels."""

import numpy as np
import numpyBackground
import pytest
from forced import makeExposure, makeTask, measureAt

import lsst.afw.image as afwImage
from lsst.meas.base._annulusStatistics import measureAnnuli
from lsst.meas.base._ellipseSpans import EllipseSpans

PLUGINS = ("base_TransformedCentroidFromCoord", "base_LocalBackground")


def makeStrange(kind):
    """Make an image of masked and missing pixels, and of values of some kind; return the mask's bits, too."""
    exposure = makeExposure(160, 150)
    rng = np.random.default_rng(6)
    pixels = exposure.image.array
    if kind == "outliers":
        bright = rng.random(pixels.shape) < 0.3
        pixels[bright] += rng.uniform(-1e5, 3e5, np.count_nonzero(bright))
    elif kind == "steps":
        pixels[:] = rng.integers(0, 3, pixels.shape)
    elif kind == "constant":
        pixels[:] = 5.0
    elif kind == "huge":
        pixels[:] = rng.choice(np.array([-3e38, 3e38], dtype=np.float32), pixels.shape)
    pixels[::11, ::3] = np.nan
    pixels[::17, ::5] = np.inf
    exposure.mask.array[::7, ::5] = 4
    exposure.mask.array[60:100, 100:] |= 6
    return exposure, 4


def makePositions(exposure, n):
    """Return positions on the image and around it."""
    rng = np.random.default_rng(7)
    box = exposure.getBBox()
    x = rng.uniform(box.getMinX() - 25, box.getMaxX() + 25, n)
    y = rng.uniform(box.getMinY() - 25, box.getMaxY() + 25, n)
    # Pixels on the circles, and positions that are nowhere near.
    nowhere = [[1e300, 5.0], [5.0, -1e12]]
    return np.concatenate([np.stack([x, y], axis=1), np.rint([x[:20], y[:20]]).T, nowhere])


@pytest.mark.parametrize("radii", [(7.0, 15.0), (7.3, 15.6), (0.0, 2.2), (0.2, 0.6), (6.0, 6.2)])
@pytest.mark.parametrize("kind, scale", [("noise", 2), ("outliers", 1e5), ("steps", 1), ("constant", 5)])
def test_annuliAreThoseOfNumpy(kind, scale, radii):
    exposure, bits = makeStrange(kind)
    positions = makePositions(exposure, 300)
    mean, stdev, nPixels = measureAnnuli(exposure, bits, radii, positions, 3.0, 3)
    expected = numpyBackground.measureAnnuli(exposure, bits, radii, positions[:-2], 3.0, 3)
    np.testing.assert_array_equal(nPixels, [*expected[2], 0, 0])
    assert np.isnan(mean[-2:]).all() and np.isnan(stdev[-2:]).all()
    np.testing.assert_allclose(mean[:-2], expected[0], rtol=1e-12, atol=1e-13 * scale)
    np.testing.assert_allclose(stdev[:-2], expected[1], rtol=1e-12)


@pytest.mark.parametrize("numIter", [0, 1, 2, 5])
def test_iterationsAreThoseOfNumpy(numIter):
    exposure, bits = makeStrange("outliers")
    positions = makePositions(exposure, 100)[:-2]
    args = exposure, bits, (5.0, 12.0), positions, 2.0, numIter
    for result, expected in zip(measureAnnuli(*args), numpyBackground.measureAnnuli(*args)):
        np.testing.assert_allclose(result, expected, rtol=1e-12, atol=1e-8)


def test_hugeValuesHaveTheirStatistics():
    exposure, bits = makeStrange("huge")
    mean, stdev, nPixels = measureAnnuli(exposure, bits, (7.0, 15.0), np.array([[110.0, 20.0]]), 3.0, 3)
    assert abs(mean[0]) < 3e38 and 1e38 < stdev[0] < 4e38 and nPixels[0] > 300


def test_annuliInDoublePrecision():
    exposure = makeExposure(160, 150)
    double = afwImage.ExposureD(exposure.getBBox())
    double.image.array[:] = exposure.image.array
    # It has the precision of the pixels, which single precision cannot tell from zero.
    double.image.array[:] += 1e9
    positions = np.array([[100.0, 20.0], [33.0, -18.0]])
    mean, stdev, nPixels = measureAnnuli(double, 0, (7.0, 15.0), positions, 3.0, 3)
    expected = measureAnnuli(exposure, 0, (7.0, 15.0), positions, 3.0, 3)
    np.testing.assert_allclose(mean - 1e9, expected[0], atol=1e-5)
    np.testing.assert_allclose(stdev, expected[1], rtol=1e-5)
    np.testing.assert_array_equal(nPixels, expected[2])


def test_annuliOfUnsignedPixels():
    """Differences of such pixels are not negative."""
    single, unsigned = afwImage.ExposureF(90, 100), afwImage.ExposureU(90, 100)
    pixels = np.random.default_rng(3).normal(100, 20, (100, 90)).round().clip(0)
    single.image.array[:], unsigned.image.array[:] = pixels, pixels
    positions = np.random.default_rng(4).uniform(0, 90, (200, 2))
    for expected, result in zip(*(measureAnnuli(exposure, 0, (4.0, 9.0), positions, 3.0, 3)
                                  for exposure in (single, unsigned))):
        np.testing.assert_allclose(result, expected, rtol=1e-12)


def test_annuliInAnyOrderAreTheSame():
    exposure, bits = makeStrange("outliers")
    positions = makePositions(exposure, 50)
    forward = measureAnnuli(exposure, bits, (7.0, 15.0), positions, 3.0, 3)
    backward = measureAnnuli(exposure, bits, (7.0, 15.0), positions[::-1], 3.0, 3)
    for one, other in zip(forward, backward):
        np.testing.assert_array_equal(one, other[::-1])


def test_annulus():
    exposure = makeExposure(200, 200, sigma=2.0)
    exposure.mask.array[100:110, 50:80] = exposure.mask.getPlaneBitMask("SAT")
    exposure.image.array[100:110, 50:80] = np.nan
    exposure.image.array[120, 120] = np.nan
    x, y = np.array([100.3, 140.0, 40.2]), np.array([70.8, 90.5, -10.1])
    catalog = measureAt(makeTask(PLUGINS), exposure, x, y)
    sigma = exposure.getPsf().computeShape(exposure.getPsf().getAveragePosition()).getDeterminantRadius()
    column, row = np.meshgrid(30 + np.arange(200), -20 + np.arange(200))
    for record in catalog:
        centroid = record.getCentroid()
        distance = np.hypot(column - centroid.getX(), row - centroid.getY())
        used = (distance <= 15 * sigma) & (distance > 7 * sigma) & np.isfinite(exposure.image.array)
        pixels = exposure.image.array[used][np.newaxis]
        (mean,), (stdev,) = numpyBackground.computeClippedStatistics(pixels, [pixels.size], 3.0, 3)
        assert record["base_LocalBackground_instFlux"] == pytest.approx(mean, rel=1e-6, abs=1e-8)
        assert record["base_LocalBackground_instFluxErr"] == pytest.approx(stdev, rel=1e-6)
        assert not record["base_LocalBackground_flag"]


def test_noGoodPixels():
    exposure = makeExposure()
    exposure.mask.array[:] = exposure.mask.getPlaneBitMask("BAD")
    catalog = measureAt(makeTask(PLUGINS), exposure, [70.0], [10.0])
    assert catalog["base_LocalBackground_flag"][0] and catalog["base_LocalBackground_flag_noGoodPixels"][0]


def test_ellipsesHaveTheirPixels():
    rng = np.random.default_rng(5)
    x, y = rng.uniform(-50, 50, (2, 30))
    a, b, angle = rng.uniform(0.2, 9, 30), rng.uniform(0.2, 9, 30), rng.uniform(0, np.pi, 30)
    cos, sin = np.cos(angle), np.sin(angle)
    ixx, iyy = (a * cos) ** 2 + (b * sin) ** 2, (a * sin) ** 2 + (b * cos) ** 2
    ixy = (a * a - b * b) * cos * sin
    spans = EllipseSpans.fromShapes(x, y, ixx, iyy, ixy)
    columns, rows = np.meshgrid(np.arange(-70, 71), np.arange(-70, 71))
    x0, y0, shape = numpyBackground.getStamps(spans)
    inside = numpyBackground.containsPixels(spans, x0, y0, shape)
    for i in range(30):
        dx, dy = columns - x[i], rows - y[i]
        u, v = dx * cos[i] + dy * sin[i], -dx * sin[i] + dy * cos[i]
        expected = set(zip(*(index[(u / a[i]) ** 2 + (v / b[i]) ** 2 <= 1] for index in (columns, rows))))
        row, column = np.nonzero(inside[i])
        assert set(zip(column + x0[i], row + y0[i])) == expected
