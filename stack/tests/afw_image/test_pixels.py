# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Pixel classes: construction, sub-images, indexing, arithmetic."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsst.afw.image import (
    LOCAL,
    PARENT,
    Image,
    ImageD,
    ImageF,
    ImageI,
    ImageL,
    ImageU,
    MaskedImageF,
    MaskX,
    imagesOverlap,
    makeMaskedImage,
)
from lsst.geom import Box2I, Extent2I, Point2I
from lsst.pex.exceptions import LengthError

BOX = Box2I(Point2I(10, 20), Extent2I(7, 5))


def ramp(cls=ImageF):
    image = cls(BOX)
    image.array[:] = np.arange(35).reshape(5, 7)
    return image


@pytest.mark.parametrize("cls, dtype", [(ImageI, "i4"), (ImageF, "f4"), (ImageD, "f8"), (ImageU, "u2"),
                                        (ImageL, "u8")])
def testPixelTypes(cls, dtype):
    assert cls(3, 2, 5).array.dtype == dtype
    assert cls(Extent2I(3, 2)).array.shape == (2, 3)
    assert Image(BOX, dtype=np.dtype(dtype).type).__class__ is cls
    assert cls(np.ones((2, 3), dtype)).getXY0() == Point2I(0, 0)


def testArrayIsShared():
    array = np.zeros((5, 7), np.float32)
    image = ImageF(array, xy0=BOX.getMin())
    image[12, 21] = 3.5
    assert array[1, 2] == 3.5
    assert not np.shares_memory(ImageF(array, True).array, array)


@pytest.mark.parametrize("array", [np.zeros((2, 2)), np.zeros(3, np.float32),
                                   np.zeros((4, 4), np.float32)[:, ::2]])
def testUnsuitableArrays(array):
    with pytest.raises(TypeError):
        ImageF(array)


def testSubimageSharesMemory():
    image = ramp()
    part = image[Box2I(Point2I(11, 21), Extent2I(3, 2))]
    assert part.getXY0() == Point2I(11, 21)
    part.set(-1)
    assert np.all(image.array[1:3, 1:4] == -1)
    assert (image.array == -1).sum() == 6
    copy = ImageF(image, part.getBBox(), PARENT, True)
    copy.set(777)
    assert not np.any(image.array == 777)


def testOrigins():
    image = ramp()
    assert image[12, 22] == image[2, 2, LOCAL] == image[Point2I(12, 22)] == 16
    assert image[-1, -1, LOCAL] == 34
    assert image[1:3, 0:2, LOCAL].getBBox() == Box2I(Point2I(11, 20), Extent2I(2, 2))
    assert image[:, :].getBBox() == BOX
    with pytest.raises(IndexError):
        image[12, -1]
    with pytest.raises(IndexError):
        image[Point2I(0, 0)]
    with pytest.raises(TypeError):
        image[1:3, 2]
    with pytest.raises(ValueError):
        image[0:4:2, 0:4, LOCAL]


@given(st.integers(-3, 12), st.integers(-3, 12), st.integers(0, 9), st.integers(0, 9))
def testBoxesInsideOrRefused(x, y, width, height):
    image = ramp()
    box = Box2I(Point2I(10 + x, 20 + y), Extent2I(width, height))
    isInside = x >= 0 and y >= 0 and x + width <= 7 and y + height <= 5
    if box.isEmpty():
        return
    if isInside:
        assert np.array_equal(image[box].array, np.arange(35).reshape(5, 7)[y:y + height, x:x + width])
    else:
        with pytest.raises(LengthError):
            image[box]


def testAssignmentOfBoxes():
    image = ramp()
    image[Box2I(Point2I(10, 20), Extent2I(2, 2))] = ImageF(2, 2, 99.0)
    assert np.all(image.array[:2, :2] == 99)
    image[0:2, 0:2, LOCAL] = 5
    assert np.all(image.array[:2, :2] == 5)
    with pytest.raises(LengthError):
        image.assign(ImageF(3, 3), Box2I(Point2I(10, 20), Extent2I(2, 2)))


def testArithmeticInPlace():
    image = ramp()
    image += 1
    image *= 2.0
    image -= ramp()
    assert np.array_equal(image.array, np.arange(35).reshape(5, 7) + 2)
    image.scaledPlus(0.5, ramp())
    assert image.array[4, 6] == 36 + 17
    with pytest.raises(NotImplementedError):
        image + 1
    with pytest.raises(LengthError):
        image += ImageF(2, 2)


def testIntegerDivisionTruncates():
    image = ImageI(np.array([[7, -7]], np.int32))
    image /= ImageI(np.array([[2, 2]], np.int32))
    assert image.array.tolist() == [[3, -3]]
    with pytest.raises(TypeError):
        image += 1.5


def testVariancesOfProductAndRatio():
    def make(value, variance):
        image = MaskedImageF(1, 1)
        image.set(value, 0, variance)
        return image

    product, ratio = make(3, 4), make(3, 4)
    product *= make(5, 6)
    ratio /= make(5, 6)
    assert product[0, 0] == (15, 0, 9*6 + 25*4)
    assert ratio[0, 0][2] == pytest.approx((9*6 + 25*4)/5**4)


def testMaskedImagePlanes():
    image = ramp()
    masked = makeMaskedImage(image)
    assert type(masked) is MaskedImageF and masked.image is image
    masked[11, 20] = (8.0, 2, 3.0)
    assert masked[11, 20] == (8.0, 2, 3.0)
    part = masked[0:2, 0:2, LOCAL]
    part.mask |= 4
    assert masked.mask[11, 20] == 6
    assert imagesOverlap(masked, part) and not imagesOverlap(masked, masked.clone())
    with pytest.raises(LengthError):
        MaskedImageF(image, MaskX(3, 3))


def testPickle():
    image = pickle.loads(pickle.dumps(ramp()))
    assert image.getBBox() == BOX and np.array_equal(image.array, ramp().array)


@pytest.mark.parametrize("cls, tiny", [(ImageF, 1e-42), (ImageD, 1e-310)])
def test_infinitiesAreReadAsNaN(cls, tiny, tmp_path):
    """As v23, through cfitsio: of uncompressed pixels only, along with denormal ones, which become 0."""
    path = str(tmp_path/"image.fits")
    image = cls(6, 2, -1.5)
    image.array[1] = [np.inf, -np.inf, np.nan, tiny, -0.0, 1e30]
    image.writeFits(path)
    expected = np.array([6*[-1.5], 3*[np.nan] + [0, 0, 1e30]], image.array.dtype)
    np.testing.assert_array_equal(cls(path).array, expected)
    assert np.isinf(image.array[1, :2]).all()
