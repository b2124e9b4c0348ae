# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Finding pairs of positions that are close to each other."""

__all__ = ["SkyPositions", "PlanePositions", "closePairs", "closePairsWithin", "closestOnly"]

import math

import numpy as np

import lsst.pex.exceptions as pexExceptions

from ._stdSort import stdSortOrder

_MARGIN = 1 + 1e-6
_FEW = 16


class SkyPositions:
    """Positions on the sky as unit vectors, sorted by declination; those with NaN are left out.

    Parameters
    ----------
    ra, dec : `numpy.ndarray`
        Positions in radians.
    exact : `bool`, optional
        Put equal declinations into the order in which the real stack has them?
    """

    def __init__(self, ra, dec, exact=True):
        good = np.flatnonzero(~(np.isnan(ra) | np.isnan(dec)))
        self.nBad = len(ra) - len(good)
        self.index = good[stdSortOrder(dec[good]) if exact else np.argsort(dec[good], kind="stable")]
        """Where each position was in the input."""
        ra, self.sortKey = ra[self.index], dec[self.index]
        cosDec = np.cos(self.sortKey)
        self.vectors = np.stack([np.cos(ra) * cosDec, np.sin(ra) * cosDec, np.sin(self.sortKey)], axis=1)


class PlanePositions:
    """Positions in a plane, sorted by y; those with NaN are left out.

    Parameters
    ----------
    x, y : `numpy.ndarray`
        Positions.
    """

    def __init__(self, x, y):
        good = np.flatnonzero(~(np.isnan(x) | np.isnan(y)))
        self.index = good[stdSortOrder(y[good])]
        self.sortKey = y[self.index]
        self.vectors = np.stack([x[self.index], self.sortKey], axis=1)


def skyLimits(radius):
    """Return (radius in radians, squared chord length) that v23 compares declinations and distances with.

    The latter is computed as 2(1 - cos r), which for small radii is only good to some digits.

    Raises
    ------
    lsst.pex.exceptions.RangeError
        Raised if the radius is negative or above 45 degrees.
    """
    r = radius.asRadians()
    if r < 0 or r > math.radians(45.0):
        raise pexExceptions.RangeError("match radius out of range (0 to 45 degrees)")
    return r, 2.0 * (1.0 - math.cos(r))


def chordToAngle(d2):
    """Return the angle in radians between unit vectors at a squared distance."""
    return 2.0 * np.arcsin(0.5 * np.sqrt(d2))


def _scan(first, second, window):
    """Return for each position of the first set the range of the second that its window has."""
    low = np.searchsorted(second.sortKey, first.sortKey - window, side="left")
    high = np.searchsorted(second.sortKey, first.sortKey + window, side="right")
    return low, high


def _expand(low, counts):
    """Return the index pairs of ranges, sorted by i, then j."""
    i = np.repeat(np.arange(len(low)), counts)
    ends = np.cumsum(counts)
    j = np.arange(ends[-1]) + np.repeat(low - (ends - counts), counts)
    return i, j


def _searchTrees(first, second, low, high, reach):
    """Return the index pairs within a distance whose j is in the range of i, sorted by i, then j."""
    from scipy.spatial import cKDTree

    trees = [cKDTree(positions.vectors, balanced_tree=False, compact_nodes=False)
             for positions in (first, second)]
    pairs = trees[0].sparse_distance_matrix(trees[1], reach * _MARGIN, output_type="ndarray")
    i, j = pairs["i"], pairs["j"]
    keep = (j >= low[i]) & (j < high[i])
    i, j = i[keep], j[keep]
    order = np.lexsort((j, i))
    return i[order], j[order]


def _squaredDistance(a, b):
    difference = a - b
    d2 = difference[:, 0] ** 2
    for k in range(1, difference.shape[1]):
        d2 += difference[:, k] ** 2
    return d2


def closePairs(first, second, window, limit):
    """Find the pairs of positions of two sets that are closer than a limit.

    Parameters
    ----------
    first, second : `SkyPositions` or `PlanePositions`
        The sets.
    window : `float`
        Greatest difference of the sorting coordinate.
    limit : `float`
        Squared distance that pairs must be below.

    Returns
    -------
    i, j : `numpy.ndarray` of `int`
        Indices into the sorted positions, sorted by i, then j.
    d2 : `numpy.ndarray`
        Squared distances.
    """
    if not len(first.index) or not len(second.index) or not limit > 0:
        return np.zeros(0, int), np.zeros(0, int), np.zeros(0)
    low, high = _scan(first, second, window)
    counts = high - low
    if counts.sum() <= _FEW * (len(low) + len(second.index)):
        i, j = _expand(low, counts)
    else:
        i, j = _searchTrees(first, second, low, high, math.sqrt(limit))
    d2 = _squaredDistance(first.vectors[i], second.vectors[j])
    keep = d2 < limit
    return i[keep], j[keep], d2[keep]


def closePairsWithin(positions, window, limit):
    """Find the pairs within one set; see `closePairs`. Only pairs with i < j are returned."""
    i, j, d2 = closePairs(positions, positions, window, limit)
    keep = i < j
    return i[keep], j[keep], d2[keep]


def closestOnly(i, j, d2):
    """Keep for each i only the pair with the smallest distance, the first of equal ones.

    Parameters
    ----------
    i, j, d2 : `numpy.ndarray`
        Pairs as `closePairs` returns them.

    Returns
    -------
    i, j, d2 : `numpy.ndarray`
        The pairs kept.
    hasTies : `bool`
        Were there equal ones?
    """
    starts = np.flatnonzero(np.r_[True, i[1:] != i[:-1]]) if len(i) else np.zeros(0, int)
    if len(starts) == len(i):
        return i, j, d2, False
    smallest = np.minimum.reduceat(d2, starts)
    isSmallest = np.flatnonzero(d2 == np.repeat(smallest, np.diff(np.append(starts, len(i)))))
    kept = isSmallest[np.r_[True, i[isSmallest[1:]] != i[isSmallest[:-1]]]]
    return i[kept], j[kept], d2[kept], len(kept) < len(isSmallest)
