# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Finding connected pixels and the peaks among them."""

__all__ = ["findPeaks", "findRegions"]

import numpy as np

from lsst.afw.geom import _intervalSweep

from ._peak import PeakCatalog, PeakTable


def findRegions(detected, x0, y0):
    """Find the regions of pixels connected by a side or a corner.

    Parameters
    ----------
    detected : `numpy.ndarray` of `bool`, (h, w)
        The pixels.
    x0, y0 : `int`
        Coordinates of the first pixel.

    Returns
    -------
    spans : `tuple` of three `numpy.ndarray`
        Rows, first and last columns of all runs of pixels, in order of region, row and column.
    starts : `numpy.ndarray` of `int`
        Number of the first run of each region, and the number of runs.
    """
    y, first, last = _intervalSweep.fromArray(detected, x0, y0)
    root = _connect(y, first, last)
    order = np.lexsort((first, y, root))
    root = root[order]
    starts = np.append(np.flatnonzero(np.append(True, root[1:] != root[:-1])[: len(root)]), len(root))
    return (y[order], first[order], last[order]), starts


def _connect(y, x0, x1):
    """Return the number of the region of each run.

    The numbers are those of an algorithm that looks at pixels row by row and gives a new number to each that
    touches none with a number: when regions meet, the one that the run got first wins. They decide the order
    of the regions.
    """
    n = len(y)
    if n == 0:
        return np.zeros(0, dtype=int)
    width = int(x1.max()) - int(x0.min()) + 4
    base = y.astype(np.int64) * width - int(x0.min()) + 1
    # the runs in the row before that reach from the pixel before this run to the one after
    low = np.searchsorted(base + x1, base - width + x0 - 1, side="left").tolist()
    high = np.searchsorted(base + x0, base - width + x1 + 1, side="right").tolist()
    starts = x0.tolist()
    alias, ids = [], []
    for i in range(n):
        touching = range(low[i], high[i])
        if touching and starts[low[i]] <= starts[i] + 1:
            number = ids[low[i]]
        else:
            number = len(alias)
            alias.append(number)
        root = _resolve(alias, number)
        for j in touching:
            alias[_resolve(alias, ids[j])] = root
        ids.append(number)
    return np.array([_resolve(alias, number) for number in ids])


def _resolve(alias, number):
    while alias[number] != number:
        # shortening the chains keeps them from growing with the image
        alias[number] = alias[alias[number]]
        number = alias[number]
    return number


def findPeaks(spans, counts, array, x0, y0, polarity):
    """Find the peaks in regions: pixels not below (or above) any of their eight neighbours.

    Pixels on the edge of the image are no peaks, but a region without any gets its extreme pixel.

    Parameters
    ----------
    spans : `tuple` of three `numpy.ndarray`
        Rows, first and last columns of the runs of pixels, in order of region.
    counts : `numpy.ndarray` of `int`, (n,)
        Number of runs of each region.
    array : `numpy.ndarray`, (h, w)
        The image.
    x0, y0 : `int`
        Coordinates of its first pixel.
    polarity : `bool`
        Whether peaks are maxima rather than minima.

    Returns
    -------
    peaks : `list` of `PeakCatalog`
        Peaks of each region, by decreasing value, then by column and row.
    """
    region = np.repeat(np.repeat(np.arange(len(counts)), counts), spans[2] - spans[1] + 1)
    y, x = _intervalSweep.pixels(*spans)
    values = array[y - y0, x - x0]
    chosen = _isExtreme(array, polarity)[y - y0, x - x0]
    chosen[_extremeOf(region, values, polarity, len(counts), chosen)] = True
    region, x, y, values = region[chosen], x[chosen], y[chosen], values[chosen]
    order = np.lexsort((y, x, -values.astype(np.float32).astype(float), region))
    return _makeCatalogs(region[order], x[order], y[order], values[order], len(counts))


def _isExtreme(array, polarity):
    # unsigned pixels are compared, not negated
    exceeds = np.greater if polarity else np.less
    result = np.zeros(array.shape, dtype=bool)
    height, width = array.shape
    if height < 3 or width < 3:
        return result
    center = array[1:-1, 1:-1]
    inner = np.ones(center.shape, dtype=bool)
    for dy in (0, 1, 2):
        for dx in (0, 1, 2):
            if (dy, dx) != (1, 1):
                inner &= ~exceeds(array[dy : dy + height - 2, dx : dx + width - 2], center)
    result[1:-1, 1:-1] = inner
    return result


def _extremeOf(region, values, polarity, n, chosen):
    """Return the first extreme pixel of each region that has no chosen pixel."""
    without = np.bincount(region[chosen], minlength=n) == 0
    candidates = np.flatnonzero(without[region])
    key = values[candidates].astype(float)
    order = candidates[np.lexsort((candidates, -key if polarity else key, region[candidates]))]
    _, first = np.unique(region[order], return_index=True)
    return order[first]


def _makeCatalogs(region, x, y, values, n):
    catalog = PeakCatalog(PeakTable.make(PeakTable.makeMinimalSchema()))
    catalog.resize(len(x))
    for name, column in (("i_x", x), ("i_y", y), ("f_x", x), ("f_y", y), ("peakValue", values)):
        catalog[name] = column.astype(catalog[name].dtype)
    bounds = np.searchsorted(region, np.arange(n + 1)).tolist()
    return [catalog[bounds[i] : bounds[i + 1]] for i in range(n)]
