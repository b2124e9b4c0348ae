# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Kernels of one image, one function or one pixel."""

__all__ = ["AnalyticKernel", "DeltaFunctionKernel", "FixedKernel"]

import numpy as np

from lsst.geom import Extent2I, Point2I
from lsst.pex.exceptions import InvalidParameterError, OverflowError

from ._kernel import Kernel


def normalizeArray(array, total):
    """Divide a kernel image by its sum.

    Raises
    ------
    lsst.pex.exceptions.OverflowError
        If the sum is zero.
    """
    if total == 0:
        raise OverflowError("Cannot normalize; kernel sum is 0")
    return array/total, 1.0


def checkEvenPadding(kernel, width, height):
    """Raise if a kernel made of pixels cannot be resized because its centre would move.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        If a dimension would change by an odd number.
    """
    if (width - kernel.getWidth()) % 2 or (height - kernel.getHeight()) % 2:
        raise InvalidParameterError(
            f"Cannot resize {type(kernel).__name__} from ({kernel.getWidth()}, {kernel.getHeight()}) to "
            f"({width}, {height}), because at least one dimension would change by an odd value.")


class FixedKernel(Kernel):
    """A kernel that is one image everywhere.

    Parameters
    ----------
    image : `lsst.afw.image.ImageD` or `Kernel`
        The image (copied; xy0 is ignored), or a kernel to evaluate.
    pos : `lsst.geom.Point2D`, optional
        Where to evaluate a kernel.
    kernel : `Kernel`, optional
        The kernel to evaluate, by keyword.
    """

    def __init__(self, image, pos=None, *, kernel=None):
        kernel = image if isinstance(image, Kernel) else kernel
        if kernel is not None:
            kernel._setKernelParametersFromSpatialModel(*pos)
            array, total = kernel._computeArray(False)
        else:
            array = np.array(image.array, dtype=np.float64)
            total = float(array.sum())
        self._setArray(array, total)

    def _setArray(self, array, total):
        super().__init__(array.shape[1], array.shape[0], 0)
        self._array = array
        self._sum = total

    @classmethod
    def _fromArray(cls, array):
        kernel = cls.__new__(cls)
        kernel._setArray(np.array(array, dtype=np.float64), float(array.sum()))
        return kernel

    def getSum(self):
        """Return the sum of the pixels before normalisation."""
        return self._sum

    def clone(self):
        """Return a deep copy."""
        kernel = self._fromArray(self._array)
        kernel.setCtr(self._ctr)
        return kernel

    def resized(self, width, height):
        """Return a copy padded with zeros or cut around the centre.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            If the size is not positive or a dimension changes by an odd number.
        """
        if width <= 0 or height <= 0:
            raise InvalidParameterError(f"Cannot create FixedKernel with dimensions ({width}, {height}). ")
        checkEvenPadding(self, width, height)
        array = np.zeros((height, width))
        toY, fromY = _overlap(-((height - 1)//2), height, -self._ctr[1], self._height)
        toX, fromX = _overlap(-((width - 1)//2), width, -self._ctr[0], self._width)
        array[toY, toX] = self._array[fromY, fromX]
        return self._fromArray(array)

    def _computeArray(self, doNormalize):
        if doNormalize:
            return normalizeArray(self._array, self._sum)
        return self._array, self._sum

    def toString(self, prefix=""):
        """Return a description of several lines, each after ``prefix``."""
        return f"{prefix}FixedKernel:\n{prefix}..sum: {self._sum:g}\n{super().toString(prefix + chr(9))}"


def _overlap(toStart, toSize, fromStart, fromSize):
    """Return the slices of two ranges that cover the same coordinates."""
    start = max(toStart, fromStart)
    stop = max(start, min(toStart + toSize, fromStart + fromSize))
    return slice(start - toStart, stop - toStart), slice(start - fromStart, stop - fromStart)


class AnalyticKernel(Kernel):
    """A kernel whose pixels are the values of a function.

    Parameters
    ----------
    width, height : `int`
        Size, pixels.
    kernelFunction : `Function2D`
        Function of the distance in x and y from the centre pixel (copied).
    spatialFunction : function or sequence of function, optional
        What gives the parameters of the kernel function at a position.
    spatialFunctionList : sequence of function, optional
        The sequence, by keyword.
    """

    def __init__(self, width, height, kernelFunction, spatialFunction=None, *, spatialFunctionList=None):
        spatial = spatialFunctionList if spatialFunctionList is not None else spatialFunction
        super().__init__(width, height, kernelFunction.getNParameters(), spatial)
        self._kernelFunction = kernelFunction.clone()

    def clone(self):
        """Return a deep copy."""
        kernel = self.resized(self._width, self._height)
        kernel.setCtr(self._ctr)
        return kernel

    def resized(self, width, height):
        """Return a copy of another size, evaluated afresh."""
        return type(self)(width, height, self._kernelFunction, self._spatialArgument())

    def computeImage(self, image, doNormalize, x=0.0, y=0.0):
        """Fill an image of any size with the kernel at a position; see `Kernel.computeImage`."""
        border = ((image.getWidth() - self._width)/2, (image.getHeight() - self._height)/2)
        x0, y0 = (-(ctr + int(extra)) for ctr, extra in zip(self._ctr, border))
        image.setXY0(Point2I(x0, y0))
        self._setKernelParametersFromSpatialModel(x, y)
        image.array[:, :], total = self._evaluate(doNormalize, x0, y0, image.getWidth(), image.getHeight())
        return total

    def _computeArray(self, doNormalize):
        return self._evaluate(doNormalize, -self._ctr[0], -self._ctr[1], self._width, self._height)

    def _evaluate(self, doNormalize, x0, y0, width, height):
        x = np.arange(x0, x0 + width, dtype=np.float64)
        y = np.arange(y0, y0 + height, dtype=np.float64)[:, np.newaxis]
        array = np.broadcast_to(self._kernelFunction._evaluate(x, y), (height, width))
        total = float(array.sum())
        return normalizeArray(array, total) if doNormalize else (array, total)

    def getKernelFunction(self):
        """Return a copy of the kernel function."""
        return self._kernelFunction.clone()

    def getKernelParameters(self):
        """Return the parameters of the kernel function."""
        return self._kernelFunction.getParameters()

    def _setKernelParameter(self, index, value):
        self._kernelFunction.setParameter(index, value)

    def toString(self, prefix=""):
        """Return a description of several lines, each after ``prefix``."""
        return (f"{prefix}AnalyticKernel:\n{prefix}..function: {self._kernelFunction.toString()}\n"
                f"{super().toString(prefix + chr(9))}")


class DeltaFunctionKernel(Kernel):
    """A kernel with a one in one pixel and zero elsewhere.

    Parameters
    ----------
    width, height : `int`
        Size, pixels.
    point : `lsst.geom.Point2I`
        Index of the pixel that is one.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        If the pixel is outside.
    """

    def __init__(self, width, height, point):
        super().__init__(width, height, 0)
        if not (0 <= point[0] < width and 0 <= point[1] < height):
            raise InvalidParameterError(
                f"point ({point[0]}, {point[1]}) lies outside {width}x{height} sized kernel")
        self._pixel = (int(point[0]), int(point[1]))

    def clone(self):
        """Return a deep copy."""
        kernel = type(self)(self._width, self._height, Point2I(*self._pixel))
        kernel.setCtr(self._ctr)
        return kernel

    def resized(self, width, height):
        """Return a copy padded or cut around the centre.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            If a dimension changes by an odd number or the pixel falls out.
        """
        checkEvenPadding(self, width, height)
        shift = Extent2I(int((width - self._width)/2), int((height - self._height)/2))
        return type(self)(width, height, Point2I(*self._pixel) + shift)

    def getPixel(self):
        """Return the index of the pixel that is one."""
        return Point2I(*self._pixel)

    def _computeArray(self, doNormalize):
        array = np.zeros((self._height, self._width))
        array[self._pixel[1], self._pixel[0]] = 1.0
        return array, 1.0

    def toString(self, prefix=""):
        """Return a description of several lines, each after ``prefix``."""
        return (f"{prefix}DeltaFunctionKernel:\n{prefix}Pixel (c,r) {self._pixel[0]},{self._pixel[1]})\n"
                f"{super().toString(prefix + chr(9))}")
