# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Positions of the maxima of smoothed sources from nine pixels each, and their errors.

Pier et al. 2003, AJ 125, 1559, section 2.2.2.
"""

import dataclasses

import numpy as np

__all__ = ["Maxima", "findMaxima"]

_F4 = np.float32
_QUARTIC = _F4(1.33)  # weight of the quartic term in the interpolation, against its theoretical value
_TINY = np.finfo(np.float32).tiny


@dataclasses.dataclass
class Maxima:
    """Maxima of many sources; all attributes are arrays with an element a source.

    Where one of the three problems is, the other attributes mean nothing.
    """

    x: np.ndarray
    """Position of the maximum relative to the central pixel (pixels)."""

    y: np.ndarray
    xErr: np.ndarray
    """Error of the position (pixels)."""

    yErr: np.ndarray
    sizeX2: np.ndarray
    """Squared width of the source before smoothing, at least that of the PSF (pixels squared)."""

    sizeY2: np.ndarray
    peak: np.ndarray
    """Value of the maximum of the smoothed source."""

    noSecondDerivative: np.ndarray
    almostNoSecondDerivative: np.ndarray
    notAtMaximum: np.ndarray


def findMaxima(image, variance, sigma, negative):
    """Find the maxima.

    Parameters
    ----------
    image : `numpy.ndarray`, (n, 3, 3), `float32`
        The pixels around the peaks, smoothed.
    variance : `numpy.ndarray`, (n, 3, 3), `float32`
        Variances before smoothing.
    sigma : `numpy.ndarray`, (n,)
        Standard deviation of the smoothing (pixels).
    negative : `numpy.ndarray`, (n,), `bool`
        Is the source negative?

    Returns
    -------
    maxima : `Maxima`
        The maxima.
    """
    with np.errstate(all="ignore"):
        return _Finder(image, variance, sigma, negative).run()


class _Finder:
    def __init__(self, image, variance, sigma, negative):
        self.image, self.variance, self.sigma, self.negative = image, variance, sigma, negative
        center = image[:, 1, 1]
        # Single precision where the original has it: differences of large numbers.
        self.curvature = [
            (_F4(2) * center - low - high).astype(np.float64)
            for low, high in ((image[:, 1, 0], image[:, 1, 2]), (image[:, 0, 1], image[:, 2, 1]))
        ]
        self.slope = [
            0.5 * (high - low).astype(np.float64)
            for low, high in ((image[:, 1, 0], image[:, 1, 2]), (image[:, 0, 1], image[:, 2, 1]))
        ]
        self.first = [slope / curvature for slope, curvature in zip(self.slope, self.curvature)]
        self.peak = center + 0.5 * (self.slope[0] * self.first[0] + self.slope[1] * self.first[1])

    def run(self):
        positions, quarticBad = self._interpolate()
        sizes = self._measureSizes(quarticBad)
        errors = [
            self._estimateError(slope, curvature, size, quarticBad)
            for slope, curvature, size in zip(self.slope, self.curvature, sizes)
        ]
        dx, dy = self.curvature
        sign = np.where(self.negative, -1.0, 1.0)
        flat = (dx == 0.0) | (dy == 0.0)
        wrong = ~flat & ((sign * dx < 0.0) | (sign * dy < 0.0))
        far = ~flat & ~wrong & ((np.abs(self.first[0]) > 10.0) | (np.abs(self.first[1]) > 10.0))
        return Maxima(*positions, *errors, *sizes, self.peak, flat, far, wrong)

    def _interpolate(self):
        """Interpolate along three rows and three columns, and intersect the lines of their maxima."""
        rows = [self._findOnLine(*self.image[:, index, :].T) for index in range(3)]
        columns = [self._findOnLine(*self.image[:, :, index].T) for index in range(3)]
        bad = np.any([isBad for _, isBad in rows + columns], axis=0)
        (mx0, mx1, mx2), (my0, my1, my2) = ([value for value, _ in lines] for lines in (rows, columns))

        def follow(low, middle, high, offset):
            slope = 0.5 * (high - low).astype(np.float64)
            bend = middle - 0.5 * (low + high).astype(np.float64)
            return middle + offset * (slope - offset * bend)

        x, y = self.first
        x, y = follow(mx0, mx1, mx2, y), follow(my0, my1, my2, x)
        x, y = follow(mx0, mx1, mx2, y), follow(my0, my1, my2, x)
        return [np.where(bad, first, better) for first, better in zip(self.first, (x, y))], bad

    def _findOnLine(self, low, middle, high):
        """Find the maximum of three pixels; also say whether that failed."""
        fallHigh, fallLow = middle - high, middle - low
        curvature = fallHigh + fallLow
        slope = 0.5 * (high - low).astype(np.float64)
        correction = (_QUARTIC * fallHigh * fallLow / (curvature * middle)).astype(np.float64)
        position = (slope / curvature * (1.0 + correction)).astype(np.float32)
        sign = np.where(self.negative, _F4(-1), _F4(1))
        bad = (sign * curvature <= 0) | (sign * middle <= 0) | ~(np.abs(position) < 1)
        return position, bad

    def _measureSizes(self, quarticBad):
        """Return the squared widths without smoothing."""
        sizes = []
        for first, curvature in zip(self.first, self.curvature):
            size = self.peak / curvature - np.where(quarticBad, 0.0, (1 + 6 * first**2) / 4)
            size = size.astype(np.float32) - self.sigma**2
            sizes.append(np.where(size <= self.sigma**2, self.sigma**2, size).astype(np.float32))
        return [size.astype(np.float64) for size in sizes]

    def _estimateError(self, slope, curvature, size, quarticBad):
        """Propagate the noise of the sky and of the peak into the position."""
        variance = self.variance.astype(np.float64).reshape(-1, 9)
        sky, source = np.delete(variance, 4, axis=1).sum(axis=1) / 8.0, variance[:, 4]
        slopeVar, curvatureVar = _propagate(sky, source, size, np.abs(self.sigma) ** 2)
        quartic = np.where(quarticBad, 0.0, np.float64(_QUARTIC)) / (4 * self.peak)
        variance = (
            slopeVar * (1 / curvature + quartic * (1 - 12 * slope**2 / curvature**2)) ** 2
            + curvatureVar * (slope / curvature**2 - quartic * 8 * slope**2 / curvature**3) ** 2
        )
        error = np.sqrt(variance)
        return np.where((np.abs(self.peak) < _TINY) | (np.abs(curvature) < _TINY), 1e3, error)


def _propagate(sky, source, size, sigma2):
    """Return the variances of slope and curvature of a source smoothed by a Gaussian of variance sigma2."""
    smooth = sigma2 > 0
    safe = np.where(smooth, sigma2, 1.0)
    wide, narrow, third = np.exp(-1 / safe), np.exp(-1 / (4 * safe)), np.exp(-1 / (3 * safe))
    slope = sky / (8 * np.pi * safe) * (1 - wide) + source / (12 * np.pi * safe) * (third - wide)
    curvature = sky / (2 * np.pi * safe) * (3 - 4 * narrow + wide) + source / (3 * np.pi * safe) * (
        2 - 3 * third + wide
    )
    falloff = np.exp(-1 / (2 * size))
    return (
        np.where(smooth, slope, 0.5 * sky + 0.5 * source * falloff),
        np.where(smooth, curvature, 6 * sky + 6 * source * falloff),
    )
