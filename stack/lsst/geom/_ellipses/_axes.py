# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""An ellipse as semi-axes and position angle."""

__all__ = ["Axes"]

import math

from lsst.pex.exceptions import InvalidParameterError

from ._baseCore import BaseCore, axesFromQuadrupole, quadrupoleFromAxes


class Axes(BaseCore):
    """An ellipse about the origin as semi-axes and position angle.

    Parameters
    ----------
    a : `float` or `BaseCore`, optional
        Semi-major axis, or an ellipse to convert.
    b : `float`, optional
        Semi-minor axis.
    theta : `float`, optional
        Position angle of the major axis, radians counter-clockwise from x.
    normalize : `bool`, optional
        Whether to call `normalize`.
    """

    __slots__ = ()

    def __init__(self, a=1.0, b=1.0, theta=0.0, normalize=False):
        if isinstance(a, BaseCore):
            self._params = [0.0, 0.0, 0.0]
            self.assign(a)
            return
        self._params = [float(a), float(b), float(theta)]
        if normalize:
            self.normalize()

    def normalize(self):
        """Bring the axes into order and the angle to (-pi/2, pi/2], in place.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if an axis is negative.
        """
        a, b, theta = self._params
        if a < 0 or b < 0:
            raise InvalidParameterError("Major and minor axes cannot be negative.")
        if a < b:
            a, b, theta = b, a, theta + math.pi / 2
        if not -math.pi / 2 < theta <= math.pi / 2:
            theta -= math.pi * math.ceil(theta / math.pi - 0.5)
        self._params = [a, b, theta]

    def getA(self):
        """Return the first semi-axis (`float`)."""
        return self._params[0]

    def setA(self, a):
        """Set the first semi-axis."""
        self._params[0] = float(a)

    def getB(self):
        """Return the second semi-axis (`float`)."""
        return self._params[1]

    def setB(self, b):
        """Set the second semi-axis."""
        self._params[1] = float(b)

    def getTheta(self):
        """Return the angle from x to the first axis, in radians (`float`)."""
        return self._params[2]

    def setTheta(self, theta):
        """Set the angle from x to the first axis, in radians."""
        self._params[2] = float(theta)

    def _toQuadrupole(self):
        return quadrupoleFromAxes(*self._params)

    def _toAxes(self):
        return tuple(self._params)

    def _assignFromQuadrupole(self, ixx, iyy, ixy):
        self._params = list(axesFromQuadrupole(ixx, iyy, ixy))
        self.normalize()

    def _assignFromAxes(self, a, b, theta):
        self._params = [a, b, theta]

    def __repr__(self):
        return f"Axes(a={self.getA()!r}, b={self.getB()!r}, theta={self.getTheta()!r})"

    def __str__(self):
        return f"(a={self.getA()}, b={self.getB()}, theta={self.getTheta()})"
