# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Clipped mean and standard deviation of many samples at once.

Astropy's ``sigma_clipped_stats`` begins with the standard deviation where the stack has quartiles, so that
its means of 900 normal numbers differ by up to 0.013 sigma, and takes six times as long.
"""

__all__ = ["IQ_TO_STDEV", "computeClippedStatistics"]

import numpy as np

IQ_TO_STDEV = 0.741301109252801
"""Standard deviation of a Gaussian, in units of the distance of its quartiles."""


def computeClippedStatistics(values, counts, numSigmaClip, numIter):
    """Compute what `lsst.afw.math.makeStatistics` gives as MEANCLIP and STDEVCLIP.

    Parameters
    ----------
    values : `numpy.ndarray`, (n, m)
        Samples in rows; sorted in place.
    counts : `numpy.ndarray`, (n,)
        How many values of each row count; the others must be `+inf`.
    numSigmaClip : `float`
        Values farther than this from the mean (first the median) are left out, in units of the standard
        deviation (first that of a Gaussian with the same quartiles).
    numIter : `int`
        Number of iterations.

    Returns
    -------
    mean, stdev : `numpy.ndarray`, (n,)
        Statistics of the values that are left in the last iteration; NaN of none.
    """
    values.sort(axis=1)
    lower, median, upper = (_interpolate(values, counts, fraction) for fraction in (0.25, 0.5, 0.75))
    center, halfWidth = median, numSigmaClip * IQ_TO_STDEV * (upper - lower)
    sums = _RangeSums(values, counts, median)
    mean = variance = np.full(len(values), np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        for _ in range(numIter):
            mean, variance = sums.computeMoments(*sums.findRange(center, halfWidth))
            center = mean
            halfWidth = np.where(
                counts > 1, numSigmaClip * np.sqrt(variance), numSigmaClip * IQ_TO_STDEV * (upper - lower)
            )
        return mean, np.sqrt(variance)


def _interpolate(values, counts, fraction):
    """Interpolate a quantile of sorted rows linearly."""
    index = fraction * np.maximum(counts - 1, 0)
    low = index.astype(np.int64)
    high = np.minimum(low + 1, np.maximum(counts - 1, 0))
    rows = np.arange(len(values))
    quantile = (low + 1 - index) * values[rows, low].astype(float) + (index - low) * np.where(
        high > low, values[rows, high], 0.0
    ).astype(float)
    return np.where(counts > 0, quantile, np.nan)


class _RangeSums:
    """Sums over ranges of sorted rows, of offsets from a value near the middle of each row.

    A range leaves out few values at both ends, so its sum is that of all without those.
    """

    def __init__(self, values, counts, reference):
        self._values = values
        self._counts = counts
        self._reference = np.where(np.isfinite(reference), reference, 0.0)
        offsets = values - self._reference[:, np.newaxis]
        offsets[np.arange(values.shape[1]) >= counts[:, np.newaxis]] = 0.0
        self._offsets = offsets
        self._first = offsets.sum(axis=1)
        self._second = np.einsum("ij,ij->i", offsets, offsets)

    def findRange(self, center, halfWidth):
        """Return first and end of the values that are at most so far from the center."""
        low = self._countBelow(center - halfWidth, "left")
        high = np.minimum(self._countBelow(center + halfWidth, "right"), self._counts)
        return low, np.maximum(low, high)

    def _countBelow(self, limits, side):
        """Find the limits in the sorted rows, as `numpy.searchsorted` does in one."""
        rows = np.arange(len(limits))
        size = self._values.shape[1]
        low, high = np.zeros(len(limits), dtype=np.int64), np.full(len(limits), size, dtype=np.int64)
        for _ in range(size.bit_length()):
            middle = (low + high) // 2
            value = self._values[rows, np.minimum(middle, size - 1)]
            below = (value < limits if side == "left" else value <= limits) & (middle < high)
            low = np.where(below, middle + 1, low)
            high = np.where(below, high, middle)
        return low

    def computeMoments(self, low, high):
        """Return mean and unbiased variance of ranges."""
        n = high - low
        first, second = self._first.copy(), self._second.copy()
        self._subtract(first, second, 0, low)
        self._subtract(first, second, high, self._counts)
        mean = first / n
        return self._reference + mean, (second / n - mean * mean) * n / (n - 1)

    def _subtract(self, first, second, start, end):
        """Subtract the sums of the values from start to end of each row."""
        start = np.broadcast_to(start, end.shape)
        index = start[:, np.newaxis] + np.arange(int((end - start).max(initial=0)))
        used = index < end[:, np.newaxis]
        offsets = np.take_along_axis(self._offsets, np.where(used, index, 0), axis=1)
        offsets[~used] = 0.0
        first -= offsets.sum(axis=1)
        second -= np.einsum("ij,ij->i", offsets, offsets)
