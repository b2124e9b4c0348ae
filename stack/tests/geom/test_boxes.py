# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Points, boxes and affine maps."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lsst.geom as geom
import lsst.pex.exceptions as pexExceptions

small = st.integers(-20, 20)
boxes = st.builds(
    lambda x, y, w, h: geom.Box2I(geom.Point2I(x, y), geom.Extent2I(w, h)),
    small, small, st.integers(0, 10), st.integers(0, 10))


def pixels(box):
    return {(x, y) for x in range(box.beginX, box.endX) for y in range(box.beginY, box.endY)}


@settings(deadline=None, max_examples=50)
@given(boxes, boxes)
def test_boxesAreSetsOfPixels(a, b):
    assert pixels(a.clippedTo(b)) == pixels(a) & pixels(b)
    assert a.overlaps(b) == bool(pixels(a) & pixels(b))
    assert a.contains(b) == (pixels(b) <= pixels(a))
    assert pixels(a.expandedTo(b)) >= pixels(a) | pixels(b)
    assert a.getArea() == len(pixels(a))


@settings(deadline=None, max_examples=50)
@given(boxes)
def test_boxConversionsRoundTrip(box):
    assert geom.Box2I(geom.Box2D(box), geom.Box2I.SHRINK) == box
    # pixels that only touch the edges count as covered in part
    expanded = geom.Box2I(geom.Box2D(box), geom.Box2I.EXPAND)
    assert expanded == (box if box.isEmpty() else box.dilatedBy(1))


def test_boxContainsArrays():
    box = geom.Box2I(geom.Point2I(1, 1), geom.Extent2I(2, 2))
    np.testing.assert_array_equal(box.contains(np.array([0, 1, 2, 3]), np.array([1, 1, 2, 2])),
                                  [False, True, True, False])
    assert not geom.Box2D(box).contains(2.5, 2.0)
    assert geom.Box2D(box).contains(0.5, 0.5)


def test_boxEdgesMustFit():
    with pytest.raises(pexExceptions.OverflowError):
        geom.Box2I(geom.Point2I(2**31 - 2, 0), geom.Extent2I(10, 1))


def test_pixelsOfPoints():
    assert geom.Point2I(geom.Point2D(1.5, -1.5)) == geom.Point2I(2, -1)
    assert geom.Point2I(1.9, -1.9) == geom.Point2I(1, -1)
    with pytest.raises(TypeError):
        geom.Point2I(1, 2).x = 1.5
    with pytest.raises(TypeError):
        geom.Point2D("1", 2)


def test_pointsAndExtents():
    a, b = geom.Point2I(1, 2), geom.Point2D(1.5, 2.5)
    assert b - a == geom.Extent2D(0.5, 0.5)
    assert type(a + geom.Extent2D(0.5, 0.5)) is geom.Point2D
    with pytest.raises(TypeError):
        a + b
    moved = a
    moved += geom.Extent2I(1, 1)
    assert moved is a and a == geom.Point2I(2, 3)


def test_intervals():
    interval = geom.IntervalI(min=2, size=3)
    assert (interval.begin, interval.end, list(interval.range())) == (2, 5, [2, 3, 4])
    assert geom.IntervalI(geom.IntervalD(min=1.6, max=4.4)) == interval
    assert geom.IntervalI().isEmpty() and geom.IntervalD(min=2.0, max=1.0).isEmpty()


def test_affineTransforms():
    rotation = geom.AffineTransform.makeRotation(90 * geom.degrees)
    shifted = geom.AffineTransform.makeTranslation(geom.Extent2D(1, 0)) * rotation
    assert list(shifted(geom.Point2D(1, 0))) == pytest.approx([1, 1])
    assert list(shifted(geom.Extent2D(1, 0))) == pytest.approx([0, 1])
    assert (shifted * shifted.inverted()).isIdentity()
    x, y = shifted(np.array([1.0, 0.0]), np.array([0.0, 0.0]))
    np.testing.assert_allclose([x, y], [[1, 1], [1, 0]], atol=1e-15)
    with pytest.raises(pexExceptions.RangeError):
        geom.LinearTransform([[1, 2], [2, 4]]).inverted()


def test_affineTransformFromThreePoints():
    before = [geom.Point2D(*p) for p in ((0, 0), (1, 0), (0, 1))]
    after = [geom.Point2D(*p) for p in ((3, 1), (5, 1), (3, 4))]
    transform = geom.makeAffineTransformFromTriple(*before, *after)
    np.testing.assert_allclose(transform.getMatrix(), [[2, 0, 3], [0, 3, 1], [0, 0, 1]], atol=1e-14)
