# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The sums under base_CircularApertureFlux: fast ways against the pixels one by one."""

import numpy as np
import pytest
from forced import makeExposure

from lsst.afw.math._shiftBasis import ShiftBasis
from lsst.meas.base import _circleSums, _sincSums
from lsst.meas.base._circleSums import sumCircles
from lsst.meas.base._sincSums import sumSincApertures

RADII = [9.5, 14.0, 2.0]


def placeInside(n, exposure, margin, seed=2):
    rng = np.random.default_rng(seed)
    box = exposure.getBBox()
    return (
        rng.uniform(box.getMinX() + margin, box.getMaxX() - margin, n),
        rng.uniform(box.getMinY() + margin, box.getMaxY() - margin, n),
    )


@pytest.mark.parametrize("n", [3, 700])
@pytest.mark.parametrize("bandPixels", [2**13, 2**22])
def test_circlesHaveTheSumOfTheirPixels(n, bandPixels, monkeypatch):
    monkeypatch.setattr(_circleSums, "_BAND_PIXELS", bandPixels)
    exposure = makeExposure(160, 150)
    rng = np.random.default_rng(4)
    exposure.variance.array[:] = rng.uniform(1, 9, (150, 160))
    image, variance = exposure.image.array, exposure.variance.array
    image[20, 30], image[70, 70], image[100, 40] = np.nan, np.inf, 1e25
    variance[20, 30], variance[120, 30] = np.nan, np.inf
    x, y = placeInside(n, exposure, 15)
    wanted = rng.random((3, n)) < 0.9
    sums = sumCircles(exposure, x, y, RADII, wanted)
    columns, rows = np.meshgrid(exposure.getX0() + np.arange(160), exposure.getY0() + np.arange(150))
    kinds = set()
    for i in rng.choice(n, min(n, 150), replace=False):
        for k, radius in enumerate(RADII):
            if not wanted[k, i]:
                assert np.isnan(sums[k, i].real)
                continue
            inside = np.hypot(columns - x[i], rows - y[i]) <= radius
            flux, total = image[inside].sum(dtype=float), variance[inside].sum(dtype=float)
            assert sums[k, i].real == pytest.approx(flux, rel=1e-9, abs=1e-9, nan_ok=True)
            assert sums[k, i].imag == pytest.approx(total, rel=1e-9, nan_ok=True)
            kinds.add((str(flux) if not np.isfinite(flux) else "finite", bool(flux > 1e24)))
    assert n < 700 or len(kinds) == 4


def test_noCircles():
    exposure = makeExposure()
    assert sumCircles(exposure, np.zeros(0), np.zeros(0), [5.0], np.zeros((1, 0), dtype=bool)).shape == (1, 0)


@pytest.mark.parametrize("amplitude", [0.0, 300.0, 1e5])
def test_combinationsAreShiftedCoefficients(amplitude, monkeypatch):
    exposure = makeExposure(260, 250, seed=7)
    rng = np.random.default_rng(8)
    x, y = placeInside(400, exposure, 3)
    column = np.rint(x).astype(int) - exposure.getX0()
    row = np.rint(y).astype(int) - exposure.getY0()
    for dx in (-1, 0, 1):
        for dy in (-1, 0, 1):
            exposure.image.array[row + dy, column + dx] += amplitude * rng.uniform(0, 1, 400)
    exposure.variance.array[:] = rng.uniform(1, 9, (250, 260))
    exposure.variance.array[30, 40] = 1e7
    exposure.variance.array[200, 200] = np.inf
    exposure.image.array[100, 210] = np.nan
    radii, wanted = [3.0, 6.0], np.ones((2, 400), dtype=bool)
    fluxes, variances = sumSincApertures(exposure, x, y, radii, "lanczos5", wanted)
    monkeypatch.setattr(_sincSums, "_FEW", 10000)
    expected, expectedVariances = sumSincApertures(exposure, x, y, radii, "lanczos5", wanted)
    finite = np.isfinite(expectedVariances)
    assert 0 < np.count_nonzero(~finite) < 200
    np.testing.assert_array_equal(np.isfinite(variances), finite)
    np.testing.assert_array_equal(np.isfinite(fluxes), np.isfinite(expected))
    np.testing.assert_allclose(variances[finite], expectedVariances[finite], rtol=1e-4)
    finite &= np.isfinite(expected)
    offset = (fluxes - expected)[finite] / np.sqrt(expectedVariances[finite])
    assert np.abs(offset).max() <= 3e-4


def test_whatTheBasisLeavesOutIsKnown():
    rng = np.random.default_rng(9)
    aperture = _sincSums._ShiftedCoefficients.make(4.5, "lanczos5", (1, -1))
    dx, dy = rng.uniform(0, 0.5, 50), rng.uniform(-0.5, 0, 50)
    exact = _sincSums._shift(_sincSums.sincCoefficients(4.5), dx, dy, "lanczos5").reshape(50, -1)
    weights = ShiftBasis.interpolate(dx, dy)
    for basis, images in ((aperture.coefficients, exact), (aperture.squares, exact**2)):
        found = weights @ basis.mixing @ basis.images
        assert np.linalg.norm(found - images, axis=1).max() <= 1.5 * basis.lost
        assert basis.lost <= 2e-5
