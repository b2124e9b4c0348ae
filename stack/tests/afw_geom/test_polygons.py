# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Polygons against sampled points."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from matplotlib.path import Path

import lsst.geom
from lsst.afw.geom import Polygon, SinglePolygonException


def star(radii, x0=0.0, y0=0.0):
    """Return a polygon around a point with vertices at the given distances."""
    angles = 2 * np.pi * (np.arange(len(radii)) + 0.137) / len(radii)
    return Polygon([lsst.geom.Point2D(x0 + r * np.cos(a), y0 + r * np.sin(a))
                    for r, a in zip(radii, angles, strict=True)])


stars = st.lists(st.floats(1.0, 5.0), min_size=3, max_size=8)
rng = np.random.default_rng(1)
points = rng.uniform(-9, 9, (300, 2))


def covered(polygons):
    inside = [Path([tuple(v) for v in p.getVertices()]).contains_points(points) for p in polygons]
    return np.any([np.zeros(len(points), dtype=bool), *inside], axis=0)


@settings(deadline=None, max_examples=50)
@given(stars, stars, st.floats(-3, 3), st.floats(-3, 3))
def test_overlays(radii1, radii2, x, y):
    a, b = star(radii1), star(radii2, x, y)
    inA, inB = covered([a]), covered([b])
    np.testing.assert_array_equal(covered(a.intersection(b)), inA & inB)
    common = sum(p.calculateArea() for p in a.intersection(b))
    assert a.overlaps(b) or common == 0
    try:
        union, difference = a.union(b), a.symDifference(b)
    except NotImplementedError:
        assume(False)
    np.testing.assert_array_equal(covered(union), inA | inB)
    np.testing.assert_array_equal(covered(difference), inA ^ inB)
    total = a.calculateArea() + b.calculateArea()
    assert sum(p.calculateArea() for p in union) == pytest.approx(total - common)


@settings(deadline=None, max_examples=50)
@given(stars)
def test_imageHasTheAreaOfThePolygon(radii):
    polygon = star(radii, 20.3, 15.6)
    box = lsst.geom.Box2I(lsst.geom.Point2I(10, 5), lsst.geom.Extent2I(22, 22))
    array = polygon.createImage(box).array
    assert array.sum() == pytest.approx(polygon.calculateArea(), rel=1e-5)
    assert array.min() > -1e-6 and array.max() < 1 + 1e-6
    y, x = np.indices(array.shape)
    assert (x * array).sum() / array.sum() + 10 == pytest.approx(polygon.calculateCenter().getX(), abs=0.1)


def test_containsIsMatplotlibs():
    polygon = star([1, 5, 2, 4, 3])
    ours = [polygon.contains(lsst.geom.Point2D(*xy)) for xy in points]
    np.testing.assert_array_equal(ours, covered([polygon]))


def test_squares():
    a = Polygon(lsst.geom.Box2D(lsst.geom.Point2D(0, 0), lsst.geom.Extent2D(2, 2)))
    b = lsst.geom.Box2D(lsst.geom.Point2D(2, 0), lsst.geom.Extent2D(2, 2))
    assert a.unionSingle(b) == Polygon(lsst.geom.Box2D(lsst.geom.Point2D(0, 0), lsst.geom.Extent2D(4, 2)))
    with pytest.raises(SinglePolygonException):
        a.intersectionSingle(b)
    assert a.overlaps(b)
    assert not a.contains(lsst.geom.Point2D(0, 1))
    inner = lsst.geom.Box2D(lsst.geom.Point2D(0.5, 0.5), lsst.geom.Extent2D(1, 1))
    with pytest.raises(NotImplementedError, match="hole"):
        a.symDifference(inner)


def test_convexHullContainsTheVertices():
    polygon = star([1, 5, 1, 5, 1, 5, 1, 5])
    hull = polygon.convexHull()
    assert hull.getNumEdges() == 4
    assert hull.calculateArea() == pytest.approx(50.0)


def test_fitsRoundTrip(tmp_path):
    polygon = star([1, 2, 3, 4])
    polygon.writeFits(str(tmp_path / "polygon.fits"))
    assert Polygon.readFits(str(tmp_path / "polygon.fits")) == polygon
