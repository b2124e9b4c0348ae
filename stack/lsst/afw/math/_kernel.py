# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The base class of convolution kernels."""

__all__ = ["Kernel"]

import numpy as np

from lsst.afw.table.io import Persistable
from lsst.geom import Box2I, Extent2I, Point2I
from lsst.pex.exceptions import InvalidParameterError, RuntimeError

from ._function import _Function2


class Kernel(Persistable):
    """An image to convolve with, that may depend on position through spatial functions.

    Parameters
    ----------
    width, height : `int`
        Size, pixels.
    nKernelParams : `int`
        Number of kernel parameters.
    spatialFunction : function or sequence of function, optional
        Function of two variables that gives each kernel parameter (a copy for each); or a function for each.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        If the size is not positive, or there is nothing for the spatial functions to set.
    """

    def __init__(self, width=0, height=0, nKernelParams=0, spatialFunction=None):
        isList = spatialFunction is not None and not isinstance(spatialFunction, _Function2)
        if width < 1 or height < 1:
            raise InvalidParameterError(f"kernel height = {height} and/or width = {width} < 1")
        if isList and len(spatialFunction) != nKernelParams:
            raise InvalidParameterError(f"number of kernel parameters = {nKernelParams} != "
                                        f"{len(spatialFunction)} = number of spatial functions")
        if spatialFunction is not None and not isList and nKernelParams == 0:
            raise InvalidParameterError("Kernel function has no parameters")
        self._width, self._height = int(width), int(height)
        # afw centres even-sized kernels differently when it is given a list.
        self._ctr = (width//2, height//2) if isList else ((width - 1)//2, (height - 1)//2)
        self._nKernelParams = nKernelParams
        functions = spatialFunction if isList else [spatialFunction]*nKernelParams
        self._spatialFunctions = [f.clone() for f in functions] if spatialFunction is not None else []

    def clone(self):
        """Return a deep copy."""
        raise NotImplementedError(f"{type(self).__name__}.clone")

    def __deepcopy__(self, memo):
        return self.clone()

    def resized(self, width, height):
        """Return a copy of another size, centred by default."""
        raise NotImplementedError(f"{type(self).__name__}.resized")

    def computeImage(self, image, doNormalize, x=0.0, y=0.0):
        """Fill an image with the kernel at a position.

        Parameters
        ----------
        image : `lsst.afw.image.ImageD`
            Image of the size of the kernel; pixels and xy0 are set.
        doNormalize : `bool`
            Make the sum of the pixels one?
        x, y : `float`
            Position at which spatial functions are evaluated.

        Returns
        -------
        sum : `float`
            Sum of the pixels.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            If the image has another size.
        lsst.pex.exceptions.OverflowError
            If the sum to normalise by is zero.
        """
        if image.getDimensions() != self.getDimensions():
            raise InvalidParameterError(
                f"image dimensions = ( {image.getWidth()}, {image.getHeight()}) != "
                f"({self._width}, {self._height}) = kernel dimensions")
        image.setXY0(Point2I(-self._ctr[0], -self._ctr[1]))
        self._setKernelParametersFromSpatialModel(x, y)
        image.array[:, :], total = self._computeArray(doNormalize)
        return total

    def _computeArray(self, doNormalize):
        """Return the image at the present kernel parameters as an array, and its sum."""
        raise NotImplementedError(f"{type(self).__name__} does not say how to compute its image")

    def _computeArrays(self, x, y):
        """Return normalised images at many positions.

        Parameters
        ----------
        x, y : `numpy.ndarray`, (n,)
            Positions.

        Returns
        -------
        basis : `numpy.ndarray`, (m, height, width)
            Basis images.
        coefficients : `numpy.ndarray`, (n, m) or `None`
            Coefficients of the basis images at each position; `None` if ``basis`` has one image a position.
        """
        if not self.isSpatiallyVarying():
            return self._computeArray(True)[0][np.newaxis], np.ones((len(x), 1))
        images = np.empty((len(x), self._height, self._width))
        for i in range(len(x)):
            self._setKernelParametersFromSpatialModel(x[i], y[i])
            images[i] = self._computeArray(True)[0]
        return images, None

    def getDimensions(self):
        """Return the size as `lsst.geom.Extent2I`."""
        return Extent2I(self._width, self._height)

    def getWidth(self):
        """Return the width, pixels."""
        return self._width

    def getHeight(self):
        """Return the height, pixels."""
        return self._height

    def getCtr(self):
        """Return the index of the centre pixel as `lsst.geom.Point2I`."""
        return Point2I(*self._ctr)

    def setCtr(self, ctr):
        """Set the index of the centre pixel."""
        self._ctr = (int(ctr[0]), int(ctr[1]))

    def getBBox(self):
        """Return the bounding box of the image, with the centre at (0, 0)."""
        return Box2I(Point2I(-self._ctr[0], -self._ctr[1]), self.getDimensions())

    def isSpatiallyVarying(self):
        """Tell whether the kernel depends on position."""
        return len(self._spatialFunctions) > 0

    def getNKernelParameters(self):
        """Return the number of kernel parameters."""
        return self._nKernelParams

    def getNSpatialParameters(self):
        """Return the number of parameters of each spatial function; 0 if there are none."""
        return self._spatialFunctions[0].getNParameters() if self._spatialFunctions else 0

    def getSpatialFunction(self, index):
        """Return a copy of the spatial function of one kernel parameter.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            If there is none of that index.
        """
        if not self.isSpatiallyVarying():
            raise InvalidParameterError("kernel is not spatially varying")
        if not 0 <= index < len(self._spatialFunctions):
            raise InvalidParameterError(f"index = {index}; must be < {len(self._spatialFunctions)}")
        return self._spatialFunctions[index].clone()

    def getSpatialFunctionList(self):
        """Return copies of the spatial functions."""
        return [f.clone() for f in self._spatialFunctions]

    def getSpatialParameters(self):
        """Return the parameters of the spatial functions, a list for each."""
        return [f.getParameters() for f in self._spatialFunctions]

    def setSpatialParameters(self, params):
        """Set the parameters of the spatial functions.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            If the numbers do not fit; nothing is set then.
        """
        if len(params) != self._nKernelParams:
            raise InvalidParameterError(f"params has {len(params)} entries instead of {self._nKernelParams}")
        nSpatial = self.getNSpatialParameters()
        for index, values in enumerate(params):
            if len(values) != nSpatial:
                raise InvalidParameterError(
                    f"params[{index}] has {len(values)} entries instead of {nSpatial}")
        for function, values in zip(self._spatialFunctions, params):
            function.setParameters(values)

    def getKernelParameters(self):
        """Return the kernel parameters as a list."""
        return []

    def getKernelParameter(self, i):
        """Return one kernel parameter."""
        return self.getKernelParameters()[i]

    def setKernelParameters(self, params):
        """Set the kernel parameters.

        Raises
        ------
        lsst.pex.exceptions.RuntimeError
            If spatial functions set them.
        lsst.pex.exceptions.InvalidParameterError
            If the number is wrong.
        """
        if self.isSpatiallyVarying():
            raise RuntimeError("Kernel is spatially varying")
        if len(params) != self._nKernelParams:
            raise InvalidParameterError(
                f"Number of parameters is wrong, saw {len(params)} expected {self._nKernelParams}")
        for index, value in enumerate(params):
            self._setKernelParameter(index, value)

    def _setKernelParameter(self, index, value):
        raise InvalidParameterError("Kernel has no kernel parameters")

    def _setKernelParametersFromSpatialModel(self, x, y):
        for index, function in enumerate(self._spatialFunctions):
            self._setKernelParameter(index, function(x, y))

    def _spatialArgument(self):
        """Return what a constructor needs to repeat the spatial functions."""
        return self._spatialFunctions or None

    def computeCache(self, cacheSize):
        """Do nothing: this kind of kernel has no cache."""

    def getCacheSize(self):
        """Return the size of the cache: 0, there is none."""
        return 0

    def toString(self, prefix=""):
        """Return a description of several lines, each after ``prefix``."""
        lines = ["Kernel:", f"..height, width: {self._height}, {self._width}",
                 f"..ctr (X, Y): {self._ctr[0]}, {self._ctr[1]}", f"..nKernelParams: {self._nKernelParams}",
                 f"..isSpatiallyVarying: {self.isSpatiallyVarying()}"]
        if self.isSpatiallyVarying():
            lines.append("..spatialFunctions:")
            lines += [f"....{function.toString()}" for function in self._spatialFunctions]
        return "".join(f"{prefix}{line}\n" for line in lines)
