# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Kernels that are the product of a function of x and a function of y."""

__all__ = ["SeparableKernel"]

import numpy as np

from lsst.pex.exceptions import OverflowError

from ._kernel import Kernel


class SeparableKernel(Kernel):
    """A kernel that is the product of a function of x and a function of y.

    Parameters
    ----------
    width, height : `int`
        Size, pixels.
    kernelColFunction, kernelRowFunction : `Function1D`
        Functions of x and of y, the distances from the centre pixel (copied).
    spatialFunction : function or sequence of function, optional
        What gives the parameters of both functions (those of x first) at a position.
    spatialFunctionList : sequence of function, optional
        The sequence, by keyword.
    """

    def __init__(self, width, height, kernelColFunction, kernelRowFunction, spatialFunction=None, *,
                 spatialFunctionList=None):
        spatial = spatialFunctionList if spatialFunctionList is not None else spatialFunction
        nParameters = kernelColFunction.getNParameters() + kernelRowFunction.getNParameters()
        super().__init__(width, height, nParameters, spatial)
        self._colFunction = kernelColFunction.clone()
        self._rowFunction = kernelRowFunction.clone()
        self._cache = None

    def clone(self):
        """Return a deep copy."""
        kernel = self.resized(self._width, self._height)
        kernel.setCtr(self._ctr)
        kernel.computeCache(self.getCacheSize())
        return kernel

    def resized(self, width, height):
        """Return a copy of another size, evaluated afresh, without a cache."""
        return SeparableKernel(width, height, self._colFunction, self._rowFunction, self._spatialArgument())

    def _computeVectors(self, doNormalize):
        columns = self._vector(self._colFunction, 0)
        rows = self._vector(self._rowFunction, 1)
        colSum, rowSum = float(columns.sum()), float(rows.sum())
        if not doNormalize:
            return columns, rows, colSum*rowSum
        if colSum == 0 or rowSum == 0:
            raise OverflowError("Cannot normalize; kernel sum is 0")
        return columns/colSum, rows/rowSum, 1.0

    def _vector(self, function, axis):
        if self._cache is not None:
            return self._cachedVectors(axis, np.array([function.getParameter(0)]))[0]
        return np.broadcast_to(function._evaluate(self._positions(axis)), (self._size(axis),))

    def _size(self, axis):
        return (self._width, self._height)[axis]

    def _positions(self, axis):
        """Return the distances of the pixels from the centre pixel along x (axis 0) or y (axis 1)."""
        return np.arange(self._size(axis), dtype=np.float64) - self._ctr[axis]

    def _computeArray(self, doNormalize):
        columns, rows, total = self._computeVectors(doNormalize)
        return rows[:, np.newaxis]*columns, total

    def computeCache(self, cacheSize):
        """Evaluate both functions for many values of their first parameter in [0, 1], for later use.

        Parameters
        ----------
        cacheSize : `int`
            Number of values; 0 to work without a cache.
        """
        if cacheSize <= 0:
            self._cache = None
            return
        values = (np.arange(cacheSize) + 0.5)/cacheSize
        self._cache = [self._table(self._colFunction, 0, values), self._table(self._rowFunction, 1, values)]

    def _table(self, function, axis, values):
        function = function.clone()
        table = np.empty((len(values), self._size(axis)))
        for index, value in enumerate(values):
            function.setParameter(0, value)
            table[index] = function._evaluate(self._positions(axis))
        return table

    def _cachedVectors(self, axis, values):
        """Return the cached vectors that are nearest to an array of values of the first parameter."""
        table = self._cache[axis]
        # A fraction that was rounded up to one belongs to the last entry.
        return table.take((values*len(table)).astype(np.int64), axis=0, mode="clip")

    def getCacheSize(self):
        """Return the number of cached values of the first parameter; 0 if there is no cache."""
        return 0 if self._cache is None else len(self._cache[0])

    def getKernelColFunction(self):
        """Return a copy of the function of x."""
        return self._colFunction.clone()

    def getKernelRowFunction(self):
        """Return a copy of the function of y."""
        return self._rowFunction.clone()

    def getKernelParameters(self):
        """Return the parameters of the function of x, then those of the function of y."""
        return self._colFunction.getParameters() + self._rowFunction.getParameters()

    def _setKernelParameter(self, index, value):
        nCol = self._colFunction.getNParameters()
        if index < nCol:
            self._colFunction.setParameter(index, value)
        else:
            self._rowFunction.setParameter(index - nCol, value)

    def toString(self, prefix=""):
        """Return a description of several lines, each after ``prefix``."""
        return (f"{prefix}SeparableKernel:\n{prefix}..x (width) function: {self._colFunction.toString()}\n"
                f"{prefix}..y (rows) function: {self._rowFunction.toString()}\n"
                f"{super().toString(prefix + chr(9))}")
