# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Sums of pixels with the coefficients of sinc apertures, shifted to the positions of many sources."""

__all__ = ["sumSincApertures"]

import dataclasses
import functools

import numpy as np
from lsst.afw.math._shiftStamps import shiftCombinations, shiftWeights

from ._sincCoefficients import sincCoefficients
from ._stamps import Stamps, orderForStamps

_CHUNK_PIXELS = 2**18  # in work at a time
_FEW = 32  # sources for which no basis of shifted coefficients is made
_QUADRANTS = [(sx, sy) for sx in (-1, 1) for sy in (-1, 1)]  # signs of the shifts in x and y
_NODES = 7  # shifts between 0 and one half, in x and in y, that all others are interpolated from
_TRUNCATION = 1e-6  # relative size of what the basis leaves out
_PRECISION = 5e-4, 2e-4  # at worst, of the fluxes as a fraction of their errors, and of the variances

_nodes = 0.25 - 0.25 * np.cos(np.pi * (np.arange(_NODES) + 0.5) / _NODES)  # Chebyshev's


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
    The coefficients depend smoothly on the fraction of a pixel that they are shifted by, if shifts to the
    left and to the right, and up and down, are kept apart: they are interpolated between shifts at some
    nodes. Those images are combinations of about twenty orthogonal images, and so are their squares; one
    matrix product of the stamps of all sources with these gives the sums. What that leaves out is known:
    where it might matter, at bright sources, the coefficients themselves are shifted.
    """
    fluxes, variances = np.full((2, *wanted.shape), np.nan)
    origins, dx, dy = splitPositions(x, y)
    stamps = Stamps(exposure)
    order = orderForStamps(exposure, x, y)
    for quadrant in _QUADRANTS if len(radii) else ():
        rows = order[((dx > 0) == (quadrant[0] > 0))[order] & ((dy > 0) == (quadrant[1] > 0))[order]]
        if len(rows) < _FEW:
            continue
        apertures = [_ShiftedCoefficients.make(radius, kernelName, quadrant) for radius in radii]
        for chunk in _split(rows, max(aperture.size for aperture in apertures)):
            sums = _sumCombinations(apertures, stamps, origins[chunk], dx[chunk], dy[chunk])
            fluxes[:, chunk], variances[:, chunk] = np.where(wanted[:, chunk], sums, np.nan)
    for index, radius in enumerate(radii):
        rows = order[wanted[index, order] & np.isnan(fluxes[index, order])]
        coefficients = sincCoefficients(radius)
        for chunk in _split(rows, len(coefficients)):
            sums = _sumShifted(coefficients, stamps, origins[chunk], dx[chunk], dy[chunk], kernelName)
            fluxes[index, chunk], variances[index, chunk] = sums
    return fluxes, variances


def _split(rows, size):
    step = max(1, _CHUNK_PIXELS // size**2)
    return (rows[start : start + step] for start in range(0, len(rows), step))


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
class _Basis:
    """Orthonormal images that others are combinations of."""

    images: np.ndarray
    """The images, (pixels, k), `float32`."""

    mixing: np.ndarray
    """What the others are made of, (others, k), `float32`."""

    lost: float
    """Greatest norm of what is left out of an image."""

    @classmethod
    def make(cls, images):
        """Find the basis of some images, (others, pixels)."""
        norms, vectors = np.linalg.eigh(images @ images.T)
        kept = norms > _TRUNCATION**2 * norms[-1]
        vectors = vectors[:, kept]
        basis = (vectors.T @ images) / np.sqrt(norms[kept])[:, np.newaxis]
        mixing = images @ basis.T
        lost = np.linalg.norm(images - mixing @ basis, axis=1).max()
        rounding = np.finfo(np.float32).eps * np.sqrt(norms[-1] / len(images))
        return cls(basis.T.astype(np.float32), mixing.astype(np.float32), max(lost, rounding))

    def sum(self, weights, stamps):
        """Return the sums of stamps times combinations of the images."""
        return np.einsum("nk,nk->n", weights @ self.mixing, stamps @ self.images, dtype=np.float64)


@dataclasses.dataclass(frozen=True)
class _ShiftedCoefficients:
    """The coefficients of an aperture at any shift in one quadrant."""

    size: int
    coefficients: _Basis
    squares: _Basis

    @classmethod
    @functools.lru_cache(maxsize=64)
    def make(cls, radius, kernelName, quadrant):
        """Prepare an aperture for a warping kernel."""
        coefficients = sincCoefficients(radius)
        dx, dy = (sign * shift.ravel() for sign, shift in zip(quadrant, np.meshgrid(_nodes, _nodes)))
        images = _shift(coefficients, dx, dy, kernelName).reshape(len(dx), -1)
        return cls(len(coefficients), _Basis.make(images), _Basis.make(images * images))

    def sum(self, weights, data, variance):
        """Return fluxes and variances of `_Stamps`, NaN where they might be imprecise."""
        flux = self.coefficients.sum(weights, data.pixels)
        total = self.squares.sum(weights, variance.pixels)
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
    planes = stamps.cutPlanes(origins - largest // 2, (largest, largest))
    weights = (_interpolate(dy)[:, :, np.newaxis] * _interpolate(dx)[:, np.newaxis, :]).reshape(len(dx), -1)
    weights[(np.abs(dx) > 0.5) | (np.abs(dy) > 0.5)] = np.nan
    with np.errstate(invalid="ignore", over="ignore"):
        centres = {size: [_Stamps(plane, size) for plane in planes] for size in sizes}
        sums = [aperture.sum(weights, *centres[aperture.size]) for aperture in apertures]
    return np.stack(sums, axis=1)


def _interpolate(shift):
    """Return the weights of the values at the nodes, (n, _NODES), `float32`."""
    apart = _nodes[:, np.newaxis] - _nodes + np.eye(_NODES)
    factors = np.repeat((np.abs(shift)[:, np.newaxis] - _nodes)[:, np.newaxis], _NODES, axis=1)
    factors[:, np.arange(_NODES), np.arange(_NODES)] = 1.0
    return (factors.prod(axis=2) / apart.prod(axis=1)).astype(np.float32)
