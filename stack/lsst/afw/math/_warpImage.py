# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Resampling of images and exposures onto another pixel grid."""

__all__ = ["warpCenteredImage", "warpExposure", "warpImage"]

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from lsst.geom import AffineTransform, Extent2D, Point2D
from lsst.pex.exceptions import InvalidParameterError

from ._edgePixel import isMasked, setPadding
from ._warpingKernel import _WarpingKernel

_CHUNK = 1 << 16  # Positions at a time, which bounds the memory for the pixels under their kernels.


def warpImage(destImage, *args, **kwargs):
    """Resample an image onto the grid of another; two forms:

    ``warpImage(destImage, srcImage, srcToDest, control, padValue)`` and
    ``warpImage(destImage, destWcs, srcImage, srcWcs, control, padValue)``.

    Parameters
    ----------
    destImage : `lsst.afw.image.Image` or `lsst.afw.image.MaskedImage`
        Image to fill; its bounding box says where.
    srcImage : like ``destImage``
        Image to resample.
    srcToDest : `lsst.afw.geom.TransformPoint2ToPoint2`
        Transform from source to destination pixels; only its inverse is used.
    destWcs, srcWcs : `lsst.afw.geom.SkyWcs`
        Sky coordinates of the images, which make such a transform.
    control : `WarpingControl`
        Kernels and interpolation length.
    padValue : `float` or `tuple` [`float`, `int`, `float`], optional
        Value of pixels whose kernel leaves the source image; with mask and variance for masked images. By
        default NaN (0 for integers), ``NO_DATA`` and infinity.

    Returns
    -------
    nGood : `int`
        Number of pixels that are not padding.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        If the images share pixels.

    Notes
    -----
    Values are multiplied by the area of a destination pixel in source pixels, a, so that fluxes stay;
    variances by a^2. A masked pixel masks all pixels in whose kernel it is; where there is a mask kernel,
    those in whose mask kernel it is, and for the bits of ``growFullMask`` still those of the whole kernel.
    """
    isPair = "destWcs" in kwargs or (args and hasattr(args[0], "pixelToSky"))
    return (_warpByWcs if isPair else _warpByTransform)(destImage, *args, **kwargs)


def _warpByWcs(destImage, destWcs, srcImage, srcWcs, control, padValue=None):
    from lsst.afw.geom import makeWcsPairTransform  # It loads AST, which readers of pixels need not.

    return _warpByTransform(destImage, srcImage, makeWcsPairTransform(srcWcs, destWcs), control, padValue)


def _warpByTransform(destImage, srcImage, srcToDest, control, padValue=None):
    masked = isMasked(destImage)
    if masked != isMasked(srcImage):
        raise TypeError("warpImage: one image has a mask and the other has not")
    dest, source = (image.image if masked else image for image in (destImage, srcImage))
    if np.shares_memory(dest.array, source.array):
        raise InvalidParameterError("destImage overlaps srcImage; cannot warp")
    if dest.array.size == 0:
        return 0
    x, y = _sourcePositions(dest, srcToDest.inverted(), control.getInterpLength())
    area = np.abs((x[1:, 1:] - x[1:, :-1])*(y[1:, 1:] - y[:-1, 1:])
                  - (y[1:, 1:] - y[1:, :-1])*(x[1:, 1:] - x[:-1, 1:]))
    x, y = x[1:, 1:] - source.getX0(), y[1:, 1:] - source.getY0()
    kernel = control.getWarpingKernel()
    values, good = warpArray(source.array, x, y, kernel)
    np.copyto(dest.array, values*area, where=good, casting="unsafe")
    if masked:
        variance = warpArray(srcImage.variance.array, x, y, kernel, squared=True)[0]
        np.copyto(destImage.variance.array, variance*area**2, where=good, casting="unsafe")
        np.copyto(destImage.mask.array, _warpMask(srcImage.mask.array, x, y, control), where=good)
    setPadding(destImage, ~good, padValue)
    return int(good.sum())


def warpExposure(destExposure, srcExposure, control, padValue=None):
    """Resample an exposure onto the WCS and the bounding box of another.

    Parameters
    ----------
    destExposure : `lsst.afw.image.Exposure`
        Exposure to fill. It gets the photometric calibration, the filter and the visit info of the other,
        not its PSF (see `lsst.meas.algorithms.WarpedPsf`).
    srcExposure : `lsst.afw.image.Exposure`
        Exposure to resample.
    control : `WarpingControl`
        Kernels and interpolation length.
    padValue : `tuple` [`float`, `int`, `float`], optional
        See `warpImage`.

    Returns
    -------
    nGood : `int`
        Number of pixels that are not padding.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        If an exposure has no WCS.
    """
    for name, exposure in (("destExposure", destExposure), ("srcExposure", srcExposure)):
        if not exposure.hasWcs():
            raise InvalidParameterError(f"{name} has no Wcs")
    destExposure.setPhotoCalib(srcExposure.getPhotoCalib())
    destExposure.setFilterLabel(srcExposure.getFilterLabel())
    destExposure.getInfo().setVisitInfo(srcExposure.getInfo().getVisitInfo())
    return _warpByWcs(destExposure.getMaskedImage(), destExposure.getWcs(), srcExposure.getMaskedImage(),
                      srcExposure.getWcs(), control, padValue)


