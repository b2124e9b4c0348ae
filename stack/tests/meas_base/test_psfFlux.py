# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""base_PsfFlux against a fit written out here."""

import numpy as np
import pytest
from forced import makeExposure, makeTask, measureAt

import lsst.geom as geom
from lsst.meas.base import FatalAlgorithmError

PLUGINS = ("base_TransformedCentroidFromCoord", "base_PsfFlux")


def fit(exposure, x, y, bad=0):
    """Fit the PSF at a position, pixel by pixel."""
    psf = exposure.getPsf().computeImage(geom.Point2D(x, y))
    sums = np.zeros(4)
    pixels = []
    for row in range(psf.getHeight()):
        for column in range(psf.getWidth()):
            i, j = psf.getX0() + column - exposure.getX0(), psf.getY0() + row - exposure.getY0()
            if 0 <= i < exposure.getWidth() and 0 <= j < exposure.getHeight():
                if exposure.mask.array[j, i] & bad:
                    continue
                phi, data = psf.array[row, column], float(exposure.image.array[j, i])
                variance = float(exposure.variance.array[j, i])
                sums += phi * data, phi * phi, phi * phi * variance, phi
                pixels.append((phi, data, variance))
    flux = sums[0] / sums[1]
    chi2 = sum((data - flux * phi) ** 2 / variance for phi, data, variance in pixels)
    clipped = len(pixels) < psf.array.size
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
