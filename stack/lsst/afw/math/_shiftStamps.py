# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Sub-pixel shifts of many small images at once, with the numbers of `offsetImage` with a zero-padded border.

An image shifted by (dx, dy) is ``sum_st a_s(dy) b_t(dx) image[y + s, x + t]`` with the normalised weights a
and b of the warping kernel. That is linear in the image, so images that are combinations of a few basis
images are shifted by matrix products of the weights with shifted copies of the basis.
"""

__all__ = ["shiftCombinations", "shiftImages", "shiftWeights"]

import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view

from ._warpingKernel import makeWarpingKernel


def shiftWeights(algorithmName, shift):
    """Return the weights of the pixels that a shifted pixel is made of.

    Parameters
    ----------
    algorithmName : `str`
        Warping kernel: ``lanczosN``, ``bilinear`` or ``nearest``.
    shift : `numpy.ndarray`, (n,)
        Shifts in pixels, in (-1, 1). They are rounded to single precision, as afw's `offsetImage` does.

    Returns
    -------
    weights : `numpy.ndarray`, (n, 2 r + 1)
        Weights of the pixels at -r ... r from the output pixel, summing to one; r is half the kernel's width.
    """
    kernel = makeWarpingKernel(algorithmName)
    shift = np.asarray(shift, dtype=np.float32).astype(np.float64)[:, np.newaxis]
    radius = kernel.getWidth()//2
    offset = np.arange(-radius, radius + 1)
    weights = kernel._evaluateAt(offset, -shift)
    # An even-sized kernel reaches further on the side that the shift comes from.
    weights[shift[:, 0] > 0, -1] = 0.0
    weights[shift[:, 0] <= 0, 0] = 0.0
    return weights/weights.sum(axis=1, keepdims=True)


def shiftImages(images, dx, dy, algorithmName="lanczos5"):
    """Shift each of a stack of images by its own sub-pixel offset.

    Parameters
    ----------
    images : `numpy.ndarray`, (n, height, width)
        Images; zero is assumed outside.
    dx, dy : `numpy.ndarray`, (n,)
        Shifts, pixels.
    algorithmName : `str`
        Warping kernel.

    Returns
    -------
    shifted : `numpy.ndarray`, (n, height, width)
        Shifted images, double precision.
    """
    weights = shiftWeights(algorithmName, dx)
    radius = weights.shape[1]//2
    padded = np.pad(np.asarray(images, dtype=np.float64), ((0, 0), (radius, radius), (radius, radius)))
    windows = sliding_window_view(padded, weights.shape[1], axis=2)
    return _shiftRows(np.einsum("nyxt,nt->nyx", windows, weights), shiftWeights(algorithmName, dy))


def shiftCombinations(basis, coefficients, dx, dy, algorithmName="lanczos5"):
    """Shift linear combinations of a few images, each by its own sub-pixel offset.

    Parameters
    ----------
    basis : `numpy.ndarray`, (m, height, width)
        Basis images; zero is assumed outside.
    coefficients : `numpy.ndarray`, (n, m)
        Coefficients of the basis images in each of the n images.
    dx, dy : `numpy.ndarray`, (n,)
        Shifts, pixels.
    algorithmName : `str`
        Warping kernel.

    Returns
    -------
    shifted : `numpy.ndarray`, (n, height, width)
        Shifted images, double precision.
    """
    count, height, width = basis.shape
    weightsX, weightsY = shiftWeights(algorithmName, dx), shiftWeights(algorithmName, dy)
    taps = weightsX.shape[1]
    padded = np.pad(np.asarray(basis, dtype=np.float64), ((0, 0), (taps//2, taps//2), (taps//2, taps//2)))
    if count == 1:
        copies = sliding_window_view(padded[0], (height, width)).reshape(taps*taps, height*width)
        weights = coefficients[:, :, np.newaxis]*weightsY[:, :, np.newaxis]*weightsX[:, np.newaxis, :]
        return (weights.reshape(-1, taps*taps) @ copies).reshape(-1, height, width)
    copies = sliding_window_view(padded, width, axis=2).transpose(0, 2, 1, 3)
    weights = coefficients[:, :, np.newaxis]*weightsX[:, np.newaxis, :]
    rows = weights.reshape(-1, count*taps) @ copies.reshape(count*taps, -1)
    return _shiftRows(rows.reshape(-1, padded.shape[1], width), weightsY)


def _shiftRows(padded, weights):
    """Combine the rows of images that are padded by half the number of weights at the bottom and top."""
    taps = weights.shape[1]
    padded = np.ascontiguousarray(padded)
    n, paddedHeight, width = padded.shape
    height = paddedHeight - (taps - 1)
    stride, rowStride, pixelStride = padded.strides
    windows = as_strided(padded, (n, taps, height*width), (stride, rowStride, pixelStride), writeable=False)
    return np.einsum("ntp,nt->np", windows, weights).reshape(n, height, width)
