# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""base_PsfFlux against a fit written out here."""

import numpy as np
import pytest
from forced import makeExposure, makeTask, measureAt

import lsst.afw.image as afwImage
import lsst.afw.math as afwMath
import lsst.geom as geom
from lsst.afw.detection import GaussianPsf
from lsst.meas.algorithms import KernelPsf, PcaPsf
from lsst.meas.base import FatalAlgorithmError

PLUGINS = ("base_TransformedCentroidFromCoord", "base_PsfFlux")


def fit(exposure, x, y, bad=0):
    """Fit the PSF at a position, pixel by pixel."""
    psf = exposure.getPsf().computeImage(geom.Point2D(x, y))
    sums, nOnImage = np.zeros(4), 0
    pixels = []
    for row in range(psf.getHeight()):
        for column in range(psf.getWidth()):
            i, j = psf.getX0() + column - exposure.getX0(), psf.getY0() + row - exposure.getY0()
            if 0 <= i < exposure.getWidth() and 0 <= j < exposure.getHeight():
                nOnImage += 1
                if exposure.mask.array[j, i] & bad:
                    continue
                phi, data = psf.array[row, column], float(exposure.image.array[j, i])
                variance = float(exposure.variance.array[j, i])
                sums += phi * data, phi * phi, phi * phi * variance, phi
                pixels.append((phi, data, variance))
    flux = sums[0] / sums[1]
    chi2 = sum((data - flux * phi) ** 2 / variance for phi, data, variance in pixels)
    clipped = nOnImage < psf.array.size
    return flux, np.sqrt(sums[2]) / sums[1], sums[3] / sums[1], chi2, len(pixels), clipped


def test_fitIncludingEdges():
    exposure = makeExposure()
    exposure.variance.array[:] = np.random.default_rng(2).uniform(1, 9, exposure.variance.array.shape)
    x = np.array([30.0, 90.2, 149.4, 60.7, 33.3, 75.5])
    y = np.array([-20.0, 10.9, 79.4, -19.2, 50.1, 30.5])
    catalog = measureAt(makeTask(PLUGINS), exposure, x, y)
    for record, *position in zip(catalog, x, y):
        flux, error, area, chi2, npixels, clipped = fit(exposure, *record.getCentroid())
        assert tuple(record.getCentroid()) == pytest.approx(position, abs=1e-7)
        assert record["base_PsfFlux_instFlux"] == pytest.approx(flux, rel=1e-11)
        assert record["base_PsfFlux_instFluxErr"] == pytest.approx(error, rel=1e-11)
        assert record["base_PsfFlux_area"] == pytest.approx(area, rel=1e-6)
        assert record["base_PsfFlux_chi2"] == pytest.approx(chi2, rel=1e-6)
        assert record["base_PsfFlux_npixels"] == npixels
        assert record["base_PsfFlux_flag"] == record["base_PsfFlux_flag_edge"] == clipped


def makeKernelPsf(kind):
    """Make the PSF of a kernel: the same everywhere, varying linearly, or in any way."""
    images = [GaussianPsf(19, 17, sigma).computeKernelImage(geom.Point2D(0, 0)) for sigma in (1.6, 2.4)]
    kernels = [afwMath.FixedKernel(image) for image in images]
    if kind == "fixed":
        return KernelPsf(kernels[0])
    if kind == "any":
        kernel = afwMath.AnalyticKernel(
            19, 17, afwMath.GaussianFunction2D(2.0, 2.0, 0.0), afwMath.PolynomialFunction2D(1)
        )
        kernel.setSpatialParameters([[2.0, 0.001, 0.002], [2.2, 0.001, -0.002], [0.3, 0.0, 0.001]])
        return KernelPsf(kernel)
    varying = afwMath.LinearCombinationKernel(kernels, afwMath.PolynomialFunction2D(1))
    varying.setSpatialParameters([[0.7, 0.001, 0.002], [0.3, -0.001, -0.002]])
    return PcaPsf(varying)


