# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Sums of the pixels of an image and of its variance in circles of several radii.

``sep.sum_circle`` gives the same sums in 1.4 s where this takes 0.09: 5,000 centers, radii from 12 to 50.
"""

__all__ = ["sumCircles"]

import dataclasses

import numpy as np

from ._ellipseSpans import EllipseSpans

_BAND_PIXELS = 2**22  # whose running sums are held at a time
_STAMP_PIXELS = 2**20  # that are added up one by one at a time
_CHUNK = 256  # circles in work at a time: their spans fit the processor's cache
_PRECISION = 1e-6  # of the sums, as a fraction of the error of the flux


def sumCircles(exposure, x, y, radii, wanted):
    """Sum the pixels whose centers are in circles.

    Parameters
    ----------
    exposure : `lsst.afw.image.Exposure`
        The image.
    x, y : `numpy.ndarray`, (n,)
        Centers (pixels).
    radii : sequence of `float`
        Radii (pixels).
    wanted : `numpy.ndarray`, (len(radii), n), `bool`
        Which circles; they must be wholly on the image.

    Returns
    -------
    sums : `numpy.ndarray`, (len(radii), n), `complex128`
        Sums of the image (real part) and of the variance (imaginary part); NaN of circles not wanted.

    Notes
    -----
    The sum of a row of a circle is the difference of two running sums along the row of the image, so a
    circle costs no more than its number of rows. Bands of the image are taken one after the other, to
    hold few running sums at a time. The pixels of a circle are added up one by one where rounding in the
    running sums matters, where some are not finite, and where there are few circles.
    """
    sums = np.full(wanted.shape, np.nan, dtype=np.complex128)
    rows = np.flatnonzero(wanted.any(axis=0))
    rows = rows[np.argsort(y[rows], kind="stable")]
    pixels = _Pixels(exposure.image.array, exposure.variance.array, *exposure.getXY0())
    reach = int(np.ceil(max(radii, default=0.0))) + 2
    height = max(_BAND_PIXELS // (pixels.image.shape[1] + 1), 4 * reach)
    buffer = np.empty(height * (pixels.image.shape[1] + 1), dtype=np.complex128)
    while len(rows):
        bottom = int(y[rows[0]]) - reach
        count = int(np.searchsorted(y[rows], bottom + height - reach))
        some, rows = rows[:count], rows[count:]
        band = pixels.cut(bottom, int(y[some[-1]]) + reach)
        sums[:, some] = _sumBand(band, x[some], y[some], radii, wanted[:, some], buffer)
    return sums


def _sumBand(band, x, y, radii, wanted, buffer):
    sums = np.full(wanted.shape, np.nan, dtype=np.complex128)
    isWorth = 4 * len(x) * sum(radius * radius for radius in radii) > band.image.size
    running = _RunningSums(band, buffer) if isWorth else None
    # Neighbors find each other's running sums in the cache.
    order = np.argsort(x, kind="stable")
    for start in range(0, len(x), _CHUNK):
        rows = order[start : start + _CHUNK]
        for index, radius in enumerate(radii):
            spans = EllipseSpans.fromCircles(x[rows], y[rows], radius)
            found = np.full(len(rows), np.nan, dtype=np.complex128)
            if running is not None:
                found = running.sum(spans)
            rest = np.isnan(found) & wanted[index, rows]
            if rest.any():
                found[rest] = band.sum(spans.take(rest))
            sums[index, rows] = np.where(wanted[index, rows], found, np.nan)
    return sums


@dataclasses.dataclass(frozen=True)
class _Pixels:
    """Image and variance, with the position of the first pixel."""

    image: np.ndarray
    variance: np.ndarray
    x0: int
    y0: int

    def cut(self, bottom, top):
        """Return the rows from bottom to top (exclusive) as far as they are there."""
        bottom = max(bottom, self.y0)
        rows = np.s_[bottom - self.y0 : max(top - self.y0, 0)]
        return _Pixels(self.image[rows], self.variance[rows], self.x0, bottom)

    def sum(self, spans):
        """Add the pixels of regions up one by one; return complex sums."""
        x0, y0, shape = spans.getStamps()
        sums = np.empty(len(x0), dtype=np.complex128)
        step = max(1, _STAMP_PIXELS // (shape[0] * shape[1] + 1))
        for start in range(0, len(x0), step):
            chunk = np.s_[start : start + step]
            inside = spans.take(chunk).contains(x0[chunk], y0[chunk], shape)
            rows = y0[chunk, np.newaxis] - self.y0 + np.arange(shape[0])
            columns = x0[chunk, np.newaxis] - self.x0 + np.arange(shape[1])
            np.clip(rows, 0, self.image.shape[0] - 1, out=rows)
            np.clip(columns, 0, self.image.shape[1] - 1, out=columns)
            index = rows[:, :, np.newaxis], columns[:, np.newaxis, :]
            for part, values in ((sums.real, self.image), (sums.imag, self.variance)):
                part[chunk] = np.where(inside, values[index], 0.0).sum(axis=(1, 2), dtype=np.float64)
        return sums


class _RunningSums:
    """Running sums along the rows of an image and its variance.

    Parameters
    ----------
    pixels : `_Pixels`
        The image.
    buffer : `numpy.ndarray`, `complex128`
        Memory to use.
    """

    def __init__(self, pixels, buffer):
        self._x0, self._y0 = pixels.x0, pixels.y0
        planes = pixels.image, pixels.variance
        peaks, self._nBad = _findPeaks(planes), None
        if not np.isfinite(peaks).all():
            bad = ~(np.isfinite(pixels.image) & np.isfinite(pixels.variance))
            planes = [np.where(bad, np.float32(0.0), plane) for plane in planes]
            peaks = _findPeaks(planes)
            self._nBad = np.zeros((bad.shape[0], bad.shape[1] + 1), dtype=np.int32)
            np.cumsum(bad, axis=1, out=self._nBad[:, 1:])
        shape = (planes[0].shape[0], planes[0].shape[1] + 1)
        self._sums = buffer[: shape[0] * shape[1]].reshape(shape)
        self._sums[:, 0] = 0.0
        self._sums.real[:, 1:], self._sums.imag[:, 1:] = planes
        np.cumsum(self._sums, axis=1, out=self._sums)
        # About the greatest rounding error, were all pixels of a row as high as the peak.
        self._rounding = np.finfo(float).eps * shape[1] * peaks

    def sum(self, spans):
        """Return the complex sums of regions; NaN where this way is not good enough."""
        width = self._sums.shape[1]
        rows = spans.y0[:, np.newaxis] + np.arange(-self._y0, spans.xMin.shape[1] - self._y0)
        rows *= width
        rows -= self._x0
        low = rows + spans.xMin
        high = np.add(rows, spans.xMax, out=rows)
        high += 1
        sums = _sumBetween(self._sums, low, high)
        lost = ~(self._rounding[1] <= _PRECISION * sums.imag)
        lost |= ~(self._rounding[0] <= _PRECISION * np.sqrt(np.maximum(sums.imag, 0.0)))
        if self._nBad is not None:
            lost |= _sumBetween(self._nBad, low, high) > 0
        sums[lost] = np.nan
        return sums


def _findPeaks(planes):
    return np.array([max(abs(float(plane.min())), abs(float(plane.max()))) for plane in planes])


def _sumBetween(running, low, high):
    flat = running.reshape(-1)
    ends = flat.take(high, mode="clip")
    ends -= flat.take(low, mode="clip")
    return ends.sum(axis=1)
