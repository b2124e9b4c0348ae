# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Groups of things that are connected, directly or through others."""

from __future__ import annotations

__all__ = ["findFriends", "joinPairs"]

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree


def joinPairs(first: np.ndarray, second: np.ndarray, size: int) -> np.ndarray:
    """Label things so that those of a pair share a label.

    Parameters
    ----------
    first, second : `numpy.ndarray`, (P,)
        The pairs, as numbers of the things, integer.
    size : `int`
        Number N of things.

    Returns
    -------
    labels : `numpy.ndarray`, (N,)
        Number of the group of each, from 0, int32.
    """
    graph = coo_matrix((np.ones(len(first), dtype=bool), (first, second)), shape=(size, size))
    return connected_components(graph, directed=False)[1]


def findFriends(vectors: np.ndarray, length: float) -> tuple[np.ndarray, np.ndarray]:
    """Find the groups of points that are connected by steps of at most a length.

    Parameters
    ----------
    vectors : `numpy.ndarray`, (N, 3)
        Unit vectors.
    length : `float`
        The length, a chord of the unit sphere.

    Returns
    -------
    labels : `numpy.ndarray`, (N,)
        Number of the group of each point, from 0, int32.
    pairs : `numpy.ndarray`, (P, 2)
        The pairs of points that are no farther apart.
    """
    pairs = cKDTree(vectors).query_pairs(length, output_type="ndarray")
    return joinPairs(pairs[:, 0], pairs[:, 1], len(vectors)), pairs
