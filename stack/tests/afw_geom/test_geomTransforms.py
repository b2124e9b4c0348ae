# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Transform classes; every class is checked by the helpers that LSST's own tests of transforms use."""

import copy

import numpy as np
import pytest
from transformTestBaseClass import TransformTestBaseClass
from wcsData import makeSip

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
)
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
