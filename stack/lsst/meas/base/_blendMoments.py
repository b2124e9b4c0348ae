# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Fluxes and shapes of many sources with Gaussian weights, of pixels and of their absolute values."""

import dataclasses

import numpy as np

from ._ellipseStamps import iterateEllipseStamps

__all__ = ["BlendMoments", "absBias", "absExpectation", "computeBlendMoments"]


@dataclasses.dataclass
class BlendMoments:
    """Moments of many sources."""

    flux: np.ndarray
    """Fluxes (counts), (n,)."""

    shape: np.ndarray
    """Moments Ixx, Iyy, Ixy (pixels squared), (n, 3)."""


def absExpectation(data, variance):
    """Return the expectation of true values that are not negative, given values with Gaussian noise.

    Parameters
    ----------
    data, variance : `numpy.ndarray`
        Values and their variances.

    Returns
    -------
    mean : `numpy.ndarray`
        Mean of the normal distribution around the value, cut off below zero.
    """
    from scipy.special import erfc

    with np.errstate(all="ignore"):
        norm = 0.5 * erfc(-data / np.sqrt(2 * variance))
        mean = data + np.sqrt(0.5 * variance / np.pi) * np.exp(-0.5 * data * data / variance) / norm
    return np.where(norm > 0, mean, 0.0)


def absBias(mu, variance):
    """Return what noise adds to the mean of absolute values.

    Parameters
    ----------
    mu, variance : `numpy.ndarray`
        True values, and variances of the Gaussian noise.

    Returns
    -------
    bias : `numpy.ndarray`
        Mean of the absolute value minus the true value.
    """
    from scipy.special import erfc

    with np.errstate(all="ignore"):
        gauss = np.sqrt(2 * variance / np.pi) * np.exp(-0.5 * mu * mu / variance)
        return gauss - mu * erfc(mu / np.sqrt(2 * variance))


def computeBlendMoments(image, positions, shapes, nSigma, doShape=True):
    """Measure sources with Gaussian weights of their own shapes.

    Parameters
    ----------
    image : `lsst.afw.image.MaskedImage`
        The image.
    positions : `numpy.ndarray`, (n, 2)
        Centers (pixels).
    shapes : `numpy.ndarray`, (n, 3)
        Moments Ixx, Iyy, Ixy of the weights (pixels squared).
    nSigma : `float`
        Where the weights end (standard deviations).
    doShape : `bool`, optional
        Compute the shapes, too? Otherwise they are NaN.

    Returns
    -------
    moments : `dict` [`str`, `BlendMoments`]
        Moments of the pixels (``"raw"``), and of their absolute values without what noise adds to these
        (``"abs"``). NaN where no pixel is on the image, or the weights have no width.
    """
    n = len(positions)
    moments = {kind: BlendMoments(np.full(n, np.nan), np.full((n, 3), np.nan)) for kind in ("raw", "abs")}
    usable = np.flatnonzero(shapes[:, 0] * shapes[:, 1] - shapes[:, 2] ** 2 > 0)
    ellipses = (*positions[usable].T, shapes[usable] * nSigma**2)
    for stamps in iterateEllipseStamps(image.getBBox(), *ellipses):
        rows = usable[stamps.rows]
        _measureStamps(image, stamps, shapes[rows], rows, doShape, moments)
    return moments


def _measureStamps(image, stamps, shapes, rows, doShape, moments):
    data, variance = image.image.array[stamps.where], image.variance.array[stamps.where]
    weights = np.where(stamps.inside, _weigh(stamps.dx, stamps.dy, shapes), 0.0)
    pure = np.abs(data) - absBias(absExpectation(data, variance), variance)
    for kind, values in (("raw", data), ("abs", pure)):
        with np.errstate(divide="ignore", invalid="ignore"):
            weighted = np.where(stamps.inside, weights * values, 0.0)
            total = weighted.sum(axis=(1, 2))
            moments[kind].flux[rows] = weights.sum(axis=(1, 2)) * total / (weights**2).sum(axis=(1, 2))
            if doShape:
                products = (stamps.dx**2, stamps.dy**2, stamps.dx * stamps.dy)
                sums = [(product * weighted).sum(axis=(1, 2)) for product in products]
                # The weights halve the moments of a source of their shape.
                moments[kind].shape[rows] = 2.0 * np.stack(sums, axis=-1) / total[:, np.newaxis]


def _weigh(dx, dy, shapes):
    """Return Gaussian weights, in single precision as the original."""
    ixx, iyy, ixy = (shapes.T)[:, :, np.newaxis, np.newaxis]
    distance = (iyy * dx * dx - 2.0 * ixy * dx * dy + ixx * dy * dy) / (ixx * iyy - ixy * ixy)
    return np.exp((-0.5 * distance).astype(np.float32)).astype(np.float64)
