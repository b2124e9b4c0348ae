# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Bounded fields against independent sums of Chebyshev polynomials."""

import numpy as np
import pytest

from lsst.afw.image import ImageD, ImageF
from lsst.afw.math import (
    BoundedField,
    ChebyshevBoundedField,
    ProductBoundedField,
)
from lsst.geom import Box2D, Box2I, Extent2I, Point2D, Point2I
from lsst.pex.exceptions import InvalidParameterError, LengthError, LogicError
from lsst.pex.exceptions import RuntimeError as LsstRuntimeError

BOX = Box2I(Point2I(-3, 7), Extent2I(20, 31))
RNG = np.random.default_rng(7)
FIELD = ChebyshevBoundedField(BOX, RNG.normal(size=(4, 3)))


def direct(field, x, y):
    """Sum the series with T_n(cos t) = cos(n t)."""
    box = Box2D(field.getBBox())
    tx = np.arccos((np.asarray(x) - box.getCenterX())*2/box.getWidth())
    ty = np.arccos((np.asarray(y) - box.getCenterY())*2/box.getHeight())
    return sum(c*np.cos(i*tx)*np.cos(j*ty) for (j, i), c in np.ndenumerate(field.getCoefficients()))


def testEvaluation():
    x, y = RNG.uniform(-3, 16, 50), RNG.uniform(7, 37, 50)
    assert FIELD.evaluate(x, y) == pytest.approx(direct(FIELD, x, y))
    assert FIELD.evaluate(x[3], y[3]) == pytest.approx(direct(FIELD, x[3], y[3]))
    assert FIELD.evaluate(Point2D(x[3], y[3])) == FIELD.evaluate(x[3], y[3])


def testMeanIsIntegralOverArea():
    n = 400
    x = -3.5 + 20*(np.arange(n) + 0.5)/n
    y = 6.5 + 31*(np.arange(n) + 0.5)/n
    xx, yy = np.meshgrid(x, y)
    assert FIELD.mean() == pytest.approx(direct(FIELD, xx.ravel(), yy.ravel()).mean(), abs=1e-4)
    assert FIELD.integrate() == pytest.approx(FIELD.mean()*20*31)


@pytest.mark.parametrize("cls", [ImageF, ImageD])
def testImages(cls):
    image = cls(BOX)
    FIELD.fillImage(image)
    x, y = np.meshgrid(np.arange(-3, 17), np.arange(7, 38))
    expected = direct(FIELD, x, y)
    assert image.array == pytest.approx(expected, rel=1e-5, abs=1e-5)
    FIELD.addToImage(image, 2.0)
    FIELD.divideImage(image)
    assert image.array == pytest.approx(3.0, rel=1e-4)
    FIELD.multiplyImage(image)
    assert image.array == pytest.approx(3*expected, rel=1e-4, abs=1e-5)


def testPartOfAnImage():
    image = ImageD(Box2I(Point2I(0, 0), Extent2I(50, 10)), 1.0)
    with pytest.raises(LsstRuntimeError):
        FIELD.multiplyImage(image)
    FIELD.multiplyImage(image, overlapOnly=True)
    assert image[20, 5] == 1.0 and image[5, 8] == pytest.approx(FIELD.evaluate(5, 8))


def testInterpolationIsExactForPlanes():
    plane = ChebyshevBoundedField(BOX, np.array([[1.0, 2.0], [3.0, 0.0]]))
    full, steps = ImageD(BOX), ImageD(BOX)
    plane.fillImage(full)
    plane.fillImage(steps, xStep=6, yStep=7)
    assert steps.array == pytest.approx(full.array)


def testRelocate():
    moved = FIELD.relocate(Box2I(Point2I(97, 107), Extent2I(20, 31)))
    assert moved.evaluate(105, 120) == pytest.approx(FIELD.evaluate(5, 20))


def testProduct():
    other = ChebyshevBoundedField(BOX, np.array([[2.0, 1.0]]))
    product = ProductBoundedField([FIELD, other])
    x, y = np.array([1.0, 2.0]), np.array([10.0, 20.0])
    assert product.evaluate(x, y) == pytest.approx(FIELD.evaluate(x, y)*other.evaluate(x, y))
    assert (3*product).evaluate(x, y) == pytest.approx(3*product.evaluate(x, y))
    with pytest.raises(LengthError):
        ProductBoundedField([])
    with pytest.raises(InvalidParameterError):
        ProductBoundedField([FIELD, FIELD.relocate(Box2I(Point2I(0, 0), Extent2I(3, 3)))])
    with pytest.raises(LogicError):
        product.mean()


@pytest.mark.parametrize("field", [FIELD, ProductBoundedField([FIELD, FIELD*2])])
def testFiles(tmp_path, field):
    path = str(tmp_path/"field.fits")
    field.writeFits(path)
    assert BoundedField.readFits(path) == field
