# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The measurements on PSF images against analytic values."""

import math

import numpy as np
import pytest

from lsst.afw.image import ImageD
from lsst.afw.math import AnalyticKernel, FixedKernel, GaussianFunction2D, PolynomialFunction2D
from lsst.afw.math._adaptiveMoments import adaptiveMoments
from lsst.afw.math._sincCoefficients import sincCoefficients
from lsst.geom import Extent2I, Point2D
from lsst.meas.algorithms import DoubleGaussianPsf, KernelPsf, PcaPsf, SingleGaussianPsf
from lsst.pex.exceptions import DomainError, InvalidParameterError

ORIGIN = Point2D(0.0, 0.0)


def makeGaussian(shape, x, y, xx, yy, xy):
    rows, columns = np.indices(shape)
    dx, dy = columns - x, rows - y
    determinant = xx*yy - xy*xy
    exponent = (yy*dx*dx - 2*xy*dx*dy + xx*dy*dy)/determinant
    return np.exp(-0.5*exponent)


def test_momentsOfGaussians():
    truth = np.array([[20.3, 22.1, 4.0, 3.0, 0.5], [25.0, 20.0, 6.0, 2.5, -1.0], [22.2, 24.4, 3.0, 3.0, 0.0]])
    images = np.array([scale*makeGaussian((45, 50), *row) for scale, row in zip((5.0, 2.0, 1.0), truth)])
    moments = adaptiveMoments(images, truth[:, 0], truth[:, 1])
    assert not (moments.unweighted | moments.unweightedBad | moments.shift | moments.maxIter).any()
    # The weight is cut at 14 in the exponent.
    np.testing.assert_allclose([moments.xx, moments.yy, moments.xy], truth[:, 2:].T, rtol=2e-3, atol=2e-3)
    np.testing.assert_allclose([moments.x, moments.y], truth[:, :2].T, atol=1e-3)
    np.testing.assert_allclose(moments.amplitude, [5.0, 2.0, 1.0], rtol=2e-3)


def test_momentsDoNotDependOnCompany():
    rng = np.random.default_rng(1)
    truth = np.stack([rng.uniform(20, 22, 6), rng.uniform(18, 20, 6), rng.uniform(0.2, 6, 6),
                      rng.uniform(0.2, 6, 6), np.zeros(6)], axis=1)
    images = np.array([makeGaussian((41, 41), *row) for row in truth]) + rng.normal(0, 0.01, (6, 41, 41))
    together = adaptiveMoments(images, truth[:, 0], truth[:, 1])
    for i in range(6):
        alone = adaptiveMoments(images[i:i + 1], truth[i:i + 1, 0], truth[i:i + 1, 1])
        assert alone.xx[0] == pytest.approx(together.xx[i], rel=1e-12)
        assert alone.unweighted[0] == together.unweighted[i]


def test_momentsInOneLargeImage():
    image = makeGaussian((300, 400), 100.3, 50.2, 4, 3, 0.5)
    image += makeGaussian((300, 400), 310.3, 250.2, 5, 5, 0.0)
    moments = adaptiveMoments(image[np.newaxis], np.array([100.3, 310.3]), np.array([50.2, 250.2]))
    np.testing.assert_allclose(moments.xx, [4, 5], rtol=2e-3)


def test_momentsThatFail():
    images = np.zeros((4, 31, 31))
    images[1] = -makeGaussian((31, 31), 15, 15, 3, 3, 0)
    images[2] = makeGaussian((31, 31), 20, 15, 2, 2, 0)
    moments = adaptiveMoments(images, np.array([15.0, 15.0, 15.0, np.nan]), np.full(4, 15.0))
    assert moments.unweightedBad.tolist() == [True, True, False, True]
    assert moments.shift[2]
    negative = adaptiveMoments(images[1:2], np.array([15.0]), np.array([15.0]), negative=True)
    assert negative.xx[0] == pytest.approx(3, rel=2e-3)


