# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Polygons against sampled points."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.path import Path

import lsst.geom
import lsst.pex.exceptions
from lsst.afw.geom import Polygon, SinglePolygonException
from lsst.pex.exceptions import InvalidParameterError


def star(radii, x0=0.0, y0=0.0):
    """Return a polygon around a point with vertices at the given distances."""
    angles = 2 * np.pi * (np.arange(len(radii)) + 0.137) / len(radii)
    return Polygon([lsst.geom.Point2D(x0 + r * np.cos(a), y0 + r * np.sin(a))
                    for r, a in zip(radii, angles, strict=True)])


stars = st.lists(st.floats(1.0, 5.0), min_size=3, max_size=8)
rng = np.random.default_rng(1)
points = rng.uniform(-9, 9, (300, 2))


def inside(polygon):
    return Path([tuple(vertex) for vertex in polygon.getVertices()]).contains_points(points)


def covered(polygons):
    return np.array([any(p.contains(lsst.geom.Point2D(*xy)) for p in polygons) for xy in points])


@settings(deadline=None, max_examples=50)
@given(stars, stars, st.floats(-3, 3), st.floats(-3, 3))
def test_overlays(radii1, radii2, x, y):
    a, b = star(radii1), star(radii2, x, y)
    inA, inB = inside(a), inside(b)
    np.testing.assert_array_equal(covered(a.intersection(b)), inA & inB)
    common = sum(p.calculateArea() for p in a.intersection(b))
    assert a.overlaps(b) or common == 0
    union, difference = a.union(b), a.symDifference(b)
    np.testing.assert_array_equal(covered(union), inA | inB)
    np.testing.assert_array_equal(covered(difference), inA ^ inB)
    total = a.calculateArea() + b.calculateArea()
    assert sum(p.calculateArea() for p in union) == pytest.approx(total - common)


def test_containsIsMatplotlibs():
    polygon = star([1, 5, 2, 4, 3])
    np.testing.assert_array_equal(covered([polygon]), inside(polygon))


def test_squares():
    a = Polygon(lsst.geom.Box2D(lsst.geom.Point2D(0, 0), lsst.geom.Extent2D(2, 2)))
    b = lsst.geom.Box2D(lsst.geom.Point2D(2, 0), lsst.geom.Extent2D(2, 2))
    assert a.unionSingle(b) == Polygon(lsst.geom.Box2D(lsst.geom.Point2D(0, 0), lsst.geom.Extent2D(4, 2)))
    with pytest.raises(SinglePolygonException):
        a.intersectionSingle(b)
    assert a.overlaps(b)
    assert not a.contains(lsst.geom.Point2D(0, 1))


def test_holesCountInAreas():
    outer = Polygon(lsst.geom.Box2D(lsst.geom.Point2D(0, 0), lsst.geom.Extent2D(6, 6)))
    inner = lsst.geom.Box2D(lsst.geom.Point2D(2.5, 1.5), lsst.geom.Extent2D(2, 3))
    (frame,) = outer.symDifference(inner)
    assert frame.calculateArea() == 30.0
    assert not frame.contains(lsst.geom.Point2D(3, 2)) and frame.contains(lsst.geom.Point2D(1, 1))
    assert frame.getVertices()[0] in outer.getVertices() and frame != outer


def test_equalityIsOfOutlinesNotOfVertices():
    # the same five vertices in another order
    pentagon = [lsst.geom.Point2D(*xy) for xy in ((0, 0), (0, 4), (4, 4), (4, 0), (2, 1))]
    other = [pentagon[i] for i in (0, 1, 4, 2, 3)]
    assert Polygon(pentagon) != Polygon(other)
    assert Polygon(pentagon) == Polygon([*pentagon[3:], *pentagon[:3]]).subSample(3)


def test_whatIsNoPolygonIsRefused():
    line = [lsst.geom.Point2D(0, 0), lsst.geom.Point2D(1, 1)]
    for vertices in ([], line, [*line, line[0]]):
        with pytest.raises(InvalidParameterError, match="3 vertices"):
            Polygon(vertices)
    bowTie = Polygon([lsst.geom.Point2D(*xy) for xy in ((0, 0), (2, 2), (2, 0), (0, 2))])
    with pytest.raises(lsst.pex.exceptions.RuntimeError, match="Cannot combine"):
        bowTie.intersection(lsst.geom.Box2D(lsst.geom.Point2D(0, 0), lsst.geom.Extent2D(2, 2)))


def test_convexHullContainsTheVertices():
    polygon = star([1, 5, 1, 5, 1, 5, 1, 5])
    hull = polygon.convexHull()
    assert hull.getNumEdges() == 4
    assert hull.calculateArea() == pytest.approx(50.0)


def test_fitsRoundTrip(tmp_path):
    polygon = star([1, 2, 3, 4])
    polygon.writeFits(str(tmp_path / "polygon.fits"))
    assert Polygon.readFits(str(tmp_path / "polygon.fits")) == polygon
