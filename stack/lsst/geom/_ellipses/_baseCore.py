# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""What all ways to parameterize an ellipse about the origin have in common."""

__all__ = ["BaseCore"]

import math

import numpy as np

from lsst.geom import Extent2D, LinearTransform


def axesFromQuadrupole(ixx, iyy, ixy):
    """Return the semi-axes and the position angle (radians) of second moments (`tuple` of `float`)."""
    total, difference = ixx + iyy, ixx - iyy
    t = math.sqrt(difference * difference + 4 * ixy * ixy)
    # a degenerate ellipse can have a minor axis below zero by roundoff: NaN, as in C++
    minor = 0.5 * (total - t)
    b = math.sqrt(minor) if minor >= 0 else math.nan
    return math.sqrt(0.5 * (total + t)), b, 0.5 * math.atan2(2.0 * ixy, difference)


def quadrupoleFromAxes(a, b, theta):
    """Return the second moments xx, yy, xy of semi-axes and a position angle (`tuple` of `float`)."""
    a, b = a * a, b * b
    c, s = math.cos(theta), math.sin(theta)
    return c * c * a + s * s * b, s * s * a + c * c * b, (a - b) * c * s


class BaseCore:
    """An ellipse about the origin.

    Subclasses hold three parameters as a list and convert them to and from semi-axes and second moments.
    """

    __slots__ = ("_params",)
    __hash__ = None

    def getName(self):
        """Return the name of the parameterization (`str`)."""
        return type(self).__name__

    def clone(self):
        """Return a copy."""
        return type(self)(self)

    def normalize(self):
        """Check the parameters and bring them to their standard form, in place."""

    def assign(self, other):
        """Make this the same ellipse as another one, in place."""
        if type(self) is type(other):
            self._params = list(other._params)
        else:
            # Axes rather than moments, so that axes copied to axes are not normalized
            self._assignFromAxes(*other._toAxes())

    def getParameterVector(self):
        """Return the three parameters (`numpy.ndarray`)."""
        return np.array(self._params, dtype=float)

    def setParameterVector(self, vector):
        """Set the three parameters."""
        first, second, third = np.asarray(vector, dtype=float).tolist()
        self._params = [first, second, third]

    def grow(self, buffer):
        """Lengthen both semi-axes by ``buffer``, in place."""
        a, b, theta = self._toAxes()
        self._assignFromAxes(a + buffer, b + buffer, theta)

    def scale(self, factor):
        """Multiply both semi-axes by ``factor``, in place."""
        a, b, theta = self._toAxes()
        self._assignFromAxes(a * factor, b * factor, theta)

    def getArea(self):
        """Return the area (`float`)."""
        a, b, _ = self._toAxes()
        return a * b * math.pi

    def getDeterminantRadius(self):
        """Return the radius of the circle of the same area (`float`)."""
        a, b, _ = self._toAxes()
        return math.sqrt(a * b)

    def getTraceRadius(self):
        """Return the root of half the sum of the second moments (`float`)."""
        ixx, iyy, _ = self._toQuadrupole()
        return math.sqrt(0.5 * (ixx + iyy))

    def computeDimensions(self):
        """Return width and height of the bounding box (`lsst.geom.Extent2D`)."""
        a, b, theta = self._toAxes()
        c, s = math.cos(theta) ** 2, math.sin(theta) ** 2
        a, b = a * a, b * b
        return Extent2D(2 * math.sqrt(b * s + a * c), 2 * math.sqrt(a * s + b * c))

    def transformInPlace(self, transform):
        """Apply a `lsst.geom.LinearTransform`, in place."""
        ixx, iyy, ixy = self._toQuadrupole()
        matrix = transform.getMatrix()
        moments = matrix @ np.array([[ixx, ixy], [ixy, iyy]]) @ matrix.T
        self._assignFromQuadrupole(float(moments[0, 0]), float(moments[1, 1]), float(moments[0, 1]))

    def transform(self, transform):
        """Return the image of the ellipse under a `lsst.geom.LinearTransform`."""
        result = self.clone()
        result.transformInPlace(transform)
        return result

    def convolve(self, other):
        """Return the ellipse whose second moments are the sum of this and another one's."""
        result = self.clone()
        moments = zip(self._toQuadrupole(), other._toQuadrupole(), strict=True)
        result._assignFromQuadrupole(*[mine + theirs for mine, theirs in moments])
        return result

    def getGridTransform(self):
        """Return the transform of the ellipse to the unit circle (`lsst.geom.LinearTransform`)."""
        ixx, iyy, ixy = self._toQuadrupole()
        values, vectors = np.linalg.eigh(np.array([[ixx, ixy], [ixy, iyy]]))
        # a line, whose minor axis vanishes, still gets a transform, as it does in C++ thanks to roundoff
        values = np.maximum(values, values[1] * np.finfo(float).eps ** 2)
        with np.errstate(divide="ignore", invalid="ignore"):
            return LinearTransform((vectors / np.sqrt(values)) @ vectors.T)

    def _toAxes(self):
        return axesFromQuadrupole(*self._toQuadrupole())

    def _assignFromAxes(self, a, b, theta):
        self._assignFromQuadrupole(*quadrupoleFromAxes(a, b, theta))

    def __eq__(self, other):
        if not isinstance(other, BaseCore):
            return NotImplemented
        return self.getName() == other.getName() and self._params == other._params

    def __reduce__(self):
        return (type(self), tuple(self._params))
