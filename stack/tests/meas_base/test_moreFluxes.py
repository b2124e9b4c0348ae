# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Fluxes from peaks, in apertures of the size of the PSF, and of single sources."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from simulated import POINTS, makeDataset, measure
from testDataset import TestDataset

import lsst.afw.geom as afwGeom
import lsst.afw.image as afwImage
import lsst.geom as geom
import lsst.meas.base as measBase
from lsst.afw.detection import GaussianPsf
from lsst.afw.geom.ellipses import Axes
from lsst.pex.exceptions import InvalidParameterError

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


def makeGaussian(axes, size=101):
    """Make an image of an elliptical Gaussian of flux one at its center, twice too wide for the axes."""
    image = TestDataset.drawGaussian(
        geom.Box2I(geom.Point2I(5, -7), geom.Extent2I(size, size)),
        1.0,
        afwGeom.Ellipse(afwGeom.Quadrupole(axes), geom.Point2D(54.6, 42.3)),
    )
    return afwImage.makeMaskedImage(image)


@pytest.mark.parametrize("theta", [0.0, 0.4, 2.5])
@pytest.mark.parametrize("scale", [0.5, 1.0, 2.0])
def test_fluxInAnEllipse(scale, theta):
    axes = Axes(6.0, 3.0, theta)
    image = makeGaussian(axes)
    image.variance.array[:] = 4.0
    aperture = afwGeom.Ellipse(Axes(6.0 * scale, 3.0 * scale, theta), geom.Point2D(54.6, 42.3))
    expected = 1 - np.exp(-0.5 * scale**2)
    sinc = measBase.ApertureFluxAlgorithm.computeSincFlux(image, aperture)
    assert sinc.instFlux == pytest.approx(expected, abs=2e-4 if scale >= 1 else 3e-3)
    naive = measBase.ApertureFluxAlgorithm.computeNaiveFlux(image, aperture)
    assert naive.instFlux == pytest.approx(expected, abs=0.05)
    nPixels = afwGeom.SpanSet.fromShape(aperture).getArea()
    assert naive.instFluxErr == pytest.approx(2 * np.sqrt(nPixels))
    assert sinc.instFluxErr == pytest.approx(naive.instFluxErr, rel=0.15)
    assert not any(result.getFlag("flag") for result in (sinc, naive))
    both = measBase.ApertureFluxAlgorithm.computeFlux(image, aperture)
    assert both.instFlux == sinc.instFlux


def test_fluxWithoutVarianceHasNoError():
    aperture = afwGeom.Ellipse(Axes(6.0, 3.0, 0.1), geom.Point2D(54.6, 42.3))
    image = makeGaussian(Axes(6.0, 3.0, 0.1)).image
    for compute in (
        measBase.ApertureFluxAlgorithm.computeSincFlux, measBase.ApertureFluxAlgorithm.computeNaiveFlux
    ):
        result = compute(image, aperture)
        assert np.isfinite(result.instFlux) and np.isnan(result.instFluxErr)


def test_truncatedEllipses():
    image = makeGaussian(Axes(6.0, 3.0, 0.0))
    flags = measBase.ApertureFluxAlgorithm
    edge = afwGeom.Ellipse(Axes(6.0, 3.0, 0.0), geom.Point2D(8.0, 42.3))
    for result in (flags.computeSincFlux(image, edge), flags.computeNaiveFlux(image, edge)):
        assert result.getFlag(flags.APERTURE_TRUNCATED.number) and result.getFlag(flags.FAILURE.number)
        assert np.isnan(result.instFlux)
    near = afwGeom.Ellipse(Axes(6.0, 3.0, 0.0), geom.Point2D(13.0, 42.3))
    result = flags.computeSincFlux(image, near)
    assert result.getFlag("flag_sincCoeffsTruncated") and not result.getFlag("flag")


def test_annulusIsTheDifferenceOfItsCircles():
    outer, inner = Axes(6.0, 6.0, 0.0), Axes(3.0, 3.0, 0.0)
    annulus = measBase.SincCoeffsD.get(outer, 0.5)
    disk, hole = (measBase.SincCoeffsD.get(axes) for axes in (outer, inner))
    expected = disk.array.copy()
    margin = (len(disk.array) - len(hole.array)) // 2
    # The coefficients of the hole reach less far; what they leave out is small.
    expected[margin:-margin, margin:-margin] -= hole.array
    np.testing.assert_allclose(annulus.array, expected, atol=0.02)
    assert annulus.array.sum() == pytest.approx(np.pi * (36 - 9), rel=1e-9)


def test_adaptiveMomentsOfAnImage():
    image = makeGaussian(Axes(6.0, 3.0, 0.4))
    image.image.array[:] *= 1e5
    image.variance.array[:] = 100.0
    truth = afwGeom.Quadrupole(Axes(6.0, 3.0, 0.4))
    position = geom.Point2D(54.6, 42.3)
    result = measBase.SdssShapeAlgorithm.computeAdaptiveMoments(image, position)
    for moment, value in (("xx", truth.getIxx()), ("yy", truth.getIyy()), ("xy", truth.getIxy())):
        assert getattr(result, moment) == pytest.approx(value, rel=1e-3)
    # Moments are about the given position; the centroid is found from another, too.
    moved = measBase.SdssShapeAlgorithm.computeAdaptiveMoments(image, geom.Point2D(55.0, 42.0))
    assert (moved.x, moved.y) == pytest.approx((54.6, 42.3), abs=0.3)
    assert moved.xx == pytest.approx(truth.getIxx() + 0.4**2, rel=1e-3)
    assert result.instFlux == pytest.approx(1e5, rel=1e-3)
    # Not knowing the shape makes the error of the flux of a Gaussian 2^(1/2) times that of a fit.
    assert result.instFluxErr == pytest.approx(10 * np.sqrt(4 * np.pi * 18.0) * np.sqrt(2), rel=0.02)
    assert not any(result.flags)
    bare = measBase.SdssShapeAlgorithm.computeAdaptiveMoments(image.image, position)
    assert bare.xx == result.xx and np.isnan(bare.xxErr)
    image.image.array[:] *= -1
    negative = measBase.SdssShapeAlgorithm.computeAdaptiveMoments(image, position, True)
    assert negative.xx == result.xx and negative.instFlux == -result.instFlux


def test_fixedMomentsFluxOfAnImage():
    image = makeGaussian(Axes(6.0, 3.0, 0.4))
    shape, position = afwGeom.Quadrupole(Axes(6.0, 3.0, 0.4)), geom.Point2D(54.6, 42.3)
    image.variance.array[:] = 9.0
    result = measBase.SdssShapeAlgorithm.computeFixedMomentsFlux(image, shape, position)
    assert result.instFlux == pytest.approx(1.0, rel=1e-3)
    assert result.instFluxErr == pytest.approx(2 * np.sqrt(9 * np.pi * 18.0), rel=1e-6)
    bare = measBase.SdssShapeAlgorithm.computeFixedMomentsFlux(image.image, shape, position)
    assert bare.instFlux == result.instFlux and np.isnan(bare.instFluxErr)
    with pytest.raises(RuntimeError, match="not in image"):
        measBase.SdssShapeAlgorithm.computeFixedMomentsFlux(image, shape, geom.Point2D(-100, 0))
    with pytest.raises(InvalidParameterError, match="singular"):
        measBase.SdssShapeAlgorithm.computeFixedMomentsFlux(image, afwGeom.Quadrupole(1, 1, 1), position)


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
