# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Fluxes with Gaussian weights of given shapes."""

import numpy as np

__all__ = ["SINGULAR", "computeFixedMomentsFluxes"]

SINGULAR = "Input shape is singular"
"""Why there is no flux if the shape is not that of an ellipse."""

_SMALL = 0.25  # moments (pixels squared) below which pixels are subdivided
_MAX_WEIGHT = 1e6


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
    """Sum the weighted pixels.

    The original takes the position in single precision, which decides where subdivided pixels end.
    """
    # Here, as what it imports takes long: see lsst._compiled.
    from lsst.afw.math._momentLoops import sumAll

    image = np.ascontiguousarray(image, dtype=np.float32)
    x, y = (position.astype(np.float32).astype(np.float64) for position in (x, y))
    small = (ixx < _SMALL) | (iyy < _SMALL) | (1.0 < _SMALL**2 * (weights[0] * weights[2] - weights[1] ** 2))
    sums = np.zeros(len(x))
    sumAll(image, x, y, np.maximum(ixx, iyy), weights, small, sums)
    return sums
