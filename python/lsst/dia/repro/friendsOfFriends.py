# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Groups of things that are connected, directly or through others."""

from __future__ import annotations

__all__ = ["findFriends", "findNeighborhoods", "findUnequalNeighborhoods", "joinPairs"]

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from .segments import findRuns, inBlocks, partByLabel
from .sky import toVectors

#: Cells are not made smaller than this (radians, 0.4 arcsec), so that three
#: cell numbers fit one 64-bit key.
MIN_CELL = 2e-6

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
    keys = [_cellKeys(toVectors(ra[block], dec[block]), max(length, MIN_CELL)) for block in inBlocks(len(ra))]
    occupied = _OccupiedCells(keys)
    # Not to be held while the graph takes its memory.
    del keys
    return occupied.spread(joinPairs(*_touchingCells(occupied.cells), len(occupied.cells)))


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
    occupied = _OccupiedCells([keys])
    isActive = occupied.haveAny(isCenter)
    first, second = _touchingCells(occupied.cells)
    isNear = isActive[first] | isActive[second]
    first, second = first[isNear], second[isNear]
    isActive[first] = isActive[second] = True
    group = occupied.spread(joinPairs(first, second, len(occupied.cells)))
    representative = np.zeros(len(keys), dtype=np.int64)
    representative[group] = np.arange(len(keys))
    return occupied.spread(isActive), representative[group]


class _OccupiedCells:
    """The cells that N sources lie in, by the sources' keys, in blocks; sorted.

    It is `numpy.unique` with its inverse, in half the memory.
    """

    def __init__(self, keys: list[np.ndarray]) -> None:
        first = min(int(block.min()) for block in keys) >> 2*BITS
        last = max(int(block.max()) for block in keys) >> 2*BITS
        number = sum(map(len, keys))
        # Slabs of several cells where there are many cells.
        shift = ((last - first)*SLAB//number).bit_length()
        slabs = (((block >> 2*BITS) - first >> shift, block) for block in keys)
        cells = []
        self._slabs = []
        # Each slab within the cache of a processor.
        for rows, keysOfRows in partByLabel(slabs, (last - first >> shift) + 1):
            inner = np.argsort(keysOfRows)
            keysOfRows = keysOfRows[inner]
            starts, _ = findRuns(keysOfRows)
            cells.append(keysOfRows[starts])
            self._slabs.append((rows[inner], starts))
        self._number = number
        self.cells = np.concatenate(cells)

    def haveAny(self, isSuch: np.ndarray) -> np.ndarray:
        """Tell the cells with any source that is such as is given, (N,)."""
        return np.concatenate([np.logical_or.reduceat(isSuch[rows], starts) for rows, starts in self._slabs])

    def spread(self, perCell: np.ndarray) -> np.ndarray:
        """Return the value of the cell of each source, (N,)."""
        perSource, end = np.empty(self._number, dtype=perCell.dtype), 0
        for rows, starts in self._slabs:
            start, end = end, end + len(starts)
            perSource[rows] = np.repeat(perCell[start:end], np.diff(starts, append=len(rows)))
        return perSource


def _cellKeys(vectors: np.ndarray, size: float) -> np.ndarray:
    """Return one int64 key a point for the cubic cell that it lies in."""
    key = np.zeros(len(vectors), dtype=np.int64)
    for axis in range(3):
        # One cell of margin, so that a neighbour's number is never negative.
        key = (key << BITS) + (np.floor((vectors[:, axis] + 1)/size).astype(np.int64) + 1)
    return key


def _touchingCells(cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return index pairs of sorted cell keys that share a face, edge or corner."""
    inRow = np.flatnonzero(cells[1:] == cells[:-1] + 1)
    pairs = [(inRow, inRow + 1)]
    padded = np.append(cells, np.full(3, np.iinfo(cells.dtype).max))
    # Touching is mutual: the rows on the other side would find the same pairs.
    for dx, dy in (0, 1), (1, -1), (1, 0), (1, 1):
        beside = cells + ((dx << 2*BITS) + (dy << BITS))
        # The up to three cells of a row that touch follow each other.
        position = np.searchsorted(cells, beside - 1)
        for _ in range(3):
            found = np.flatnonzero(padded[position] <= beside + 1)
            pairs.append((found, position[found]))
            position += 1
    return np.concatenate([p[0] for p in pairs]), np.concatenate([p[1] for p in pairs])


def joinPairs(first: np.ndarray, second: np.ndarray, size: int) -> np.ndarray:
    """Label things so that those of a pair share a label: int32, from 0."""
    graph = coo_matrix((np.ones(len(first), dtype=bool), (first, second)), shape=(size, size))
    return connected_components(graph, directed=False)[1]
