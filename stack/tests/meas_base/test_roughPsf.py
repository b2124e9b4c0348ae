# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""base_PsfFlux with PSF images of single precision, against the exact ones."""

import numpy as np
import pytest
from forced import makeExposure, makeTask, measureAt

import lsst.afw.math as afwMath
import lsst.geom as geom
from lsst.afw.detection import GaussianPsf, _psfBatch
from lsst.meas.algorithms import KernelPsf, PcaPsf

PLUGINS = ("base_TransformedCentroidFromCoord", "base_PsfFlux")


def makePsfs():
    images = [GaussianPsf(19, 19, sigma).computeKernelImage(geom.Point2D(0, 0)) for sigma in (1.6, 2.4)]
    kernels = [afwMath.FixedKernel(image) for image in images]
    varying = afwMath.LinearCombinationKernel(kernels, afwMath.PolynomialFunction2D(1))
    varying.setSpatialParameters([[0.7, 0.001, 0.002], [0.3, -0.001, -0.002]])
    return {"fixed": KernelPsf(kernels[0]), "varying": PcaPsf(varying), "gaussian": GaussianPsf(19, 19, 2.0)}


@pytest.mark.parametrize("kind", ["fixed", "varying", "gaussian"])
def test_fluxesAgree(kind, monkeypatch):
    exposure = makeExposure(150, 140, seed=3)
    exposure.setPsf(makePsfs()[kind])
    rng = np.random.default_rng(5)
    x, y = rng.uniform(31, 178, 300), rng.uniform(-19, 118, 300)
    column, row = np.rint(x).astype(int) - 30, np.rint(y).astype(int) + 20
    exposure.image.array[row[:80], column[:80]] += 10 ** rng.uniform(1, 6, 80)
    exposure.variance.array[:] = rng.uniform(1, 9, (140, 150))
    exposure.image.array[60, 70], exposure.variance.array[90, 90] = np.nan, np.inf
    task = makeTask(PLUGINS)
    expected = measureAt(task, exposure, x, y)
    monkeypatch.setattr(_psfBatch, "_MANY", 10)
    calls = []
    original = _psfBatch.PsfBatch._computeRoughImages

    def spy(self, *args):
        for chunk in original(self, *args):
            calls.append(len(chunk[0]))
            yield chunk

    monkeypatch.setattr(_psfBatch.PsfBatch, "_computeRoughImages", spy)
    catalog = measureAt(task, exposure, x, y)
    assert sum(calls) == 300
    errors = expected["base_PsfFlux_instFluxErr"]
    finite = np.isfinite(errors)
    assert 200 < np.count_nonzero(finite) < 300
    np.testing.assert_array_equal(np.isfinite(catalog["base_PsfFlux_instFluxErr"]), finite)
    offset = catalog["base_PsfFlux_instFlux"] - expected["base_PsfFlux_instFlux"]
    assert np.abs(offset[finite] / errors[finite]).max() <= 1e-4
    for column in ("instFluxErr", "area", "chi2", "npixels"):
        name = "base_PsfFlux_" + column
        np.testing.assert_allclose(catalog[name], expected[name], rtol=1e-5)
    for flag in ("flag", "flag_edge", "flag_noGoodPixels"):
        assert np.array_equal(catalog["base_PsfFlux_" + flag], expected["base_PsfFlux_" + flag])
