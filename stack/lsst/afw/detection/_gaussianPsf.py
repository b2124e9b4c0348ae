# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""A circular Gaussian point spread function."""

__all__ = ["GaussianPsf"]

import math

import numpy as np

from lsst.afw.geom.ellipses import Quadrupole
from lsst.afw.image import ImageD
from lsst.geom import Box2I, Extent2I, Point2I
from lsst.pex.exceptions import InvalidParameterError

from ._psf import Psf


class GaussianPsf(Psf):
    """A circular Gaussian, sampled at the centres of the pixels and normalised to sum to one.

    Parameters
    ----------
    width, height : `int`
        Size of the kernel image, pixels; odd. One `lsst.geom.Extent2I` may stand for both.
    sigma : `float`
        Standard deviation, pixels.
    dimensions : `lsst.geom.Extent2I`, optional
        The size, by keyword.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        If the width is even.
    """

    def __init__(self, *args, width=None, height=None, sigma=None, dimensions=None):
        size = list(args)
        if dimensions is not None:
            size[:0] = dimensions
        elif size and not np.isscalar(size[0]):
            size[:1] = size[0]
        size += [value for value in (width, height, sigma)[len(size):] if value is not None]
        if len(size) != 3:
            raise TypeError("GaussianPsf needs width, height, sigma or dimensions, sigma")
        super().__init__(isFixed=True)
        self._width, self._height, self._sigma = int(size[0]), int(size[1]), float(size[2])
        if self._width % 2 == 0:
            raise InvalidParameterError("GaussianPsf dimensions must be odd")

    def clone(self):
        """Return a deep copy."""
        return GaussianPsf(self._width, self._height, self._sigma)

    def resized(self, width, height):
        """Return a copy whose kernel images have another size, pixels."""
        return GaussianPsf(width, height, self._sigma)

    def getDimensions(self):
        """Return the size of the kernel image as `lsst.geom.Extent2I`."""
        return Extent2I(self._width, self._height)

    def getSigma(self):
        """Return the standard deviation, pixels."""
        return self._sigma

    def _kernelImageBasis(self, x, y):
        xPixel = np.arange(self._width) - self._width//2
        yPixel = (np.arange(self._height) - self._height//2)[:, np.newaxis]
        array = np.exp(-0.5*(xPixel*xPixel + yPixel*yPixel)/self._sigma**2)
        return (array/array.sum())[np.newaxis], np.ones((len(x), 1)), (-(self._width//2), -(self._height//2))

    def _doComputeKernelImage(self, position, color):
        basis, _, xy0 = self._kernelImageBasis(np.zeros(1), np.zeros(1))
        return ImageD(basis[0], False, Point2I(*xy0))

    def _doComputeApertureFlux(self, radius, position, color):
        return 1.0 - math.exp(-0.5*radius*radius/self._sigma**2)

    def _doComputeShape(self, position, color):
        return Quadrupole(self._sigma**2, self._sigma**2, 0.0)

    def _doComputeBBox(self, position, color):
        return Box2I(Point2I(-(self._width//2), -(self._height//2)), self.getDimensions())
