# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Gaussian and Lanczos functions; those of two variables each with a ``D`` and an ``F`` version."""

__all__ = [
    "DoubleGaussianFunction2D", "DoubleGaussianFunction2F", "GaussianFunction1D", "GaussianFunction2D",
    "GaussianFunction2F", "LanczosFunction1D",
]

import math

import numpy as np

from ._function import Function1D, Function2D, Function2F, _Function2

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


class GaussianFunction1D(Function1D):
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


class LanczosFunction1D(Function1D):
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


class GaussianFunction2D(_GaussianFunction2, Function2D):
    __doc__ = _GaussianFunction2.__doc__


class GaussianFunction2F(_GaussianFunction2, Function2F):
    __doc__ = _GaussianFunction2.__doc__


class DoubleGaussianFunction2D(_DoubleGaussianFunction2, Function2D):
    __doc__ = _DoubleGaussianFunction2.__doc__


class DoubleGaussianFunction2F(_DoubleGaussianFunction2, Function2F):
    __doc__ = _DoubleGaussianFunction2.__doc__
