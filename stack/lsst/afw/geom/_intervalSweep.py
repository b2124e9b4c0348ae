# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Set operations on arrays of spans.

The rows are laid end to end on one line with gaps between them. Spans become intervals on that line, and a
set operation on them one sort of the ends of all intervals and a running count of those open.
"""

import numpy as np


def sweep(sets, accept):
    """Combine sets of spans.

    Parameters
    ----------
    sets : sequence of `tuple`
        For each set, arrays of rows, first and last columns (both included); in any order, maybe overlapping.
    accept : callable
        Takes an array of counts for each set, how many of its spans cover a stretch of the line, and returns
        a `bool` array: whether the stretch belongs to the result.

    Returns
    -------
    y, x0, x1 : `numpy.ndarray` of `numpy.int32`
        The result as spans in order that neither overlap nor touch.
    """
    rows, starts, ends = (np.concatenate([s[i] for s in sets]) for i in range(3))
    if len(rows) == 0:
        return (np.zeros(0, dtype=np.int32),) * 3
    first = int(starts.min())
    # one column more than needed keeps the rows apart
    width = int(ends.max()) - first + 2
    base = rows.astype(np.int64) * width - first
    positions = np.concatenate([base + starts, base + ends + 1])
    order = np.argsort(positions, kind="stable")
    positions = positions[order]
    last = np.append(positions[1:] != positions[:-1], True)
    inside = np.asarray(accept(*_counts(sets, order, last)))
    positions = positions[last]
    before = np.concatenate([[False], inside[:-1]])
    begin, end = positions[inside & ~before], positions[before & ~inside] - 1
    y = begin // width
    offset = y * width - first
    return tuple(a.astype(np.int32) for a in (y, begin - offset, end - offset))


def _counts(sets, order, last):
    """Return for each set how many of its spans cover the stretch after each distinct position."""
    sizes = [len(s[0]) for s in sets]
    n, begin, counts = sum(sizes), 0, []
    for size in sizes:
        delta = np.zeros(2 * n, dtype=np.int32)
        delta[begin : begin + size] = 1
        delta[n + begin : n + begin + size] = -1
        counts.append(np.cumsum(delta[order])[last])
        begin += size
    return counts


def normalize(y, x0, x1):
    """Return spans in order, with those that overlap or touch united (arrays as `sweep` returns)."""
    if isNormal(y, x0, x1):
        return y, x0, x1
    return sweep([(y, x0, x1)], lambda count: count > 0)


def isNormal(y, x0, x1):
    """Return whether spans are in order and neither overlap nor touch (`bool`)."""
    ascending = (y[1:] > y[:-1]) | ((y[1:] == y[:-1]) & (x0[1:] > x1[:-1] + 1))
    return bool(ascending.all() and (x1 >= x0).all())


def label(y, x0, x1):
    """Number the connected regions of normalized spans.

    Parameters
    ----------
    y, x0, x1 : `numpy.ndarray`
        The spans; those in adjacent rows that share a column are connected.

    Returns
    -------
    labels : `numpy.ndarray` of `int`
        Number of the region of each span, from 0 in order of first appearance.
    n : `int`
        Number of regions.
    """
    if len(y) < 2:
        return np.zeros(len(y), dtype=int), len(y)
    # starting SciPy takes long, and most catalogs never split a footprint
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    first, width = int(x0.min()), int(x1.max()) - int(x0.min()) + 2
    base = y.astype(np.int64) * width - first
    # of the spans in the next row, those that end not before this one starts and start not after it ends
    low = np.searchsorted(base + x1, base + width + x0, side="left")
    high = np.searchsorted(base + x0, base + width + x1, side="right")
    n = np.maximum(high - low, 0)
    lower = np.repeat(np.arange(len(y)), n)
    upper = np.arange(n.sum()) - np.repeat(np.cumsum(n) - n, n) + np.repeat(low, n)
    graph = coo_array((np.ones(len(lower), dtype=bool), (lower, upper)), shape=(len(y), len(y)))
    count, labels = connected_components(graph, directed=False)
    _, firstIndex = np.unique(labels, return_index=True)
    rank = np.empty(count, dtype=int)
    rank[np.argsort(firstIndex)] = np.arange(count)
    return rank[labels], count


def fromArray(inside, x0, y0):
    """Return the spans of the true pixels of a `bool` image whose first pixel is ``x0, y0``."""
    padded = np.zeros((inside.shape[0], inside.shape[1] + 2), dtype=np.int8)
    padded[:, 1:-1] = inside
    change = np.diff(padded, axis=1)
    rows, starts = np.nonzero(change == 1)
    _, ends = np.nonzero(change == -1)
    return tuple(a.astype(np.int32) for a in (rows + y0, starts + x0, ends - 1 + x0))


def pixels(y, x0, x1):
    """Return row and column of all pixels of spans (two `numpy.ndarray` of `numpy.int64`)."""
    n = x1.astype(np.int64) - x0 + 1
    total = int(n.sum())
    firsts = np.cumsum(n) - n
    columns = np.arange(total) + np.repeat(x0 - firsts, n)
    return np.repeat(y.astype(np.int64), n), columns
