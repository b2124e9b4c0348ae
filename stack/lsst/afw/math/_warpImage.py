# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Resampling of an image onto another pixel grid."""

__all__ = ["warpImage"]

import numpy as np
from lsst.pex.exceptions import InvalidParameterError
from numpy.lib.stride_tricks import sliding_window_view

from ._warpingKernel import _WarpingKernel


def warpImage(destImage, srcImage, srcToDest, control, padValue=np.nan):
    """Resample an image onto the grid of another.

    Parameters
    ----------
    destImage : `lsst.afw.image.Image`
        Image to fill; its bounding box says where.
    srcImage : `lsst.afw.image.Image`
        Image to resample.
    srcToDest : `lsst.afw.geom.TransformPoint2ToPoint2`
        Transform from source to destination pixels; only its inverse is used.
    control : `WarpingControl`
        Kernel and interpolation length.
    padValue : `float`
        Value of pixels whose kernel leaves the source image.

    Returns
    -------
    nGood : `int`
        Number of pixels that are not padding.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        If the images share pixels.
    NotImplementedError
        If the images are not plain images.
    """
    if not (hasattr(destImage, "array") and hasattr(srcImage, "array")):
        raise NotImplementedError("warpImage of anything but an Image")
    if np.shares_memory(destImage.array, srcImage.array):
        raise InvalidParameterError("destImage overlaps srcImage; cannot warp")
    x, y = _sourcePositions(destImage, srcToDest.inverted(), control.getInterpLength())
    area = np.abs((x[1:, 1:] - x[1:, :-1])*(y[1:, 1:] - y[:-1, 1:])
                  - (y[1:, 1:] - y[1:, :-1])*(x[1:, 1:] - x[:-1, 1:]))
    values, good = warpArray(srcImage.array, x[1:, 1:] - srcImage.getX0(), y[1:, 1:] - srcImage.getY0(),
                             control.getWarpingKernel())
    destImage.array[:, :] = np.where(good, values*area, padValue)
    return int(good.sum())


def warpArray(source, x, y, kernel):
    """Interpolate an array at fractional indices.

    Parameters
    ----------
    source : `numpy.ndarray`, (height, width)
        Array to interpolate.
    x, y : `numpy.ndarray`
        Indices along the second and the first axis.
    kernel : `LanczosWarpingKernel` or its like
        Kernel; its cache is used if it has one.

    Returns
    -------
    values : `numpy.ndarray`
        Interpolated values, of the shape of x; arbitrary where not good.
    good : `numpy.ndarray` of `bool`
        Where the kernel is inside the array.
    """
    if not isinstance(kernel, _WarpingKernel):
        raise NotImplementedError(f"warping with a {type(kernel).__name__}")
    width, height, ctr = kernel.getWidth(), kernel.getHeight(), kernel.getCtr()
    startX, fractionX = _split(x.ravel(), ctr[0])
    startY, fractionY = _split(y.ravel(), ctr[1])
    good = ((startX >= 0) & (startX <= source.shape[1] - width)
            & (startY >= 0) & (startY <= source.shape[0] - height))
    values = np.zeros(good.shape)
    if good.any():
        windows = sliding_window_view(source, (height, width))[startY[good], startX[good]]
        weightsX = kernel._weights(0, fractionX[good])
        weightsY = kernel._weights(1, fractionY[good])
        sums = weightsX.sum(axis=1)*weightsY.sum(axis=1)
        values[good] = np.einsum("nyx,nx,ny->n", windows, weightsX, weightsY, optimize=True)/sums
    return values.reshape(x.shape), good.reshape(x.shape)


def _split(position, centre):
    """Split positions into the index of the first pixel of the kernel and the fraction, at least zero."""
    nearest = np.floor(position + 0.5)
    fraction = position - nearest
    negative = fraction < 0
    index = nearest - negative
    valid = np.isfinite(index)
    return np.where(valid, index, -1e9).astype(np.int64) - centre, np.where(valid, fraction + negative, 0.0)


def _sourcePositions(destImage, destToSrc, interpLength):
    """Return the source position of each pixel, and of the row below and the column left of the image."""
    columns, rows = (_gridNodes(size, interpLength) for size in (destImage.getWidth(), destImage.getHeight()))
    grid = np.meshgrid(columns + destImage.getX0(), rows + destImage.getY0())
    nodes = destToSrc.getMapping().applyForward(np.array([axis.ravel() for axis in grid], dtype=np.float64))
    positions = [axis.reshape(len(rows), len(columns)) for axis in nodes]
    if interpLength > 0:
        positions = [_interpolate(p, rows, columns) for p in positions]
    return positions


def _gridNodes(size, interpLength):
    """Return the indices at which positions are computed: from -1 in steps to the last pixel."""
    nodes = np.arange(-1, size, max(interpLength, 1))
    return nodes if nodes[-1] == size - 1 else np.append(nodes, size - 1)


def _interpolate(values, rows, columns):
    """Interpolate values at nodes linearly along columns, then along rows, to every index from -1."""
    allRows, allColumns = np.arange(-1, rows[-1] + 1), np.arange(-1, columns[-1] + 1)
    values = np.array([np.interp(allRows, rows, column) for column in values.T]).T
    return np.array([np.interp(allColumns, columns, row) for row in values])
