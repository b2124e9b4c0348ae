# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Kernels that resample an image at fractions of a pixel."""

__all__ = ["BilinearWarpingKernel", "LanczosWarpingKernel", "NearestWarpingKernel", "makeWarpingKernel"]

import re

import numpy as np

from lsst.pex.exceptions import InvalidParameterError

from ._function import Function1D
from ._functionLibrary import LanczosFunction1D, lanczos
from ._separableKernel import SeparableKernel


class _BilinearFunction1(Function1D):
    """Weight of a pixel at integer distance x in linear interpolation at the parameter."""

    def _evaluate(self, x):
        return 0.5 + (1.0 - 2.0*np.abs(self._params[0]))*(0.5 - np.abs(x))

    def toString(self, prefix=""):
        return f"_BilinearFunction1: {super().toString(prefix)}"


class _NearestFunction1(Function1D):
    """One for the pixel at integer distance x that is nearest to the parameter."""

    def _evaluate(self, x):
        return np.where((np.abs(self._params[0]) < 0.5) == (np.abs(x) < 0.5), 1.0, 0.0)

    def toString(self, prefix=""):
        return f"_NearestFunction1: {super().toString(prefix)}"


class _WarpingKernel(SeparableKernel):
    """A separable kernel whose two parameters are the fractions of a pixel.

    The fractions are in [0, 1] if the centre is at index (size - 1)/2, in [-1, 0] if it is one higher.
    """

    def _setKernelParameter(self, index, value):
        lowCentre = (self._size(index) - 1)//2
        if self._ctr[index] not in (lowCentre, lowCentre + 1):
            raise InvalidParameterError("bad ctr value in WarpingKernel::setKernelParameter()")
        low = 0.0 if self._ctr[index] == lowCentre else -1.0
        if not low - 1e-6 <= value <= low + 1.0 + 1e-6:
            raise InvalidParameterError("bad coordinate in WarpingKernel::setKernelParameter()")
        super()._setKernelParameter(index, value)

    def _evaluateAt(self, x, fractions):
        """Evaluate the function of one axis at distances x for an array of fractions, without the cache."""
        raise NotImplementedError(type(self).__name__)

    _normalizedCache = None  # the cached vectors of x and of y, each with sum one

    def computeCache(self, cacheSize):
        """Evaluate the functions for many fractions in [0, 1]; see `SeparableKernel.computeCache`."""
        super().computeCache(cacheSize)
        self._normalizedCache = None if self._cache is None else [_normalize(table) for table in self._cache]
        if self._cache is not None and np.array_equal(*self._normalizedCache):
            # One table stays in the processor's cache more easily than two.
            self._normalizedCache[1] = self._normalizedCache[0]

    def _normalizedWeights(self, axis, fractions):
        """Return the vectors of one axis, with sum one, for an array of fractions, without the cache."""
        return _normalize(self._evaluateAt(self._positions(axis), fractions[:, np.newaxis]))

    def _table(self, function, axis, values):
        return self._evaluateAt(self._positions(axis), values[:, np.newaxis])


def _normalize(weights):
    return weights/weights.sum(axis=1, keepdims=True)


class LanczosWarpingKernel(_WarpingKernel):
    """Lanczos kernel of 2 order pixels a side: good resampling, slow.

    Parameters
    ----------
    order : `int`
        Order of the Lanczos function.
    """

    def __init__(self, order):
        function = LanczosFunction1D(order)
        super().__init__(2*order, 2*order, function, function)

    def clone(self):
        """Return a new kernel of this order, without a cache."""
        return LanczosWarpingKernel(self.getOrder())

    def getOrder(self):
        """Return the order of the Lanczos function."""
        return self._width//2

    def _evaluateAt(self, x, fractions):
        return lanczos(x - fractions, self.getOrder())


class BilinearWarpingKernel(_WarpingKernel):
    """Linear interpolation between neighbouring pixels: fast, smooths."""

    def __init__(self):
        function = _BilinearFunction1([0.0])
        super().__init__(2, 2, function, function)

    def clone(self):
        """Return a new kernel, without a cache."""
        return BilinearWarpingKernel()

    def _evaluateAt(self, x, fractions):
        inside = 0.5 + (1.0 - 2.0*np.abs(fractions))*(0.5 - np.abs(x))
        return np.where(np.abs(x) < 1.5, inside, 0.0)


class NearestWarpingKernel(_WarpingKernel):
    """The nearest pixel: shifts positions by up to half a pixel."""

    def __init__(self):
        function = _NearestFunction1([0.0])
        super().__init__(2, 2, function, function)

    def clone(self):
        """Return a new kernel, without a cache."""
        return NearestWarpingKernel()

    def _evaluateAt(self, x, fractions):
        return np.where((np.abs(fractions) < 0.5) == (np.abs(x) < 0.5), 1.0, 0.0)


def makeWarpingKernel(name):
    """Make a warping kernel by name.

    Parameters
    ----------
    name : `str`
        ``bilinear``, ``nearest`` or ``lanczosN`` with N the order.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        If the name is unknown.
    """
    if name == "bilinear":
        return BilinearWarpingKernel()
    if name == "nearest":
        return NearestWarpingKernel()
    match = re.fullmatch(r"lanczos(\d+)", name, flags=re.ASCII)
    if not match:
        raise InvalidParameterError(f'unknown warping kernel name: "{name}"')
    return LanczosWarpingKernel(int(match.group(1)))