def test_sincApertureOfGaussianIsAnalytic():
    sigma, radius = 2.5, 4.0
    coefficients = sincCoefficients(radius)
    size = coefficients.shape[0]
    image = makeGaussian((size, size), size//2, size//2, sigma**2, sigma**2, 0)/(2*math.pi*sigma**2)
    assert (image*coefficients).sum() == pytest.approx(1 - math.exp(-0.5*(radius/sigma)**2), rel=1e-3)
    ring = sincCoefficients(radius, 2.0)
    assert (image*ring).sum() == pytest.approx(
        math.exp(-0.5*(2.0/sigma)**2) - math.exp(-0.5*(radius/sigma)**2), rel=1e-3)
    flat = sincCoefficients(radius, 0.0, 0.3, 0.5).sum()
    assert flat == pytest.approx(math.pi*radius**2*0.7, rel=1e-2)


def test_gaussianPsfs():
    psf = SingleGaussianPsf(35, 35, 2.0)
    assert psf.computeShape(ORIGIN).getIxx() == pytest.approx(4.0, rel=2e-3)
    assert psf.computeApertureFlux(4.0, ORIGIN) == pytest.approx(1 - math.exp(-2.0), rel=1e-3)
    assert psf.computePeak(ORIGIN) == pytest.approx(1/(8*math.pi), rel=1e-6)
    double = DoubleGaussianPsf(35, 35, 2.0, 4.0, 0.1)
    assert double.computePeak(ORIGIN) == pytest.approx(1.1/(2*math.pi*(4 + 1.6)), rel=1e-3)
    assert double.resized(21, 23).computeBBox(ORIGIN).getDimensions() == Extent2I(21, 23)
    with pytest.raises(DomainError):
        SingleGaussianPsf(35, 35, 0.0)
    with pytest.raises(DomainError):
        DoubleGaussianPsf(35, 35, 1.0, 0.0, 0.1)


def test_apertureOutsideTheImage():
    assert math.isnan(SingleGaussianPsf(11, 11, 2.0).computeApertureFlux(7.0, ORIGIN))


def test_kernelIsCopied():
    kernel = AnalyticKernel(15, 15, GaussianFunction2D(2, 2))
    psf = KernelPsf(kernel, Point2D(3, 4))
    kernel.setKernelParameters([5, 5, 0])
    assert psf.computePeak(ORIGIN) == pytest.approx(1/(8*math.pi), rel=1e-2)
    assert psf.getAveragePosition() == Point2D(3, 4)


def test_varyingKernelWithoutBasis():
    kernel = AnalyticKernel(15, 17, GaussianFunction2D(2, 2), PolynomialFunction2D(1))
    kernel.setSpatialParameters([[2.0, 0.01, 0.0], [2.0, 0.0, 0.01], [0.1, 0.0, 0.0]])
    psf = KernelPsf(kernel)
    positions = np.random.default_rng(2).uniform(0, 50, (5, 2))
    images, xy0 = psf._computeImages(positions)
    shapes = psf._computeShapes(positions)
    fluxes = psf._computeApertureFluxes(3.0, positions)
    for i, (x, y) in enumerate(positions):
        position = Point2D(x, y)
        expected = psf.computeImage(position)
        np.testing.assert_allclose(images[i], expected.array, rtol=0, atol=1e-16)
        assert tuple(xy0[i]) == tuple(expected.getXY0())
        assert shapes[i, 0] == pytest.approx(psf.computeShape(position).getIxx(), rel=1e-12)
        assert fluxes[i] == pytest.approx(psf.computeApertureFlux(3.0, position), rel=1e-12)


def test_pcaPsfNeedsItsKernel():
    with pytest.raises(InvalidParameterError, match="null"):
        PcaPsf(None)
    with pytest.raises(TypeError, match="FixedKernel"):
        PcaPsf(FixedKernel(ImageD(3, 3)))
