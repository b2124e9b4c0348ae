# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Ellipses as an ellipticity and a radius."""

__all__ = ["Separable"]

from ._baseCore import BaseCore
from ._ellipticity import ConformalShear, Distortion, EllipticityBase, ReducedShear
from ._radii import DeterminantRadius, LogDeterminantRadius, LogTraceRadius, TraceRadius


class SeparableBase(BaseCore):
    """An ellipse about the origin as complex ellipticity and radius.

    Parameters
    ----------
    e1 : `float`, `complex`, ellipticity or `BaseCore`, optional
        Real part or all of the ellipticity, or an ellipse to convert.
    e2 : `float`, optional
        Imaginary part of the ellipticity; the radius, if ``e1`` is the whole ellipticity.
    radius : `float`, optional
        The radius.
    normalize : `bool`, optional
        Whether to call `normalize`.
    """

    __slots__ = ()

    def __init__(self, e1=0.0, e2=None, radius=None, normalize=True):
        if isinstance(e1, BaseCore):
            self._params = [0.0, 0.0, 0.0]
            self.assign(e1)
            return
        if isinstance(e1, (complex, EllipticityBase)):
            # the radius takes the place of the imaginary part
            radius = e2 if radius is None else radius
            value = self._ellipticityClass(e1).getComplex()
            e1, e2 = value.real, value.imag
        value = self._radiusClass() if radius is None else radius
        self._params = [float(e1), float(e2 or 0.0), float(value)]
        if normalize:
            self.normalize()

    def getName(self):
        """Return the name of the parameterization (`str`)."""
        return "Separable" + self._ellipticityClass.__name__ + self._radiusClass.__name__

    def normalize(self):
        """Check ellipticity and radius.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if one is out of range.
        """
        self.getEllipticity().normalize()
        self.getRadius().normalize()

    def getE1(self):
        """Return the real part of the ellipticity (`float`)."""
        return self._params[0]

    def setE1(self, e1):
        """Set the real part of the ellipticity."""
        self._params[0] = float(e1)

    def getE2(self):
        """Return the imaginary part of the ellipticity (`float`)."""
        return self._params[1]

    def setE2(self, e2):
        """Set the imaginary part of the ellipticity."""
        self._params[1] = float(e2)

    def getRadius(self):
        """Return a copy of the radius."""
        return self._radiusClass(self._params[2])

    def setRadius(self, radius):
        """Set the radius."""
        self._params[2] = float(radius)

    def getEllipticity(self):
        """Return a copy of the ellipticity."""
        return self._ellipticityClass(self._params[0], self._params[1])

    def _toQuadrupole(self):
        return self.getRadius()._toQuadrupole(self.getEllipticity()._toDistortion())

    def _assignFromQuadrupole(self, ixx, iyy, ixy):
        distortion = Distortion((ixx - iyy) / (ixx + iyy), 2.0 * ixy / (ixx + iyy))
        ellipticity = self._ellipticityClass(distortion)
        radius = self._radiusClass._fromQuadrupole(ixx, iyy, ixy)
        self._params = [ellipticity.getE1(), ellipticity.getE2(), float(radius)]

    def __str__(self):
        return f"({self.getEllipticity()}, {self.getRadius()})"

    def __repr__(self):
        return f"Separable({self.getEllipticity()!r}, {self.getRadius()!r})"


def _makeClass(ellipticity, radius):
    name = "Separable" + ellipticity.__name__ + radius.__name__
    members = {
        "__slots__": (),
        "__module__": __name__,
        "__doc__": f"An ellipse as `{ellipticity.__name__}` and `{radius.__name__}`.",
        "_ellipticityClass": ellipticity,
        "_radiusClass": radius,
    }
    globals()[name] = type(name, (SeparableBase,), members)
    __all__.append(name)
    return globals()[name]


_CLASSES = {
    (ellipticity, radius): _makeClass(ellipticity, radius)
    for ellipticity in (Distortion, ConformalShear, ReducedShear)
    for radius in (DeterminantRadius, TraceRadius, LogDeterminantRadius, LogTraceRadius)
}

Separable = {key: cls for key, cls in _CLASSES.items() if key[0] is not ReducedShear}
"""Classes by ellipticity and radius, as far as the stack lists them."""
