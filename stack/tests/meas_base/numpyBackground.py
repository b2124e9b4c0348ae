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
    spans = EllipseSpans.fromCircles(x, y, outer)
    x0, y0, shape = spans.getStamps()
    inside = spans.contains(x0, y0, shape)
    hole = _stopAtEdge(EllipseSpans.fromCircles(x, y, inner), box.getMaxX())
    inside &= ~hole.contains(x0, y0, shape)
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
