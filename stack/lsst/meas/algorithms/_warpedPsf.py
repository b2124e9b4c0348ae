# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Point spread functions seen through a distortion."""

__all__ = ["WarpedPsf"]

import functools

import numpy as np

from lsst.afw.detection._psfCache import PsfMemory
from lsst.afw.geom import linearizeTransform
from lsst.afw.geom._linearizer import Linearizer
from lsst.afw.image import ImageD
from lsst.afw.math import WarpingControl
from lsst.geom import Box2I, Extent2I, Point2I
from lsst.pex.exceptions import InvalidParameterError, LogicError, RangeError

from ._imagePsf import ImagePsf

_MAX_COEFFICIENT = 200.0
"""Largest coefficient of a distortion that is believed; beyond it images would be huge."""


class WarpedPsf(ImagePsf):
    """A Psf seen through a distortion, which is linearised at each position.

    Parameters
    ----------
    undistortedPsf : `lsst.afw.detection.Psf`
        Psf in undistorted pixels.
    distortion : `lsst.afw.geom.TransformPoint2ToPoint2`
        Transform from undistorted to distorted pixels.
    kernelName : `str` or `lsst.afw.math.WarpingControl`
        Warping kernel, or all of the parameters of warping.
    cache : `int`
        Number of fractions of a pixel at which the kernel is evaluated; 0 for exact fractions.
    control : `lsst.afw.math.WarpingControl`, optional
        The parameters of warping, by keyword.

    Raises
    ------
    lsst.pex.exceptions.LogicError
        If an argument is `None`.
    """

    def __init__(self, undistortedPsf, distortion, kernelName="lanczos3", cache=10000, *, control=None):
        super().__init__(isFixed=False)
        self._memory = PsfMemory()
        if undistortedPsf is None:
            raise LogicError("Undistorted Psf passed to WarpedPsf must not be None/NULL")
        if distortion is None:
            raise LogicError("Transform passed to WarpedPsf must not be None/NULL")
        if kernelName is None:
            raise LogicError("WarpingControl passed to WarpedPsf must not be None/NULL")
        if control is None:
            control = WarpingControl(kernelName, "", cache) if isinstance(kernelName, str) else kernelName
        self._undistortedPsf = undistortedPsf
        self._distortion = distortion
        self._control = control

    def clone(self):
        """Return a deep copy."""
        return WarpedPsf(self._undistortedPsf.clone(), self._distortion, self._control)

    def resized(self, width, height):
        """Raise: no size before distortion need give this size after it.

        Raises
        ------
        lsst.pex.exceptions.LogicError
            Always.
        """
        raise LogicError("Not Implemented")

    def getAveragePosition(self):
        """Return the distorted average position of the undistorted Psf, pixels."""
        return self._distortion.applyForward(self._undistortedPsf.getAveragePosition())

    @functools.cached_property
    def _toUndistorted(self):
        return self._distortion.inverted()

    @functools.cached_property
    def _linearizer(self):
        return Linearizer(self._toUndistorted)

    def _linearize(self, position):
        """Return the undistorted position, and the matrix from undistorted to distorted offsets."""
        toUndistorted = linearizeTransform(self._toUndistorted, position)
        matrix = np.array(toUndistorted.inverted().getLinear().getMatrix())
        return toUndistorted(position), matrix

    def _doComputeKernelImage(self, position, color):
        undistorted, matrix = self._linearize(position)
        source = self._undistortedPsf.computeKernelImage(undistorted, color)
        if not _isCredible(matrix):
            raise RangeError(_TOO_LARGE)
        images, xy0 = source.array[np.newaxis], tuple(source.getXY0())
        (_, image, xy0), = self._warp([0], images, xy0, matrix[np.newaxis])
        if image is None:
            raise InvalidParameterError("psf image has sum 0")
        return ImageD(image, xy0=Point2I(*xy0))

    def _iterateKernelImages(self, positions):
        if type(self)._doComputeKernelImage is not WarpedPsf._doComputeKernelImage:
            yield from super()._iterateKernelImages(positions)
            return
        undistorted, matrices = self._linearizeAll(positions)
        rows = np.flatnonzero(_isCredible(matrices))
        if len(rows) == 0:
            return
        for index, images, xy0 in self._undistortedPsf._computeKernelImageBatches(undistorted[rows]):
            for row, image, origin in self._warp(rows[index], images, xy0[0], matrices[rows[index]]):
                if image is not None:
                    yield row, image, origin

    def _linearizeAll(self, positions):
        """Return what `_linearize` does, for many positions; matrices are NaN where that raises."""
        undistorted, derivatives = self._linearizer(positions)
        return undistorted, _invert(derivatives)

    def _warp(self, rows, images, xy0, matrices):
        """Yield each row, its image after warping, or `None` if that has sum zero, and the origin."""
        from ._warpStamp import StampWarper

        warper = StampWarper(self._control.getWarpingKernel())
        xy0 = int(xy0[0]), int(xy0[1])
        boxes = _computeWarpedBoxes(xy0, images.shape[1:], matrices).tolist()
        for row, source, inverse, box in zip(rows, images, np.linalg.inv(matrices), boxes):
            image = warper.warp(source, xy0, inverse, box)
            total = image.sum()
            yield row, image/total if total != 0.0 else None, box[:2]

    def _doComputeBBox(self, position, color):
        undistorted, matrix = self._linearize(position)
        if not _isCredible(matrix):
            raise RangeError(_TOO_LARGE)
        bbox = self._undistortedPsf.computeBBox(undistorted, color)
        xy0, shape = tuple(bbox.getMin()), (bbox.getHeight(), bbox.getWidth())
        (x0, y0, width, height), = _computeWarpedBoxes(xy0, shape, matrix[np.newaxis]).tolist()
        return Box2I(Point2I(x0, y0), Extent2I(width, height))


_TOO_LARGE = "Unexpectedly large transform passed to WarpedPsf"


def _isCredible(matrices):
    """Tell whether no element of a matrix is NaN or too large to be right."""
    return np.abs(matrices).max(axis=(-2, -1)) <= _MAX_COEFFICIENT


def _invert(matrices):
    """Invert matrices, (n, 2, 2), as `lsst.geom.LinearTransform.inverted` does; NaN if singular."""
    (xx, xy), (yx, yy) = matrices.transpose(1, 2, 0)
    with np.errstate(all="ignore"):
        determinant = xx*yy - xy*yx
        pivot = np.abs(matrices).max(axis=(1, 2))
        isRegular = np.abs(determinant)/pivot > 2*np.finfo(float).eps*pivot
        inverses = (np.array([[yy, -xy], [-yx, xx]])/determinant).transpose(2, 0, 1)
    return np.where(isRegular[:, np.newaxis, np.newaxis], inverses, np.nan)


def _computeWarpedBoxes(xy0, shape, matrices):
    """Return the boxes around the warped corner pixels of an image: x, y, width, height, (n, 4)."""
    x = xy0[0] + (shape[1] - 1)*np.array([0, 0, 1, 1])
    y = xy0[1] + (shape[0] - 1)*np.array([0, 1, 0, 1])
    corners = matrices[:, :, 0, np.newaxis]*x + matrices[:, :, 1, np.newaxis]*y
    low, high = np.floor(corners.min(axis=2)), np.ceil(corners.max(axis=2))
    return np.concatenate([low, high - low + 1], axis=1).astype(int)
