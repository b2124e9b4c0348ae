# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Linear maps of the plane."""

__all__ = ["LinearTransform"]

import math
import operator

import numpy as np

import lsst.pex.exceptions

from ._extent import Extent2D
from ._numbers import toFloat
from ._point import Point2D


class SingularTransformException(lsst.pex.exceptions.RangeError):
    """The inverse of a singular transform was asked for."""


def isIdentity(matrix):
    """Return whether a matrix is the identity within 1e-12 (`bool`)."""
    # the default precision of Eigen's test for doubles
    return bool(np.all(np.abs(matrix - np.eye(len(matrix))) <= 1e-12))


class LinearTransform:
    """A linear map of the plane.

    Parameters
    ----------
    matrix : array-like, shape (2, 2), optional
        The map; the identity by default.
    """

    __slots__ = ("_matrix",)

    XX, YX, XY, YY = range(4)

    def __init__(self, matrix=None):
        if matrix is None:
            self._matrix = np.eye(2)
            return
        matrix = np.array(matrix, dtype=float)
        if matrix.shape != (2, 2):
            raise TypeError(f"A 2x2 matrix is needed, not one of shape {matrix.shape}")
        self._matrix = matrix

    @classmethod
    def makeScaling(cls, *args, scale=None):
        """Return a scaling by one factor, or by one along x and another along y."""
        factors = args if scale is None else (scale,)
        sx, sy = factors * 2 if len(factors) == 1 else factors
        return cls([[sx, 0.0], [0.0, sy]])

    @classmethod
    def makeRotation(cls, angle):
        """Return a rotation by an `Angle`, counter-clockwise."""
        cos, sin = math.cos(angle.asRadians()), math.sin(angle.asRadians())
        return cls([[cos, -sin], [sin, cos]])

    def __call__(self, *args, **kwargs):
        """Apply to a `Point2D`, an `Extent2D`, or coordinates ``x, y`` (which may be arrays)."""
        if len(args) == 1 and not kwargs:
            return self._applyTo(args[0])
        return self.applyX(*args, **kwargs), self.applyY(*args, **kwargs)

    def _applyTo(self, vector):
        if not isinstance(vector, (Point2D, Extent2D)):
            raise TypeError(f"A Point2D or Extent2D is needed, not a {type(vector).__name__}")
        (xx, xy), (yx, yy) = self._matrix.tolist()
        x, y = vector
        return type(vector)(xx * x + xy * y, yx * x + yy * y)

    def applyX(self, x, y):
        """Return the x of transformed coordinates (`float` or `numpy.ndarray`)."""
        return self._matrix[0, 0] * x + self._matrix[0, 1] * y

    def applyY(self, x, y):
        """Return the y of transformed coordinates (`float` or `numpy.ndarray`)."""
        return self._matrix[1, 0] * x + self._matrix[1, 1] * y

    def __getitem__(self, i):
        if isinstance(i, tuple):
            row, col = i
            return float(self._matrix[_index(row, 2), _index(col, 2)])
        i = _index(i, 4)
        return float(self._matrix[i % 2, i // 2])

    def __mul__(self, other):
        if not isinstance(other, LinearTransform):
            return NotImplemented
        return LinearTransform(self._matrix @ other._matrix)

    def __add__(self, other):
        if not isinstance(other, LinearTransform):
            return NotImplemented
        return LinearTransform(self._matrix + other._matrix)

    def __sub__(self, other):
        if not isinstance(other, LinearTransform):
            return NotImplemented
        return LinearTransform(self._matrix - other._matrix)

    def __iadd__(self, other):
        self._matrix += other._matrix
        return self

    def __isub__(self, other):
        self._matrix -= other._matrix
        return self

    def getParameterVector(self):
        """Return the elements in the order XX, YX, XY, YY (`numpy.ndarray`, shape (4,))."""
        return self._matrix.T.ravel().copy()

    def getMatrix(self):
        """Return the matrix (`numpy.ndarray`, shape (2, 2))."""
        return self._matrix.copy()

    def set(self, xx, yx, xy, yy):
        """Set all four elements."""
        self._matrix[:] = [[toFloat(xx), toFloat(xy)], [toFloat(yx), toFloat(yy)]]

    def inverted(self):
        """Return the inverse.

        Returns
        -------
        inverse : `LinearTransform`
            The inverse.

        Raises
        ------
        lsst.pex.exceptions.RangeError
            Raised if the transform is singular.
        """
        (xx, xy), (yx, yy) = self._matrix.tolist()
        det = xx * yy - xy * yx
        # The threshold of a rank-revealing LU decomposition with full pivoting.
        pivot = max(abs(xx), abs(xy), abs(yx), abs(yy))
        if pivot == 0.0 or not abs(det) / pivot > 2 * np.finfo(float).eps * pivot:
            raise SingularTransformException("Could not compute LinearTransform inverse")
        return LinearTransform([[yy / det, -xy / det], [-yx / det, xx / det]])

    def computeDeterminant(self):
        """Return the determinant (`float`)."""
        (xx, xy), (yx, yy) = self._matrix.tolist()
        return xx * yy - xy * yx

    def isIdentity(self):
        """Return whether this changes nothing (`bool`)."""
        return isIdentity(self._matrix)

    def __str__(self):
        return str(self._matrix)

    def __repr__(self):
        return f"LinearTransform(\n{self._matrix}\n)"

    def __reduce__(self):
        return (LinearTransform, (self.getMatrix(),))


def _index(i, n):
    i = operator.index(i)
    if not -n <= i < n:
        raise IndexError(f"Index {i} not in range [{-n}, {n - 1}]")
    return i % n
