# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The base class of point spread functions."""

__all__ = ["Psf"]

import enum
import math
import warnings

from lsst.afw.image import Color
from lsst.afw.math import FixedKernel, offsetImage
from lsst.afw.typehandling import Storable
from lsst.geom import Point2D, Point2I
from lsst.pex.exceptions import InvalidParameterError

from ._psfBatch import PsfBatch
from ._psfCache import PsfCache


class _ImageOwnerEnum(enum.IntEnum):
    """Whether a returned image belongs to the caller (`COPY`) or must not be changed (`INTERNAL`)."""

    COPY = 0
    INTERNAL = 1


class Psf(PsfBatch, Storable):
    """A point spread function that may depend on position.

    `computeKernelImage` gives its image around (0, 0); `computeImage` gives the image in the pixels of the
    exposure, shifted by the fraction of a pixel that the position needs. Images sum to one. Results at the
    last positions are remembered.

    A Python subclass implements ``__deepcopy__``, ``resized``, ``_doComputeKernelImage(position, color)``,
    ``_doComputeBBox(position, color)``, ``_doComputeShape(position, color)`` and
    ``_doComputeApertureFlux(radius, position, color)``; it may replace ``_doComputeImage(position, color)``,
    ``_doComputeImageBBox(position, color)`` and ``getAveragePosition``.

    Parameters
    ----------
    isFixed : `bool`
        Is the kernel image the same everywhere?
    capacity : `int`
        Number of positions whose images are remembered.
    """

    ImageOwnerEnum = _ImageOwnerEnum
    COPY = _ImageOwnerEnum.COPY
    INTERNAL = _ImageOwnerEnum.INTERNAL

    def __init__(self, isFixed=False, capacity=100):
        self._isFixed = isFixed
        self._imageCache = PsfCache(capacity)
        self._kernelImageCache = PsfCache(capacity)

    def clone(self):
        """Return a deep copy."""
        if type(self).__deepcopy__ is Psf.__deepcopy__:
            raise self._abstract("__deepcopy__")
        return self.__deepcopy__()

    def __deepcopy__(self, memo=None):
        if type(self).clone is Psf.clone:
            raise self._abstract("__deepcopy__")
        return self.clone()

    def resized(self, width, height):
        """Return a copy whose kernel images have another size, pixels."""
        raise self._abstract("resized")

    def getAveragePosition(self):
        """Return the average position of the stars that the PSF was made from, the default position."""
        return Point2D(0.0, 0.0)

    def getAverageColor(self):
        """Return the average color of the stars that the PSF was made from: indeterminate."""
        return Color()

    def computeImage(self, position=None, color=None, owner=COPY):
        """Compute the image of a point source.

        Parameters
        ----------
        position : `lsst.geom.Point2D`
            Position of the source, pixels; NaN for the average position.
        color : `lsst.afw.image.Color`, optional
            Color of the source.
        owner : `Psf.ImageOwnerEnum`
            `Psf.COPY` for an image of one's own.

        Returns
        -------
        image : `lsst.afw.image.ImageD`
            Image whose xy0 puts it where the source is.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            If one coordinate is not finite.
        """
        position, color = self._resolve(position, color)
        image = self._imageCache.get(position, lambda p: self._doComputeImage(p, color))
        return _copyImage(image) if owner == self.COPY else image

    def computeKernelImage(self, position=None, color=None, owner=COPY):
        """Compute the image of a point source as a convolution kernel: (0, 0) is its centre.

        Parameters are those of `computeImage`.
        """
        position, color = self._resolve(position, color)
        if self._isFixed:
            position = self.getAveragePosition()
        image = self._kernelImageCache.get(position, lambda p: self._doComputeKernelImage(p, color))
        return _copyImage(image) if owner == self.COPY else image

    def computePeak(self, position=None, color=None):
        """Return the value of the kernel image at its centre."""
        position, color = self._resolve(position, color)
        image = self.computeKernelImage(position, color, self.INTERNAL)
        return float(image.array[-image.getY0(), -image.getX0()])

    def computeApertureFlux(self, radius, position=None, color=None):
        """Return the fraction of the flux in a circle.

        Parameters
        ----------
        radius : `float`
            Radius of the circle, pixels.
        position, color
            As in `computeImage`.
        """
        position, color = self._resolve(position, color)
        return self._doComputeApertureFlux(radius, position, color)

    def computeShape(self, position=None, color=None):
        """Return the second moments as `lsst.afw.geom.ellipses.Quadrupole`, pixels squared."""
        position, color = self._resolve(position, color)
        return self._doComputeShape(position, color)

    def computeBBox(self, position=None, color=None):
        """Return the bounding box of the kernel image."""
        position, color = self._resolve(position, color)
        return self._doComputeBBox(position, color)

    computeKernelBBox = computeBBox

    def computeImageBBox(self, position=None, color=None):
        """Return the bounding box of the image."""
        position, color = self._resolve(position, color)
        return self._doComputeImageBBox(position, color)

    def getLocalKernel(self, position=None, color=None):
        """Return the kernel image as `lsst.afw.math.FixedKernel`."""
        position, color = self._resolve(position, color)
        return FixedKernel(self.computeKernelImage(position, color, self.INTERNAL))

    def getCacheCapacity(self):
        """Return the number of positions whose images are remembered."""
        return self._kernelImageCache.capacity()

    def setCacheCapacity(self, capacity):
        """Set the number of positions whose images are remembered."""
        self._imageCache.reserve(capacity)
        self._kernelImageCache.reserve(capacity)

    @staticmethod
    def recenterKernelImage(im, position, warpAlgorithm="lanczos5", warpBuffer=5):
        """Move the centre of a kernel image to a position.

        Parameters
        ----------
        im : `lsst.afw.image.ImageD`
            Kernel image; changed if no interpolation is needed.
        position : `lsst.geom.Point2D`
            New position of what is at (0, 0), pixels.
        warpAlgorithm : `str`
            Interpolation; see `lsst.afw.math.offsetImage`.
        warpBuffer : `int`
            Number of zero pixels to assume around the image.

        Returns
        -------
        image : `lsst.afw.image.ImageD`
            Moved image, of the same size.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            If the position is not finite.
        """
        if not (math.isfinite(position[0]) and math.isfinite(position[1])):
            raise InvalidParameterError(f"position {position} of a PSF image is not finite")
        index = [math.floor(p + 0.5) for p in position]
        residual = [p - i for p, i in zip(position, index)]
        if residual != [0.0, 0.0]:
            im = offsetImage(im, *residual, warpAlgorithm, warpBuffer)
        im.setXY0(Point2I(index[0] + im.getX0(), index[1] + im.getY0()))
        return im

    def _doComputeImage(self, position, color):
        image = self.computeKernelImage(position, color, self.COPY)
        return self.recenterKernelImage(image, position)

    def _doComputeImageBBox(self, position, color):
        return self.computeImage(position, color, self.INTERNAL).getBBox()

    def _doComputeKernelImage(self, position, color):
        raise self._abstract("_doComputeKernelImage")

    def _doComputeApertureFlux(self, radius, position, color):
        raise self._abstract("_doComputeApertureFlux")

    def _doComputeShape(self, position, color):
        raise self._abstract("_doComputeShape")

    def _doComputeBBox(self, position, color):
        raise self._abstract("_doComputeBBox")

    def _overridesDoComputeImage(self):
        return type(self)._doComputeImage is not Psf._doComputeImage

    def _resolve(self, position, color):
        """Return the average position and color for those that are not given."""
        if position is None:
            warnings.warn("Default position argument overload is deprecated and will be removed in version "
                          "24.0.  Please explicitly specify a position.", FutureWarning, stacklevel=3)
        if position is None or (math.isnan(position[0]) and math.isnan(position[1])):
            position = self.getAveragePosition()
        return position, self.getAverageColor() if color is None else color

    @classmethod
    def _abstract(cls, name):
        return NotImplementedError(f'Tried to call pure virtual function "{cls.__name__}::{name}"')


def _copyImage(image):
    return type(image)(image, True)
