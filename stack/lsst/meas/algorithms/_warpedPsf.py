# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Point spread functions seen through a distortion."""

__all__ = ["WarpedPsf"]

import math

import numpy as np

from lsst.afw.geom import linearizeTransform
from lsst.afw.image import ImageD
from lsst.afw.math import WarpingControl
from lsst.afw.math._warpArray import warpArray
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

    def _linearize(self, position):
        """Return the undistorted position, and the matrix from undistorted to distorted offsets."""
        toUndistorted = linearizeTransform(self._distortion.inverted(), position)
        matrix = np.array(toUndistorted.inverted().getLinear().getMatrix())
        return toUndistorted(position), matrix

    def _doComputeKernelImage(self, position, color):
        undistorted, matrix = self._linearize(position)
        source = self._undistortedPsf.computeKernelImage(undistorted, color)
        image = ImageD(_warpedBBox(source.getBBox(), matrix))
        image.array[:, :] = _warp(source, image.getBBox(), matrix, self._control.getWarpingKernel())
        total = image.array.sum()
        if total == 0.0:
            raise InvalidParameterError("psf image has sum 0")
        image.array[:, :] /= total
        return image

    def _doComputeBBox(self, position, color):
        undistorted, matrix = self._linearize(position)
        return _warpedBBox(self._undistortedPsf.computeBBox(undistorted, color), matrix)


def _warpedBBox(bbox, matrix):
    """Return the box around the warped corner pixels of a box.

    Raises
    ------
    lsst.pex.exceptions.RangeError
        If the matrix has an element that is too large to be right.
    """
    if np.abs(matrix).max() > _MAX_COEFFICIENT:
        raise RangeError("Unexpectedly large transform passed to WarpedPsf")
    corners = matrix @ np.array([[x, y] for x in (bbox.getMinX(), bbox.getMaxX())
                                 for y in (bbox.getMinY(), bbox.getMaxY())], dtype=np.float64).T
    low = [math.floor(value) for value in corners.min(axis=1)]
    high = [math.ceil(value) for value in corners.max(axis=1)]
    return Box2I(Point2I(*low), Extent2I(high[0] - low[0] + 1, high[1] - low[1] + 1))


def _warp(source, bbox, matrix, kernel):
    """Resample an image, which is zero outside, on the pixels of a box; not normalised."""
    padding = [max(ctr, size - ctr) for ctr, size in zip(kernel.getCtr(), kernel.getDimensions())]
    padded = np.pad(source.array, ((padding[1], padding[1]), (padding[0], padding[0])))
    inverse = np.linalg.inv(matrix)
    x = np.arange(bbox.getMinX(), bbox.getMaxX() + 1, dtype=np.float64)
    y = np.arange(bbox.getMinY(), bbox.getMaxY() + 1, dtype=np.float64)[:, np.newaxis]
    sourceX, sourceY = (row[0]*x + row[1]*y for row in inverse)
    values, good = warpArray(padded, sourceX - (source.getX0() - padding[0]),
                             sourceY - (source.getY0() - padding[1]), kernel)
    return np.where(good, values, 0.0)
