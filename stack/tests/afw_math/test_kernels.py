# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Kernels: images, normalisation, what depends on position, and storage."""

import numpy as np
import pytest

import lsst.afw.math as afwMath
from lsst.afw.image import ImageD
from lsst.geom import Extent2I, Point2I
from lsst.pex.exceptions import InvalidParameterError, OverflowError


def makeBasis(count, size=7):
    rng = np.random.default_rng(3)
    return [afwMath.FixedKernel(ImageD(rng.random((size, size)))) for _ in range(count)]


def computeImage(kernel, doNormalize, *position):
    image = ImageD(kernel.getDimensions())
    total = kernel.computeImage(image, doNormalize, *position)
    return image, total


def test_fixedKernel():
    array = np.arange(12.0).reshape(3, 4)
    kernel = afwMath.FixedKernel(ImageD(array))
    array[0, 0] = 99.0
    image, total = computeImage(kernel, True)
    assert total == 1.0
    assert image.getXY0() == Point2I(-1, -1)
    np.testing.assert_allclose(image.array, np.arange(12.0).reshape(3, 4)/66, rtol=1e-15)


def test_normalizationOfZero():
    with pytest.raises(OverflowError, match="sum is 0"):
        computeImage(afwMath.FixedKernel(ImageD(3, 3)), True)


def test_linearCombination():
    basis = makeBasis(2)
    kernel = afwMath.LinearCombinationKernel(basis, afwMath.PolynomialFunction2D(1))
    kernel.setSpatialParameters([[1.0, 0.0, 0.1], [0.0, 0.2, 0.0]])
    image, total = computeImage(kernel, False, 3.0, 4.0)
    expected = 1.4*basis[0]._array + 0.6*basis[1]._array
    np.testing.assert_allclose(image.array, expected, rtol=1e-14)
    assert total == pytest.approx(expected.sum(), rel=1e-14)
    assert kernel.getKernelParameters() == pytest.approx([1.4, 0.6])


def test_batchEqualsSingle():
    rng = np.random.default_rng(4)
    x, y = rng.uniform(0, 100, (2, 10))
    combination = afwMath.LinearCombinationKernel(makeBasis(3), afwMath.PolynomialFunction2D(2))
    combination.setSpatialParameters(rng.random((3, 6)))
    analytic = afwMath.AnalyticKernel(9, 7, afwMath.GaussianFunction2D(1, 1), afwMath.PolynomialFunction2D(1))
    analytic.setSpatialParameters([[2, 0.01, 0], [1, 0, 0.01], [0.1, 0, 0]])
    for kernel in (combination, analytic, makeBasis(1)[0]):
        basis, coefficients = kernel._computeArrays(x, y)
        images = basis if coefficients is None else np.tensordot(coefficients, basis, axes=1)
        for i in range(len(x)):
            np.testing.assert_allclose(images[i], computeImage(kernel, True, x[i], y[i])[0].array, rtol=1e-12)


def test_evenSizesAreCentredAsInTheStack():
    function = afwMath.GaussianFunction2D(1, 1)
    spatial = afwMath.PolynomialFunction2D(0)
    assert afwMath.AnalyticKernel(6, 8, function).getCtr() == Point2I(2, 3)
    assert afwMath.AnalyticKernel(6, 8, function, spatial).getCtr() == Point2I(2, 3)
    assert afwMath.AnalyticKernel(6, 8, function, [spatial]*3).getCtr() == Point2I(3, 4)


def test_badKernels():
    with pytest.raises(InvalidParameterError, match="dimensions"):
        makeBasis(1)[0].computeImage(ImageD(3, 3), True)
    with pytest.raises(InvalidParameterError, match="kernel 1 has different size"):
        afwMath.LinearCombinationKernel(makeBasis(1, 7) + makeBasis(1, 5), [1, 2])
    with pytest.raises(InvalidParameterError, match="odd value"):
        makeBasis(1)[0].resized(8, 8)


@pytest.mark.parametrize("kernel", [
    makeBasis(1)[0],
    afwMath.AnalyticKernel(9, 7, afwMath.GaussianFunction2D(1, 2, 0.3)),
    afwMath.AnalyticKernel(9, 7, afwMath.DoubleGaussianFunction2D(1, 2, 0.3),
                           [afwMath.Chebyshev1Function2D([1.0, 0.1, 0.2])]*3),
    afwMath.LinearCombinationKernel(makeBasis(2), [0.5, 2.0]),
    afwMath.LinearCombinationKernel(makeBasis(2), [afwMath.PolynomialFunction2D([1.0, 0.1, 0.2])]*2),
    afwMath.DeltaFunctionKernel(4, 5, Point2I(1, 3)),
], ids=lambda kernel: type(kernel).__name__)
def test_storage(kernel, tmp_path):
    kernel.setCtr(kernel.getCtr() + Extent2I(1, 0))
    path = str(tmp_path/"kernel.fits")
    kernel.writeFits(path)
    restored = type(kernel).readFits(path)
    assert restored.getCtr() == kernel.getCtr()
    np.testing.assert_array_equal(computeImage(restored, True, 0.3, 0.5)[0].array,
                                  computeImage(kernel, True, 0.3, 0.5)[0].array)


@pytest.mark.parametrize("name", ["lanczos3", "bilinear", "nearest"])
def test_warpingControlStorage(name, tmp_path):
    control = afwMath.WarpingControl(name, "" if name == "lanczos3" else name, 100, 5, 7)
    path = str(tmp_path/"control.fits")
    control.writeFits(path)
    restored = afwMath.WarpingControl.readFits(path)
    assert type(restored.getWarpingKernel()) is type(control.getWarpingKernel())
    assert restored.getWarpingKernel().getWidth() == control.getWarpingKernel().getWidth()
    assert restored.hasMaskWarpingKernel() == control.hasMaskWarpingKernel()
    assert (restored.getCacheSize(), restored.getInterpLength(), restored.getGrowFullMask()) == (100, 5, 7)
