# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Sums of pixels with the coefficients of sinc apertures, shifted to many positions; compiled."""

__all__ = ["sumSincApertures"]

import numpy as np

from lsst._compiled import compiled
from lsst.afw.math._shiftStamps import Shifts, shiftInside

from ._planes import getPlanes

_CHUNK_PIXELS = 2**16  # of shifted coefficients at a time, which fit the processor's cache


def sumSincApertures(exposure, pixels, dx, dy, apertures, kernelName, wanted):
    """Sum pixels with the coefficients of sinc apertures.

    Parameters
    ----------
    exposure : `lsst.afw.image.Exposure`
        The image.
    pixels : `numpy.ndarray`, (n, 2), `int`
        Central pixels (x, y).
    dx, dy : `numpy.ndarray`, (n,)
        Centers relative to those (pixels).
    apertures : sequence of `numpy.ndarray`
        Coefficients of each aperture, square with a pixel in the middle.
    kernelName : `str`
        Warping kernel that shifts the coefficients.
    wanted : `numpy.ndarray`, (len(apertures), n), `bool`
        Which apertures.

    Returns
    -------
    fluxes, variances : `numpy.ndarray`, (len(apertures), n)
        Sum of the pixels times the coefficients, and of the variances times their squares, over the pixels
        that are on the image; NaN of apertures not wanted.
    """
    sums = np.full((2, *wanted.shape), np.nan)
    image, _, variance = getPlanes(exposure)
    centers = pixels - np.array(exposure.getXY0())
    shifts = Shifts.make(dx, dy, kernelName)
    # Neighbors follow each other, whose pixels are still in the processor's cache.
    order = np.argsort(centers[:, 1], kind="stable")
    for index, coefficients in enumerate(apertures):
        rows = order[wanted[index, order]]
        buffer = np.empty((max(1, _CHUNK_PIXELS // coefficients.size), *coefficients.shape))
        for start in range(0, len(rows), len(buffer)):
            chunk = rows[start : start + len(buffer)]
            weights = shiftInside(coefficients, shifts[chunk], out=buffer[: len(chunk)])
            sums[:, index, chunk] = _sumAll(image, variance, centers[chunk] - len(coefficients) // 2, weights)
    return sums


@compiled
def _sumAll(image, variance, starts, weights):
    """Return the sums of each position, (2, n)."""
    height, width = weights.shape[1:]
    sums = np.zeros((2, len(weights)))
    for i in range(len(weights)):
        x, y = starts[i]
        first, last = max(0, -x), min(width, image.shape[1] - x)
        if first < last:
            for row in range(max(0, -y), min(height, image.shape[0] - y)):
                place = y + row, slice(x + first, x + last)
                flux, total = _sumRow(weights[i, row, first:last], image[place], variance[place])
                sums[0, i] += flux
                sums[1, i] += total
    return sums


@compiled(fastmath={"contract", "reassoc"})
def _sumRow(weights, pixels, variances):
    """Return the sums of a row.

    They may be made of several that run side by side, so that the last bit may differ between models of
    processors.
    """
    flux = total = 0.0
    for k in range(len(weights)):
        flux += weights[k] * pixels[k]
        total += weights[k] * weights[k] * variances[k]
    return flux, total
