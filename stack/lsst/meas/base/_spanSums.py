# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Sums of the pixels in many regions."""

import numpy as np

__all__ = ["sumSpans"]

_BAND_PIXELS = 2**22  # whose running sums are held at a time


def sumSpans(array, xy0, spans):
    """Sum the pixels of many regions that are wholly on an image.

    Parameters
    ----------
    array : `numpy.ndarray`, (height, width)
        The pixels.
    xy0 : `lsst.geom.Point2I`
        Position of the first pixel.
    spans : `EllipseSpans`
        The regions.

    Returns
    -------
    sums : `numpy.ndarray`, (n,), `float64`
        The sums.

    Notes
    -----
    The sum of a span is the difference of two running sums along its row, so large regions cost no
    more than their number of rows. Rows are taken in bands, to hold few running sums at a time.
    """
    sums = np.zeros(len(spans.y0))
    order = np.argsort(spans.y0, kind="stable")
    firstRow = spans.y0 - xy0.getY()
    bandHeight = max(1, _BAND_PIXELS // max(array.shape[1], 1))
    start = 0
    while start < len(order):
        top = firstRow[order[start]] + bandHeight
        end = max(start + 1, int(np.searchsorted(firstRow[order], top)))
        chunk = order[start:end]
        sums[chunk] = _sumBand(array, xy0, spans.take(chunk))
        start = end
    return sums


def _sumBand(array, xy0, spans):
    rows = spans.y0[:, np.newaxis] - xy0.getY() + np.arange(spans.xMin.shape[1])
    used = spans.xMax >= spans.xMin
    first = max(int(rows.min()), 0)
    band = array[first : int(rows.max()) + 1]
    rows = np.clip(rows - first, 0, len(band) - 1)
    low = np.where(used, spans.xMin - xy0.getX(), 0)
    high = np.where(used, spans.xMax - xy0.getX() + 1, 0)

    def sumRegions(values):
        running = np.zeros((values.shape[0], values.shape[1] + 1))
        np.cumsum(values, axis=1, dtype=np.float64, out=running[:, 1:])
        return (running[rows, high] - running[rows, low]).sum(axis=1)

    finite = np.isfinite(band)
    if finite.all():
        return sumRegions(band)
    sums = sumRegions(np.where(finite, band, 0.0))
    for special in (np.inf, -np.inf):
        sums[sumRegions(band == special) > 0] += special
    sums[sumRegions(np.isnan(band)) > 0] = np.nan
    return sums
