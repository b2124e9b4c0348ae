# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Arithmetic of masked images."""

import numpy as np

from ._image import ImageF
from ._imageArithmetic import divideTruncated, refuseOperators

__all__ = ["MaskedImageArithmetic"]


class MaskedImageArithmetic(refuseOperators("add", "sub", "mul", "truediv")):
    """Part of `MaskedImageF` and so on: what changes the image, and the variance with it."""

    def _isSame(self, other):
        return type(other) is type(self)

    def __iadd__(self, other):
        if not self._isSame(other):
            self._image += other
            return self
        self._image += other._image
        self._mask |= other._mask
        self._variance += other._variance
        return self

    def __isub__(self, other):
        if not self._isSame(other):
            self._image -= other
            return self
        self._image -= other._image
        self._mask |= other._mask
        self._variance += other._variance
        return self

    def __imul__(self, other):
        if isinstance(other, self._imageClass):
            self._image *= other
            factor = ImageF(other, True)
            self._variance *= factor
            self._variance *= factor
        elif self._isSame(other):
            self.scaledMultiplies(1.0, other)
        else:
            self._image *= other
            self._variance *= float(self._squared(other))
        return self

    def __itruediv__(self, other):
        if isinstance(other, self._imageClass):
            self._image /= other
            divisor = ImageF(other, True)
            self._variance /= divisor
            self._variance /= divisor
        elif self._isSame(other):
            self.scaledDivides(1.0, other)
        else:
            self._image /= other
            self._variance /= float(self._squared(other))
        return self

    def _squared(self, value):
        """Return the square of a scalar, computed in the pixel type."""
        value = self._image._pixel(value)
        with np.errstate(over="ignore"):
            return value * value

    def scaledPlus(self, c, rhs):
        """Add ``c*rhs``; the variances add with ``c**2``."""
        self._image.scaledPlus(c, rhs._image)
        self._mask |= rhs._mask
        self._variance.scaledPlus(c * c, rhs._variance)

    def scaledMinus(self, c, rhs):
        """Subtract ``c*rhs``; the variances add with ``c**2``."""
        self._image.scaledMinus(c, rhs._image)
        self._mask |= rhs._mask
        self._variance.scaledPlus(c * c, rhs._variance)

    def scaledMultiplies(self, c, rhs):
        """Multiply by ``c*rhs``, the variance that of a product of independent values."""
        self._image._checkSameSize(rhs._image)
        mine, theirs = self._image.array, rhs._image.array
        with np.errstate(over="ignore", invalid="ignore"):
            variance = mine * mine * rhs._variance.array + theirs * theirs * self._variance.array
        self._variance.array[...] = variance if c == 1.0 else float(c)**2 * variance.astype(float)
        self._image.scaledMultiplies(c, rhs._image)
        self._mask |= rhs._mask

    def scaledDivides(self, c, rhs):
        """Divide by ``c*rhs``, the variance that of a ratio of independent values."""
        self._image._checkSameSize(rhs._image)
        mine, theirs = self._image.array, rhs._image.array
        with np.errstate(all="ignore"):
            square = theirs * theirs
            variance = mine * mine * rhs._variance.array + square * self._variance.array
            variance = divideTruncated(variance, square * square)
            self._variance.array[...] = variance if c == 1.0 else variance.astype(float) / float(c)**2
        self._image.scaledDivides(c, rhs._image)
        self._mask |= rhs._mask
