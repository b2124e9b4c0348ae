# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Three definitions of ellipticity; all are complex numbers with the same argument."""

__all__ = ["ConformalShear", "Distortion", "ReducedShear"]

import math

from lsst.pex.exceptions import InvalidParameterError

# below this modulus the quotients of the conversions lose their precision and series take their place
_SMALL = 1e-8


class EllipticityBase:
    """A complex ellipticity: twice the position angle is its argument.

    Parameters
    ----------
    e1 : `float`, `complex` or `EllipticityBase`, optional
        Real part, or both parts, or an ellipticity to convert.
    e2 : `float`, optional
        Imaginary part.
    """

    __slots__ = ("_complex",)

    def __init__(self, e1=0.0, e2=0.0):
        if type(e1) is type(self):
            self._complex = e1._complex
        elif isinstance(e1, EllipticityBase):
            self._complex = self._fromDistortion(e1._toDistortion())
        else:
            self._complex = complex(e1) if isinstance(e1, complex) else complex(e1, e2)

    def getName(self):
        """Return the name of the definition (`str`)."""
        return type(self).__name__

    def getComplex(self):
        """Return both parts (`complex`)."""
        return self._complex

    def setComplex(self, value):
        """Set both parts."""
        self._complex = complex(value)

    def getE1(self):
        """Return the real part (`float`)."""
        return self._complex.real

    def setE1(self, e1):
        """Set the real part."""
        self._complex = complex(e1, self._complex.imag)

    def getE2(self):
        """Return the imaginary part (`float`)."""
        return self._complex.imag

    def setE2(self, e2):
        """Set the imaginary part."""
        self._complex = complex(self._complex.real, e2)

    def getE(self):
        """Return the modulus (`float`)."""
        return abs(self._complex)

    def getTheta(self):
        """Return the position angle in radians (`float`)."""
        return 0.5 * math.atan2(self._complex.imag, self._complex.real)

    def getAxisRatio(self):
        """Return minor over major axis (`float`)."""
        delta = abs(self._toDistortion())
        return math.sqrt((1.0 - delta) / (1.0 + delta))

    def normalize(self):
        """Check the modulus."""

    def __str__(self):
        return f"({self.getE1()}, {self.getE2()})"

    def __repr__(self):
        return f"{type(self).__name__}({self.getE1()}, {self.getE2()})"

    def __reduce__(self):
        return (type(self), (self._complex,))


class Distortion(EllipticityBase):
    """Ellipticity of modulus (a^2 - b^2) / (a^2 + b^2)."""

    __slots__ = ()

    def normalize(self):
        """Raise `lsst.pex.exceptions.InvalidParameterError` if the modulus is above 1."""
        if self.getE() > 1.0:
            raise InvalidParameterError("Distortion magnitude cannot be greater than one.")

    def _toDistortion(self):
        return self._complex

    @staticmethod
    def _fromDistortion(distortion):
        return distortion


class ConformalShear(EllipticityBase):
    """Ellipticity of modulus ln(a / b)."""

    __slots__ = ()

    def _toDistortion(self):
        eta = self.getE()
        if eta < _SMALL:
            return self._complex * (1.0 - eta * eta / 3.0)
        return self._complex * math.tanh(eta) / eta

    @staticmethod
    def _fromDistortion(distortion):
        delta = abs(distortion)
        if delta < _SMALL:
            return distortion * (1.0 + delta * delta / 3.0)
        return distortion * (math.atanh(delta) if delta < 1.0 else math.inf) / delta


class ReducedShear(EllipticityBase):
    """Ellipticity of modulus (a - b) / (a + b)."""

    __slots__ = ()

    def _toDistortion(self):
        g = self.getE()
        return self._complex * 2.0 / (1.0 + g * g)

    @staticmethod
    def _fromDistortion(distortion):
        delta = abs(distortion)
        if delta < _SMALL:
            return distortion * (0.5 + 0.125 * delta * delta)
        g = (1.0 - math.sqrt(1.0 - delta * delta)) / delta
        return distortion * g / delta
