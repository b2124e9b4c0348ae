# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Functions of position that are defined inside a bounding box."""

import numpy as np

from lsst.afw.table.io import Persistable
from lsst.pex.exceptions import LogicError
from lsst.pex.exceptions import RuntimeError as LsstRuntimeError

__all__ = ["BoundedField"]


class BoundedField(Persistable):
    """Abstract base class of functions of (x, y) on a box, such as aperture corrections and calibrations.

    A subclass implements `_evaluate` for arrays, and what it can of ``_times``, `integrate` and `mean`.

    Parameters
    ----------
    bbox : `lsst.geom.Box2I`
        Domain.
    """

    def __init__(self, bbox):
        self._bbox = bbox

    def getBBox(self):
        """Return the domain (`lsst.geom.Box2I`)."""
        return self._bbox

    def _evaluate(self, x, y):
        """Evaluate at arrays of `float` of the same shape."""
        raise NotImplementedError(f"{type(self).__name__} does not say how to evaluate it")

    def evaluate(self, x, y=None):
        """Evaluate the field.

        Parameters
        ----------
        x : `float`, `numpy.ndarray` or `lsst.geom.Point2D`
            Position along x in pixels, or a position.
        y : `float` or `numpy.ndarray`, optional
            Position along y; required unless ``x`` is a point.

        Returns
        -------
        value : `float` or `numpy.ndarray`
            Values of the field.
        """
        if y is None:
            x, y = x.getX(), x.getY()
        result = self._evaluate(np.asarray(x, dtype=float), np.asarray(y, dtype=float))
        return float(result) if np.ndim(result) == 0 else result

    def integrate(self):
        """Return the integral over the domain.

        Raises
        ------
        lsst.pex.exceptions.LogicError
            Raised if this kind of field does not know it.
        """
        raise LogicError("Not Implemented")

    def mean(self):
        """Return the mean over the domain.

        Raises
        ------
        lsst.pex.exceptions.LogicError
            Raised if this kind of field does not know it.
        """
        raise LogicError("Not Implemented")

    def _times(self, scale):
        raise LogicError(f"{type(self).__name__} cannot be scaled")

    def __mul__(self, scale):
        return self._times(float(scale)) if np.isscalar(scale) else NotImplemented

    __rmul__ = __mul__

    def __truediv__(self, scale):
        return self._times(1.0 / float(scale)) if np.isscalar(scale) else NotImplemented

    __hash__ = None

    def fillImage(self, image, overlapOnly=False, xStep=1, yStep=1):
        """Set the pixels of an image to the field.

        Parameters
        ----------
        image : `lsst.afw.image.ImageF` or `lsst.afw.image.ImageD`
            Image to change.
        overlapOnly : `bool`, optional
            Touch only the pixels inside the domain? Otherwise the boxes have to be equal.
        xStep, yStep : `int`, optional
            Evaluate at every so many pixels and interpolate linearly.

        Raises
        ------
        lsst.pex.exceptions.RuntimeError
            Raised if the boxes differ and ``overlapOnly`` is not set.
        """
        pixels, values = self._onImage(image, overlapOnly, xStep, yStep)
        pixels[...] = values

    def addToImage(self, image, scaleBy=1.0, overlapOnly=False, xStep=1, yStep=1):
        """Add ``scaleBy`` times the field to an image; see `fillImage`."""
        pixels, values = self._onImage(image, overlapOnly, xStep, yStep)
        pixels += (scaleBy * values).astype(pixels.dtype, copy=False)

    def multiplyImage(self, image, overlapOnly=False, xStep=1, yStep=1):
        """Multiply an image by the field; see `fillImage`."""
        pixels, values = self._onImage(image, overlapOnly, xStep, yStep)
        pixels[...] = pixels * values

    def divideImage(self, image, overlapOnly=False, xStep=1, yStep=1):
        """Divide an image by the field; see `fillImage`."""
        pixels, values = self._onImage(image, overlapOnly, xStep, yStep)
        with np.errstate(divide="ignore", invalid="ignore"):
            pixels[...] = pixels / values

    def _onImage(self, image, overlapOnly, xStep, yStep):
        """Return the pixels to change (a view) and the field there."""
        region = type(self._bbox)(self._bbox)
        if overlapOnly:
            region.clip(image.getBBox())
        elif region != image.getBBox():
            raise LsstRuntimeError("Image bounding box does not match field bounding box")
        if region.isEmpty():
            return image.array[:0, :0], np.empty((0, 0))
        pixels = image.subset(region).array
        x = np.arange(region.getBeginX(), region.getEndX())
        y = np.arange(region.getBeginY(), region.getEndY())
        return pixels, self._onGrid(x, y, xStep, yStep)

    def _onGrid(self, x, y, xStep, yStep):
        nodesX, nodesY = _nodes(x, xStep), _nodes(y, yStep)
        values = self._evaluateGrid(nodesX.astype(float), nodesY.astype(float))
        return _interpolate(_interpolate(values, nodesY, y, 0), nodesX, x, 1)

    def _evaluateGrid(self, x, y):
        """Evaluate at all combinations of two 1-d arrays; the result has shape (len(y), len(x))."""
        xx, yy = np.meshgrid(x, y)
        return self._evaluate(xx.ravel(), yy.ravel()).reshape(xx.shape)


def _nodes(positions, step):
    """Return every ``step``-th position, and the last."""
    if step <= 1:
        return positions
    nodes = positions[::step]
    return nodes if nodes[-1] == positions[-1] else np.append(nodes, positions[-1])


def _interpolate(values, nodes, positions, axis):
    """Interpolate linearly along one axis from nodes to all positions."""
    if len(nodes) == len(positions):
        return values
    cell = np.clip(np.searchsorted(nodes, positions, side="right") - 1, 0, len(nodes) - 2)
    low, high = nodes[cell], nodes[cell + 1]
    shape = (-1, 1) if axis == 0 else (1, -1)
    left = ((high - positions) / (high - low)).reshape(shape)
    right = ((positions - low) / (high - low)).reshape(shape)
    return left * values.take(cell, axis) + right * values.take(cell + 1, axis)
