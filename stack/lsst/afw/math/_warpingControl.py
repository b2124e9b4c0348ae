# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The parameters of warping."""

__all__ = ["WarpingControl"]

from lsst.afw.table.io import Persistable
from lsst.pex.exceptions import InvalidParameterError

from ._warpingKernel import makeWarpingKernel


class WarpingControl(Persistable):
    """Which kernels to warp with, and how exactly.

    Parameters
    ----------
    warpingKernelName : `str`
        Name of the kernel; see `makeWarpingKernel`.
    maskWarpingKernelName : `str`
        Name of the kernel for masks; empty to use that of the image.
    cacheSize : `int`
        Number of fractions of a pixel at which the kernel is evaluated beforehand; 0 for exact fractions.
    interpLength : `int`
        Distance, in pixels, over which positions are interpolated linearly; 0 to compute all.
    growFullMask : `int`
        Mask bits that grow by the full image kernel where there is a mask kernel.
    """

    def __init__(self, warpingKernelName, maskWarpingKernelName="", cacheSize=0, interpLength=0,
                 growFullMask=0):
        self._warpingKernel = makeWarpingKernel(warpingKernelName)
        self._maskWarpingKernel = None
        self._cacheSize = cacheSize
        self._interpLength = interpLength
        self._growFullMask = growFullMask
        self.setMaskWarpingKernelName(maskWarpingKernelName)

    def getCacheSize(self):
        """Return the number of cached fractions of a pixel."""
        return self._cacheSize

    def setCacheSize(self, cacheSize):
        """Set the number of cached fractions of a pixel."""
        self._cacheSize = cacheSize

    def getInterpLength(self):
        """Return the distance over which positions are interpolated, pixels."""
        return self._interpLength

    def setInterpLength(self, interpLength):
        """Set the distance over which positions are interpolated, pixels."""
        self._interpLength = interpLength

    def getGrowFullMask(self):
        """Return the mask bits that grow by the full image kernel."""
        return self._growFullMask

    def setGrowFullMask(self, growFullMask):
        """Set the mask bits that grow by the full image kernel."""
        self._growFullMask = growFullMask

    def getWarpingKernel(self):
        """Return the kernel, with its cache filled."""
        return self._fillCache(self._warpingKernel)

    def setWarpingKernelName(self, warpingKernelName):
        """Set the kernel by name."""
        self.setWarpingKernel(makeWarpingKernel(warpingKernelName))

    def setWarpingKernel(self, warpingKernel):
        """Set the kernel (copied).

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            If it is smaller than the mask kernel.
        """
        if self._maskWarpingKernel is not None:
            _checkSizes(warpingKernel, self._maskWarpingKernel)
        self._warpingKernel = warpingKernel.clone()

    def getMaskWarpingKernel(self):
        """Return the kernel for masks, with its cache filled, or `None`."""
        return self._fillCache(self._maskWarpingKernel)

    def hasMaskWarpingKernel(self):
        """Tell whether there is a kernel for masks."""
        return self._maskWarpingKernel is not None

    def setMaskWarpingKernelName(self, maskWarpingKernelName):
        """Set the kernel for masks by name; an empty name removes it."""
        if maskWarpingKernelName:
            self.setMaskWarpingKernel(makeWarpingKernel(maskWarpingKernelName))
        else:
            self._maskWarpingKernel = None

    def setMaskWarpingKernel(self, maskWarpingKernel):
        """Set the kernel for masks (copied).

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            If it is larger than the kernel for images.
        """
        _checkSizes(self._warpingKernel, maskWarpingKernel)
        self._maskWarpingKernel = maskWarpingKernel.clone()

    def _fillCache(self, kernel):
        if kernel is not None and kernel.getCacheSize() != self._cacheSize:
            kernel.computeCache(self._cacheSize)
        return kernel


def _checkSizes(warpingKernel, maskWarpingKernel):
    if not warpingKernel.getBBox().contains(maskWarpingKernel.getBBox()):
        raise InvalidParameterError("warping kernel is smaller than mask warping kernel")
