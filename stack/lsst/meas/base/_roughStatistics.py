# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Clipped mean and standard deviation of many large samples at once, without sorting them.

The quartiles are found from the values as 16-bit numbers, which sort fast. That they are not exact matters
only if a value is as near to the limits of the clipping as that; such samples are left out.
"""

__all__ = ["computeRoughly"]

import numpy as np

from ._clippedStatistics import IQ_TO_STDEV

_FEWEST = 256  # values in a sample that is worth it
_N_PROBES = 64  # values that tell about where the quartiles are
_N_CODES = 2**16
_CODED = 1.2  # half the range of the codes, in quartile distances
_CORE = 0.8  # of the first clipping limit; nothing so near the median is ever expected to be clipped
_ROUNDING = 1e-6  # of values in single precision, relative to the clipping limit


def computeRoughly(values, counts, numSigmaClip, numIter):
    """Compute clipped mean and standard deviation.

    Parameters
    ----------
    values, counts, numSigmaClip, numIter
        See `lsst.meas.base._clippedStatistics.computeClippedStatistics`.

    Returns
    -------
    mean, stdev : `numpy.ndarray`, (n,)
        Statistics, with a relative precision of a few parts in a million of the standard deviation; NaN of
        samples that need to be looked at exactly.
    """
    mean, stdev = np.full((2, len(values)), np.nan)
    if values.dtype != np.float32 or values.shape[1] < _FEWEST or numIter < 1:
        return mean, stdev
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        center, step = _placeCodes(values)
        rows = np.flatnonzero((counts >= _FEWEST) & (step > 0) & np.isfinite(step))
        if len(rows) < len(values):
            values, counts, center, step = values[rows], counts[rows], center[rows], step[rows]
        offsets = values - center[:, np.newaxis]
        lower, median, upper = _findQuartiles(offsets, counts, step)
        limit = numSigmaClip * IQ_TO_STDEV * (upper - lower)
        # The quartiles may be wrong by half a step, and so the ends of the interval by:
        slack = (1.0 + numSigmaClip * IQ_TO_STDEV) * step
        tails = _Tails(offsets, counts, _CORE * limit)
        mean[rows], stdev[rows] = tails.clip(median, limit, slack, numSigmaClip, numIter)
        mean[rows] += center
    return mean, stdev


def _placeCodes(values):
    """Return the middle and the step of the codes of each sample, from a few of the values."""
    probes = np.sort(values[:, :: max(1, values.shape[1] // _N_PROBES)], axis=1)
    n = (probes < np.inf).sum(axis=1)
    lower, median, upper = probes[np.arange(len(probes)), [n // 4, n // 2, 3 * n // 4]]
    return median, (2 * _CODED / _N_CODES) * (upper - lower)


def _findQuartiles(offsets, counts, step):
    """Return the quartiles; NaN where they have no code."""
    codes = offsets * (1.0 / step)[:, np.newaxis]
    codes += np.float32(_N_CODES // 2)
    np.clip(codes, 0, _N_CODES - 1, out=codes)
    codes = codes.astype(np.uint16)
    codes.sort(axis=1, kind="stable")  # Numbers of 16 bits are sorted by radix.
    rows = np.arange(len(codes))
    quartiles = []
    for fraction in (0.25, 0.5, 0.75):
        index = fraction * (counts - 1)
        low = index.astype(np.int64)
        ends = np.array([codes[rows, low], codes[rows, np.minimum(low + 1, counts - 1)]], dtype=float)
        coded = (ends > 0).all(axis=0) & (ends < _N_CODES - 1).all(axis=0)
        code = ends[0] + (index - low) * (ends[1] - ends[0])
        quartiles.append(np.where(coded, (code + 0.5 - _N_CODES // 2) * step, np.nan))
    return quartiles


class _Tails:
    """Values that may be clipped, and the sums of the others.

    Parameters
    ----------
    offsets : `numpy.ndarray`, (n, m)
        Samples, relative to some center.
    counts : `numpy.ndarray`, (n,)
        Numbers of finite values.
    core : `numpy.ndarray`, (n,)
        Values not farther from zero than this are not to be clipped.
    """

    def __init__(self, offsets, counts, core):
        self._core = core
        inCore = np.abs(offsets) <= core.astype(np.float32)[:, np.newaxis]
        index = np.flatnonzero((offsets < np.inf) > inCore)
        self._rows = index // offsets.shape[1]
        self._values = offsets.reshape(-1)[index].astype(float)
        # Infinity times zero is no number.
        kept = np.minimum(offsets, np.finfo(np.float32).max)
        kept *= inCore
        self._first = kept.sum(axis=1).astype(float)
        self._second = np.einsum("ij,ij->i", kept, kept).astype(float)
        self._n = counts - np.bincount(self._rows, minlength=len(counts))

    def clip(self, center, limit, slack, numSigmaClip, numIter):
        """Return the clipped mean and standard deviation, NaN where it is not sure what is clipped."""
        bad = np.isnan(limit)
        mean = variance = None
        for _ in range(numIter):
            distance = np.abs(self._values - center[self._rows]) - limit[self._rows]
            bad |= np.abs(center) + self._core > limit
            bad |= self._count(np.abs(distance) <= (slack + _ROUNDING * limit)[self._rows]) > 0
            kept = distance <= 0
            n = self._n + self._count(kept)
            mean = (self._first + self._count(kept, self._values)) / n
            second = (self._second + self._count(kept, self._values**2)) / n
            variance = (second - mean * mean) * n / (n - 1)
            center, limit, slack = mean, numSigmaClip * np.sqrt(variance), 0.0 * slack
        return np.where(bad, np.nan, mean), np.where(bad, np.nan, np.sqrt(variance))

    def _count(self, chosen, weights=None):
        weights = None if weights is None else weights[chosen]
        return np.bincount(self._rows[chosen], weights, minlength=len(self._n))
