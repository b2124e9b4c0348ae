# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Fluxes from peaks, in apertures of the size of the PSF, and of single sources."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from simulated import POINTS, makeDataset, measure

import lsst.afw.geom as afwGeom
import lsst.geom as geom
from lsst.afw.detection import GaussianPsf

FLUXES = [1e5, 3e4, 2e4, 5e5]
SIGMA = 2.0


def makeFiltered(exposure):
    """Convolve an image with its own Gaussian PSF; noise of the filtered image is that of every pixel."""
    exposure.image.array[:] = gaussian_filter(exposure.image.array.astype(float), SIGMA, truncate=8)
    exposure.variance.array[:] /= 4 * np.pi * SIGMA**2


def test_peakOfFilteredImageIsThePsfFlux():
    catalog, _ = measure(
        makeDataset(flux=FLUXES),
        ["base_PsfFlux", "base_PeakLikelihoodFlux"],
        noise=10.0,
    )
    filtered, _ = measure(
        makeDataset(flux=FLUXES), ["base_PeakLikelihoodFlux"], noise=10.0, editExposure=makeFiltered
    )
    # Independent of each other but for the noise, which both see: they agree better than by their errors.
    flux, error = (filtered["base_PeakLikelihoodFlux_" + name] for name in ("instFlux", "instFluxErr"))
    assert not filtered["base_PeakLikelihoodFlux_flag"].any()
    assert (np.abs(flux - catalog["base_PsfFlux_instFlux"]) < 0.1 * error + 2e-4 * flux).all()
    # The kernel of the interpolation passes on less noise between the pixels; the truth is 4 pi sigma^2.
    assert error == pytest.approx(10.0 * np.sqrt(4 * np.pi) * SIGMA, rel=0.35)


def test_peakNeedsTheKernelOnTheImage():
    dataset = makeDataset([(1.2, 60.0), (60.0, 60.0)])
    catalog, _ = measure(dataset, ["base_PeakLikelihoodFlux"])
    assert catalog["base_PeakLikelihoodFlux_flag"].tolist() == [False, False]
    dataset = makeDataset([(-1.8, 60.0), (60.0, 60.0)])
    catalog, _ = measure(dataset, ["base_PeakLikelihoodFlux"])
    assert catalog["base_PeakLikelihoodFlux_flag"].tolist() == [True, False]
    assert np.isnan(catalog["base_PeakLikelihoodFlux_instFlux"]).tolist() == [True, False]


@pytest.mark.parametrize("scale, tolerance", [(0.7, 0.03), (1.5, 3e-4), (3.14, 2e-4)])
def test_scaledAperture(scale, tolerance):
    # The images of the coefficients of small apertures are small: shifting them costs precision.
    def edit(config):
        config.plugins["base_ScaledApertureFlux"].scale = scale

    catalog, _ = measure(makeDataset(flux=1e5), ["base_ScaledApertureFlux"], edit=edit)
    radius = scale * 2 * np.sqrt(2 * np.log(2)) * SIGMA
    expected = 1e5 * (1 - np.exp(-(radius**2) / (2 * SIGMA**2)))
    assert catalog["base_ScaledApertureFlux_instFlux"] == pytest.approx(expected, rel=tolerance)
    assert not catalog["base_ScaledApertureFlux_flag"].any()


def test_scaledApertureThatIsTruncated():
    catalog, _ = measure(makeDataset([(4.0, 60.0), (14.0, 60.0), (80.0, 60.0)]), ["base_ScaledApertureFlux"])
    prefix = "base_ScaledApertureFlux_flag"
    assert catalog[prefix].tolist() == catalog[prefix + "_apertureTruncated"].tolist() == [True, False, False]
    assert catalog[prefix + "_sincCoeffsTruncated"].tolist() == [True, True, False]
    assert np.isnan(catalog["base_ScaledApertureFlux_instFlux"]).tolist() == [True, False, False]


def test_varyingPsfsHaveAperturesOfTheirOwn():
    class Growing(GaussianPsf):
        def _doComputeShape(self, position, color=None):
            return afwGeom.Quadrupole(position.getX() / 30, position.getX() / 30, 0)

    try:
        psf = Growing(17, 17, SIGMA)
        if psf.computeShape(geom.Point2D(90, 0)).getIxx() != 3.0:
            pytest.skip("Gaussian PSFs cannot be varied by a subclass")
    except TypeError:
        pytest.skip("Gaussian PSFs cannot be varied by a subclass")
    catalog, _ = measure(
        makeDataset(flux=1e5), ["base_ScaledApertureFlux"], editExposure=lambda exposure: exposure.setPsf(psf)
    )
    for flux, (x, _) in zip(catalog["base_ScaledApertureFlux_instFlux"], POINTS):
        radius = 3.14 * 2 * np.sqrt(2 * np.log(2)) * np.sqrt(x / 30)
        assert flux == pytest.approx(1e5 * (1 - np.exp(-(radius**2) / (2 * SIGMA**2))), rel=2e-4)


@pytest.mark.parametrize(
    "plugin, smallest",
    [
        ("base_ScaledApertureFlux", "base_ScaledApertureFlux"),
        ("base_CircularApertureFlux", "base_CircularApertureFlux_3_0"),
    ],
)
def test_sourcesThatAreFarOffTheImage(plugin, smallest):
    def edit(catalog):
        catalog["truth_x"] = [-5000.0, 120.0, 45.2, 1e7]

    catalog, _ = measure(makeDataset(), [plugin], editCatalog=edit)
    prefixes = [name[: -len("_flag")] for name in catalog.schema.getNames() if name.startswith(plugin)
                and name.endswith("_flag")]
    assert prefixes
    for prefix in prefixes:
        flags = catalog[prefix + "_flag"]
        assert flags[[0, 3]].all()
        assert not catalog[prefix + "_flag_apertureTruncated"][[0, 3]].any()  # nothing to be truncated
        assert np.isnan(catalog[prefix + "_instFlux"][[0, 3]]).all()
    assert not catalog[smallest + "_flag"][[1, 2]].any()
