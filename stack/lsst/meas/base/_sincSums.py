# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Sums of pixels with the coefficients of sinc apertures, shifted to the positions of many sources."""

__all__ = ["sumSincApertures"]

import dataclasses
import functools

import numpy as np

from lsst.afw.math._shiftBasis import QUADRANTS, ShiftBasis, splitQuadrants
from lsst.afw.math._shiftStamps import shiftCombinations, shiftWeights
from lsst.afw.math._sincCoefficients import sincCoefficients

from ._stamps import Stamps, orderForStamps

_CHUNK_PIXELS = 2**19  # in work at a time
_FEW = 128  # sources for which no basis of shifted coefficients is made
_PRECISION = 5e-4, 2e-4  # at worst, of the fluxes as a fraction of their errors, and of the variances


def sumSincApertures(exposure, x, y, radii, kernelName, wanted):
    """Sum pixels with the coefficients of sinc apertures.

    Parameters
    ----------
    exposure : `lsst.afw.image.Exposure`
        The image.
    x, y : `numpy.ndarray`, (n,)
        Centers (pixels).
    radii : sequence of `float`
        Radii (pixels).
    kernelName : `str`
        Warping kernel that shifts the coefficients.
    wanted : `numpy.ndarray`, (len(radii), n), `bool`
        Which apertures.

    Returns
    -------
    fluxes, variances : `numpy.ndarray`, (len(radii), n)
        Sum of the pixels times the coefficients, and of the variances times their squares, over the pixels
        that are on the image; NaN of apertures not wanted.

    Notes
    -----
    The shifted coefficients, and their squares, are combinations of the images of a `ShiftBasis`, so matrix
    products of the stamps of all sources with those give the sums. What the basis leaves out is known:
    where it might matter, at bright sources, the coefficients themselves are shifted.
    """
    fluxes, variances = np.full((2, *wanted.shape), np.nan)
    origins, dx, dy = splitPositions(x, y)
    stamps = Stamps(exposure)
    order = orderForStamps(exposure, x, y)
    if len(order) >= _FEW and len(radii):
        apertures = [
            [_ShiftedCoefficients.make(radius, kernelName, quadrant) for radius in radii]
            for quadrant in QUADRANTS
        ]
        size = max(aperture.size for aperture in apertures[0])
        for quadrant, chunk in splitQuadrants(dx, dy, order, _getLength(size)):
            sums = _sumCombinations(apertures[quadrant], stamps, origins[chunk], dx[chunk], dy[chunk])
            fluxes[:, chunk], variances[:, chunk] = np.where(wanted[:, chunk], sums, np.nan)
    for index, radius in enumerate(radii):
        rows = order[wanted[index, order] & np.isnan(fluxes[index, order])]
        coefficients = sincCoefficients(radius)
        for chunk in _split(rows, _getLength(len(coefficients))):
            sums = _sumShifted(coefficients, stamps, origins[chunk], dx[chunk], dy[chunk], kernelName)
            fluxes[index, chunk], variances[index, chunk] = sums
    return fluxes, variances


def _getLength(size):
    """Return how many stamps of a size to work on at a time."""
    return max(1, _CHUNK_PIXELS // size**2)


def _split(rows, length):
    return (rows[start : start + length] for start in range(0, len(rows), length))


def splitPositions(x, y):
    """Split positions, in single precision, into pixels and fractions, as `offsetImage` does.

    Parameters
    ----------
    x, y : `numpy.ndarray`, (n,)
        Positions (pixels).

    Returns
    -------
    pixels : `numpy.ndarray`, (n, 2), `int`
        The pixels.
    dx, dy : `numpy.ndarray`, (n,)
        Positions relative to those.
    """
    positions = np.stack([x, y], axis=-1).astype(np.float32).astype(np.float64)
    pixels = np.floor(positions + 0.5)
    pixels[(np.abs(positions) < 1).all(axis=1)] = 0.0
    return pixels.astype(np.int64), *(positions - pixels).T


def _sumShifted(coefficients, stamps, origins, dx, dy, kernelName):
    weights = _shift(coefficients, dx, dy, kernelName)
    data, variance, used, _ = stamps.cut(origins - len(coefficients) // 2, coefficients.shape)
    if used is not None:
        weights = np.where(used, weights, 0.0)
    flux = np.einsum("nij,nij->n", weights, data)
    weights *= weights
    return flux, np.einsum("nij,nij->n", weights, variance)


def _shift(coefficients, dx, dy, kernelName):
    """Shift the coefficients; where the kernel does not fit they stay as they are, as in `offsetImage`."""
    shifted = shiftCombinations(
        coefficients[np.newaxis], np.ones((len(dx), 1)), dx, dy, algorithmName=kernelName
    )
    size = len(coefficients)
    fits = _fits(dy, size, kernelName)[:, :, np.newaxis] & _fits(dx, size, kernelName)[:, np.newaxis, :]
    return np.where(fits, shifted, coefficients)


def _fits(shift, size, kernelName):
    """Say at which pixels of a row the kernel does not reach over the ends."""
    taps = shiftWeights(kernelName, np.zeros(1)).shape[1]
    first = taps // 2 - (shift <= 0)
    pixels = np.arange(size)
    return (pixels >= first[:, np.newaxis]) & (pixels < first[:, np.newaxis] + size - taps + 2)


@dataclasses.dataclass(frozen=True)
class _ShiftedCoefficients:
    """The coefficients of an aperture at any shift in one quadrant."""

    size: int
    coefficients: ShiftBasis
    squares: ShiftBasis

    @classmethod
    @functools.lru_cache(maxsize=64)
    def make(cls, radius, kernelName, quadrant):
        """Prepare an aperture for a warping kernel."""
        coefficients = sincCoefficients(radius)
        images = _shift(coefficients, *ShiftBasis.getNodes(quadrant), kernelName)
        images = images.reshape(len(images), -1)
        return cls(len(coefficients), ShiftBasis.make(images), ShiftBasis.make(images * images))

    def sum(self, weights, data, variance):
        """Return fluxes and variances of `_Stamps`, NaN where they might be imprecise."""
        flux, total = (
            np.einsum("nk,nk->n", weights @ basis.mixing, stamps.pixels @ basis.images.T, dtype=np.float64)
            for basis, stamps in ((self.coefficients, data), (self.squares, variance))
        )
        good = self.coefficients.lost * data.norms <= _PRECISION[0] * np.sqrt(total)
        good &= self.squares.lost * variance.norms <= _PRECISION[1] * total
        return np.where(good, (flux, total), np.nan)


class _Stamps:
    """The central pixels of stamps, (n, pixels), and the norms of those."""

    def __init__(self, stamps, size):
        first = (stamps.shape[1] - size) // 2
        centre = slice(first, first + size)
        self.pixels = stamps[:, centre, centre].reshape(len(stamps), -1)
        self.norms = np.sqrt(np.einsum("ij,ij->i", self.pixels, self.pixels))


def _sumCombinations(apertures, stamps, origins, dx, dy):
    """Return fluxes and variances, (2, apertures, n), NaN where they might be imprecise."""
    sizes = {aperture.size for aperture in apertures}
    largest = max(sizes)
    planes = stamps.cutPlanes(origins - largest // 2, (largest, largest))[:2]
    weights = ShiftBasis.interpolate(dx, dy)
    with np.errstate(invalid="ignore", over="ignore"):
        centres = {size: [_Stamps(plane, size) for plane in planes] for size in sizes}
        sums = [aperture.sum(weights, *centres[aperture.size]) for aperture in apertures]
    return np.stack(sums, axis=1)
