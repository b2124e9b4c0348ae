# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Runs of equal labels in a sorted array, and what is summed over them."""

from __future__ import annotations

__all__ = ["Segments", "expandRuns", "findRuns", "inBlocks", "partByLabel", "splitByGroup"]

from collections.abc import Iterable, Iterator

import numpy as np
from scipy.sparse import csr_matrix

#: Number of rows to work on at a time.
BLOCK = 1_000_000


class Segments:
    """Groups of rows, each group a contiguous run of a sorted order.

    Parameters
    ----------
    labels : `numpy.ndarray`, (N,)
        Group label of every row, any integer type.

    Attributes
    ----------
    order : `numpy.ndarray`, (N,)
        Rows sorted by label; rows of one group keep their order.
    starts : `numpy.ndarray`, (G,)
        Where each group begins in ``order``.
    counts : `numpy.ndarray`, (G,)
        Number of rows of each group.
    ids : `numpy.ndarray`, (N,)
        Group number, 0 to G - 1, of every entry of ``order``.
    """

    def __init__(self, labels: np.ndarray) -> None:
        labels = np.asarray(labels)
        self.order = np.argsort(labels, kind="stable")
        self.starts, stops = findRuns(labels[self.order])
        self.counts = stops - self.starts
        self.ids = np.repeat(np.arange(len(self.starts)), self.counts)

    def __len__(self) -> int:
        return len(self.starts)

    def reduce(self, ufunc: np.ufunc, ordered: np.ndarray) -> np.ndarray:
        """Apply a reduction to each group.

        Parameters
        ----------
        ufunc : `numpy.ufunc`
            Such as `numpy.add` or `numpy.maximum`.
        ordered : `numpy.ndarray`, (N, ...)
            Values in the order of ``order``.

        Returns
        -------
        reduced : `numpy.ndarray`, (G, ...)
            One value a group. Each depends on the rows of its own group only,
            to the last bit.
        """
        if not len(self):
            return np.zeros((0,) + ordered.shape[1:], dtype=ordered.dtype)
        return ufunc.reduceat(ordered, self.starts, axis=0)

    def spread(self, perGroup: np.ndarray) -> np.ndarray:
        """Repeat one value a group for every row of the group.

        Parameters
        ----------
        perGroup : `numpy.ndarray`, (G, ...)
            One value a group.

        Returns
        -------
        ordered : `numpy.ndarray`, (N, ...)
            Values in the order of ``order``.
        """
        return np.repeat(perGroup, self.counts, axis=0)


def expandRuns(starts: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return the indices of runs, one run after the other.

    Parameters
    ----------
    starts, counts : `numpy.ndarray`, (R,)
        First index and length of each run.

    Returns
    -------
    indices : `numpy.ndarray`, (N,)
        As many as the counts come to.
    """
    # What each run is ahead of where its indices are put; one sum less than numbering within runs.
    shift = starts - (np.cumsum(counts) - counts)
    return np.arange(counts.sum()) + np.repeat(shift, counts)


def findRuns(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Find where the runs of equal values in an array begin and end.

    Parameters
    ----------
    values : `numpy.ndarray`, (N,)
        The values; equal ones that others lie between are of different runs.

    Returns
    -------
    starts, stops : `numpy.ndarray`, (R,)
        First index of each run, and the one past its last; none without
        values.
    """
    values = np.asarray(values)
    isStart = np.ones(len(values), dtype=bool)
    np.not_equal(values[1:], values[:-1], out=isStart[1:])
    starts = np.flatnonzero(isStart)
    return starts, np.append(starts, len(values))[1:]


def partByLabel(blocks: Iterable[tuple[np.ndarray, np.ndarray]],
                number: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Part rows by labels, which are few.

    The time grows with the number of rows: SciPy counts where NumPy
    compares, and a block at a time fits the cache of a processor, where a row
    after another of a whole column would each come from memory.

    Parameters
    ----------
    blocks : iterable [`tuple` [`numpy.ndarray`, `numpy.ndarray`]]
        Labels of rows that follow each other, integers from 0, and a number of
        each row, (B,) both; at least one block, and up to 2^31 rows in all.
    number : `int`
        Number of labels.

    Yields
    ------
    rows : `numpy.ndarray`, (R,)
        Rows of one label after the other, increasing, int32.
    values : `numpy.ndarray`, (R,)
        The number of each.
    """
    tables, start = [], 0
    for labels, values in blocks:
        rows = np.arange(len(labels), dtype=np.int32)
        table = csr_matrix((values, (labels, rows)), shape=(number, len(labels)))
        tables.append((table.indptr, table.indices + np.int32(start), table.data))
        start += len(labels)
    for label in range(number):
        places = [slice(ends[label], ends[label + 1]) for ends, _, _ in tables]
        yield (np.concatenate([rows[place] for (_, rows, _), place in zip(tables, places)]),
               np.concatenate([values[place] for (_, _, values), place in zip(tables, places)]))


def splitByGroup(labels: np.ndarray, size: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Split rows into chunks that hold whole groups.

    Parameters
    ----------
    labels : `numpy.ndarray`, (N,)
        Group label of every row, integers from 0 of about as many as there
        are groups.
    size : `int`
        About how many rows to put into a chunk.

    Yields
    ------
    rows : `numpy.ndarray`, (R,)
        Rows of each chunk, increasing; one chunk, with no rows, if there are
        none.
    labels : `numpy.ndarray`, (R,)
        Their labels.
    """
    if len(labels) <= size:
        yield np.arange(len(labels)), labels
        return
    counts = np.zeros(int(labels.max()) + 1, dtype=np.int64)
    # Blocks no shorter than what they are added to.
    for block in inBlocks(len(labels), max(BLOCK, len(counts))):
        counts += np.bincount(labels[block], minlength=len(counts))
    # A table of small integers, which rows far from each other look up in the cache of a processor.
    chunkOfGroup = ((np.cumsum(counts) - counts)//size).astype(np.min_scalar_type(len(labels)//size))
    blocks = ((chunkOfGroup[labels[block]], labels[block]) for block in inBlocks(len(labels)))
    # A group of more than the size leaves numbers out.
    yield from (chunk for chunk in partByLabel(blocks, int(chunkOfGroup[-1]) + 1) if len(chunk[0]))


def inBlocks(number: int, length: int | None = None) -> Iterator[slice]:
    """Yield slices of so many rows, each of a length or one that a processor can have in its cache."""
    length = length or BLOCK
    yield from (slice(start, start + length) for start in range(0, number, length))
