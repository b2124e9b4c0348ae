# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""In-place arithmetic of images; the operators that would create temporaries are refused, as in v23."""

import numpy as np

__all__ = ["ImageArithmetic", "refuseOperators", "divideTruncated", "evaluateFunction2"]


def refuseOperators(*names):
    """Return a class whose operators of the given names raise `NotImplementedError`.

    Parameters
    ----------
    *names : `str`
        Operators without underscores, e.g. "add"; the reflected ones are included.
    """
    def refuse(self, other):
        raise NotImplementedError("This arithmetic operation is not implemented, because it would create "
                                  "temporary images. Use the in-place operators (e.g. += instead of +) or "
                                  "operate on the arrays.")

    methods = {f"__{prefix}{name}__": refuse for name in names for prefix in ("", "r")}
    return type("RefusedOperators", (), methods)


def divideTruncated(numerator, denominator):
    """Divide as C does: integers are truncated towards zero."""
    if numerator.dtype.kind == "f":
        return numerator / denominator
    quotient, remainder = np.divmod(numerator, denominator)
    return quotient + ((remainder != 0) & ((numerator < 0) != (denominator < 0))).astype(numerator.dtype)


def evaluateFunction2(image, function):
    """Evaluate an `lsst.afw.math.Function2D` at the center of every pixel.

    Parameters
    ----------
    image : `ImageBase`
        Gives the positions.
    function : `lsst.afw.math.Function2D`
        Function of (x, y) in the parent's coordinates.

    Returns
    -------
    values : `numpy.ndarray`, (height, width) of `float`
        Function values.
    """
    x = image.getX0() + np.arange(image.getWidth(), dtype=float)
    y = image.getY0() + np.arange(image.getHeight(), dtype=float)
    return np.broadcast_to(function._evaluate(x[np.newaxis, :], y[:, np.newaxis]), image.array.shape)


class ImageArithmetic(refuseOperators("add", "sub", "mul", "truediv")):
    """In-place operators and scaled operations of `ImageI`, `ImageF` and so on.

    The right hand side is a scalar of the pixel type, an image of the same type and size, or, for sums and
    differences, an `lsst.afw.math.Function2D`.
    """

    def _operand(self, other, allowFunction=False):
        if type(other) is type(self):
            self._checkSameSize(other)
            return other._array
        if allowFunction and hasattr(other, "getNParameters") and callable(other):
            return evaluateFunction2(self, other)
        return self._pixel(other)

    def __iadd__(self, other):
        self._array += self._asPixels(self._operand(other, allowFunction=True))
        return self

    def __isub__(self, other):
        self._array -= self._asPixels(self._operand(other, allowFunction=True))
        return self

    def __imul__(self, other):
        self._array *= self._operand(other)
        return self

    def __itruediv__(self, other):
        operand = self._operand(other)
        if np.ndim(operand) == 0 and self._dtype.kind == "f":
            # v23 multiplies by the reciprocal, computed in the pixel type.
            with np.errstate(divide="ignore", invalid="ignore"):
                self._array *= self._dtype.type(1) / operand
        elif np.ndim(operand) == 0 and operand == 0:
            raise ZeroDivisionError("Integer image divided by zero")
        else:
            with np.errstate(divide="ignore", invalid="ignore"):
                self._array[...] = divideTruncated(self._array, operand)
        return self

    def _asPixels(self, values):
        return values.astype(self._dtype) if np.ndim(values) else values

    def _scaled(self, c, rhs):
        if type(rhs) is not type(self):
            raise TypeError(f"Expected {type(self).__name__}, got {type(rhs).__name__}")
        self._checkSameSize(rhs)
        return np.multiply(rhs._array, float(c), dtype=float).astype(self._dtype)

    def scaledPlus(self, c, rhs):
        """Add ``c*rhs`` to this image."""
        self._array += self._scaled(c, rhs)

    def scaledMinus(self, c, rhs):
        """Subtract ``c*rhs`` from this image."""
        self._array -= self._scaled(c, rhs)

    def scaledMultiplies(self, c, rhs):
        """Multiply this image by ``c*rhs``."""
        self._array *= self._scaled(c, rhs)

    def scaledDivides(self, c, rhs):
        """Divide this image by ``c*rhs``."""
        with np.errstate(divide="ignore", invalid="ignore"):
            self._array[...] = divideTruncated(self._array, self._scaled(c, rhs))

    def sqrt(self):
        """Replace every pixel by its square root."""
        with np.errstate(invalid="ignore"):
            self._array[...] = np.sqrt(self._array).astype(self._dtype)
