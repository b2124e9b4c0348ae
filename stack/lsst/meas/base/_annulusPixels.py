# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The pixels of equal annuli around many positions."""

__all__ = ["AnnulusPixels"]

import dataclasses

import numpy as np

from ._ellipseSpans import EllipseSpans


class AnnulusPixels:
    """Gathers the pixels whose centers are in annuli.

    Parameters
    ----------
    exposure : `lsst.afw.image.Exposure`
        The image.
    badBits : `int`
        Mask of the pixels that are left out.
    inner, outer : `float`
        Radii (pixels).
    """

    def __init__(self, exposure, badBits, inner, outer):
        self._exposure = exposure
        self._badBits = badBits
        self._inner, self._outer = inner, outer
        self._reach = int(np.ceil(outer)) + 1
        self._image, self._mask = (
            np.ascontiguousarray(plane.array) for plane in (exposure.image, exposure.mask)
        )
        axis = np.arange(-self._reach, self._reach + 1)
        dx, dy = (grid.ravel() for grid in np.meshgrid(axis, axis))
        nearest = np.hypot(np.maximum(np.abs(dx) - 0.5, 0.0), np.maximum(np.abs(dy) - 0.5, 0.0))
        farthest = np.hypot(np.abs(dx) + 0.5, np.abs(dy) + 0.5)
        # A little wider, as rounding must not decide what is certain.
        margin = 1e-6
        possible = (nearest <= outer + margin) & (farthest >= inner - margin)
        atInner, atOuter = (
            possible & (nearest <= radius + margin) & (farthest >= radius - margin)
            for radius in (inner, outer)
        )
        certain = np.flatnonzero(possible & ~atInner & ~atOuter)
        doubtful = [np.flatnonzero(atInner & ~atOuter), np.flatnonzero(atOuter)]
        index = np.concatenate([certain, *doubtful])
        self._dx, self._dy = dx[index], dy[index]
        self._nCertain, self._nInner = len(certain), len(doubtful[0])
        self._isThin = bool((atInner & atOuter).any())

    def findWhole(self, x, y):
        """Tell which annuli are far enough from the edges of the image for `gather`."""
        box = self._exposure.getBBox()
        reach = self._reach + 1
        whole = (x - box.getMinX() >= reach) & (box.getMaxX() - x >= reach)
        return whole & (y - box.getMinY() >= reach) & (box.getMaxY() - y >= reach) & (not self._isThin)

    def gather(self, x, y):
        """Gather the pixels of annuli.

        Parameters
        ----------
        x, y : `numpy.ndarray`, (n,)
            Centers (pixels), far enough from the edges.

        Returns
        -------
        values : `numpy.ndarray`, (n, m), `float32`
            The finite pixels of each annulus, in any order, filled up with infinity.
        nPixels, counts : `numpy.ndarray`, (n,)
            Numbers of pixels that are not masked, finite or not, and of finite pixels.
        """
        column, row = np.rint(x).astype(np.int64), np.rint(y).astype(np.int64)
        width = self._image.shape[1]
        first = (row - self._exposure.getY0()) * width + column - self._exposure.getX0()
        index = first[:, np.newaxis] + (self._dy * width + self._dx)
        values = self._image.reshape(-1).take(index, mode="clip")
        out = np.zeros(values.shape, dtype=bool)
        out[:, self._nCertain :] = self._findOutside(x, y, column, row)
        bottom = row.min() - self._exposure.getY0() - self._reach
        band = self._mask[bottom : bottom + np.ptp(row) + 2 * self._reach + 1]
        if np.bitwise_or.reduce(band, axis=None) & self._badBits:
            out |= (self._mask.reshape(-1).take(index, mode="clip") & self._badBits) != 0
        nPixels = values.shape[1] - _countTrue(out)
        out |= ~np.isfinite(values)
        # Much faster than an assignment of what is out: the greater of the value and plus or minus infinity.
        np.fmax(values, (out.astype(np.float32) - np.float32(0.5)) * np.float32(np.inf), out=values)
        return values, nPixels, values.shape[1] - _countTrue(out)

    def gatherNearEdge(self, x, y):
        """Gather the pixels of annuli that may reach over the edge of the image; see `gather`."""
        box = self._exposure.getBBox()
        spans = EllipseSpans.fromCircles(x, y, self._outer)
        x0, y0, shape = spans.getStamps()
        inside = spans.contains(x0, y0, shape)
        hole = _stopAtEdge(EllipseSpans.fromCircles(x, y, self._inner), box.getMaxX())
        inside &= ~hole.contains(x0, y0, shape)
        height, width = self._image.shape
        rows = y0[:, np.newaxis] - box.getMinY() + np.arange(shape[0])
        columns = x0[:, np.newaxis] - box.getMinX() + np.arange(shape[1])
        inside &= ((rows >= 0) & (rows < height))[:, :, np.newaxis]
        inside &= ((columns >= 0) & (columns < width))[:, np.newaxis, :]
        index = (np.clip(rows, 0, height - 1) * width)[:, :, np.newaxis]
        index = (index + np.clip(columns, 0, width - 1)[:, np.newaxis, :])[inside]
        nInside = np.count_nonzero(inside, axis=(1, 2))
        owner = np.repeat(np.arange(len(x)), nInside)
        masked = (self._mask.reshape(-1)[index] & self._badBits) != 0
        values = self._image.reshape(-1)[index]
        values[masked] = np.inf
        packed = _pack(values, nInside)
        nPixels = nInside - np.bincount(owner[masked], minlength=len(x))
        return packed, nPixels, _countTrue(packed < np.inf)

    def _findOutside(self, x, y, column, row):
        """Tell which doubtful pixels are not in the annulus."""
        parts = []
        ends = (self._nCertain, self._nCertain + self._nInner, len(self._dx))
        for radius, start, end in zip((self._inner, self._outer), ends, ends[1:]):
            parts.append(self._isInCircle(x, y, column, row, radius, slice(start, end)))
        parts[1] = ~parts[1]
        return np.concatenate(parts, axis=1)

    def _isInCircle(self, x, y, column, row, radius, doubtful):
        """Tell as `EllipseSpans` does, in the same arithmetic."""
        spans = EllipseSpans.fromCircles(x, y, radius)
        height = spans.xMin.shape[1]
        lines = (row - spans.y0)[:, np.newaxis] + self._dy[doubtful]
        inside = (lines >= 0) & (lines < height)
        lines += height * np.arange(len(x))[:, np.newaxis]
        columns = column[:, np.newaxis] + self._dx[doubtful]
        inside &= columns >= spans.xMin.reshape(-1).take(lines, mode="clip")
        inside &= columns <= spans.xMax.reshape(-1).take(lines, mode="clip")
        return inside


def _countTrue(mask):
    """Return the number of true values in each row of a mask; faster than `numpy.count_nonzero` is."""
    return mask.astype(np.float32).sum(axis=1).astype(np.int64)


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