@pytest.mark.parametrize("kind", ["fixed", "varying", "any"])
def test_brightSourcesUnderKernelPsfs(kind):
    exposure = makeExposure()
    exposure.setPsf(makeKernelPsf(kind))
    rng = np.random.default_rng(5)
    x, y = rng.uniform(29.6, 149.4, 140), rng.uniform(-20.4, 79.4, 140)
    exposure.image.array[np.rint(y[:40]).astype(int) + 20, np.rint(x[:40]).astype(int) - 30] += 1e6
    exposure.mask.array[::7, ::5] = exposure.mask.getPlaneBitMask("BAD")

    def edit(config):
        config.plugins["base_PsfFlux"].badMaskPlanes = ["BAD"]

    catalog = measureAt(makeTask(PLUGINS, edit), exposure, x, y)
    for record in catalog[::9]:
        flux, error, area, _, npixels, clipped = fit(exposure, *record.getCentroid(), bad=1)
        assert record["base_PsfFlux_instFlux"] == pytest.approx(flux, rel=1e-11, abs=1e-11 * error)
        assert record["base_PsfFlux_instFluxErr"] == pytest.approx(error, rel=1e-11)
        assert record["base_PsfFlux_area"] == pytest.approx(area, rel=1e-6)
        assert (record["base_PsfFlux_npixels"], record["base_PsfFlux_flag_edge"]) == (npixels, clipped)


def test_doublePrecision():
    exposure = makeExposure()
    x, y = np.array([70.3, 31.0]), np.array([12.4, 60.6])
    expected = measureAt(makeTask(PLUGINS), exposure, x, y)
    double = afwImage.ExposureD(exposure.getBBox())
    double.image.array[:], double.variance.array[:] = exposure.image.array, exposure.variance.array
    for part in ("Psf", "Wcs"):
        getattr(double, f"set{part}")(getattr(exposure, f"get{part}")())
    catalog = measureAt(makeTask(PLUGINS), double, x, y)
    for column in ("instFlux", "instFluxErr"):
        name = "base_PsfFlux_" + column
        np.testing.assert_allclose(catalog[name], expected[name], rtol=1e-12)


def test_masksAreLeftOut():
    exposure = makeExposure()
    exposure.mask.array[30:34, 40:60] = exposure.mask.getPlaneBitMask("SAT")
    exposure.image.array[30:34, 40:60] = np.nan

    def edit(config):
        config.plugins["base_PsfFlux"].badMaskPlanes = ["SAT", "CR"]

    record = measureAt(makeTask(PLUGINS, edit), exposure, [80.3], [12.0])[0]
    flux, _, _, _, npixels, _ = fit(exposure, *record.getCentroid(), bad=exposure.mask.getPlaneBitMask("SAT"))
    assert record["base_PsfFlux_instFlux"] == pytest.approx(flux, rel=1e-11)
    assert record["base_PsfFlux_npixels"] == npixels < 441
    assert not record["base_PsfFlux_flag"]


def test_failures():
    exposure = makeExposure()
    exposure.image.array[32, 60] = np.nan
    exposure.mask.array[:, 90:] = exposure.mask.getPlaneBitMask("BAD")

    def edit(config):
        config.plugins["base_PsfFlux"].badMaskPlanes = ["BAD"]

    catalog = measureAt(makeTask(PLUGINS, edit), exposure, [90.0, 140.0, 50.0], [12.0, 30.0, 30.0])
    assert list(catalog["base_PsfFlux_flag"]) == [True, True, False]
    assert list(catalog["base_PsfFlux_flag_noGoodPixels"]) == [False, True, False]
    assert list(catalog["base_PsfFlux_npixels"]) == [441, 0, 441]
    assert list(np.isnan(catalog["base_PsfFlux_instFlux"])) == [True, True, False]
    assert np.isfinite(catalog["base_PsfFlux_area"][0]) and np.isnan(catalog["base_PsfFlux_area"][1])


def test_noPsfEndsTheMeasurement():
    exposure = makeExposure()
    task = makeTask(PLUGINS)
    catalog = measureAt(task, exposure, [90.0], [10.0])
    exposure.setPsf(None)
    with pytest.raises(FatalAlgorithmError):
        task.run(catalog, exposure, catalog, exposure.getWcs())


def test_nothingToMeasure():
    assert len(measureAt(makeTask(), makeExposure(), [], [])) == 0
