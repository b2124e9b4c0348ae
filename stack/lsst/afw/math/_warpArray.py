# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Interpolation of an array at fractional indices, as afw's warping of images does it."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ._warpingKernel import _WarpingKernel

_CHUNK = 1 << 16  # Positions at a time, which bounds the memory for the pixels under their kernels.


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
    values = np.zeros(x.size)
    good = np.zeros(x.size, dtype=bool)
    for chunk, windows, weightsX, weightsY, inside in _windows(source, x, y, kernel):
        sums = weightsX.sum(axis=1)*weightsY.sum(axis=1)
        # A weight of zero hides even what is not finite.
        if not np.isfinite(windows).all():
            used = (weightsX != 0)[:, np.newaxis, :] & (weightsY != 0)[:, :, np.newaxis]
            windows = np.where(used, windows, 0)
        rows = np.matmul(windows, weightsX[:, :, np.newaxis])[:, :, 0]
        values[chunk[inside]] = np.einsum("ny,ny->n", rows, weightsY)/sums
        good[chunk[inside]] = True
    return values.reshape(x.shape), good.reshape(x.shape)


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
