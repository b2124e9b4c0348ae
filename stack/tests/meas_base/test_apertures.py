# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The sums under base_CircularApertureFlux: fast ways against the pixels one by one."""

import numpy as np
import pytest
from forced import makeExposure

import lsst.afw.image as afwImage
import lsst.afw.math as afwMath
from lsst.afw.image import ImageD
from lsst.afw.math._shiftStamps import Shifts, sumShifted
from lsst.afw.math._sincCoefficients import sincCoefficients
from lsst.meas.base._circleSums import sumCircles
from lsst.meas.base._planes import getPlanes
from lsst.meas.base.apertureFlux import _splitPositions

RADII = [9.5, 14.0, 2.0]


def placeInside(n, exposure, margin, seed=2):
    rng = np.random.default_rng(seed)
    box = exposure.getBBox()
    return (
        rng.uniform(box.getMinX() + margin, box.getMaxX() - margin, n),
        rng.uniform(box.getMinY() + margin, box.getMaxY() - margin, n),
    )


@pytest.mark.parametrize("n", [3, 700])
def test_circlesHaveTheSumOfTheirPixels(n):
    exposure = makeExposure(1300, 150)
    rng = np.random.default_rng(4)
    exposure.variance.array[:] = rng.uniform(1, 9, (150, 1300))
    image, variance = exposure.image.array, exposure.variance.array
    image[20, 30::100], image[70, 70::100], image[100, 40::100] = np.nan, np.inf, 1e25
    variance[20, 30::100], variance[120, 30::100] = np.nan, np.inf
    x, y = placeInside(n, exposure, 15)
    wanted = rng.random((3, n)) < 0.9
    fluxes, variances = sumCircles(exposure, x, y, RADII, wanted)
    columns, rows = np.meshgrid(exposure.getX0() + np.arange(1300), exposure.getY0() + np.arange(150))
    kinds = set()
    for i in rng.choice(n, min(n, 150), replace=False):
        for k, radius in enumerate(RADII):
            if not wanted[k, i]:
                assert np.isnan(fluxes[k, i]) and np.isnan(variances[k, i])
                continue
            inside = np.hypot(columns - x[i], rows - y[i]) <= radius
            flux, total = image[inside].sum(dtype=float), variance[inside].sum(dtype=float)
            assert fluxes[k, i] == pytest.approx(flux, rel=1e-9, abs=1e-9, nan_ok=True)
            assert variances[k, i] == pytest.approx(total, rel=1e-9, nan_ok=True)
            kinds.add((str(flux) if not np.isfinite(flux) else "finite", bool(flux > 1e24)))
    assert n < 700 or len(kinds) == 4


def test_noCircles():
    exposure = makeExposure()
    sums = sumCircles(exposure, np.zeros(0), np.zeros(0), [5.0], np.zeros((1, 0), dtype=bool))
    assert sums.shape == (2, 1, 0)


def sumOffset(exposure, x, y, coefficients, kernelName, change=np.asarray):
    """Sum pixels with coefficients that `offsetImage` shifts, each product changed by a function."""
    shifted = afwMath.offsetImage(ImageD(coefficients.copy()), x, y, kernelName)
    half = len(coefficients) // 2
    shifted.setXY0(shifted.getX0() - half, shifted.getY0() - half)
    overlap = shifted.getBBox().clippedTo(exposure.getBBox())
    weights, part = shifted[overlap].array, exposure.maskedImage[overlap]
    return change(weights * part.image.array).sum(), (weights**2 * part.variance.array).sum()


@pytest.mark.parametrize("kernelName", ["lanczos5", "bilinear"])
@pytest.mark.parametrize("imageClass, precision", [(afwImage.ExposureF, 2e-7), (afwImage.ExposureD, 1e-14)])
def test_sincSumsAreThoseOfOffsetCoefficients(imageClass, precision, kernelName):
    rng = np.random.default_rng(8)
    exposure = imageClass(makeExposure(160, 150).getBBox())
    exposure.image.array[:] = rng.normal(0, 2, (150, 160))
    exposure.variance.array[:] = rng.uniform(1, 9, (150, 160))
    exposure.image.array[70:75, 60:65] += 1e6
    exposure.image.array[100, 21] = np.nan
    x, y = placeInside(60, exposure, 3)
    x[:2], y[:2] = [90.0, 91.5], [50.0, 51.0]
    apertures = [sincCoefficients(radius) for radius in (3.0, 6.0, 9.0)]
    wanted = rng.random((3, 60)) < 0.9
    pixels, dx, dy = _splitPositions(x, y)
    planes, starts = getPlanes(exposure), pixels - [exposure.getX0(), exposure.getY0()]
    shifts = Shifts.make(dx, dy, kernelName)
    fluxes, variances = sumShifted(planes[0], planes[2], starts, apertures, shifts, wanted)
    assert np.array_equal(np.isnan(variances), ~wanted)
    assert 0 < np.isnan(fluxes[wanted]).sum() < 20
    for index, row in np.argwhere(wanted):
        flux, variance = sumOffset(exposure, x[row], y[row], apertures[index], kernelName)
        norm = sumOffset(exposure, x[row], y[row], apertures[index], kernelName, abs)[0]
        assert fluxes[index, row] == pytest.approx(flux, abs=precision * norm, nan_ok=True)
        assert variances[index, row] == pytest.approx(variance, rel=precision)
