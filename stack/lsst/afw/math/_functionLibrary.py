# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Gaussian, Lanczos and integer delta functions, each with a ``D`` and an ``F`` version."""

__all__ = [
    "DoubleGaussianFunction2D", "DoubleGaussianFunction2F", "GaussianFunction1D", "GaussianFunction1F",
    "GaussianFunction2D", "GaussianFunction2F", "IntegerDeltaFunction1D", "IntegerDeltaFunction1F",
    "IntegerDeltaFunction2D", "IntegerDeltaFunction2F", "LanczosFunction1D", "LanczosFunction1F",
    "LanczosFunction2D", "LanczosFunction2F",
]

import math

import numpy as np

from ._function import Function1D, Function1F, Function2D, Function2F, _Function1, _Function2

_ROOT_TWO_PI = math.sqrt(2.0*math.pi)


def lanczos(x, order):
    """Evaluate the Lanczos function sinc(x) sinc(x/order).

    The function is not cut at ``abs(x) >= order``: as in afw the support is that of the kernel that uses it.

    Parameters
    ----------
    x : `float` or `numpy.ndarray`
        Position, pixels.
    order : `int`
        Order of the function.

    Returns
    -------
    value : `float` or `numpy.ndarray`
        Value, 1 within 1e-5/pi of the origin.
    """
    xPi = np.asarray(x)*math.pi
    nearZero = np.abs(xPi) <= 1.0e-5
    xPi = np.where(nearZero, 1.0, xPi)
    scaled = xPi/order
    return np.where(nearZero, 1.0, np.sin(xPi)*np.sin(scaled)/(xPi*scaled))


class _IntegerDeltaFunction1(_Function1):
    """One where x equals an integer, zero elsewhere.

    Parameters
    ----------
    xo : `float`
        Position of the one.
    """

    def __init__(self, xo):
        super().__init__(0)
        self._xo = xo

    def _evaluate(self, x):
        return np.where(x == self._xo, 1.0, 0.0)

    def toString(self, prefix=""):
        return f"IntegerDeltaFunction1 [{self._xo:g}]: {super().toString(prefix)}"


class _IntegerDeltaFunction2(_Function2):
    """One where (x, y) equals a pair of integers, zero elsewhere.

    Parameters
    ----------
    xo, yo : `float`
        Position of the one.
    """

    def __init__(self, xo, yo):
        super().__init__(0)
        self._xo = xo
        self._yo = yo

    def _evaluate(self, x, y):
        return np.where((x == self._xo) & (y == self._yo), 1.0, 0.0)

    def toString(self, prefix=""):
        return f"IntegerDeltaFunction2 [{self._xo:g}, {self._yo:g}]: {super().toString(prefix)}"


class _GaussianFunction1(_Function1):
    """A Gaussian of unit integral around zero.

    Parameters
    ----------
    sigma : `float`
        Standard deviation; the one parameter of the function.
    """

    def __init__(self, sigma):
        super().__init__([sigma])

    def _evaluate(self, x):
        sigma = self._params[0]
        return 1.0/(_ROOT_TWO_PI*sigma)*np.exp(-x*x/(2.0*sigma*sigma))

    def toString(self, prefix=""):
        return f"GaussianFunction1 [{1.0/_ROOT_TWO_PI:g}]: {super().toString(prefix)}"


class _GaussianFunction2(_Function2):
    """An elliptical Gaussian of unit integral around zero.

    Parameters
    ----------
    sigma1, sigma2 : `float`
        Standard deviations along the two axes of the ellipse.
    angle : `float`
        Direction of the first axis, radians from +x to +y.
    """

    def __init__(self, sigma1, sigma2, angle=0.0):
        super().__init__([sigma1, sigma2, angle])

    def _evaluate(self, x, y):
        sigma1, sigma2, angle = self._params
        cosine, sine = math.cos(angle), math.sin(angle)
        pos1 = cosine*x + sine*y
        pos2 = -sine*x + cosine*y
        exponent = -pos1*pos1/(2.0*sigma1*sigma1) - pos2*pos2/(2.0*sigma2*sigma2)
        return 1.0/(2.0*math.pi*sigma1*sigma2)*np.exp(exponent)

    def toString(self, prefix=""):
        return f"GaussianFunction2: {super().toString(prefix)}"


