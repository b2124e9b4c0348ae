# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Base classes of the parametrised functions of `lsst.afw.math`.

As in the stack functions of two variables come twice: suffix ``D`` returns double precision, suffix ``F``
returns values rounded to single precision. Parameters and arithmetic are double precision in both.
"""

__all__ = [
    "BasePolynomialFunction2D", "BasePolynomialFunction2F", "Function1D", "Function2D", "Function2F",
    "FunctionD", "FunctionF",
]

import copy
import math

import numpy as np

from lsst.afw.table.io import Persistable
from lsst.pex.exceptions import InvalidParameterError, NotFoundError


class _Function(Persistable):
    """A function with a fixed number of double-precision parameters.

    Parameters
    ----------
    params : `int` or sequence of `float`
        Number of parameters (all zero), or their values.
    """

    _resultType = np.float64

    def __init__(self, params=0):
        self._params = np.zeros(params) if np.isscalar(params) else np.array(params, dtype=np.float64)

    def getNParameters(self):
        """Return the number of parameters."""
        return len(self._params)

    def getParameters(self):
        """Return all parameters as a list of `float`."""
        return self._params.tolist()

    def getParameter(self, index):
        """Return one parameter."""
        return float(self._params[index])

    def setParameter(self, index, value):
        """Set one parameter."""
        self._params[index] = value

    def setParameters(self, params):
        """Set all parameters.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            If the number of values is not the number of parameters.
        """
        if len(params) != len(self._params):
            raise InvalidParameterError(f"params has {len(params)} entries instead of {len(self._params)}")
        self._params[:] = params

    def isLinearCombination(self):
        """Tell whether the function is linear in its parameters."""
        return False

    def clone(self):
        """Return a deep copy."""
        return copy.deepcopy(self)

    def toString(self, prefix=""):
        """Return a description of the function and its parameters."""
        return f"{self._describe()}parameters: [ {', '.join(f'{p:g}' for p in self._params)} ]"

    __str__ = toString

    def _describe(self):
        return ""

    def _round(self, value):
        return float(self._resultType(value))


class FunctionD(_Function):
    """Base of the functions that return double precision."""


class FunctionF(_Function):
    """Base of the functions that return single precision."""

    _resultType = np.float32


class Function1D(FunctionD):
    """Base of the functions of one variable, which return double precision."""

    def __call__(self, x):
        """Evaluate the function at one position."""
        return self._round(self._evaluate(float(x)))

    def _evaluate(self, x):
        """Evaluate in double precision; ``x`` may be an array."""
        raise NotImplementedError(f"{type(self).__name__} does not say how to evaluate it")

    def _describe(self):
        return "Function1: "


class _Function2(_Function):
    """A function of two variables."""

    def __call__(self, x, y):
        """Evaluate the function at one position."""
        return self._round(self._evaluate(float(x), float(y)))

    def _evaluate(self, x, y):
        """Evaluate in double precision; ``x`` and ``y`` may be arrays that broadcast."""
        raise NotImplementedError(f"{type(self).__name__} does not say how to evaluate it")

    def getDFuncDParameters(self, x, y):
        """Return the derivatives with respect to the parameters.

        Raises
        ------
        lsst.pex.exceptions.NotFoundError
            If the class does not know them.
        """
        raise NotFoundError("getDFuncDParameters is not implemented for this class")

    def _describe(self):
        return "Function2: "


class Function2D(_Function2, FunctionD):
    """Base of the functions of two variables that return double precision."""


class Function2F(_Function2, FunctionF):
    """Base of the functions of two variables that return single precision."""


class _BasePolynomialFunction2(_Function2):
    """A polynomial in x and y with parameters ordered 1, x, y, x^2, xy, y^2, ...

    Parameters
    ----------
    params : sequence of `float` or `int`
        Coefficients (1, 3, 6, 10, ... of them), or the order of a polynomial whose coefficients are all zero.
    order : `int`, optional
        The order, by keyword.
    """

    def __init__(self, params=None, *, order=None):
        order = params if order is None and np.isscalar(params) else order
        if order is not None:
            super().__init__(self.nParametersFromOrder(order))
            self._order = int(order)
        else:
            super().__init__(params)
            self._order = self.orderFromNParameters(len(params))

    def getOrder(self):
        """Return the highest power."""
        return self._order

    def isLinearCombination(self):
        """Tell whether the function is linear in its parameters: it is."""
        return True

    @staticmethod
    def nParametersFromOrder(order):
        """Return how many coefficients a polynomial of this order has.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            If the order is negative.
        """
        if order < 0:
            raise InvalidParameterError(f"order={order} invalid: must be >= 0")
        return (order + 1)*(order + 2)//2

    @classmethod
    def orderFromNParameters(cls, nParameters):
        """Return the order of a polynomial with so many coefficients.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            If no order has that number of coefficients.
        """
        order = int(0.5 + (-3.0 + math.sqrt(1.0 + 8.0*nParameters))/2.0) if nParameters >= 0 else -1
        if nParameters != cls.nParametersFromOrder(order):
            raise InvalidParameterError(f"nParameters={nParameters} invalid: order is not an integer")
        return order

    def getDFuncDParameters(self, x, y):
        """Return the derivatives with respect to the coefficients: the values of the terms."""
        unit = self.clone()
        derivatives = []
        for index in range(self.getNParameters()):
            unit._params[:] = 0.0
            unit._params[index] = 1.0
            derivatives.append(unit(x, y))
        return derivatives


class BasePolynomialFunction2D(_BasePolynomialFunction2, Function2D):
    """Base of the two-dimensional polynomials that return double precision."""


class BasePolynomialFunction2F(_BasePolynomialFunction2, Function2F):
    """Base of the two-dimensional polynomials that return single precision."""
