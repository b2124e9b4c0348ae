# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The point spread function of PSFEx: a polynomial in position of oversampled images."""

__all__ = ["PsfexPsf"]

import numpy as np

from lsst.afw.image import ImageD
from lsst.afw.math import FixedKernel, LinearCombinationKernel
from lsst.geom import Box2I, Extent2I, Point2D, Point2I
from lsst.meas.algorithms import ImagePsf
from lsst.pex.exceptions import InvalidParameterError, LogicError

from ._resample import resampleMatrices

ARRAYS = ("group", "degree", "basis", "coeff", "_size", "_comp", "_context_first", "_context_second")
"""Names of the arrays of a model."""


class PsfexPsf(ImagePsf):
    """A polynomial in position of oversampled images, as PSFEx fits it.

    Parameters
    ----------
    averagePosition : `lsst.geom.Point2D`
        Average position of the stars, pixels.
    pixstep : `float`
        Size of the pixels of the images, in pixels of the exposure.
    arrays : `dict` of `str`: `numpy.ndarray`
        The model: ``_comp``, the images in one array; ``_size``, their width, height and number; ``group``,
        which polynomial each coordinate is in; ``degree`` of each polynomial; ``_context_first`` and
        ``_context_second``, zero point and scale of the coordinates; ``basis`` and ``coeff``, which are
        stored but not used.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        If the model depends on anything but x and y, or its arrays do not fit together.
    """

    def __init__(self, averagePosition, pixstep, arrays):
        super().__init__(isFixed=False)
        self._averagePosition = Point2D(averagePosition)
        self._pixstep = np.float32(pixstep)
        self._arrays = {name: np.array(arrays[name]) for name in ARRAYS}
        self._checkArrays()
        width, height = self._arrays["_size"][:2]
        self._components = self._arrays["_comp"].astype(np.float64).reshape(-1, height, width)
        # PSFEx makes the size odd.
        self._width, self._height = (int(size*self._pixstep) | 1 for size in (int(width), int(height)))
        self._step = np.float32(1)/self._pixstep

    def _checkArrays(self):
        arrays = self._arrays
        if len(arrays["_context_first"]) != 2 or len(arrays["group"]) != 2:
            raise InvalidParameterError("Only spatial variation (ndim == 2) is supported; saw "
                                        f"{len(arrays['_context_first'])}")
        group, degree = arrays["group"], arrays["degree"]
        if not (np.isin(group, np.arange(len(degree))).all() and ((degree >= 0) & (degree <= 10)).all()):
            raise InvalidParameterError(f"degree {degree.tolist()} of groups {group.tolist()} of a PsfexPsf "
                                        "is not possible")
        size = arrays["_size"]
        nBasis = len(_powers(group, degree)[0])
        if not (len(size) in (2, 3) and (size > 0).all() and 0 < self._pixstep <= 10
                and size.astype(np.int64).prod() == len(arrays["_comp"])
                and (size[2] if len(size) > 2 else 1) <= nBasis):
            raise InvalidParameterError(f"PsfexPsf of size {size.tolist()} does not fit its "
                                        f"{len(arrays['_comp'])} pixels and {nBasis} polynomial terms")

    def clone(self):
        """Return a deep copy."""
        return PsfexPsf(self._averagePosition, self._pixstep, self._arrays)

    def resized(self, width, height):
        """Raise: the stack cannot resize these PSFs.

        Raises
        ------
        lsst.pex.exceptions.LogicError
            Always.
        """
        raise LogicError("Not Implemented")

    def getAveragePosition(self):
        """Return the average position of the stars, pixels."""
        return Point2D(self._averagePosition)

    def getKernel(self, position=None):
        """Return the resampled images with their coefficients at a position, not normalised.

        Parameters
        ----------
        position : `lsst.geom.Point2D`, optional
            Position, pixels; the average position by default.

        Returns
        -------
        kernel : `lsst.afw.math.LinearCombinationKernel`
            Kernel that does not vary.
        """
        position = self._averagePosition if position is None or not np.isfinite(position[0]) else position
        terms = self._terms(np.array([[position[0], position[1]]]))[0]
        images = self._resample(self._components, np.zeros((len(self._components), 2)))
        return LinearCombinationKernel([FixedKernel._fromArray(image) for image in images], terms)

    def _terms(self, positions):
        """Return the values of the polynomial terms, one an image: (n, m)."""
        scaled = (positions - self._arrays["_context_first"])/self._arrays["_context_second"]
        xPower, yPower = _powers(self._arrays["group"], self._arrays["degree"])
        terms = scaled[:, :1]**xPower*scaled[:, 1:]**yPower
        return terms[:, :len(self._components)]

    def _resample(self, images, offsets):
        """Resample oversampled images, each with its own offset of the centre (n, 2), pixels."""
        shifts = (-offsets.astype(np.float32)*self._step).astype(np.float64)
        xMatrices = resampleMatrices(images.shape[2], self._width, shifts[:, 0], float(self._step))
        yMatrices = resampleMatrices(images.shape[1], self._height, shifts[:, 1], float(self._step))
        rows = (images @ xMatrices.transpose(0, 2, 1)).astype(np.float32)
        return yMatrices @ rows

    def _images(self, positions, centres):
        """Return the normalised images of sources at positions, centred at others, and their origins."""
        whole = np.trunc(centres)
        offsets = (centres - whole).astype(np.float32)
        offsets = np.where(offsets > 0.5, offsets - np.float32(1), offsets)
        # PSFEx computes in single precision; to be as close to it as that allows, so is this.
        images = np.zeros((len(positions), *self._components.shape[1:]), np.float32)
        for term, component in zip(self._terms(positions).T.astype(np.float32), self._components):
            images += term[:, np.newaxis, np.newaxis]*component.astype(np.float32)
        images = self._resample(images, offsets).astype(np.float32)
        total = images.reshape(len(images), -1).cumsum(axis=1, dtype=np.float32)[:, -1]
        images = (images/total[:, np.newaxis, np.newaxis]).astype(np.float64)
        origins = np.trunc(centres - offsets + 0.5).astype(np.int32)
        return images, origins - np.array([self._width//2, self._height//2], dtype=np.int32)

    def _doComputeImage(self, position, color):
        return self._makeImage(position, position)

    def _doComputeKernelImage(self, position, color):
        return self._makeImage(position, (0.0, 0.0))

    def _makeImage(self, position, centre):
        positions = np.array([[position[0], position[1]]])
        if not np.isfinite(positions).all():
            raise InvalidParameterError(f"position {position} of a PSF image is not finite")
        images, origins = self._images(positions, np.array([[centre[0], centre[1]]]))
        return ImageD(images[0], False, Point2I(*origins[0].tolist()))

    def _doComputeBBox(self, position, color):
        return Box2I(Point2I(-(self._width//2), -(self._height//2)), Extent2I(self._width, self._height))

    def _isRectangular(self):
        return True

    def _computeImages(self, positions):
        positions = self._fillPositions(positions)
        return self._imagesWhereFinite(positions, positions)

    def _computeKernelImages(self, positions):
        positions = self._fillPositions(positions)
        return self._imagesWhereFinite(positions, np.zeros_like(positions))

    def _imagesWhereFinite(self, positions, centres):
        bad = ~np.isfinite(positions).all(axis=1)
        images, origins = self._images(np.where(bad[:, np.newaxis], 0.0, positions),
                                       np.where(bad[:, np.newaxis], 0.0, centres))
        images[bad] = np.nan
        return images, origins


def _powers(group, degree):
    """Return the powers of x and y in the terms of the polynomial, in PSFEx's order."""
    xGroup, yGroup = group
    powers = [(p, q) for q in range(degree[yGroup] + 1) for p in range(degree[xGroup] + 1)
              if xGroup != yGroup or p + q <= degree[xGroup]]
    return tuple(np.array(powers).T)
