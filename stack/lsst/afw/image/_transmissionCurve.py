# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Transmission as a function of wavelength and position."""

import numpy as np

from lsst.afw.typehandling import Storable
from lsst.pex.exceptions import InvalidParameterError, LengthError, LogicError

__all__ = ["TransmissionCurve"]


class TransmissionCurve(Storable):
    """Throughput of optics, filters, sensors or air; read from files, immutable."""

    @staticmethod
    def makeIdentity():
        """Return the curve that is 1 everywhere."""
        return _IDENTITY

    def multipliedBy(self, other):
        """Return the product with another curve."""
        if self is _IDENTITY:
            return other
        return self if other is _IDENTITY else _ProductTransmissionCurve(self, other)

    def __mul__(self, other):
        return self.multipliedBy(other) if isinstance(other, TransmissionCurve) else NotImplemented

    def transformedBy(self, transform):
        """Return the curve in other coordinates.

        Parameters
        ----------
        transform : `lsst.afw.geom.TransformPoint2ToPoint2`
            Transform from the coordinates of this curve to those of the result.
        """
        return _TransformedTransmissionCurve(self, transform)

    def getWavelengthBounds(self):
        """Return the (lowest, highest) wavelength in Angstrom between which the curve varies."""
        raise NotImplementedError(type(self).__name__)

    def getThroughputAtBounds(self):
        """Return the throughput (below, above) the bounds."""
        raise NotImplementedError(type(self).__name__)

    def _sample(self, position, wavelengths):
        raise NotImplementedError(type(self).__name__)

    def sampleAt(self, position, wavelengths, out=None):
        """Evaluate the curve.

        Parameters
        ----------
        position : `lsst.geom.Point2D`
            Position.
        wavelengths : `numpy.ndarray`
            Wavelengths in Angstrom.
        out : `numpy.ndarray`, optional
            Where to put the result.

        Returns
        -------
        throughput : `numpy.ndarray` or `None`
            Throughput; `None` if ``out`` is given.

        Raises
        ------
        lsst.pex.exceptions.LengthError
            Raised if ``out`` has another length than ``wavelengths``.
        """
        wavelengths = np.asarray(wavelengths, dtype=float)
        if out is None:
            return self._sample(position, wavelengths)
        if len(out) != len(wavelengths):
            raise LengthError(f"Length of wavelength array ({len(wavelengths)}) does not match size of "
                              f"output array ({len(out)})")
        out[:] = self._sample(position, wavelengths)
        return None


class _IdentityTransmissionCurve(TransmissionCurve):
    """1 everywhere."""

    def getWavelengthBounds(self):
        return -np.inf, np.inf

    def getThroughputAtBounds(self):
        return 1.0, 1.0

    def _sample(self, position, wavelengths):
        return np.ones(wavelengths.shape)

    def transformedBy(self, transform):
        return self


_IDENTITY = _IdentityTransmissionCurve()


class _InterpolatedTransmissionCurve(TransmissionCurve):
    """A curve between given points."""

    def __init__(self, wavelengths, throughputAtMin, throughputAtMax):
        self._wavelengths = np.array(wavelengths, dtype=float)
        if len(self._wavelengths) < 2 or np.any(np.diff(self._wavelengths) <= 0):
            raise LogicError("Wavelengths of a TransmissionCurve have to be at least two and to increase")
        self._atBounds = float(throughputAtMin), float(throughputAtMax)
        if not np.all(np.isfinite(self._atBounds)):
            raise InvalidParameterError("Throughput values at bounds must be finite")

    def getWavelengthBounds(self):
        return float(self._wavelengths[0]), float(self._wavelengths[-1])

    def getThroughputAtBounds(self):
        return self._atBounds

    def _throughputAt(self, position):
        """Return the throughput at the known wavelengths at one position."""
        raise NotImplementedError(type(self).__name__)

    def _sample(self, position, wavelengths):
        return np.interp(wavelengths, self._wavelengths, self._throughputAt(position), *self._atBounds)


class _SpatiallyConstantTransmissionCurve(_InterpolatedTransmissionCurve):
    """A function of wavelength."""

    def __init__(self, throughput, wavelengths, throughputAtMin, throughputAtMax):
        super().__init__(wavelengths, throughputAtMin, throughputAtMax)
        self._throughput = np.array(throughput, dtype=float)

    def _throughputAt(self, position):
        return self._throughput

    def transformedBy(self, transform):
        return self


class _RadialTransmissionCurve(_InterpolatedTransmissionCurve):
    """A function of wavelength and distance from the origin; throughput has shape (nRadii, nWavelengths)."""

    def __init__(self, throughput, wavelengths, radii, throughputAtMin, throughputAtMax):
        super().__init__(wavelengths, throughputAtMin, throughputAtMax)
        self._radii = np.array(radii, dtype=float)
        if len(self._radii) < 2 or np.any(np.diff(self._radii) <= 0):
            raise LogicError("Radii of a TransmissionCurve have to be at least two and to increase")
        self._throughput = np.array(throughput, dtype=float)

    def _throughputAt(self, position):
        radius = np.clip(np.hypot(position.getX(), position.getY()), self._radii[0], self._radii[-1])
        i = min(int(np.searchsorted(self._radii, radius, side="right")) - 1, len(self._radii) - 2)
        fraction = (radius - self._radii[i]) / (self._radii[i + 1] - self._radii[i])
        return (1 - fraction) * self._throughput[i] + fraction * self._throughput[i + 1]


class _ProductTransmissionCurve(TransmissionCurve):
    """The product of two curves."""

    def __init__(self, a, b):
        self._operands = a, b

    def getWavelengthBounds(self):
        return tuple(self._bound(end, outermost) for end, outermost in ((0, min), (1, max)))

    def _bound(self, end, outermost):
        """Return the outer bound, or the inner one if there the curve that ends is 0."""
        bounds = [curve.getWavelengthBounds()[end] for curve in self._operands]
        outer = bounds.index(outermost(bounds))
        inner = 1 - outer if bounds[0] != bounds[1] else outer
        isZero = self._operands[inner].getThroughputAtBounds()[end] == 0.0
        return bounds[inner] if isZero else bounds[outer]

    def getThroughputAtBounds(self):
        a, b = (curve.getThroughputAtBounds() for curve in self._operands)
        return a[0] * b[0], a[1] * b[1]

    def _sample(self, position, wavelengths):
        a, b = self._operands
        return a._sample(position, wavelengths) * b._sample(position, wavelengths)


class _TransformedTransmissionCurve(TransmissionCurve):
    """A curve in other coordinates."""

    def __init__(self, nested, transform):
        self._nested = nested
        self._transform = transform

    def getWavelengthBounds(self):
        return self._nested.getWavelengthBounds()

    def getThroughputAtBounds(self):
        return self._nested.getThroughputAtBounds()

    def _sample(self, position, wavelengths):
        return self._nested._sample(self._transform.applyInverse(position), wavelengths)

    def transformedBy(self, transform):
        # The order is v23's, so that both stacks give the same numbers.
        return _TransformedTransmissionCurve(self._nested, transform.then(self._transform))
