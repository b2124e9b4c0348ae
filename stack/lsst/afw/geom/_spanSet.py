# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Sets of pixels as runs in rows."""

__all__ = ["SpanSet", "Stencil"]

import enum

import numpy as np

from lsst.afw.table.io import Persistable
from lsst.geom import AffineTransform, Box2I, LinearTransform, Point2D, Point2I

from . import _intervalSweep
from ._span import Span
from ._spanSetPixels import SpanSetPixels
from .ellipses import Ellipse, PixelRegion, Quadrupole


class Stencil(enum.Enum):
    """Shapes that grow or shrink a `SpanSet`."""

    CIRCLE = 0
    BOX = 1
    MANHATTAN = 2


_EMPTY = np.zeros(0, dtype=np.int32)


class SpanSet(SpanSetPixels, Persistable):
    """An immutable set of pixels.

    Parameters
    ----------
    spans : `lsst.geom.Box2I` or sequence of `Span`, optional
        The pixels; none by default.
    normalize : `bool`, optional
        Whether to sort the spans and unite those that overlap or touch; otherwise they must come sorted.

    Notes
    -----
    The spans are kept as three `numpy.int32` arrays; all operations work on these.
    """

    __slots__ = ("_area", "_bbox", "_x0", "_x1", "_y")
    __hash__ = None

    def __init__(self, spans=None, normalize=True, *, box=None):
        spans = box if box is not None else spans
        if isinstance(spans, Box2I):
            self._y = np.arange(spans.beginY, spans.endY, dtype=np.int32)
            self._x0 = np.full(len(self._y), spans.minX, dtype=np.int32)
            self._x1 = np.full(len(self._y), spans.maxX, dtype=np.int32)
        elif spans is None or len(spans) == 0:
            self._y = self._x0 = self._x1 = _EMPTY
        else:
            self._y, self._x0, self._x1 = _toArrays(spans)
            if normalize:
                self._y, self._x0, self._x1 = _intervalSweep.normalize(self._y, self._x0, self._x1)
        self._bbox = self._area = None

    @classmethod
    def _fromArrays(cls, y, x0, x1, normalize=False):
        """Make a set of `numpy.int32` arrays of rows, first and last columns, which it then owns."""
        self = cls.__new__(cls)
        self._y, self._x0, self._x1 = _intervalSweep.normalize(y, x0, x1) if normalize else (y, x0, x1)
        self._bbox = self._area = None
        return self

    @classmethod
    def fromMask(cls, mask, bitmask=None):
        """Return the pixels of a mask that have any of some bits set, or any at all.

        Parameters
        ----------
        mask : `lsst.afw.image.Mask`
            The mask.
        bitmask : `int`, optional
            The bits.
        """
        array = mask.array if bitmask is None else mask.array & bitmask
        box = mask.getBBox()
        return cls._fromArrays(*_intervalSweep.fromArray(array != 0, box.minX, box.minY))

    @classmethod
    def fromShape(cls, shape=None, stencil=Stencil.CIRCLE, offset=(0, 0), *, radius=None):
        """Return the pixels of a shape.

        Parameters
        ----------
        shape : `int` or `lsst.afw.geom.Ellipse`
            Radius of the stencil, or an ellipse.
        stencil : `Stencil`, optional
            Kind of stencil.
        offset : `lsst.geom.Point2I` or pair of `int`, optional
            Centre of the stencil.
        radius : `int`, optional
            Other name of ``shape``.
        """
        shape = radius if shape is None else shape
        if isinstance(shape, Ellipse):
            region = PixelRegion(shape)
            return cls._fromArrays(region._y, region._x0, region._x1)
        dy = np.arange(-shape, shape + 1, dtype=np.int32)
        if stencil is Stencil.CIRCLE:
            dx = np.sqrt(shape * shape - dy.astype(np.int64) ** 2).astype(np.int32)
        elif stencil is Stencil.MANHATTAN:
            dx = shape - np.abs(dy)
        elif stencil is Stencil.BOX:
            dx = np.full_like(dy, shape)
        else:
            raise TypeError(f"{stencil!r} is not a Stencil")
        x, y = int(offset[0]), int(offset[1])
        return cls._fromArrays(dy + np.int32(y), np.int32(x) - dx, np.int32(x) + dx)

    # What it is

    def _arrays(self):
        return self._y, self._x0, self._x1

    def __len__(self):
        return len(self._y)

    def __iter__(self):
        rows = zip(self._y.tolist(), self._x0.tolist(), self._x1.tolist(), strict=True)
        return iter([Span(*row) for row in rows])

    def __eq__(self, other):
        if not isinstance(other, SpanSet):
            return NotImplemented
        return all(np.array_equal(a, b) for a, b in zip(self._arrays(), other._arrays(), strict=True))

    def getArea(self):
        """Return the number of pixels (`int`)."""
        if self._area is None:
            self._area = int(self._x1.sum(dtype=np.int64) - self._x0.sum(dtype=np.int64)) + len(self._y)
        return self._area

    def getBBox(self):
        """Return the bounding box (`lsst.geom.Box2I`)."""
        if self._bbox is None:
            if len(self._y) == 0:
                self._bbox = Box2I()
            else:
                corner = Point2I(int(self._x0.min()), int(self._y[0]))
                self._bbox = Box2I(corner, Point2I(int(self._x1.max()), int(self._y[-1])))
        return Box2I(self._bbox)

    def indices(self):
        """Return rows and columns of all pixels (two `list` of `int`)."""
        y, x = self._pixels()
        return y.tolist(), x.tolist()

    def _pixels(self):
        return _intervalSweep.pixels(self._y, self._x0, self._x1)

    def computeCentroid(self):
        """Return the mean position of the pixels (`lsst.geom.Point2D`)."""
        n = self._x1.astype(np.int64) - self._x0 + 1
        area = self.getArea()
        if area == 0:
            return Point2D(np.nan, np.nan)
        x = float((n * 0.5 * (self._x1.astype(np.int64) + self._x0)).sum())
        return Point2D(x / area, float((n * self._y).sum()) / area)

    def computeShape(self):
        """Return the second moments of the pixels about their mean (`Quadrupole`)."""
        xc, yc = self.computeCentroid()
        y, x = self._pixels()
        dx, dy = x - xc, y - yc
        area = self.getArea()
        if area == 0:
            return Quadrupole(np.nan, np.nan, np.nan)
        return Quadrupole(float(dx @ dx) / area, float(dy @ dy) / area, float(dx @ dy) / area)

    def isContiguous(self):
        """Return whether there is at most one connected region (`bool`)."""
        return _intervalSweep.label(*self._arrays())[1] <= 1

    def split(self):
        """Return the connected regions (`list` of `SpanSet`); of an empty set, the set itself."""
        labels, n = _intervalSweep.label(*self._arrays())
        if n == 0:
            return [SpanSet()]
        return [self._select(labels == i) for i in range(n)]

    def _select(self, keep):
        return self._fromArrays(self._y[keep], self._x0[keep], self._x1[keep])

    # Comparisons

    def overlaps(self, other):
        """Return whether some pixel is in both sets (`bool`)."""
        return len(self.intersect(other)) > 0

    def contains(self, other):
        """Return whether a `lsst.geom.Point2I` or all pixels of a non-empty `SpanSet` are inside (`bool`)."""
        if isinstance(other, SpanSet):
            return len(other) > 0 and len(other.intersectNot(self)) == 0
        x, y = other.getX(), other.getY()
        return bool(((self._y == y) & (self._x0 <= x) & (self._x1 >= x)).any())

    def __contains__(self, other):
        return self.contains(other)

    # Operations that return a new set

    def shiftedBy(self, *offset):
        """Return the set moved by ``x, y`` or by a `lsst.geom.Extent2I`."""
        dx, dy = offset if len(offset) == 2 else offset[0]
        return self._fromArrays(self._y + np.int32(dy), self._x0 + np.int32(dx), self._x1 + np.int32(dx))

    def clippedTo(self, box):
        """Return the pixels inside a `lsst.geom.Box2I`."""
        keep = (self._y >= box.minY) & (self._y <= box.maxY)
        keep &= (self._x1 >= box.minX) & (self._x0 <= box.maxX)
        if keep.all() and len(self) and box.minX <= self._x0.min() and box.maxX >= self._x1.max():
            return self
        x0, x1 = np.maximum(self._x0[keep], box.minX), np.minimum(self._x1[keep], box.maxX)
        return self._fromArrays(self._y[keep], x0.astype(np.int32), x1.astype(np.int32))

    def _asOther(self, other, bitmask):
        return other if isinstance(other, SpanSet) else SpanSet.fromMask(other, bitmask)

    def _combine(self, other, accept):
        return self._fromArrays(*_intervalSweep.sweep([self._arrays(), other._arrays()], accept))

    def intersect(self, other, bitmask=None):
        """Return the pixels that are also in another set, or masked.

        Parameters
        ----------
        other : `SpanSet` or `lsst.afw.image.Mask`
            The other pixels.
        bitmask : `int`, optional
            Bits of the mask that count; any bit by default.
        """
        return self._combine(self._asOther(other, bitmask), lambda a, b: (a > 0) & (b > 0))

    def intersectNot(self, other, bitmask=None):
        """Return the pixels that are not in another set, or not masked; parameters as `intersect`.

        With a mask and a bitmask, pixels outside the mask are left out, as they are not known.
        """
        outside = self._combine(self._asOther(other, bitmask), lambda a, b: (a > 0) & (b == 0))
        if bitmask is not None and not isinstance(other, SpanSet):
            return outside.clippedTo(other.getBBox())
        return outside

    def union(self, other, bitmask=None):
        """Return the pixels in this or another set, or masked; parameters as `intersect`."""
        return self._combine(self._asOther(other, bitmask), lambda a, b: (a > 0) | (b > 0))

    def _withStencil(self, radius, stencil):
        return radius if isinstance(radius, SpanSet) else SpanSet.fromShape(radius, stencil)

    def dilated(self, radius, stencil=Stencil.CIRCLE):
        """Return the set grown by a stencil of given radius, or by another `SpanSet`.

        Parameters
        ----------
        radius : `int` or `SpanSet`
            Radius of the stencil, or the set to grow by.
        stencil : `Stencil`, optional
            Kind of stencil.
        """
        other = self._withStencil(radius, stencil)
        if len(other) == 0:
            return self
        pairs = (np.add.outer(a, b).ravel() for a, b in zip(self._arrays(), other._arrays(), strict=True))
        return self._fromArrays(*_intervalSweep.normalize(*pairs))

    def eroded(self, radius, stencil=Stencil.CIRCLE):
        """Return the positions at which a stencil or another `SpanSet` fits inside the set.

        Parameters
        ----------
        radius : `int` or `SpanSet`
            Radius of the stencil, or the set to shrink by.
        stencil : `Stencil`, optional
            Kind of stencil.
        """
        other = self._withStencil(radius, stencil)
        if len(other) == 0 or len(self) == 0:
            return self
        # Where one span of the stencil fits are disjoint intervals; the stencil fits where all its spans do.
        y, x0, x1 = (
            np.subtract.outer(a, b).ravel() for a, b in zip(self._arrays(), other._arrays(), strict=True)
        )
        fits = x1 >= x0
        spans = (y[fits], x0[fits], x1[fits])
        return self._fromArrays(*_intervalSweep.sweep([spans], lambda count: count == len(other)))

    def findEdgePixels(self):
        """Return the pixels that have a neighbour outside, up, down, left or right."""
        return self.intersectNot(self.eroded(1, Stencil.CIRCLE))

    def transformedBy(self, transform):
        """Return the pixels whose preimage is nearest to a pixel of the set.

        Parameters
        ----------
        transform : `lsst.geom.LinearTransform`, `lsst.geom.AffineTransform` or `TransformPoint2ToPoint2`
            The transform.
        """
        if isinstance(transform, LinearTransform):
            transform = AffineTransform(transform)
        if isinstance(transform, AffineTransform):
            forward, inverse = transform, transform.inverted()
        else:
            mapping = transform.getMapping()
            forward, inverse = _onArrays(mapping.applyForward), _onArrays(mapping.applyInverse)
        corners = np.array([tuple(corner) for corner in self.getBBox().getCorners()], dtype=float)
        x, y = forward(corners[:, 0], corners[:, 1])
        x0, x1 = np.ceil(np.min(x) - 0.5), np.floor(np.max(x) + 0.5)
        y0, y1 = np.ceil(np.min(y) - 0.5), np.floor(np.max(y) + 0.5)
        box = Box2I(Point2I(int(x0), int(y0)), Point2I(int(x1), int(y1)))
        gridX, gridY = box.grid(float)
        oldX, oldY = (np.floor(a + 0.5) for a in inverse(gridX.ravel(), gridY.ravel()))
        inside = self._containsArrays(oldX, oldY).reshape(gridX.shape)
        return self._fromArrays(*_intervalSweep.fromArray(inside, box.minX, box.minY))

    def _containsArrays(self, x, y):
        """Return which positions, given as whole `float`, are inside."""
        box = self.getBBox()
        image = np.zeros((box.height, box.width), dtype=bool)
        rows, columns = self._pixels()
        image[rows - box.minY, columns - box.minX] = True
        with np.errstate(invalid="ignore"):
            known = (x >= box.minX) & (x <= box.maxX) & (y >= box.minY) & (y <= box.maxY)
        result = np.zeros(len(x), dtype=bool)
        result[known] = image[y[known].astype(int) - box.minY, x[known].astype(int) - box.minX]
        return result

    # Text and files

    def __str__(self):
        return "".join(f"{span}\n" for span in self)

    def __repr__(self):
        image = np.zeros((self.getBBox().height, self.getBBox().width), dtype=int)
        image[self._index(image.shape, self.getBBox().getMin())] = 1
        return "".join(f"[{', '.join(map(str, row))}]\n" for row in image)

    def __reduce__(self):
        return (_unpickle, self._arrays())


def _unpickle(y, x0, x1):
    return SpanSet._fromArrays(y, x0, x1)


def _toArrays(spans):
    columns = np.array([(s._y, s._x0, s._x1) for s in spans], dtype=np.int32).reshape(-1, 3).T
    return tuple(np.ascontiguousarray(column) for column in columns)


def _onArrays(apply):
    """Let a function of an array of shape (2, n) take and return two arrays."""
    return lambda x, y: apply(np.array([x, y]))
