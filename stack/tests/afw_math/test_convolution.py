# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Convolution against sums written out, pixel by pixel."""

import numpy as np
import pytest

import lsst.afw.image as afwImage
import lsst.afw.math as afwMath
from lsst.geom import Box2I, Extent2I, Point2I
from lsst.pex.exceptions import InvalidParameterError, OverflowError

BOX = Box2I(Point2I(12, -5), Extent2I(30, 26))


def makeImage(cls=afwImage.MaskedImageF, seed=1):
    random = np.random.default_rng(seed)
    image = cls(BOX)
    image.image.array[:] = random.normal(100, 10, image.image.array.shape)
    image.image.array[12, 8] = np.nan
    image.variance.array[:] = random.uniform(1, 5, image.image.array.shape)
    image.mask.array[5, 20] = image.mask.getPlaneBitMask("SAT")
    image.mask.array[20, 4] = image.mask.getPlaneBitMask("CR")
    return image


def varying(*coefficients):
    function = afwMath.PolynomialFunction2D(1)
    function.setParameters(coefficients)
    return function


def makeKernels():
    random = np.random.default_rng(2)
    image = afwImage.ImageD(6, 5)
    image.array[:] = random.uniform(0.1, 1, (5, 6))
    image.array[2, 3] = 0
    widths = [varying(1.5, 0.01, 0.002), varying(1.2, 0.003, 0.01)]
    basis = []
    for seed in range(3):
        part = afwImage.ImageD(3, 4)
        part.array[:] = np.random.default_rng(seed).uniform(0, 1, (4, 3))
        basis.append(afwMath.FixedKernel(part))
    gaussian = afwMath.GaussianFunction1D(1.0)
    return {
        "fixed": afwMath.FixedKernel(image),
        "analytic": afwMath.AnalyticKernel(5, 3, afwMath.GaussianFunction2D(2.0, 1.3, 0.4)),
        "delta": afwMath.DeltaFunctionKernel(5, 4, Point2I(1, 3)),
        "separable": afwMath.SeparableKernel(5, 3, gaussian, afwMath.GaussianFunction1D(0.8)),
        "combination": afwMath.LinearCombinationKernel(basis, [0.5, 0.2, -0.1]),
        "varyingAnalytic": afwMath.AnalyticKernel(
            5, 5, afwMath.GaussianFunction2D(1.0, 1.0, 0.0), [*widths, varying(0.1, 0, 0)]),
        "varyingSeparable": afwMath.SeparableKernel(5, 3, gaussian, gaussian, widths),
        "varyingCombination": afwMath.LinearCombinationKernel(
            basis, [varying(1 + i, 0.01*i, -0.02) for i in range(3)]),
    }


def convolveOnePixel(image, kernel, doNormalize, x, y):
    """Value, mask and variance at local indices."""
    weights = afwImage.ImageD(kernel.getDimensions())
    kernel.computeImage(weights, doNormalize, x + image.getX0(), y + image.getY0())
    left, bottom = x - kernel.getCtr()[0], y - kernel.getCtr()[1]
    value, mask, variance = 0.0, 0, 0.0
    for row in range(kernel.getHeight()):
        for column in range(kernel.getWidth()):
            weight = weights.array[row, column]
            if weight == 0:
                continue
            value += weight*float(image.image.array[bottom + row, left + column])
            mask |= int(image.mask.array[bottom + row, left + column])
            variance += weight**2*float(image.variance.array[bottom + row, left + column])
    return value, mask, variance


@pytest.mark.parametrize("doNormalize", [True, False])
@pytest.mark.parametrize("name", list(makeKernels()))
def test_everyPixelIsTheSum(name, doNormalize):
    image, kernel = makeImage(), makeKernels()[name]
    convolved = afwImage.MaskedImageF(image.getDimensions())
    afwMath.convolve(convolved, image, kernel, afwMath.ConvolutionControl(doNormalize, False, 0))
    assert convolved.getXY0() == image.getXY0()
    good = kernel.shrinkBBox(image.getBBox(afwImage.LOCAL))
    for x in range(good.getMinX(), good.getMaxX() + 1, 3):
        for y in range(good.getMinY(), good.getMaxY() + 1, 2):
            value, mask, variance = convolveOnePixel(image, kernel, doNormalize, x, y)
            np.testing.assert_allclose(convolved.image.array[y, x], value, rtol=1e-6)
            assert convolved.mask.array[y, x] == mask
            np.testing.assert_allclose(convolved.variance.array[y, x], variance, rtol=1e-6)


