# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Simple polygons in the plane."""

__all__ = ["Polygon", "SinglePolygonException"]

import itertools
import math
import operator

import numpy as np
import shapely

from lsst.afw.typehandling import Storable
from lsst.geom import AffineTransform, Box2D, Point2D
from lsst.pex.exceptions import InvalidParameterError, RuntimeError


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

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if there are fewer than three vertices.

    Notes
    -----
    Vertices are put into clockwise order. What `union` and `symDifference` return may have holes, as in v23:
    they count in areas and in what is inside, but only the outline has vertices and is stored.
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
        if len(vertices) < 3:
            raise InvalidParameterError(f"A polygon has at least 3 vertices, not {len(vertices)}")
        # vertices may be NaN where a transform is not defined
        with np.errstate(invalid="ignore"):
            self._shape = _orient(shapely.Polygon(vertices))

    @classmethod
    def _fromShape(cls, shape):
        self = cls.__new__(cls)
        self._shape = _orient(shape)
        return self

    def cloneStorable(self):
        """Return a copy."""
        return Polygon._fromShape(self._shape)

    def getNumEdges(self):
        """Return the number of edges (`int`)."""
        return shapely.get_num_coordinates(self._shape).item() - 1

    def _outline(self):
        """Return the vertices, the first one also at the end (`numpy.ndarray`, (n + 1, 2))."""
        return shapely.get_coordinates(self._shape.exterior)

    def getVertices(self):
        """Return the vertices, the first one also at the end (`list` of `lsst.geom.Point2D`)."""
        return [Point2D(x, y) for x, y in self._outline().tolist()]

    def getEdges(self):
        """Return start and end of each edge (`list` of pairs of `lsst.geom.Point2D`)."""
        vertices = self.getVertices()
        return list(zip(vertices[:-1], vertices[1:], strict=True))

    def getBBox(self):
        """Return the bounding box (`lsst.geom.Box2D`)."""
        minX, minY, maxX, maxY = self._shape.bounds
        return Box2D(Point2D(minX, minY), Point2D(maxX, maxY))

    def calculateArea(self):
        """Return the area (`float`)."""
        return self._shape.area

    def calculatePerimeter(self):
        """Return the length of the outline (`float`)."""
        return self._shape.length

    def calculateCenter(self):
        """Return the centre of mass (`lsst.geom.Point2D`)."""
        center = self._shape.centroid
        return Point2D(center.x, center.y)

    def contains(self, point):
        """Return whether a `lsst.geom.Point2D` lies inside and not on the outline (`bool`)."""
        return bool(self._contains(point.x, point.y))

    def _contains(self, x, y):
        """Tell which positions (arrays) lie inside and not on the outline."""
        return shapely.contains_xy(self._shape, x, y)

    def overlaps(self, other):
        """Return whether there is a point in common with a `Polygon` or `lsst.geom.Box2D` (`bool`)."""
        return bool(_overlay(shapely.intersects, self, other))

    def _parts(self, operation, other):
        """Return the polygons that a set operation gives; it may give lines and points too."""
        parts = shapely.get_parts(_overlay(operation, self, other))
        return [Polygon._fromShape(part) for part in parts if part.geom_type == "Polygon" and part.area > 0]

    def intersection(self, other):
        """Return the parts in common with a `Polygon` or `lsst.geom.Box2D` (`list` of `Polygon`)."""
        return self._parts(shapely.intersection, other)

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
        """Return the union with a `Polygon` or `lsst.geom.Box2D` (`list` of `Polygon`)."""
        return self._parts(shapely.union, other)

    def unionSingle(self, other):
        """Return the union with a `Polygon` or `lsst.geom.Box2D`.

        Raises
        ------
        SinglePolygonException
            Raised if it is not one polygon.
        """
        return _single(self.union(other), "union_")

    def symDifference(self, other):
        """Return the parts in this polygon or another, but not both (`list` of `Polygon`)."""
        return self._parts(shapely.symmetric_difference, other)

    def convexHull(self):
        """Return the convex hull (`Polygon`)."""
        return Polygon(shapely.get_coordinates(self._shape.convex_hull))

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
        for start, end in itertools.pairwise(self._outline()):
            n = _numberOfParts(num, math.dist(start, end))
            vertices += [start + (i / n) * (end - start) for i in range(n)]
        return Polygon._fromShape(shapely.Polygon(vertices))

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
        mine, theirs = self._shape, other._shape
        tolerance = 1e-13 * max(1.0, np.abs(mine.bounds).max())
        if shapely.equals_exact(mine, theirs, tolerance):
            return True
        if not (mine.is_valid and theirs.is_valid):
            return False
        # the outlines may have different vertices on their straight parts
        return (shapely.hausdorff_distance(mine, theirs) <= tolerance
                and shapely.symmetric_difference(mine, theirs).area <= tolerance * mine.length)

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
        x, y = self._outline().T
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


def _orient(shape):
    return shapely.orient_polygons(shape, exterior_cw=True)


def _overlay(operation, polygon, other):
    """Apply a function of two shapes to a `Polygon` and another or a `lsst.geom.Box2D`."""
    other = other if isinstance(other, Polygon) else Polygon(other)
    try:
        return operation(polygon._shape, other._shape)
    except shapely.errors.GEOSException as error:
        raise RuntimeError(f"Cannot combine polygons: {error}") from error


def _single(parts, operation):
    if len(parts) != 1:
        raise SinglePolygonException(f"Multiple polygons ({len(parts)}) created by {operation}()")
    return parts[0]


def _numberOfParts(num, length):
    try:
        return operator.index(num)
    except TypeError:
        return math.ceil(length / num)
