# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""An ellipse with a centre."""

__all__ = ["Ellipse"]


import numpy as np

from lsst.geom import AffineTransform, Box2D, Extent2D, Point2D

from ._baseCore import BaseCore


class Ellipse:
    """An ellipse anywhere in the plane.

    Parameters
    ----------
    core : `BaseCore` or `Ellipse`
        Its shape, or an ellipse to copy.
    center : `lsst.geom.Point2D`, optional
        Its centre.
    """

    __slots__ = ("__weakref__", "_center", "_core")

    def __init__(self, core, center=None):
        if isinstance(core, Ellipse):
            core, center = core._core, core._center
        if not isinstance(core, BaseCore):
            raise TypeError(f"An ellipse core is needed, not a {type(core).__name__}")
        self._core = core.clone()
        self._center = Point2D() if center is None else Point2D(center)

    def getCore(self):
        """Return the shape (`BaseCore`); changing it changes the ellipse."""
        return self._core

    def setCore(self, core):
        """Make this the shape of another core, in the present parameterization."""
        self._core._assignFromAxes(*core._toAxes())

    def getCenter(self):
        """Return the centre (`lsst.geom.Point2D`); changing it changes the ellipse."""
        return self._center

    def setCenter(self, center):
        """Set the centre (`lsst.geom.Point2D`)."""
        self._center = Point2D(center)

    def normalize(self):
        """Bring the parameters of the shape to their standard form, in place."""
        self._core.normalize()

    def grow(self, buffer):
        """Lengthen both semi-axes by ``buffer``, in place."""
        self._core.grow(buffer)

    def scale(self, factor):
        """Multiply both semi-axes by ``factor``, in place."""
        self._core.scale(factor)

    def shift(self, offset):
        """Move by a `lsst.geom.Extent2D`, in place."""
        self._center += offset

    def getParameterVector(self):
        """Return the three parameters of the shape and the centre (`numpy.ndarray`)."""
        return np.concatenate([self._core.getParameterVector(), self._center])

    def setParameterVector(self, vector):
        """Set the three parameters of the shape and the centre."""
        self._core.setParameterVector(vector[:3])
        self._center = Point2D(float(vector[3]), float(vector[4]))

    def transform(self, transform):
        """Return the image of the ellipse under a `lsst.geom.AffineTransform`."""
        return Ellipse(self._core.transform(transform.getLinear()), transform(self._center))

    def transformInPlace(self, transform):
        """Apply a `lsst.geom.AffineTransform`, in place."""
        self._center = transform(self._center)
        self._core.transformInPlace(transform.getLinear())

    def convolve(self, other):
        """Return the convolution with another ellipse: moments and centres add up."""
        return Ellipse(self._core.convolve(other._core), self._center + Extent2D(other._center))

    def getGridTransform(self):
        """Return the transform of the ellipse to the unit circle (`lsst.geom.AffineTransform`)."""
        linear = self._core.getGridTransform()
        return AffineTransform(linear, linear(Point2D() - self._center))

    def computeBBox(self):
        """Return the bounding box (`lsst.geom.Box2D`)."""
        dimensions = self._core.computeDimensions()
        return Box2D(self._center - dimensions * 0.5, dimensions)

    def __repr__(self):
        return f"Ellipse({self._core!r}, {self._center!r})"

    def __str__(self):
        return f"({self._core}, {self._center})"

    def __reduce__(self):
        return (Ellipse, (self._core, self._center))
