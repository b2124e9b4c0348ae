# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Fluxes with Gaussian weights of given shapes."""

import numpy as np

from lsst.afw.math._adaptiveMoments import _interpolatedSums, _plainSums

__all__ = ["SINGULAR", "computeFixedMomentsFluxes"]

SINGULAR = "Input shape is singular"
"""Why there is no flux if the shape is not that of an ellipse."""

_N_SIGMA = 4.0  # the flux is measured within so many standard deviations
_MAX_RADIUS = 1000.0  # pixels
_SMALL = 0.25  # moments (pixels squared) below which pixels are subdivided
_MAX_WEIGHT = 1e6
_CHUNK_PIXELS = 2**16  # in work at a time: they fit the processor's cache


def computeFixedMomentsFluxes(exposure, x, y, shapes):
    """Measure fluxes with Gaussian weights.

    Parameters
    ----------
    exposure : `lsst.afw.image.Exposure` or `lsst.afw.image.MaskedImage`
        The image; if its variance is `None` there are no errors, and the positions may be anywhere.
    x, y : `numpy.ndarray`, (n,)
        Positions (pixels).
    shapes : `numpy.ndarray`, (n, 3)
        Moments Ixx, Iyy, Ixy of the weights (pixels squared).

    Returns
    -------
    flux, fluxErr : `numpy.ndarray`, (n,)
        Fluxes, and their errors from the variance at the center.
    problems : `dict` [`str`, `numpy.ndarray`]
        Why there is no flux, and the rows where.
    """
    ixx, iyy, ixy = shapes.T
    determinant = ixx * iyy - ixy * ixy
    x, y = x - exposure.getX0(), y - exposure.getY0()
    column, row = np.trunc(x).astype(np.int64), np.trunc(y).astype(np.int64)
    height, width = exposure.image.array.shape
    inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
    inside |= exposure.variance is None
    singular = ~(determinant >= np.finfo(np.float32).eps)
    weights = np.stack([iyy, -ixy, ixx]) / np.where(singular, np.nan, determinant)
    sharp = ~singular & (np.abs(weights) > _MAX_WEIGHT).any(axis=0)
    good = inside & ~singular & ~sharp
    flux, fluxErr = np.full((2, len(x)), np.nan)
    flux[good] = 2.0 * _sum(exposure.image.array, x[good], y[good], ixx[good], iyy[good], weights[:, good])
    if exposure.variance is not None:
        variance = exposure.variance.array[row[good], column[good]].astype(np.float64)
        with np.errstate(invalid="ignore"):
            fluxErr[good] = 2.0 * np.sqrt(variance * np.pi * np.sqrt(determinant[good]))
    problems = {
        SINGULAR: singular,
        "Error from calcmom": sharp,
        "Center not in image": ~singular & ~sharp & ~inside,
    }
    return flux, fluxErr, {why: np.flatnonzero(rows) for why, rows in problems.items() if rows.any()}


def _sum(image, x, y, ixx, iyy, weights):
    """Sum the weighted pixels, of sources of similar size together.

    The original takes the position in single precision, which decides where subdivided pixels end.
    """
    x, y = (position.astype(np.float32).astype(np.float64) for position in (x, y))
    sums = np.zeros(len(x))
    radius = np.minimum(_N_SIGMA * np.sqrt(np.maximum(ixx, iyy)), _MAX_RADIUS)
    small = (ixx < _SMALL) | (iyy < _SMALL) | (1.0 < _SMALL**2 * (weights[0] * weights[2] - weights[1] ** 2))
    for calculate, group in ((_plainSums, ~small), (_interpolatedSums, small)):
        rows = np.flatnonzero(group)
        rows = rows[np.argsort(radius[rows], kind="stable")[::-1]]
        while len(rows):
            half = int(np.ceil(radius[rows[0]])) + 1
            count = max(1, _CHUNK_PIXELS // (2 * half + 1) ** 2)
            chunk, rows = rows[:count], rows[count:]
            sums[chunk] = _sumChunk(
                image, x[chunk], y[chunk], radius[chunk], weights[:, chunk], half, calculate
            )
    return sums


def _sumChunk(image, x, y, radius, weights, half, calculate):
    offsets = np.arange(-half, half + 1)
    stamps = []
    for position, size in ((x, image.shape[1]), (y, image.shape[0])):
        center = np.floor(position + 0.5).astype(np.int64)
        index = center[:, np.newaxis] + offsets
        low = np.ceil(position - radius - 0.5)[:, np.newaxis]
        high = np.floor(position + radius + 0.5)[:, np.newaxis]
        used = (index >= np.maximum(low, 0)) & (index <= np.minimum(high, size - 1))
        stamps.append((position - center, np.clip(index, 0, size - 1), used))
    (dx, columns, usedColumns), (dy, rows, usedRows) = stamps
    pixels = image[rows[:, :, np.newaxis], columns[:, np.newaxis, :]].astype(np.float32)
    inside = usedRows[:, :, np.newaxis] & usedColumns[:, np.newaxis, :]
    offsets = offsets[np.newaxis]
    return calculate(
        pixels, inside, offsets, offsets, dx.astype(np.float32), dy.astype(np.float32), weights
    )[0]
