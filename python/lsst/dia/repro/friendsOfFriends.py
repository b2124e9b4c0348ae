# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Groups of things that are connected, directly or through others."""

from __future__ import annotations

__all__ = ["findFriends", "findNeighborhoods", "findUnequalNeighborhoods", "joinPairs"]

import itertools

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from .segments import findRuns, orderByLabel
from .sky import toVectors

#: Cells are not made smaller than this (radians, 0.4 arcsec), so that three
#: cell numbers fit one 64-bit key.
MIN_CELL = 2e-6

#: Number of sources whose cells are found at a time.
BLOCK = 1_000_000

#: About how many sources are sorted at a time.
SLAB = 20_000

#: Bits of the cell number of one coordinate.
BITS = 20


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


def findNeighborhoods(ra: np.ndarray, dec: np.ndarray, length: float) -> np.ndarray:
    """Label sources so that any two closer than a length share a label.

    For parts that cannot influence each other that is enough, and cheaper
    than the groups of `findFriends`. The sources are sorted into cubic cells
    of that size, and occupied cells that touch are joined. The result may join
    sources farther apart, up to 3.5 cells; it never parts sources that are
    closer. Cost and memory grow with the number of sources, not of pairs,
    however dense they are.

    Parameters
    ----------
    ra, dec : `numpy.ndarray`, (N,)
        Positions, radians; finite.
    length : `float`
        Linking length, radians.

    Returns
    -------
    labels : `numpy.ndarray`, (N,)
        Neighbourhood number, from 0, int32.
    """
    if not len(ra):
        return np.zeros(0, dtype=np.int32)
    blocks = [slice(start, start + BLOCK) for start in range(0, len(ra), BLOCK)]
    keys = np.concatenate([_cellKeys(toVectors(ra[block], dec[block]), max(length, MIN_CELL))
                           for block in blocks])
    cells, cellOfSource = _numberCells(keys)
    # Not to be held while the graph takes its memory.
    del keys
    first, second = _touchingCells(cells)
    return joinPairs(first, second, len(cells))[cellOfSource]


def findUnequalNeighborhoods(ra: np.ndarray, dec: np.ndarray, length: np.ndarray) -> np.ndarray:
    """Label sources as `findNeighborhoods` does, each having a linking length of its own.

    Two sources closer than the greater of their lengths share a label, and
    what is far from all long ones is not joined for their sake.

    Parameters
    ----------
    ra, dec : `numpy.ndarray`, (N,)
        Positions, radians; finite.
    length : `numpy.ndarray`, (N,)
        Linking lengths, radians, positive.

    Returns
    -------
    labels : `numpy.ndarray`, (N,)
        Neighbourhood number, from 0, int32.
    """
    # Cells of fixed sizes, so that a neighbourhood does not depend on sources elsewhere.
    level = np.ceil(np.log2(np.maximum(length, MIN_CELL)/MIN_CELL)).astype(np.int64)
    first, second = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    for size in np.unique(level):
        # Longer ones have been joined, or will be, with all that is near to them.
        rows = np.flatnonzero(level <= size)
        keys = _cellKeys(toVectors(ra[rows], dec[rows]), MIN_CELL*2.0**size)
        isJoined, representative = _joinAround(keys, level[rows] == size)
        first.append(rows[isJoined])
        second.append(rows[representative[isJoined]])
    return joinPairs(np.concatenate(first), np.concatenate(second), len(ra))


def _joinAround(keys: np.ndarray, isCenter: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Join sources, by the keys of their cells, with centres in their own cell or one that touches it.

    Returns which are joined, and a source that stands for all that each is
    joined with.
    """
    cells, cell = _numberCells(keys)
    isActive = np.zeros(len(cells), dtype=bool)
    isActive[cell[isCenter]] = True
    first, second = _touchingCells(cells)
    isNear = isActive[first] | isActive[second]
    first, second = first[isNear], second[isNear]
    isActive[first] = isActive[second] = True
    group = joinPairs(first, second, len(cells))[cell]
    representative = np.zeros(len(keys), dtype=np.int64)
    representative[group] = np.arange(len(keys))
    return isActive[cell], representative[group]


def _numberCells(keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the cells in use, sorted, and the number of each source's cell.

    It is `numpy.unique` with its inverse, in half the memory.
    """
    order = _orderKeys(keys)
    ordered = keys[order]
    isFirst = np.append(True, ordered[1:] != ordered[:-1])
    cells = ordered[isFirst]
    del ordered
    number = np.empty(len(keys), dtype=np.int32)
    number[order] = np.cumsum(isFirst, dtype=np.int32) - 1
    return cells, number


def _orderKeys(keys: np.ndarray) -> np.ndarray:
    """Return the indices that sort cell keys: slab by slab, each within the cache of a processor."""
    x = keys >> 2*BITS
    x -= x.min()
    # Slabs of several cells where there are many cells.
    x >>= max(0, int(x.max()*SLAB//len(keys)).bit_length())
    order = orderByLabel(x)
    for start, stop in zip(*findRuns(x[order])):
        rows = order[start:stop]
        order[start:stop] = rows[np.argsort(keys[rows])]
    return order


def _cellKeys(vectors: np.ndarray, size: float) -> np.ndarray:
    """Return one int64 key a point for the cubic cell that it lies in."""
    key = np.zeros(len(vectors), dtype=np.int64)
    for axis in range(3):
        # One cell of margin, so that a neighbour's number is never negative.
        key = (key << BITS) + (np.floor((vectors[:, axis] + 1)/size).astype(np.int64) + 1)
    return key


def _touchingCells(cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return index pairs of sorted cell keys that share a face, edge or corner."""
    pairs = []
    for dx, dy, dz in itertools.product((-1, 0, 1), repeat=3):
        step = (dx << 2*BITS) + (dy << BITS) + dz
        # Touching is mutual: the opposite step would find the same pairs, and step 0 is the cell itself.
        if step <= 0:
            continue
        position = np.searchsorted(cells, cells + step)
        # Past the end there is no such cell. The first is less than any that is looked for, so it never fits.
        position[position == len(cells)] = 0
        found = np.flatnonzero(cells[position] == cells + step)
        pairs.append((found, position[found]))
    return np.concatenate([p[0] for p in pairs]), np.concatenate([p[1] for p in pairs])


def joinPairs(first: np.ndarray, second: np.ndarray, size: int) -> np.ndarray:
    """Label things so that those of a pair share a label: int32, from 0."""
    graph = coo_matrix((np.ones(len(first), dtype=bool), (first, second)), shape=(size, size))
    return connected_components(graph, directed=False)[1]
