# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Point spread functions that are given by a kernel."""

__all__ = ["KernelPsf", "PcaPsf"]

from lsst.afw.image import ImageD
from lsst.afw.math import LinearCombinationKernel
from lsst.geom import Point2D
from lsst.pex.exceptions import InvalidParameterError

from ._imagePsf import ImagePsf


class KernelPsf(ImagePsf):
    """A Psf whose kernel image is that of a kernel.

    Parameters
    ----------
    kernel : `lsst.afw.math.Kernel`
        Kernel (copied).
    averagePosition : `lsst.geom.Point2D`
        Average position of the stars that the kernel was made from, pixels.
    """

    def __init__(self, kernel, averagePosition=None):
        super().__init__(isFixed=not kernel.isSpatiallyVarying())
        self._kernel = kernel.clone()
        self._averagePosition = Point2D(0.0, 0.0) if averagePosition is None else Point2D(averagePosition)

    def clone(self):
        """Return a deep copy."""
        return type(self)(self._kernel, self._averagePosition)

    def resized(self, width, height):
        """Return a copy whose kernel images have another size, pixels."""
        return KernelPsf(self._kernel.resized(width, height), self._averagePosition)

    def getKernel(self):
        """Return the kernel."""
        return self._kernel

    def getAveragePosition(self):
        """Return the average position of the stars that the kernel was made from, pixels."""
        return Point2D(self._averagePosition)

    def _kernelImageBasis(self, x, y):
        basis, coefficients = self._kernel._computeArrays(x, y)
        return basis, coefficients, tuple(self._kernel.getBBox().getMin())

    def _doComputeKernelImage(self, position, color):
        image = ImageD(self._kernel.getDimensions())
        self._kernel.computeImage(image, True, position[0], position[1])
        return image

    def _doComputeBBox(self, position, color):
        return self._kernel.getBBox()


class PcaPsf(KernelPsf):
    """A Psf that is a linear combination of basis images with coefficients that depend on position.

    Parameters
    ----------
    kernel : `lsst.afw.math.LinearCombinationKernel`
        Kernel (copied).
    averagePosition : `lsst.geom.Point2D`
        Average position of the stars that the kernel was made from, pixels.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        If there is no kernel.
    """

    def __init__(self, kernel, averagePosition=None):
        if kernel is None:
            raise InvalidParameterError("PcaPsf kernel must not be null")
        if not isinstance(kernel, LinearCombinationKernel):
            raise TypeError(f"PcaPsf needs a LinearCombinationKernel, not a {type(kernel).__name__}")
        super().__init__(kernel, averagePosition)

    def resized(self, width, height):
        """Return a copy whose kernel images have another size, pixels."""
        return PcaPsf(self._kernel.resized(width, height), self._averagePosition)
