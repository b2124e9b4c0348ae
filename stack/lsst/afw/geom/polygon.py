# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Simple polygons in the plane."""

__all__ = ["Polygon", "SinglePolygonException"]

import functools
import math
import operator

import numpy as np

from lsst.afw.table import Point2DKey, Schema
from lsst.afw.table.io import registerFactory
from lsst.afw.typehandling import Storable
from lsst.geom import AffineTransform, Box2D, Box2I, Extent2I, Point2D, Point2I
from lsst.pex.exceptions import RuntimeError

from . import _polygonOverlay


class SinglePolygonException(RuntimeError):
    """An operation that should give a single polygon gave none or several."""


class Polygon(Storable):
    """A polygon whose edges do not cross each other.

    Parameters
    ----------
    shape : `lsst.geom.Box2D` or sequence of `lsst.geom.Point2D`
        A box, or the vertices in order, with or without the first one repeated at the end.
    transform : `lsst.geom.AffineTransform` or `TransformPoint2ToPoint2`, optional
        What to apply to the corners of the box.

    Notes
    -----
    Vertices are put into clockwise order.
    """

    __hash__ = None

    def __init__(self, shape, transform=None):
        if isinstance(shape, Box2D):
            corners = shape.getCorners()
            shape = [corners[0], *corners[:0:-1]]
        if transform is not None:
            forward = transform if isinstance(transform, AffineTransform) else transform.applyForward
            shape = [forward(point) for point in shape]
        vertices = np.array([tuple(point) for point in shape], dtype=float).reshape(-1, 2)
        if len(vertices) > 1 and (vertices[0] == vertices[-1]).all():
            vertices = vertices[:-1]
        if len(vertices) and _polygonOverlay.signedArea(vertices) < 0:
            # the first vertex stays the first
            vertices = np.roll(vertices[::-1], 1, axis=0)
        self._vertices = vertices

    @classmethod
    def _fromArray(cls, vertices):
        self = cls.__new__(cls)
        self._vertices = vertices
        return self

    def cloneStorable(self):
        """Return a copy."""
        return Polygon._fromArray(self._vertices)

    def getNumEdges(self):
        """Return the number of edges (`int`)."""
        return len(self._vertices)

    def _closed(self):
        return np.concatenate([self._vertices, self._vertices[:1]])

    def getVertices(self):
        """Return the vertices, the first one also at the end (`list` of `lsst.geom.Point2D`)."""
        return [Point2D(x, y) for x, y in self._closed().tolist()]

    def getEdges(self):
        """Return start and end of each edge (`list` of pairs of `lsst.geom.Point2D`)."""
        vertices = self.getVertices()
        return list(zip(vertices[:-1], vertices[1:], strict=True))

    def getBBox(self):
        """Return the bounding box (`lsst.geom.Box2D`)."""
        low, high = self._vertices.min(axis=0), self._vertices.max(axis=0)
        return Box2D(Point2D(*low.tolist()), Point2D(*high.tolist()))

    def calculateArea(self):
        """Return the area (`float`)."""
        return _polygonOverlay.signedArea(self._vertices)

    def calculatePerimeter(self):
        """Return the length of the outline (`float`)."""
        edges = np.diff(self._closed(), axis=0)
        return float(np.hypot(edges[:, 0], edges[:, 1]).sum())

    def calculateCenter(self):
        """Return the centre of mass (`lsst.geom.Point2D`)."""
        # relative to a vertex, for precision
        origin = self._vertices[0]
        x, y = (self._vertices - origin).T
        xNext, yNext = np.roll(x, -1), np.roll(y, -1)
        cross = x * yNext - xNext * y
        factor = 1.0 / (3.0 * cross.sum())
        center = origin + factor * np.array([((x + xNext) * cross).sum(), ((y + yNext) * cross).sum()])
        return Point2D(*center.tolist())

    def contains(self, point):
        """Return whether a `lsst.geom.Point2D` lies inside and not on the outline (`bool`)."""
        return bool(_polygonOverlay.contains(self._vertices, np.array([tuple(point)]))[0])

    def overlaps(self, other):
        """Return whether there is a point in common with a `Polygon` or `lsst.geom.Box2D` (`bool`)."""
        return _polygonOverlay.overlaps(self._vertices, _asPolygon(other)._vertices)

    def _overlay(self, other, operation):
        rings = _polygonOverlay.overlay(self._vertices, _asPolygon(other)._vertices, operation)
        return [Polygon._fromArray(ring) for ring in rings]

    def intersection(self, other):
        """Return the parts in common with a `Polygon` or `lsst.geom.Box2D` (`list` of `Polygon`)."""
        return self._overlay(other, "intersection")

    def intersectionSingle(self, other):
        """Return the part in common with a `Polygon` or `lsst.geom.Box2D`.

        Raises
        ------
        SinglePolygonException
            Raised if there is none or more than one.
        """
        parts = self.intersection(other)
        if not parts:
            raise SinglePolygonException("Polygons have no intersection")
        return _single(parts, "intersection")

    def union(self, other):
        """Return the union with a `Polygon` or `lsst.geom.Box2D` (`list` of `Polygon`).

        Raises
        ------
        NotImplementedError
            Raised if the union has a hole.
        """
        return self._overlay(other, "union")

    def unionSingle(self, other):
        """Return the union with a `Polygon` or `lsst.geom.Box2D`.

        Raises
        ------
        SinglePolygonException
            Raised if it is not one polygon.
        """
        return _single(self.union(other), "union_")

    def symDifference(self, other):
        """Return the parts in this polygon or another, but not both (`list` of `Polygon`).

        Raises
        ------
        NotImplementedError
            Raised if a part has a hole.
        """
        other = _asPolygon(other)
        return self._overlay(other, "difference") + other._overlay(self, "difference")

    def convexHull(self):
        """Return the convex hull (`Polygon`)."""
        points = np.unique(self._vertices, axis=0)
        upper, lower = _hullSide(points), _hullSide(points[::-1])
        return Polygon._fromArray(np.array(upper[:-1] + lower[:-1]))

    def transform(self, transform):
        """Return the image under a `lsst.geom.AffineTransform` or `TransformPoint2ToPoint2` (`Polygon`)."""
        if isinstance(transform, AffineTransform):
            return Polygon([transform(vertex) for vertex in self.getVertices()])
        return Polygon(transform.applyForward(self.getVertices()))

    def subSample(self, num):
        """Return the polygon with vertices added along the edges.

        Parameters
        ----------
        num : `int` or `float`
            Number of edges that each edge becomes (`int`), or largest length of an edge (`float`).
        """
        vertices = []
        for start, end in zip(self._vertices, np.roll(self._vertices, -1, axis=0), strict=True):
            n = _numberOfParts(num, math.dist(start, end))
            vertices += [start + (i / n) * (end - start) for i in range(n)]
        return Polygon._fromArray(np.array(vertices))

    def createImage(self, bbox):
        """Return an image of the fraction of each pixel that is inside.

        Parameters
        ----------
        bbox : `lsst.geom.Box2I` or `lsst.geom.Extent2I`
            Bounding box, or dimensions, of the image.

        Returns
        -------
        image : `lsst.afw.image.ImageF`
            The image.
        """
        import lsst.afw.image

        if isinstance(bbox, Extent2I):
            bbox = Box2I(Point2I(0, 0), bbox)
        image = lsst.afw.image.ImageF(bbox)
        edges = np.arange(bbox.beginX, bbox.endX + 1) - 0.5
        bounds = self.getBBox()
        low = max(bbox.minY, math.floor(bounds.minY + 0.5))
        high = min(bbox.maxY, math.ceil(bounds.maxY - 0.5))
        for y in range(low, high + 1):
            image.array[y - bbox.minY] = np.diff(self._areaLeftOf(edges, y - 0.5, y + 0.5))
        return image

    def _areaLeftOf(self, x, yLow, yHigh):
        """Return the area of the part of a horizontal band that is left of each of the given x."""
        (x0, y0), (x1, y1) = self._vertices.T, np.roll(self._vertices, -1, axis=0).T
        with np.errstate(divide="ignore", invalid="ignore"):
            slope = (x1 - x0) / (y1 - y0)
        bottom, top = np.clip(y0, yLow, yHigh), np.clip(y1, yLow, yHigh)
        height = top - bottom
        crosses = height != 0
        slope, height = slope[crosses, np.newaxis], height[crosses, np.newaxis]
        start = x0[crosses, np.newaxis] + slope * (bottom - y0)[crosses, np.newaxis]
        end = start + slope * height
        # By Green's theorem: for each edge its height times the mean of min(x, position on the edge).
        left, right = np.minimum(start, end), np.maximum(start, end)
        inner = np.clip(x, left, right)
        span = right - left
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = (0.5 * (inner**2 - left**2) + inner * (right - inner)) / span
        mean = np.where(span > 0, mean, left)
        mean = np.where(x < left, x, mean)
        # vertices run clockwise: edges on the left go up
        return -(height * mean).sum(axis=0)

    def __iter__(self):
        return iter(self.getVertices())

    def __getitem__(self, i):
        return self.getVertices()[i]

    def __len__(self):
        return self.getNumEdges()

    def __contains__(self, point):
        return self.contains(point)

    def __eq__(self, other):
        if not isinstance(other, Polygon):
            return NotImplemented
        mine, theirs = (_polygonOverlay._withoutCollinear(p._vertices) for p in (self, other))
        if mine.shape != theirs.shape:
            return False
        tolerance = 1e-13 * max(1.0, np.abs(mine).max())
        return any(
            np.allclose(mine, np.roll(theirs, shift, axis=0), rtol=0.0, atol=tolerance)
            for shift in range(len(mine))
        )

    def plot(self, axes=None, **kwargs):
        """Draw edges and vertices with Matplotlib.

        Parameters
        ----------
        axes : `matplotlib.axes.Axes`, optional
            Where to draw; new axes by default.
        **kwargs
            Passed to `matplotlib.axes.Axes.plot` and `matplotlib.axes.Axes.scatter`.

        Returns
        -------
        axes : `matplotlib.axes.Axes`
            The axes.
        """
        if axes is None:
            import matplotlib.pyplot as plt

            plt.figure()
            axes = plt.axes()
        x, y = self._closed().T
        axes.plot(x, y, **kwargs)
        axes.scatter(x, y, **kwargs)
        return axes

    def toString(self):
        """Return the vertices as text (`str`)."""
        return f"Polygon([{','.join(str(vertex) for vertex in self.getVertices())}])"

    __str__ = toString

    def __repr__(self):
        return f"{type(self).__name__}({self.getVertices()})"

    def __reduce__(self):
        return (type(self), (self.getVertices(),))

    def _persistenceName(self):
        return "Polygon"

    def _pythonModule(self):
        return "lsst.afw.geom"

    def _write(self, handle):
        vertices = self._closed()
        catalog = handle.makeCatalog(_schema())
        catalog.resize(len(vertices))
        catalog["vertices_x"], catalog["vertices_y"] = vertices.T
        handle.saveCatalog(catalog)


def _asPolygon(shape):
    return shape if isinstance(shape, Polygon) else Polygon(shape)


def _single(parts, operation):
    if len(parts) != 1:
        raise SinglePolygonException(f"Multiple polygons ({len(parts)}) created by {operation}()")
    return parts[0]


def _numberOfParts(num, length):
    try:
        return operator.index(num)
    except TypeError:
        return math.ceil(length / num)


def _hullSide(points):
    """Return the points of the upper hull from left to right, or of the lower one from right to left."""
    hull = []
    for point in points:
        while len(hull) > 1:
            (ax, ay), (bx, by) = hull[-1] - hull[-2], point - hull[-1]
            if ax * by - ay * bx < 0:
                break
            hull.pop()
        hull.append(point)
    return hull


@functools.cache
def _schema():
    schema = Schema()
    Point2DKey.addFields(schema, "vertices", "list of vertex points", "")
    return schema


def _read(archive, catalogs):
    (catalog,) = catalogs
    return Polygon(np.stack([catalog["vertices_x"], catalog["vertices_y"]], axis=1))


registerFactory("Polygon", _read)
