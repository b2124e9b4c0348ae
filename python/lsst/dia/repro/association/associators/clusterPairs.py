# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Pairs of clusters: which may be merged, and which are."""

from __future__ import annotations

__all__ = ["chooseMutually", "shareExposure"]

import numpy as np

from ...segments import Segments, expandRuns


def shareExposure(label: np.ndarray, exposure: np.ndarray, first: np.ndarray,
                  second: np.ndarray) -> np.ndarray:
    """Tell the pairs of clusters that have points of one exposure.

    Parameters
    ----------
    label : `numpy.ndarray`, (N,)
        Cluster of each point, integer, not negative.
    exposure : `numpy.ndarray`, (N,)
        Its exposure, integer, not negative.
    first, second : `numpy.ndarray`, (P,)
        Labels of clusters that have points.

    Returns
    -------
    share : `numpy.ndarray`, (P,)
        bool.
    """
    # Cluster and exposure as one number, so that one search looks up the members of all pairs.
    nExposures = int(exposure.max()) + 1
    occupied = np.sort(label*nExposures + exposure)
    groups = Segments(label)
    names = label[groups.order][groups.starts]
    group = np.searchsorted(names, first)
    counts = groups.counts[group]
    pair = np.repeat(np.arange(len(first)), counts)
    member = groups.order[expandRuns(groups.starts[group], counts)]
    wanted = second[pair]*nExposures + exposure[member]
    # What is beyond the last would be looked up outside the array.
    position = np.minimum(np.searchsorted(occupied, wanted), len(occupied) - 1)
    share = np.zeros(len(first), dtype=bool)
    share[pair[occupied[position] == wanted]] = True
    return share


def chooseMutually(first: np.ndarray, second: np.ndarray, distance: np.ndarray, size: int) -> np.ndarray:
    """Return the indices of the pairs in which each is the other's closest.

    Parameters
    ----------
    first, second : `numpy.ndarray`, (P,)
        Labels of clusters, from 0.
    distance : `numpy.ndarray`, (P,)
        How far they are from each other, in any measure.
    size : `int`
        More than the greatest label.

    Returns
    -------
    chosen : `numpy.ndarray`
        Indices; no cluster is in two of these pairs.
    """
    # Ranks, unlike distances, are never equal: the first pair of all is always mutual, so that no
    # round merges nothing while a pair is left.
    order = np.lexsort((second, first, distance))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    best = np.full(size, len(order))
    np.minimum.at(best, first, rank)
    np.minimum.at(best, second, rank)
    return np.flatnonzero((best[first] == rank) & (best[second] == rank))
