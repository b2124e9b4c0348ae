# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Coefficients of sinc apertures as images."""

import numpy as np

from lsst.afw.geom.ellipses import Axes
from lsst.afw.image import ImageD, ImageF
from lsst.geom import Point2I
from lsst.pex.exceptions import InvalidParameterError

from ._sincCoefficients import sincCoefficients

__all__ = ["SincCoeffsD", "SincCoeffsF"]


class _SincCoeffs:
    """The weights of the pixels in the flux inside an ellipse; see `lsst.meas.base._sincCoefficients`."""

    _Image = None
    _cached = None

    def __init_subclass__(cls):
        cls._cached = {}

    @classmethod
    def cache(cls, rInner, rOuter):
        """Keep the coefficients of a circular annulus: `get` returns the same image of them every time.

        Parameters
        ----------
        rInner, rOuter : `float`
            Radii (pixels).

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            The inner radius is negative, or larger than the outer.
        """
        if rInner < 0.0 or rOuter < rInner:
            raise InvalidParameterError(f"Invalid r1,r2 = {rInner:f},{rOuter:f}")
        key = _makeKey(rOuter, rInner / rOuter)
        if key not in cls._cached:
            cls._cached[key] = cls._calculate(Axes(rOuter, rOuter, 0.0), rInner / rOuter)

    @classmethod
    def get(cls, outerEllipse, innerRadiusFactor=0.0):
        """Return the coefficients of an ellipse, or of an elliptical annulus.

        Parameters
        ----------
        outerEllipse : `lsst.afw.geom.ellipses.BaseCore`
            The ellipse (pixels).
        innerRadiusFactor : `float`, optional
            Size of the hole, in units of that of the ellipse.

        Returns
        -------
        coefficients : `lsst.afw.image.Image`
            Weights; the pixel (0, 0) is the center. Do not change them.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            The factor is not in 0 ... 1.
        """
        if not 0.0 <= innerRadiusFactor <= 1.0:
            raise InvalidParameterError(f"innerFactor = {innerRadiusFactor:f} is not between 0 and 1")
        axes = Axes(outerEllipse)
        if _isCircle(axes) and _makeKey(axes.getA(), innerRadiusFactor) in cls._cached:
            return cls._cached[_makeKey(axes.getA(), innerRadiusFactor)]
        return cls._calculate(axes, innerRadiusFactor)

    @classmethod
    def _calculate(cls, axes, innerRadiusFactor):
        shape = (0.0, 0.0) if _isCircle(axes) else (1.0 - axes.getB() / axes.getA(), axes.getTheta())
        array = sincCoefficients(axes.getA(), axes.getA() * innerRadiusFactor, *shape)
        image = cls._Image(len(array), len(array))
        image.array[:, :] = array
        image.setXY0(Point2I(-(len(array) // 2), -(len(array) // 2)))
        return image


def _isCircle(axes):
    return abs(np.float32(axes.getA()) - np.float32(axes.getB())) < np.finfo(np.float32).eps


def _makeKey(radius, innerRadiusFactor):
    return float(np.float32(radius)), float(np.float32(innerRadiusFactor))


class SincCoeffsF(_SincCoeffs):
    """Coefficients in single precision."""

    _Image = ImageF


class SincCoeffsD(_SincCoeffs):
    """Coefficients in double precision."""

    _Image = ImageD
