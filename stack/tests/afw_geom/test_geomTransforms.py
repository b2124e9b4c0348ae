# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Transform classes; every class is checked by the helpers that LSST's own tests of transforms use."""

import copy

import numpy as np
import pytest
from transformTestBaseClass import TransformTestBaseClass
from wcsData import makeSip, makeTan

import astshim
import lsst.pex.exceptions
from lsst.afw.geom import (
    GenericEndpoint,
    Point2Endpoint,
    SpherePointEndpoint,
    TransformGenericToGeneric,
    TransformPoint2ToPoint2,
    TransformPoint2ToSpherePoint,
    linearizeTransform,
    makeTransform,
    makeWcsPairTransform,
)
from lsst.afw.geom._linearizer import Linearizer
from lsst.geom import (
    AffineTransform,
    Point2D,
    Point2I,
    SpherePoint,
)

PREFIXES = ("Generic", "Point2", "SpherePoint")


class TestAllClasses(TransformTestBaseClass):
    def test_all(self):
        for fromName in PREFIXES:
            for toName in PREFIXES:
                self.checkTransformFromMapping(fromName, toName)
                self.checkTransformFromFrameSet(fromName, toName)
                self.checkInverted(fromName, toName)
                self.checkGetJacobian(fromName, toName)
                for midName in PREFIXES:
                    self.checkThen(fromName, midName, toName)


def test_affine():
    affine = AffineTransform(np.array([[3.0, -2.0], [2.0, -1.0]]), np.array([5.0, 6.0]))
    transform = makeTransform(affine)
    for point in (Point2D(0, 0), Point2D(-1.5, 20)):
        assert tuple(transform.applyForward(point)) == pytest.approx(tuple(affine(point)))
        assert tuple(transform.applyInverse(affine(point))) == pytest.approx(tuple(point))
    np.testing.assert_allclose(transform.getJacobian(Point2D(3, 4)), affine.getLinear().getMatrix())
    linearized = linearizeTransform(transform, Point2D(3, 4))
    np.testing.assert_allclose(linearized.getMatrix(), affine.getMatrix(), atol=1e-9)


def test_undefinedDirection():
    rows = np.array([[1.0, 1, 1, 0], [1.0, 2, 0, 1], [0.1, 1, 0, 2]])
    transform = TransformPoint2ToPoint2(astshim.PolyMap(rows, 2, "IterInverse=0"))
    assert transform.hasForward and not transform.hasInverse
    with pytest.raises(RuntimeError):
        transform.applyInverse(Point2D(1, 1))


def test_typesAndCounts():
    transform = TransformPoint2ToPoint2(astshim.UnitMap(2))
    assert transform.applyForward([Point2D(1, 2), Point2D(3, 4)]) == [Point2D(1, 2), Point2D(3, 4)]
    assert transform.applyForward([]) == []
    for wrong in (SpherePoint(0.1, 0.2, lsst.geom.radians), [Point2I(1, 2)], 3.0):
        with pytest.raises(TypeError):
            transform.applyForward(wrong)
    generic = TransformGenericToGeneric(astshim.ZoomMap(3, 2.0))
    assert generic.applyForward([1, 2, 3]) == [2.0, 4.0, 6.0]
    assert generic.applyForward(np.ones((3, 5))).shape == (3, 5)
    with pytest.raises(ValueError):
        generic.applyForward([1.0, 2.0])
    assert GenericEndpoint(2) == GenericEndpoint(2) != GenericEndpoint(3)
    assert GenericEndpoint(2) != Point2Endpoint() != SpherePointEndpoint()
    assert repr(GenericEndpoint(4)) == "lsst.afw.geom.GenericEndpoint(4)"


def test_textBegins():
    """The stack writes no space between the class and the AST text."""
    text = TransformPoint2ToPoint2(astshim.UnitMap(2)).writeString()
    assert text.startswith("1 TransformPoint2ToPoint2 Begin UnitMap\n") and text.endswith(" End UnitMap\n")
    assert copy.deepcopy(TransformPoint2ToPoint2(astshim.UnitMap(2))).writeString() == text


def test_mappingIsACopy():
    transform = TransformPoint2ToPoint2(astshim.ZoomMap(2, 3.0))
    transform.getMapping().ident = "changed"
    assert transform.getMapping().ident == ""


def test_skyWcsTransform():
    wcs = makeSip()
    transform = wcs.getTransform()
    assert isinstance(transform, TransformPoint2ToSpherePoint)
    assert transform.applyForward(Point2D(3, 4)) == wcs.pixelToSky(Point2D(3, 4))


def makePlaneTransforms():
    sip = makeSip()
    tan = makeTan(53.01, -27.39, 40.0)
    return {
        "tan": makeWcsPairTransform(tan, makeTan(53.0, -27.4, 12.0)),
        "sip": makeWcsPairTransform(sip, tan),
        "iterated": makeWcsPairTransform(tan, sip),
        "affine": makeTransform(AffineTransform(np.array([[1.1, 0.2], [-0.3, 0.9]]), np.array([5.0, 6.0]))),
        "matrix": makeTransform(AffineTransform(np.array([[1.03, 0.02], [-0.02, 0.98]]))),
        "inverse": makeTransform(AffineTransform(np.array([[1.03, 0.02], [-0.02, 0.98]]))).inverted(),
        "window": TransformPoint2ToPoint2(astshim.WinMap([0, 0], [1, 1], [3, 4], [5.1, 6.3])),
        "independent": makeTransform(AffineTransform(np.array([[0.0, 2.0], [3.0, 0.0]]))),
        "identity": makeTransform(AffineTransform()),
    }


@pytest.mark.parametrize("count", [1, 300])
@pytest.mark.parametrize("transform", makePlaneTransforms().values(), ids=makePlaneTransforms())
def test_linearizeManyPoints(transform, count):
    points = np.random.default_rng(1).uniform(-100, 4000, (count, 2))
    points[-1, 0] = 0.0  # where AST begins with another interval
    images, matrices = Linearizer(transform)(points)
    for point, image, matrix in zip(points, images, matrices, strict=True):
        point = Point2D(*point)
        assert tuple(image) == tuple(transform.applyForward(point))
        np.testing.assert_array_equal(matrix, transform.getJacobian(point))


def test_linearizeWhereThereIsNothing():
    points = np.random.default_rng(1).uniform(0, 100, (40, 2))
    points[3], points[4, 0], points[5, 1] = np.nan, np.nan, np.inf
    points[6] = 1e9
    transform = makePlaneTransforms()["tan"]
    images, matrices = Linearizer(transform.inverted())(points)
    isLost = ~(np.isfinite(points) & np.isfinite(images)).all(axis=1)
    assert isLost[3:6].all() and isLost.sum() < 8
    np.testing.assert_array_equal(np.isnan(matrices).all(axis=(1, 2)), isLost)
    np.testing.assert_array_equal(np.isfinite(matrices).all(axis=(1, 2)), ~isLost)
    assert Linearizer(transform)(np.empty((0, 2)))[1].shape == (0, 2, 2)
