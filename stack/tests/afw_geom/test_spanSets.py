# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Sets of pixels against boolean images."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import ndimage

import lsst.geom
import lsst.pex.exceptions as pexExceptions
from lsst.afw.geom import Ellipse, Span, SpanSet, Stencil
from lsst.afw.geom.ellipses import Axes, Quadrupole

SHAPE = (7, 9)
X0, Y0 = -3, 5
MARGIN = 5
images = hnp.arrays(bool, SHAPE, elements=st.booleans())


def fromImage(image):
    return SpanSet([Span(int(y) + Y0, int(x) + X0, int(x) + X0) for y, x in np.argwhere(image)])


def toImage(spans, margin=0):
    """Return the pixels as an image with a margin around the usual one."""
    image = np.zeros((SHAPE[0] + 2 * margin, SHAPE[1] + 2 * margin), dtype=bool)
    y, x = spans.indices()
    image[np.array(y, dtype=int) - Y0 + margin, np.array(x, dtype=int) - X0 + margin] = True
    return image


@settings(deadline=None, max_examples=50)
@given(images, images)
def test_setOperations(a, b):
    one, other = fromImage(a), fromImage(b)
    np.testing.assert_array_equal(toImage(one.union(other)), a | b)
    np.testing.assert_array_equal(toImage(one.intersect(other)), a & b)
    np.testing.assert_array_equal(toImage(one.intersectNot(other)), a & ~b)
    assert one.overlaps(other) == (a & b).any()
    assert one.contains(other) == (b.any() and not (b & ~a).any())
    assert (one == other) == np.array_equal(a, b)


@settings(deadline=None, max_examples=50)
@given(images)
def test_shapeIsThatOfThePixels(a):
    spans = fromImage(a)
    y, x = np.nonzero(a)
    assert spans.getArea() == len(y)
    assert len(spans) == int((np.diff(a, axis=1, prepend=False) & a).sum())
    if len(y):
        assert list(spans.computeCentroid()) == pytest.approx([x.mean() + X0, y.mean() + Y0])
        shape = spans.computeShape()
        expected = [x.var(), y.var(), ((x - x.mean()) * (y - y.mean())).mean()]
        assert list(shape.getParameterVector()) == pytest.approx(expected, abs=1e-12)


@settings(deadline=None, max_examples=50)
@given(images)
def test_splitFindsFourConnectedRegions(a):
    labels, n = ndimage.label(a)
    parts = fromImage(a).split()
    if n == 0:
        assert [len(part) for part in parts] == [0]
        return
    expected = {tuple(map(tuple, np.argwhere(labels == i + 1))) for i in range(n)}
    assert {tuple(map(tuple, np.argwhere(toImage(part)))) for part in parts} == expected
    assert fromImage(a).isContiguous() == (n == 1)


@settings(deadline=None, max_examples=50)
@given(images, st.sampled_from(list(Stencil)), st.integers(0, 3))
def test_dilationAndErosion(a, stencil, radius):
    spans = fromImage(a)
    element = np.zeros((2 * MARGIN + 1,) * 2, dtype=bool)
    y, x = SpanSet.fromShape(radius, stencil).indices()
    element[np.array(y) + MARGIN, np.array(x) + MARGIN] = True
    padded = toImage(spans, MARGIN)
    np.testing.assert_array_equal(
        toImage(spans.dilated(radius, stencil), MARGIN), ndimage.binary_dilation(padded, element))
    np.testing.assert_array_equal(
        toImage(spans.eroded(radius, stencil), MARGIN), ndimage.binary_erosion(padded, element))


@settings(deadline=None, max_examples=50)
@given(images)
def test_erosionByASetOfManySpans(a):
    element = SpanSet([Span(0, -1, -1), Span(0, 1, 1), Span(1, 0, 0)])
    structure = np.array([[0, 0, 0], [1, 0, 1], [0, 1, 0]], dtype=bool)
    np.testing.assert_array_equal(
        toImage(fromImage(a).eroded(element), MARGIN),
        ndimage.binary_erosion(toImage(fromImage(a), MARGIN), structure))


@settings(deadline=None, max_examples=50)
@given(images)
def test_flattenAndUnflatten(a):
    spans = fromImage(a)
    values = np.arange(a.size, dtype=np.float32).reshape(SHAPE)
    xy0 = lsst.geom.Point2I(X0, Y0)
    flat = spans.flatten(values, xy0)
    np.testing.assert_array_equal(flat, values[a])
    out = np.full_like(values, -1)
    spans.unflatten(out, flat, xy0)
    np.testing.assert_array_equal(out, np.where(a, values, -1))
    cube = np.stack([values, values], axis=-1)
    np.testing.assert_array_equal(spans.flatten(cube, xy0), cube[a])


def test_pixelsOutsideTheImageAreAnError():
    spans = SpanSet([Span(0, 0, 3)])
    with pytest.raises(pexExceptions.OutOfRangeError):
        spans.flatten(np.zeros((1, 3)))
    assert spans.clippedTo(lsst.geom.Box2I(lsst.geom.Point2I(1, 0), lsst.geom.Extent2I(2, 1))).getArea() == 2


def test_rotationByARightAngle():
    spans = SpanSet([Span(0, 0, 3), Span(1, 0, 0)])
    turned = spans.transformedBy(lsst.geom.LinearTransform.makeRotation(90 * lsst.geom.degrees))
    assert {(s.getY(), s.getX0(), s.getX1()) for s in turned} == {(0, -1, 0), (1, 0, 0), (2, 0, 0), (3, 0, 0)}


@settings(deadline=None, max_examples=50)
@given(st.floats(3, 30), st.floats(2, 3), st.floats(-1.5, 1.5))
def test_ellipses(a, b, theta):
    core = Axes(a, b, theta)
    center = lsst.geom.Point2D(0.3, -0.2)
    spans = SpanSet.fromShape(Ellipse(core, center))
    y, x = np.mgrid[-40:41, -40:41]
    inverse = np.linalg.inv(Quadrupole(core).getMatrix())
    dx, dy = x - center.getX(), y - center.getY()
    r2 = inverse[0, 0] * dx**2 + 2 * inverse[0, 1] * dx * dy + inverse[1, 1] * dy**2
    expected = {(int(v), int(u)) for v, u in zip(y[r2 <= 1 - 1e-9], x[r2 <= 1 - 1e-9], strict=True)}
    found = set(zip(*spans.indices(), strict=True))
    assert expected <= found
    assert len(found) <= int((r2 <= 1 + 1e-9).sum())


def test_fitsRoundTrip(tmp_path):
    spans = SpanSet.fromShape(5, Stencil.CIRCLE, offset=(100, -200))
    spans.writeFits(str(tmp_path / "spans.fits"))
    assert SpanSet.readFits(str(tmp_path / "spans.fits")) == spans