@pytest.mark.parametrize("doCopyEdge", [True, False])
def test_edges(doCopyEdge):
    image, kernel = makeImage(), makeKernels()["fixed"]
    convolved = afwImage.MaskedImageF(image.getDimensions())
    afwMath.convolve(convolved, image, kernel, True, doCopyEdge)
    inside = kernel.shrinkBBox(image.getBBox())
    edge = np.ones(image.image.array.shape, dtype=bool)
    edge[inside.getMinY() - image.getY0():inside.getMaxY() + 1 - image.getY0(),
         inside.getMinX() - image.getX0():inside.getMaxX() + 1 - image.getX0()] = False
    assert edge.sum() == 30*26 - 25*22
    mask = image.mask
    if doCopyEdge:
        np.testing.assert_array_equal(convolved.image.array[edge], image.image.array[edge])
        expected = mask.array[edge] | mask.getPlaneBitMask("EDGE")
        np.testing.assert_array_equal(convolved.mask.array[edge], expected)
    else:
        assert np.isnan(convolved.image.array[edge]).all() and np.isinf(convolved.variance.array[edge]).all()
        assert (convolved.mask.array[edge] == mask.getPlaneBitMask("NO_DATA")).all()


def test_interpolationIsLinearInsideARegion():
    image = afwImage.ImageD(Box2I(Point2I(0, 0), Extent2I(24, 24)))
    image.array[:] = np.random.default_rng(3).normal(size=(24, 24))
    kernel = makeKernels()["varyingAnalytic"]
    convolved, exact = (afwImage.ImageD(image.getDimensions()) for _ in range(2))
    afwMath.convolve(convolved, image, kernel, afwMath.ConvolutionControl(True, False, 10))
    afwMath.convolve(exact, image, kernel, afwMath.ConvolutionControl(True, False, 1))
    # 20 good pixels are three regions of 7, 6 or 7 (after rounding): corners at 0, 7, 14, 20.
    weights = [afwImage.ImageD(5, 5) for _ in range(4)]
    for weight, (x, y) in zip(weights, [(0, 0), (7, 0), (0, 7), (7, 7)]):
        kernel.computeImage(weight, True, x + 2, y + 2)
    fractionX, fractionY = 3/7, 5/7
    bottom, top = (a.array*(1 - fractionX) + b.array*fractionX for a, b in (weights[:2], weights[2:]))
    expected = ((bottom*(1 - fractionY) + top*fractionY)*image.array[5:10, 3:8]).sum()
    np.testing.assert_allclose(convolved.array[7, 5], expected, rtol=1e-13)
    np.testing.assert_allclose(convolved.array[2, 2], exact.array[2, 2], rtol=1e-13)
    assert 0 < np.abs(convolved.array - exact.array)[2:-2, 2:-2].max() < 0.02


def test_integersAreTruncatedProductByProduct():
    image = afwImage.ImageI(8, 8)
    image.array[:] = np.arange(64).reshape(8, 8) - 20
    kernel = makeKernels()["fixed"]
    weights = afwImage.ImageD(kernel.getDimensions())
    kernel.computeImage(weights, True)
    convolved = afwImage.ImageI(8, 8)
    afwMath.convolve(convolved, image, kernel)
    x0, y0 = kernel.getCtr()
    products = weights.array*image.array[1:6, 1:7]
    expected = sum(int(product) for product in products.ravel())
    assert convolved.array[y0 + 1, x0 + 1] == expected
    assert convolved.array[0, 0] == 0


def test_mistakes():
    image, kernel = makeImage(), makeKernels()["fixed"]
    with pytest.raises(InvalidParameterError, match="convolvedImage dimensions"):
        afwMath.convolve(afwImage.MaskedImageF(3, 3), image, kernel)
    small = afwImage.ImageF(4, 4)
    with pytest.raises(InvalidParameterError, match="smaller than"):
        afwMath.convolve(afwImage.ImageF(4, 4), small, kernel)
    empty = afwMath.FixedKernel(afwImage.ImageD(3, 3))
    with pytest.raises(OverflowError):
        afwMath.convolve(afwImage.ImageF(8, 8), afwImage.ImageF(8, 8), empty)
    target = afwImage.ImageF(8, 8)
    afwMath.convolve(target, afwImage.ImageF(8, 8), empty, False)
    assert target.array[3, 3] == 0


def test_scaledPlus():
    first, second = makeImage(seed=1), makeImage(seed=2)
    total = afwImage.MaskedImageF(first.getDimensions())
    afwMath.scaledPlus(total, 1.5, first, -2.0, second)
    values = 1.5*first.image.array.astype(float) - 2*second.image.array
    np.testing.assert_allclose(total.image.array, values, rtol=1e-6)
    variance = 2.25*first.variance.array + 4*second.variance.array
    np.testing.assert_allclose(total.variance.array, variance, rtol=1e-6)
    np.testing.assert_array_equal(total.mask.array, first.mask.array | second.mask.array)
