# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Shifts against direct sums over the interpolation kernel."""

import numpy as np
import pytest

import lsst.afw.math as afwMath
from lsst.afw.image import ImageD, ImageF, MaskedImageF
from lsst.afw.math._shiftStamps import Shifts, shiftCombinations, shiftImages
from lsst.geom import Point2I
from lsst.pex.exceptions import InvalidParameterError, LengthError


def directShift(image, dx, dy, order=5):
    """Sum over the kernel pixel by pixel, with zero outside the image."""
    def weights(shift):
        shift = float(np.float32(shift))
        taps = range(-order, order) if shift > 0 else range(-order + 1, order + 1)
        values = {t: np.sinc(t + shift)*np.sinc((t + shift)/order) for t in taps}
        total = sum(values.values())
        return {t: value/total for t, value in values.items()}

    height, width = image.shape
    shifted = np.zeros_like(image)
    for s, a in weights(dy).items():
        for t, b in weights(dx).items():
            for y in range(max(0, -s), min(height, height - s)):
                for x in range(max(0, -t), min(width, width - t)):
                    shifted[y, x] += a*b*image[y + s, x + t]
    return shifted


@pytest.mark.parametrize("dx, dy", [(0.3, -0.2), (-0.5, 0.49), (0.0, 0.25), (-0.1, -0.4)])
def test_shiftAgainstDirectSum(dx, dy):
    image = np.random.default_rng(1).random((9, 12))
    expected = directShift(image, dx, dy)
    offset = afwMath.offsetImage(ImageD(image, False, Point2I(3, 4)), dx, dy, "lanczos5", 5)
    np.testing.assert_allclose(offset.array, expected, rtol=0, atol=1e-14)
    assert offset.getXY0() == Point2I(3, 4)
    shifts = Shifts.make(np.array([dx]), np.array([dy]))
    np.testing.assert_allclose(shiftImages(image[np.newaxis], shifts)[0], expected, rtol=0, atol=1e-14)


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("algorithm", ["lanczos7", "lanczos5", "lanczos3", "bilinear", "nearest"])
def test_combinationsEqualImages(count, algorithm):
    rng = np.random.default_rng(count)
    basis, coefficients = rng.random((count, 11, 8)), rng.random((20, count))
    dx, dy = rng.uniform(-0.5, 0.5, (2, 20))
    dx[3], dy[4] = 0.0, 0.0
    shifts = Shifts.make(dx, dy, algorithm)
    images = np.tensordot(coefficients, basis, axes=1)
    shifted = shiftImages(images, shifts)
    np.testing.assert_allclose(shiftCombinations(basis, coefficients, shifts), shifted, rtol=0, atol=1e-13)
    np.testing.assert_array_equal(shiftImages(images[5:9], shifts[5:9]), shifted[5:9])
    for i in (3, 4, 7):
        expected = afwMath.offsetImage(ImageD(images[i].copy()), dx[i], dy[i], algorithm, 7)
        np.testing.assert_allclose(shifted[i], expected.array, rtol=0, atol=1e-13)


def test_offsetWithoutBufferKeepsTheBorder():
    image = ImageF(np.random.default_rng(2).random((20, 30)).astype(np.float32))
    shifted = afwMath.offsetImage(image, 2.3, -4.4)
    assert shifted.getXY0() == Point2I(2, -4)
    np.testing.assert_array_equal(shifted.array[:4], image.array[:4])
    assert shifted.array.dtype == np.float32
    assert not np.array_equal(shifted.array[5:-5, 5:-5], image.array[5:-5, 5:-5])


def test_offsetMaskedImage():
    image = MaskedImageF(30, 30)
    image.image.array[:, :] = 2.0
    image.variance.array[:, :] = 3.0
    image.mask.array[15, 15] = image.mask.getPlaneBitMask("SAT")
    shifted = afwMath.offsetImage(image, 0.5, 0.0, "bilinear")
    np.testing.assert_allclose(shifted.image.array, 2.0, rtol=1e-6)
    np.testing.assert_allclose(shifted.variance.array[1:-1, 1:-1], 1.5, rtol=1e-6)
    assert shifted.mask.array[15, 15] and shifted.mask.array[15, 16]
    assert not shifted.mask.array[15, 17]
    assert shifted.mask.array[5, 0] == image.mask.getPlaneBitMask("EDGE")


def test_tooSmallToOffset():
    # The kernel has 10 pixels.
    for width, height in ((9, 30), (30, 9), (9, 9)):
        with pytest.raises(LengthError, match="too small"):
            afwMath.offsetImage(ImageD(width, height), 0.2, 0.2, "lanczos5")
    assert afwMath.offsetImage(ImageD(10, 10), 0.2, 0.2, "lanczos5").getWidth() == 10
    with pytest.raises(InvalidParameterError, match="unknown warping kernel"):
        afwMath.offsetImage(ImageD(30, 30), 0.2, 0.2, "cubic")
