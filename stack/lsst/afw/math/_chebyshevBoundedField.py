# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Bounded fields that are sums of products of Chebyshev polynomials of the first kind."""

import numpy as np
from numpy.polynomial import chebyshev

from lsst.geom import Box2D

from ._boundedField import BoundedField

__all__ = ["ChebyshevBoundedField"]


class ChebyshevBoundedField(BoundedField):
    """A sum of ``coefficients[j, i] * T_i(x') * T_j(y')``, with the box mapped to [-1, 1] x [-1, 1].

    Parameters
    ----------
    bbox : `lsst.geom.Box2I`
        Domain.
    coefficients : `numpy.ndarray`, (ny, nx)
        Coefficients.
    """

    def __init__(self, bbox, coefficients):
        super().__init__(bbox)
        self._coefficients = np.array(coefficients, dtype=float)
        if self._coefficients.ndim != 2:
            raise TypeError("ChebyshevBoundedField needs a 2-d array of coefficients")

    def getCoefficients(self):
        """Return the coefficients, ordered by y, then x (`numpy.ndarray`)."""
        return self._coefficients

    def relocate(self, bbox):
        """Return a field with the same coefficients on another box."""
        return ChebyshevBoundedField(bbox, self._coefficients)

    def _evaluate(self, x, y):
        x, y = _toChebyshevRange(self.getBBox(), x, y)
        return chebyshev.chebval(y, chebyshev.chebval(x, self._coefficients.T), tensor=False)

    def _evaluateGrid(self, x, y):
        x, y = _toChebyshevRange(self.getBBox(), x, y)
        ny, nx = self._coefficients.shape
        return chebyshev.chebvander(y, ny - 1) @ self._coefficients @ chebyshev.chebvander(x, nx - 1).T

    def integrate(self):
        """Return the integral over the domain."""
        ny, nx = self._coefficients.shape
        return float(_integrals(ny) @ self._coefficients @ _integrals(nx)) * self.getBBox().getArea() / 4.0

    def mean(self):
        """Return the mean over the domain."""
        return self.integrate() / self.getBBox().getArea()

    def _times(self, scale):
        return ChebyshevBoundedField(self.getBBox(), self._coefficients * scale)

    def __eq__(self, other):
        if not isinstance(other, ChebyshevBoundedField):
            return False
        return (self.getBBox() == other.getBBox()
                and np.array_equal(self._coefficients, other._coefficients))

    def __repr__(self):
        ny, nx = self._coefficients.shape
        return f"ChebyshevBoundedField (({ny},{nx}) coefficients in y,x)"


def _toChebyshevRange(bbox, x, y):
    box = Box2D(bbox)
    with np.errstate(divide="ignore", invalid="ignore"):
        width, height = np.float64(box.getWidth()), np.float64(box.getHeight())
        return (2.0 / width * x - 2.0 * box.getCenterX() / width,
                2.0 / height * y - 2.0 * box.getCenterY() / height)


def _integrals(n):
    """Return the integrals of T_0 ... T_(n - 1) over [-1, 1]."""
    order = np.arange(n)
    return np.where(order % 2 == 1, 0.0, 2.0 / (1.0 - np.where(order % 2 == 1, 0, order)**2))