def warpCenteredImage(destImage, srcImage, linearTransform, centerPoint, control, padValue=None):
    """Resample an image by a linear transform about a point.

    Parameters
    ----------
    destImage, srcImage : `lsst.afw.image.Image` or `lsst.afw.image.MaskedImage`
        Image to fill and image to resample, of the same bounding box.
    linearTransform : `lsst.geom.LinearTransform`
        Transform from source to destination.
    centerPoint : `lsst.geom.Point2D`
        Position that stays.
    control : `WarpingControl`
        Kernels and interpolation length.
    padValue : optional
        See `warpImage`.

    Returns
    -------
    nGood : `int`
        Number of pixels that are not padding.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        If the bounding boxes differ.
    """
    from lsst.afw.geom import makeTransform

    if destImage.getBBox() != srcImage.getBBox():
        raise InvalidParameterError("src and dest images must have same size and xy0.")
    center = Point2D(centerPoint)
    shift = center - linearTransform(center)
    transform = makeTransform(AffineTransform(linearTransform, Extent2D(shift)))
    return _warpByTransform(destImage, srcImage, transform, control, padValue)


def warpArray(source, x, y, kernel, squared=False):
    """Interpolate an array at fractional indices.

    Parameters
    ----------
    source : `numpy.ndarray`, (height, width)
        Array to interpolate.
    x, y : `numpy.ndarray`
        Indices along the second and the first axis.
    kernel : `LanczosWarpingKernel` or its like
        Kernel; its cache is used if it has one.
    squared : `bool`
        Weight with the squares of the kernel, as variances are?

    Returns
    -------
    values : `numpy.ndarray`
        Interpolated values, of the shape of x; arbitrary where not good.
    good : `numpy.ndarray` of `bool`
        Where the kernel is inside the array.
    """
    values = np.zeros(x.size)
    good = np.zeros(x.size, dtype=bool)
    for chunk, windows, weightsX, weightsY, inside in _windows(source, x, y, kernel):
        sums = weightsX.sum(axis=1)*weightsY.sum(axis=1)
        if squared:
            weightsX, weightsY, sums = weightsX**2, weightsY**2, sums**2
        # A weight of zero hides even what is not finite.
        if not np.isfinite(windows).all():
            used = (weightsX != 0)[:, np.newaxis, :] & (weightsY != 0)[:, :, np.newaxis]
            windows = np.where(used, windows, 0)
        rows = np.matmul(windows, weightsX[:, :, np.newaxis])[:, :, 0]
        values[chunk[inside]] = np.einsum("ny,ny->n", rows, weightsY)/sums
        good[chunk[inside]] = True
    return values.reshape(x.shape), good.reshape(x.shape)


def _warpMask(mask, x, y, control):
    """Return the union of the mask bits in the kernel of each position."""
    union = _orInKernel(mask, x, y, control.getWarpingKernel())
    if control.hasMaskWarpingKernel():
        union &= control.getGrowFullMask()
        union |= _orInKernel(mask, x, y, control.getMaskWarpingKernel())
    return union


def _orInKernel(mask, x, y, kernel):
    union = np.zeros(x.size, dtype=mask.dtype)
    for chunk, windows, weightsX, weightsY, inside in _windows(mask, x, y, kernel):
        used = (weightsX != 0)[:, np.newaxis, :] & (weightsY != 0)[:, :, np.newaxis]
        bits = np.where(used, windows, 0).reshape(len(windows), -1)
        union[chunk[inside]] = np.bitwise_or.reduce(bits, axis=1)
    return union.reshape(x.shape)


def _windows(source, x, y, kernel):
    """Yield, for chunks of positions, the pixels under the kernel and its weights where it is inside."""
    if not isinstance(kernel, _WarpingKernel):
        raise NotImplementedError(f"warping with a {type(kernel).__name__}")
    width, height, ctr = kernel.getWidth(), kernel.getHeight(), kernel.getCtr()
    if source.shape[0] < height or source.shape[1] < width:
        return
    view = sliding_window_view(source, (height, width))
    x, y = x.ravel(), y.ravel()
    for start in range(0, x.size, _CHUNK):
        chunk = np.arange(start, min(start + _CHUNK, x.size))
        startX, fractionX = _split(x[chunk], ctr[0])
        startY, fractionY = _split(y[chunk], ctr[1])
        inside = (startX >= 0) & (startX < view.shape[1]) & (startY >= 0) & (startY < view.shape[0])
        if inside.any():
            yield (chunk, view[startY[inside], startX[inside]], kernel._weights(0, fractionX[inside]),
                   kernel._weights(1, fractionY[inside]), inside)


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
