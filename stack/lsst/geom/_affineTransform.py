# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Affine maps of the plane."""

__all__ = ["AffineTransform", "makeAffineTransformFromTriple"]

import operator

import numpy as np

from ._extent import Extent2D
from ._linearTransform import LinearTransform, isIdentity
from ._numbers import toFloat
from ._point import Point2D


class AffineTransform:
    """A linear map followed by a translation.

    Parameters
    ----------
    *args : several
        Nothing (the identity); a 3x3 matrix; ``linear`` (`LinearTransform` or 2x2 matrix);
        ``translation`` (`Extent2D` or vector of 2); or ``linear, translation``.
    """

    __slots__ = ("_linear", "_translation")

    XX, YX, XY, YY, X, Y = range(6)

    def __init__(self, *args, **kwargs):
        args += tuple(kwargs.pop(name) for name in ("matrix", "linear", "translation") if name in kwargs)
        if kwargs or len(args) > 2:
            raise TypeError("AffineTransform takes a matrix, a linear part, a translation, or the last two")
        self._linear, self._translation = LinearTransform(), Extent2D()
        if len(args) == 2:
            self._linear, self._translation = _asLinear(args[0]), _asTranslation(args[1])
        elif args:
            self._setFromOne(args[0])

    def _setFromOne(self, arg):
        if isinstance(arg, LinearTransform):
            self._linear = _asLinear(arg)
        elif isinstance(arg, Extent2D):
            self._translation = _asTranslation(arg)
        else:
            array = np.asarray(arg, dtype=float)
            if array.shape == (3, 3):
                self._linear, self._translation = LinearTransform(array[:2, :2]), Extent2D(array[:2, 2])
            elif array.shape == (2, 2):
                self._linear = LinearTransform(array)
            else:
                self._translation = _asTranslation(array)

    @classmethod
    def makeScaling(cls, *factors):
        """Return a scaling by one factor, or by one along x and another along y."""
        return cls(LinearTransform.makeScaling(*factors))

    @classmethod
    def makeRotation(cls, angle):
        """Return a rotation about the origin by an `Angle`, counter-clockwise."""
        return cls(LinearTransform.makeRotation(angle))

    @classmethod
    def makeTranslation(cls, translation):
        """Return a translation by an `Extent2D`."""
        return cls(translation)

    def __call__(self, *args, **kwargs):
        """Apply to a `Point2D`, an `Extent2D` (not translated), or coordinates ``x, y`` (maybe arrays)."""
        if len(args) == 1 and not kwargs:
            result = self._linear._applyTo(args[0])
            return result + self._translation if isinstance(result, Point2D) else result
        return self.applyX(*args, **kwargs), self.applyY(*args, **kwargs)

    def applyX(self, x, y):
        """Return the x of transformed coordinates (`float` or `numpy.ndarray`)."""
        return self._linear.applyX(x, y) + self._translation[0]

    def applyY(self, x, y):
        """Return the y of transformed coordinates (`float` or `numpy.ndarray`)."""
        return self._linear.applyY(x, y) + self._translation[1]

    def __getitem__(self, i):
        if isinstance(i, tuple):
            row, col = i
            if not (0 <= row <= 2 and 0 <= col <= 2):
                raise IndexError(f"Invalid index for AffineTransform: {row}, {col}")
            return float(self.getMatrix()[row, col])
        i = _index(i)
        return self._linear[i] if i < 4 else self._translation[i - 4]

    def __setitem__(self, i, value):
        i = _index(i)
        if i < 4:
            self._linear._matrix[i % 2, i // 2] = toFloat(value)
        else:
            self._translation[i - 4] = value

    def __mul__(self, other):
        if isinstance(other, LinearTransform):
            other = AffineTransform(other)
        if not isinstance(other, AffineTransform):
            return NotImplemented
        return AffineTransform(
            self._linear * other._linear, self._linear(other._translation) + self._translation
        )

    def inverted(self):
        """Return the inverse.

        Returns
        -------
        inverse : `AffineTransform`
            The inverse.

        Raises
        ------
        lsst.pex.exceptions.RangeError
            Raised if the transform is singular.
        """
        inverse = self._linear.inverted()
        return AffineTransform(inverse, -inverse(self._translation))

    def isIdentity(self):
        """Return whether this changes nothing (`bool`)."""
        return isIdentity(self.getMatrix())

    def getTranslation(self):
        """Return the translation (`Extent2D`); changing it changes the transform."""
        return self._translation

    def getLinear(self):
        """Return the linear part (`LinearTransform`); changing it changes the transform."""
        return self._linear

    def getMatrix(self):
        """Return the map in homogeneous coordinates (`numpy.ndarray`, shape (3, 3))."""
        matrix = np.eye(3)
        matrix[:2, :2] = self._linear._matrix
        matrix[:2, 2] = self._translation._v
        return matrix

    def getParameterVector(self):
        """Return the elements in the order XX, YX, XY, YY, X, Y (`numpy.ndarray`, shape (6,))."""
        return np.concatenate([self._linear.getParameterVector(), self._translation._v])

    def setParameterVector(self, vector):
        """Set the elements, in the order of `getParameterVector`."""
        vector = np.asarray(vector, dtype=float)
        if vector.shape != (6,):
            raise TypeError(f"A vector of 6 elements is needed, not one of shape {vector.shape}")
        self._linear._matrix[:] = vector[:4].reshape(2, 2).T
        self._translation._v = tuple(vector[4:].tolist())

    def __str__(self):
        return str(self.getMatrix())

    def __repr__(self):
        return f"AffineTransform(\n{self.getMatrix()}\n)"

    def __reduce__(self):
        return (AffineTransform, (self.getMatrix(),))


def _index(i):
    i = operator.index(i)
    if not 0 <= i <= 5:
        raise IndexError(f"Invalid index for AffineTransform: {i}")
    return i


def _asLinear(linear):
    return LinearTransform(linear._matrix if isinstance(linear, LinearTransform) else linear)


def _asTranslation(translation):
    return Extent2D(translation)


def makeAffineTransformFromTriple(p1, p2, p3, q1, q2, q3):
    """Return the affine map that takes three points to three others.

    Parameters
    ----------
    p1, p2, p3 : `Point2D`
        Points before the map; they must not lie on a line.
    q1, q2, q3 : `Point2D`
        Points after the map.

    Returns
    -------
    transform : `AffineTransform`
        The map.
    """
    before = np.array([[*p, 1.0] for p in (p1, p2, p3)]).T
    after = np.array([[*q, 1.0] for q in (q1, q2, q3)]).T
    return AffineTransform(after @ np.linalg.inv(before))
