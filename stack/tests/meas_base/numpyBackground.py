# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""What lsst.meas.base._annulusStatistics does, in NumPy: the reference of its tests."""

import dataclasses

import numpy as np

from lsst.meas.base._ellipseSpans import EllipseSpans

IQ_TO_STDEV = 0.741301109252801


def measureAnnuli(exposure, badBits, radii, positions, numSigmaClip, numIter):
    """Return mean, standard deviation and number of pixels of annuli."""
    values, nPixels, counts = gatherAnnuli(exposure, badBits, *radii, *positions.T)
    return *computeClippedStatistics(values, counts, numSigmaClip, numIter), nPixels


def gatherAnnuli(exposure, badBits, inner, outer, x, y):
    """Gather the finite pixels of each annulus in a row, filled up with infinity."""
    image, mask = exposure.image.array, exposure.mask.array
    box = exposure.getBBox()
    spans = spanCircles(x, y, outer)
    x0, y0, shape = getStamps(spans)
    inside = containsPixels(spans, x0, y0, shape)
    hole = _stopAtEdge(spanCircles(x, y, inner), box.getMaxX())
    inside &= ~containsPixels(hole, x0, y0, shape)
    height, width = image.shape
    rows = y0[:, np.newaxis] - box.getMinY() + np.arange(shape[0])
    columns = x0[:, np.newaxis] - box.getMinX() + np.arange(shape[1])
    inside &= ((rows >= 0) & (rows < height))[:, :, np.newaxis]
    inside &= ((columns >= 0) & (columns < width))[:, np.newaxis, :]
    index = (np.clip(rows, 0, height - 1) * width)[:, :, np.newaxis]
    index = (index + np.clip(columns, 0, width - 1)[:, np.newaxis, :])[inside]
    nInside = np.count_nonzero(inside, axis=(1, 2))
    owner = np.repeat(np.arange(len(x)), nInside)
    masked = (mask.reshape(-1)[index] & badBits) != 0
    values = image.reshape(-1)[index]
    values[masked] = np.inf
    packed = _pack(values, nInside)
    nPixels = nInside - np.bincount(owner[masked], minlength=len(x))
    return packed, nPixels, np.count_nonzero(packed < np.inf, axis=1)


def _pack(values, counts):
    """Arrange values that follow each other in rows, with infinity for the rest and what is not finite."""
    values[~np.isfinite(values)] = np.inf
    packed = np.full((len(counts), int(counts.max(initial=1))), np.inf, dtype=np.float32)
    packed[np.arange(packed.shape[1]) < counts[:, np.newaxis]] = values
    return packed


def _stopAtEdge(spans, maxX):
    """Drop the rows of circles above the first that leaves the image on the right.

    The `intersectNot` of the original's spans stops subtracting there, so that these pixels count.
    """
    leaves = (spans.xMax >= spans.xMin) & (spans.xMax > maxX)
    dropped = np.cumsum(leaves, axis=1) - leaves > 0
    return dataclasses.replace(spans, xMax=np.where(dropped, spans.xMin - 1, spans.xMax))


def computeClippedStatistics(values, counts, numSigmaClip, numIter):
    """Return mean and standard deviation of the first values of sorted rows, as `makeStatistics` does."""
    values.sort(axis=1)
    rows = (row[:count].astype(float) for row, count in zip(values, counts))
    return np.array([_clip(row, numSigmaClip, numIter) for row in rows]).T


def _clip(values, numSigmaClip, numIter):
    mean = stdev = np.nan
    if len(values) == 0:
        return mean, stdev
    lower, center, upper = np.percentile(values, [25, 50, 75])
    half = numSigmaClip * IQ_TO_STDEV * (upper - lower)
    for _ in range(numIter):
        kept = values[np.abs(values - center) <= half]
        mean = kept.mean()
        stdev = kept.std(ddof=1) if len(kept) > 1 else np.nan
        center, half = mean, numSigmaClip * stdev if len(values) > 1 else half
    return mean, stdev


def spanCircles(x, y, radius):
    """Find the pixels inside circles of one radius, as `EllipseSpans.fromShapes` does those of ellipses."""
    y0 = np.floor(y - radius)
    height = int((np.ceil(y + radius) - y0).max(initial=0)) + 1
    half = (y0 - y)[:, np.newaxis] + np.arange(height)
    half *= half
    np.subtract(radius * radius, half, out=half)
    empty = half < 0.0
    half[empty] = 0.0
    np.sqrt(half, out=half)
    x = x[:, np.newaxis]
    xMin = np.ceil(x - half).astype(np.int64)
    xMax = np.floor(np.add(x, half, out=half)).astype(np.int64)
    np.copyto(xMax, xMin - 1, where=empty)
    return EllipseSpans(y0.astype(np.int64), xMin, xMax)


def containsPixels(spans, x0, y0, shape):
    """Say which pixels of stamps of a shape, (height, width), are inside."""
    rows = y0[:, np.newaxis] + np.arange(shape[0]) - spans.y0[:, np.newaxis]
    valid = (rows >= 0) & (rows < spans.xMin.shape[1])
    rows = np.where(valid, rows, 0)
    low = np.take_along_axis(spans.xMin, rows, axis=1) - x0[:, np.newaxis]
    high = np.take_along_axis(spans.xMax, rows, axis=1) - x0[:, np.newaxis]
    high[~valid] = -1
    columns = np.arange(shape[1], dtype=np.int32)
    return (columns >= low.astype(np.int32)[..., np.newaxis]) & (
        columns <= high.astype(np.int32)[..., np.newaxis]
    )


def getStamps(spans):
    """Return the first pixels and the common shape of stamps that hold the ellipses."""
    used = spans.xMax >= spans.xMin
    x0 = np.where(used, spans.xMin, np.iinfo(np.int64).max).min(axis=1, initial=np.iinfo(np.int64).max)
    x1 = np.where(used, spans.xMax, np.iinfo(np.int64).min).max(axis=1, initial=np.iinfo(np.int64).min)
    empty = ~used.any(axis=1)
    x0, x1 = np.where(empty, 0, x0), np.where(empty, -1, x1)
    return x0, spans.y0, (spans.xMin.shape[1], int((x1 - x0).max(initial=-1)) + 1)
