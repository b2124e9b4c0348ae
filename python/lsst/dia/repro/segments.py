# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Runs of equal labels in a sorted array, and what is summed over them."""

from __future__ import annotations

__all__ = ["Segments", "expandRuns", "findRuns", "orderByLabel", "splitByGroup"]

from collections.abc import Iterator

import numpy as np
from scipy.sparse import csr_matrix

#: Up to so many labels, sorting them takes less time than preparing to count them.
FEW = 50_000


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


def orderByLabel(labels: np.ndarray) -> np.ndarray:
    """Return the rows sorted by label, those of one label in their order.

    It is a stable `numpy.argsort`, in a time that grows with the number alone
    where labels count up from 0 or near it.

    Parameters
    ----------
    labels : `numpy.ndarray`, (N,)
        The labels, any integer type.

    Returns
    -------
    order : `numpy.ndarray`, (N,)
        Rows, integer.
    """
    n = len(labels)
    if n <= FEW or labels.min() < 0 or labels.max() > 2*n:
        return np.argsort(labels, kind="stable")
    # SciPy counts where NumPy compares.
    rows = np.arange(n, dtype=np.int32 if n < 2**31 else np.int64)
    return csr_matrix((np.ones(n, dtype=bool), (labels, rows)), shape=(int(labels.max()) + 1, n)).indices


def splitByGroup(labels: np.ndarray, size: int) -> Iterator[np.ndarray]:
    """Split rows into chunks that hold whole groups.

    Parameters
    ----------
    labels : `numpy.ndarray`, (N,)
        Group label of every row, integers from 0 of about as many as there
        are groups.
    size : `int`
        About how many rows to put into a chunk.

    Returns
    -------
    chunks : iterator [`numpy.ndarray`]
        Rows of each chunk, increasing; one chunk, with no rows, if there are
        none.
    """
    if len(labels) <= size:
        yield np.arange(len(labels))
        return
    counts = np.bincount(labels)
    # A table of small integers, which rows far from each other look up in the cache of a processor.
    chunkOfGroup = ((np.cumsum(counts) - counts)//size).astype(np.min_scalar_type(len(labels)//size))
    chunk = chunkOfGroup[labels]
    ends = np.cumsum(np.bincount(chunk))
    # A group of more than the size leaves numbers out.
    yield from np.split(orderByLabel(chunk), np.unique(ends)[:-1])
