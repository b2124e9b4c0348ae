# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Warping of an image with NumPy, the reference of the compiled loops."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def warpWithNumpy(source, xy0, inverse, box, kernel):
    """Resample an image, which is zero outside; see `StampWarper.warp`, but ``source`` has no border."""
    border = [max(ctr, size - ctr) for ctr, size in zip(kernel.getCtr(), kernel.getDimensions())]
    padded = np.pad(source, ((border[1], border[1]), (border[0], border[0])))
    x = box[0] + np.arange(box[2], dtype=float)
    y = box[1] + np.arange(box[3], dtype=float)[:, np.newaxis]
    sourceX, sourceY = (row[0]*x + row[1]*y for row in inverse)
    return interpolate(padded, sourceX - (xy0[0] - border[0]), sourceY - (xy0[1] - border[1]), kernel)


def interpolate(source, x, y, kernel):
    """Interpolate an array at indices x, y (arrays of one shape); zero where the kernel is not inside."""
    width, height = kernel.getDimensions()
    view = sliding_window_view(source, (height, width))
    startX, fractionX = _split(x.ravel(), kernel.getCtr()[0])
    startY, fractionY = _split(y.ravel(), kernel.getCtr()[1])
    inside = (startX >= 0) & (startX < view.shape[1]) & (startY >= 0) & (startY < view.shape[0])
    weightsX, weightsY = (_getWeights(kernel, axis, fraction[inside])
                          for axis, fraction in enumerate((fractionX, fractionY)))
    rows = np.matmul(view[startY[inside], startX[inside]], weightsX[:, :, np.newaxis])[:, :, 0]
    values = np.zeros(x.size)
    values[inside] = np.einsum("ny,ny->n", rows, weightsY)/(weightsX.sum(axis=1)*weightsY.sum(axis=1))
    return values.reshape(x.shape)


def _getWeights(kernel, axis, fractions):
    weights = []
    for fraction in fractions.tolist():
        kernel.setKernelParameters((fraction, fraction))
        weights.append(kernel._computeVectors(False)[axis])
    return np.array(weights)


def _split(position, centre):
    """Split positions into the index of the first pixel of the kernel and the fraction, at least zero."""
    nearest = np.floor(position + 0.5)
    fraction = position - nearest
    negative = fraction < 0
    return (nearest - negative).astype(int) - centre, fraction + negative