class _DoubleGaussianFunction2(_Function2):
    """Sum of two circular Gaussians around zero, of unit integral.

    Parameters
    ----------
    sigma1, sigma2 : `float`
        Standard deviations of the main and of the second Gaussian.
    ampl : `float`
        Peak of the second Gaussian relative to that of the main one.
    """

    def __init__(self, sigma1, sigma2=0.0, ampl=0.0):
        super().__init__([sigma1, sigma2, ampl])

    def _evaluate(self, x, y):
        variance1, variance2 = self._params[0]**2, self._params[1]**2
        ampl = self._params[2]
        radiusSquared = x*x + y*y
        shape = np.exp(-radiusSquared/(2.0*variance1)) + ampl*np.exp(-radiusSquared/(2.0*variance2))
        return shape/(2.0*math.pi*(variance1 + ampl*variance2))

    def toString(self, prefix=""):
        return f"DoubleGaussianFunction2 [{0.5/math.pi:g}]: {super().toString(prefix)}"


class _LanczosFunction1(_Function1):
    """The Lanczos function of one variable.

    Parameters
    ----------
    n : `int`
        Order.
    xOffset : `float`
        Position of the centre; the one parameter of the function.
    """

    def __init__(self, n, xOffset=0.0):
        super().__init__([xOffset])
        self._order = int(n)

    def getOrder(self):
        """Return the order."""
        return self._order

    def _evaluate(self, x):
        return lanczos(x - self._params[0], self._order)

    def toString(self, prefix=""):
        return f"LanczosFunction1 [{self._order}]: {super().toString(prefix)}"


class _LanczosFunction2(_Function2):
    """Product of a Lanczos function of x and one of y.

    Parameters
    ----------
    n : `int`
        Order.
    xOffset, yOffset : `float`
        Position of the centre; the two parameters of the function.
    """

    def __init__(self, n, xOffset=0.0, yOffset=0.0):
        super().__init__([xOffset, yOffset])
        self._order = int(n)

    def getOrder(self):
        """Return the order."""
        return self._order

    def _evaluate(self, x, y):
        return lanczos(x - self._params[0], self._order)*lanczos(y - self._params[1], self._order)

    def toString(self, prefix=""):
        return f"LanczosFunction2 [{self._order}]: {super().toString(prefix)}"


class IntegerDeltaFunction1D(_IntegerDeltaFunction1, Function1D):
    __doc__ = _IntegerDeltaFunction1.__doc__


class IntegerDeltaFunction1F(_IntegerDeltaFunction1, Function1F):
    __doc__ = _IntegerDeltaFunction1.__doc__


class IntegerDeltaFunction2D(_IntegerDeltaFunction2, Function2D):
    __doc__ = _IntegerDeltaFunction2.__doc__


class IntegerDeltaFunction2F(_IntegerDeltaFunction2, Function2F):
    __doc__ = _IntegerDeltaFunction2.__doc__


class GaussianFunction1D(_GaussianFunction1, Function1D):
    __doc__ = _GaussianFunction1.__doc__


class GaussianFunction1F(_GaussianFunction1, Function1F):
    __doc__ = _GaussianFunction1.__doc__


class GaussianFunction2D(_GaussianFunction2, Function2D):
    __doc__ = _GaussianFunction2.__doc__


class GaussianFunction2F(_GaussianFunction2, Function2F):
    __doc__ = _GaussianFunction2.__doc__


class DoubleGaussianFunction2D(_DoubleGaussianFunction2, Function2D):
    __doc__ = _DoubleGaussianFunction2.__doc__


class DoubleGaussianFunction2F(_DoubleGaussianFunction2, Function2F):
    __doc__ = _DoubleGaussianFunction2.__doc__


class LanczosFunction1D(_LanczosFunction1, Function1D):
    __doc__ = _LanczosFunction1.__doc__


class LanczosFunction1F(_LanczosFunction1, Function1F):
    __doc__ = _LanczosFunction1.__doc__


class LanczosFunction2D(_LanczosFunction2, Function2D):
    __doc__ = _LanczosFunction2.__doc__


class LanczosFunction2F(_LanczosFunction2, Function2F):
    __doc__ = _LanczosFunction2.__doc__
