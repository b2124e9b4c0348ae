# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Least-squares fits of PSF images to the pixels under them, compiled."""

__all__ = ["fitImages"]

import numpy as np

from lsst._compiled import compiled
from lsst._threads import runInThreads


def fitImages(planes, xy0, badBits, images, origins):
    """Fit PSF images to the pixels under them that are on the image and not masked.

    Parameters
    ----------
    planes : `tuple` of `numpy.ndarray`
        Image, mask and variance; see `getPlanes`.
    xy0 : `tuple` [`int`]
        Position (x, y) of their first pixel.
    badBits : `int`
        Mask of the pixels that are left out.
    images : `numpy.ndarray`, (n, h, w), `float64`
        PSF images.
    origins : `numpy.ndarray`, (n, 2), `int`
        Position (x, y) of the first pixel of each.

    Returns
    -------
    fluxes, errors, areas, chi2s : `numpy.ndarray`, (n,)
        With PSF phi, data d and variance v: sum(phi d)/sum(phi^2), sqrt(sum(phi^2 v))/sum(phi^2),
        sum(phi)/sum(phi^2) and sum((d - flux phi)^2/v); NaN where there is no pixel.
    nPixels : `numpy.ndarray`, (n,), `int32`
        Numbers of pixels.
    clipped : `numpy.ndarray`, (n,), `bool`
        Which PSF images are not wholly on the image.
    """
    results = np.full((4, len(images)), np.nan)
    nPixels, clipped = np.zeros(len(images), dtype=np.int32), np.zeros(len(images), dtype=bool)
    starts = np.asarray(origins, dtype=np.int64) - np.array(xy0)
    runInThreads(_fitAll, len(images), *planes, badBits, images, starts, results, nPixels, clipped)
    return *results, nPixels, clipped


@compiled
def _fitAll(image, mask, variance, badBits, images, starts, results, nPixels, clipped, first, last):
    height, width = images.shape[1:]
    size = (1, height * width)
    phi, d, v = np.empty(size), np.empty(size, dtype=image.dtype), np.empty(size, dtype=variance.dtype)
    for i in range(first, last):
        x, y = starts[i]
        left, right = max(0, -x), min(width, image.shape[1] - x)
        bottom, top = max(0, -y), min(height, image.shape[0] - y)
        nPixels[i] = max(0, right - left) * max(0, top - bottom)
        clipped[i] = nPixels[i] < height * width
        if badBits:
            n = _pack(images[i], image, variance, mask, badBits, x, y, left, right, bottom, top, phi, d, v)
            nPixels[i] = n
            results[:, i] = _fit(phi, d, v, 0, 0, 0, n, 0, 1)
        else:
            results[:, i] = _fit(images[i], image, variance, x, y, left, right, bottom, top)


@compiled
def _pack(model, image, variance, mask, badBits, x, y, left, right, bottom, top, phi, d, v):
    """Copy what is not masked to a row each; return its length."""
    n = 0
    for row in range(bottom, top):
        for column in range(left, right):
            if not mask[y + row, x + column] & badBits:
                phi[0, n], d[0, n] = model[row, column], image[y + row, x + column]
                v[0, n] = variance[y + row, x + column]
                n += 1
    return n


@compiled(fastmath={"contract", "reassoc"})
def _fit(model, image, variance, x, y, left, right, bottom, top):
    """Return flux, error, area and chi2 of a fit to a rectangle of pixels.

    The sums may be made of several that run side by side, so that the last bit may differ between models of
    processors.
    """
    product = square = noise = total = chi2 = 0.0
    place = slice(x + left, x + right)
    for row in range(bottom, top):
        phi, d, v = model[row, left:right], image[y + row, place], variance[y + row, place]
        for k in range(len(phi)):
            product += phi[k] * d[k]
            square += phi[k] * phi[k]
            noise += phi[k] * phi[k] * v[k]
            total += phi[k]
    flux = product / square
    for row in range(bottom, top):
        phi, d, v = model[row, left:right], image[y + row, place], variance[y + row, place]
        for k in range(len(phi)):
            residual = d[k] - flux * phi[k]
            chi2 += residual * residual / v[k]
    return flux, np.sqrt(noise) / square, total / square, chi2
