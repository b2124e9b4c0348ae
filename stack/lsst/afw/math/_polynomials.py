# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Ordinary and Chebyshev polynomials of two variables; each with a ``D`` and an ``F`` version."""

__all__ = ["Chebyshev1Function2D", "Chebyshev1Function2F", "PolynomialFunction2D", "PolynomialFunction2F"]

import numpy as np
from numpy.polynomial import chebyshev, polynomial

from lsst.geom import Box2D, Point2D
from lsst.pex.exceptions import InvalidParameterError

from ._function import (
    BasePolynomialFunction2D,
    BasePolynomialFunction2F,
    _BasePolynomialFunction2,
)


def _unitBox():
    return Box2D(Point2D(-1.0, -1.0), Point2D(1.0, 1.0))


class _PolynomialFunction2(_BasePolynomialFunction2):
    __doc__ = _BasePolynomialFunction2.__doc__

    def _evaluate(self, x, y):
        return polynomial.polyval2d(*np.broadcast_arrays(x, y), _toMatrix(self._params, self._order))

    def getDFuncDParameters(self, x, y):
        """Return the derivatives with respect to the coefficients: the values of the terms."""
        return [float(x**(n - i)*y**i) for n in range(self._order + 1) for i in range(n + 1)]

    def toString(self, prefix=""):
        return f"PolynomialFunction2 [{self._order}]: {super().toString(prefix)}"


class _Chebyshev1Function2(_BasePolynomialFunction2):
    """A sum of products of Chebyshev polynomials of the first kind of two variables.

    Parameters
    ----------
    params : sequence of `float` or `int`
        Coefficients (1, 3, 6, 10, ... of them), or the order of a function whose coefficients are all zero.
    xyRange : `lsst.geom.Box2D`
        The range of x and y that is mapped to [-1, 1].
    order : `int`, optional
        The order, by keyword.
    """

    def __init__(self, params=None, xyRange=None, *, order=None):
        super().__init__(params, order=order)
        self._xyRange = Box2D(xyRange) if xyRange is not None else _unitBox()

    def getXYRange(self):
        """Return the range of x and y that is mapped to [-1, 1]."""
        return Box2D(self._xyRange)

    def truncate(self, order):
        """Return the function without the terms above an order.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            If ``order`` is above that of the function.
        """
        if order > self._order:
            raise InvalidParameterError(f"truncated order={order} must be <= original order={self._order}")
        return type(self)(self._params[:self.nParametersFromOrder(order)], self._xyRange)

    def _evaluate(self, x, y):
        box = self._xyRange
        x = _normalize(x, box.getMinX(), box.getMaxX())
        y = _normalize(y, box.getMinY(), box.getMaxY())
        return chebyshev.chebval2d(*np.broadcast_arrays(x, y), _toMatrix(self._params, self._order))

    def toString(self, prefix=""):
        return f"Chebyshev1Function2 [{self._order}, {self._xyRange}]{super().toString(prefix)}"


def _normalize(x, low, high):
    return (x - 0.5*(low + high))*(2.0/(high - low))


def _toMatrix(params, order):
    """Arrange coefficients in the order 1, x, y, x^2, xy, y^2, ... as ``matrix[power of x, power of y]``."""
    matrix = np.zeros((order + 1, order + 1))
    total = np.repeat(np.arange(order + 1), np.arange(1, order + 2))
    powerOfY = np.arange(len(params)) - total*(total + 1)//2
    matrix[total - powerOfY, powerOfY] = params
    return matrix


class PolynomialFunction2D(_PolynomialFunction2, BasePolynomialFunction2D):
    __doc__ = _PolynomialFunction2.__doc__


class PolynomialFunction2F(_PolynomialFunction2, BasePolynomialFunction2F):
    __doc__ = _PolynomialFunction2.__doc__


class Chebyshev1Function2D(_Chebyshev1Function2, BasePolynomialFunction2D):
    __doc__ = _Chebyshev1Function2.__doc__


class Chebyshev1Function2F(_Chebyshev1Function2, BasePolynomialFunction2F):
    __doc__ = _Chebyshev1Function2.__doc__
