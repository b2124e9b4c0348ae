# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Stands in for ``lsst.afw.math.makeStatistics``, with which LSST's tests sum up images: NumPy's numbers."""

import numpy as np

__all__ = ["MAX", "MEAN", "MEDIAN", "MIN", "NPOINT", "STDEV", "SUM", "VARIANCE", "makeStatistics"]

NPOINT, MEAN, STDEV, VARIANCE, MEDIAN, MIN, MAX, SUM = (1 << bit for bit in range(8))

FUNCTIONS = {
    NPOINT: np.size,
    MEAN: np.mean,
    STDEV: lambda values: np.std(values, ddof=1),
    VARIANCE: lambda values: np.var(values, ddof=1),
    MEDIAN: np.median,
    MIN: np.min,
    MAX: np.max,
    SUM: np.sum,
}


class Statistics:
    """Statistics of the pixels of an image, all of which count."""

    def __init__(self, image, flags):
        self.values = np.asarray(getattr(image, "image", image).array, dtype=float)
        self.flags = flags

    def getValue(self, flag=None):
        """Return a statistic, by default the one that was asked for."""
        return float(FUNCTIONS[self.flags if flag is None else flag](self.values))


def makeStatistics(image, flags):
    """Return the statistics of an image."""
    return Statistics(image, flags)
