# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Kernels that are sums of basis kernels."""

__all__ = ["LinearCombinationKernel"]

import numpy as np

from lsst.pex.exceptions import InvalidParameterError

from ._function import _Function2
from ._kernel import Kernel
from ._simpleKernels import DeltaFunctionKernel, normalizeArray


class LinearCombinationKernel(Kernel):
    """A sum of basis kernels times coefficients that may depend on position.

    Parameters
    ----------
    kernelList : sequence of `Kernel`
        Basis kernels of equal size and centre, none of them spatially varying (copied).
    kernelParameters : sequence of `float`, or function, or sequence of function, optional
        Coefficients; or what gives them at a position.
    spatialFunction, spatialFunctionList : optional
        What gives the coefficients at a position, by keyword.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        If the basis kernels do not fit together or the number of coefficients or functions is not theirs.
    """

    def __init__(self, kernelList, kernelParameters=None, *, spatialFunction=None, spatialFunctionList=None):
        if len(kernelList) < 1:
            raise InvalidParameterError("kernelList has no elements")
        for given in (spatialFunction, spatialFunctionList):
            kernelParameters = given if given is not None else kernelParameters
        isSpatial = isinstance(kernelParameters, _Function2) or any(isinstance(p, _Function2)
                                                                    for p in kernelParameters)
        nKernels = len(kernelList)
        super().__init__(kernelList[0].getWidth(), kernelList[0].getHeight(), nKernels,
                         kernelParameters if isSpatial else None)
        if not isSpatial and len(kernelParameters) != nKernels:
            raise InvalidParameterError(
                f"kernelList.size() = {nKernels} != {len(kernelParameters)} = kernelParameters.size()")
        self.checkKernelList(kernelList)
        self._kernelParams = np.zeros(nKernels) if isSpatial else np.array(kernelParameters, dtype=np.float64)
        self._kernelList = [kernel.clone() for kernel in kernelList]
        arrays, sums = zip(*(kernel._computeArray(False) for kernel in self._kernelList))
        self._basis = np.array(arrays)
        self._sums = np.array(sums)

    def checkKernelList(self, kernelList):
        """Raise unless the kernels can be the basis of one kernel.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Naming the kernel that differs from the first or is spatially varying.
        """
        if len(kernelList) < 1:
            raise InvalidParameterError("kernelList has no elements")
        for index, kernel in enumerate(kernelList):
            if kernel.getDimensions() != kernelList[0].getDimensions():
                raise InvalidParameterError(f"kernel {index} has different size than kernel 0")
            if kernel.getCtr() != kernelList[0].getCtr():
                raise InvalidParameterError(f"kernel {index} has different center than kernel 0")
            if kernel.isSpatiallyVarying():
                raise InvalidParameterError(f"kernel {index} is spatially varying")

    def clone(self):
        """Return a deep copy."""
        kernel = LinearCombinationKernel(self._kernelList, self._coefficientArgument())
        kernel.setCtr(self._ctr)
        return kernel

    def resized(self, width, height):
        """Return a copy with each basis kernel resized."""
        return LinearCombinationKernel([kernel.resized(width, height) for kernel in self._kernelList],
                                       self._coefficientArgument())

    def _coefficientArgument(self):
        return self._spatialFunctions if self.isSpatiallyVarying() else self._kernelParams

    def getKernelList(self):
        """Return the basis kernels."""
        return list(self._kernelList)

    def getKernelSumList(self):
        """Return the sum of the pixels of each basis kernel."""
        return self._sums.tolist()

    def getNBasisKernels(self):
        """Return the number of basis kernels."""
        return len(self._kernelList)

    def isDeltaFunctionBasis(self):
        """Tell whether all basis kernels are delta functions."""
        return all(isinstance(kernel, DeltaFunctionKernel) for kernel in self._kernelList)

    def getKernelParameters(self):
        """Return the coefficients; if spatially varying, those of the last position."""
        return self._kernelParams.tolist()

    def _setKernelParameter(self, index, value):
        self._kernelParams[index] = value

    def _computeArray(self, doNormalize):
        array = np.tensordot(self._kernelParams, self._basis, axes=1)
        total = float(self._kernelParams @ self._sums)
        return normalizeArray(array, total) if doNormalize else (array, total)

    def _computeArrays(self, x, y):
        if not self.isSpatiallyVarying():
            return super()._computeArrays(x, y)
        columns = [np.broadcast_to(function._evaluate(x, y), np.shape(x)).astype(function._resultType)
                   for function in self._spatialFunctions]
        coefficients = np.stack(columns, axis=1).astype(np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            coefficients /= (coefficients @ self._sums)[:, np.newaxis]
        coefficients[~np.isfinite(coefficients).all(axis=1)] = np.nan
        return self._basis, coefficients

    def toString(self, prefix=""):
        """Return a description of several lines, each after ``prefix``."""
        kernels = "".join(kernel.toString(prefix + "\t") for kernel in self._kernelList)
        parameters = ", ".join(f"{p:g}" for p in self._kernelParams)
        return (f"{prefix}LinearCombinationKernel:\n{prefix}..Kernels:\n{kernels}"
                f"..parameters: [ {parameters} ]\n{super().toString(prefix + chr(9))}")
