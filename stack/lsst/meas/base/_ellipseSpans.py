# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The pixels inside many ellipses at once."""

import dataclasses

import numpy as np

__all__ = ["EllipseSpans"]


@dataclasses.dataclass(frozen=True)
class EllipseSpans:
    """The pixels whose centers are inside ellipses, a span for each row of pixels.

    It chooses the pixels that `lsst.afw.geom.SpanSet.fromShape` chooses.
    """

    y0: np.ndarray
    """First row of each ellipse, (n,), `int`."""

    xMin: np.ndarray
    """First column in each row, (n, height), `int`."""

    xMax: np.ndarray
    """Last column in each row, (n, height), `int`; less than the first in an empty row."""

    @classmethod
    def fromShapes(cls, x, y, ixx, iyy, ixy):
        """Find the pixels inside ellipses.

        Parameters
        ----------
        x, y : `numpy.ndarray`, (n,)
            Centers (pixels), finite.
        ixx, iyy, ixy : `numpy.ndarray`, (n,) or `float`
            Moments (pixels squared): the ellipse is where the quadratic form of their inverse is 1.

        Returns
        -------
        spans : `EllipseSpans`
            The pixels.
        """
        ixx, iyy, ixy = (np.broadcast_to(moment, np.shape(x))[:, np.newaxis] for moment in (ixx, iyy, ixy))
        halfHeight = np.sqrt(iyy[:, 0])
        y0 = np.floor(y - halfHeight).astype(np.int64)
        height = int((np.ceil(y + halfHeight) - y0).max(initial=0)) + 1
        dy = (y0 - y)[:, np.newaxis] + np.arange(height)
        flat = iyy <= ixx * np.finfo(float).eps
        with np.errstate(divide="ignore", invalid="ignore"):
            slope = np.where(flat, 0.0, ixy / iyy)
            width = ixx - ixy * slope
            curvature = np.where(flat, 0.0, width / iyy)
            square = width - curvature * dy * dy
        half = np.sqrt(np.maximum(square, 0.0))
        middle = slope * dy + x[:, np.newaxis]
        xMin = np.ceil(middle - half).astype(np.int64)
        xMax = np.floor(middle + half).astype(np.int64)
        xMax[square < 0] = xMin[square < 0] - 1
        return cls(y0, xMin, xMax)

    @classmethod
    def fromCircles(cls, x, y, radius):
        """Find the pixels inside circles of one radius; see `fromShapes`."""
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
        return cls(y0.astype(np.int64), xMin, xMax)

    def take(self, index):
        """Select some of the ellipses.

        Parameters
        ----------
        index : `numpy.ndarray`
            Their numbers.

        Returns
        -------
        spans : `EllipseSpans`
            The pixels of those.
        """
        return EllipseSpans(self.y0[index], self.xMin[index], self.xMax[index])

    def contains(self, x0, y0, shape):
        """Say which pixels of stamps are inside.

        Parameters
        ----------
        x0, y0 : `numpy.ndarray`, (n,)
            First pixel of the stamp of each ellipse.
        shape : `tuple`
            Height and width of the stamps.

        Returns
        -------
        inside : `numpy.ndarray`, (n, height, width), `bool`
            Is the pixel inside?
        """
        rows = y0[:, np.newaxis] + np.arange(shape[0]) - self.y0[:, np.newaxis]
        valid = (rows >= 0) & (rows < self.xMin.shape[1])
        rows = np.where(valid, rows, 0)
        low = np.take_along_axis(self.xMin, rows, axis=1) - x0[:, np.newaxis]
        high = np.take_along_axis(self.xMax, rows, axis=1) - x0[:, np.newaxis]
        high[~valid] = -1
        columns = np.arange(shape[1], dtype=np.int32)
        return (columns >= low.astype(np.int32)[..., np.newaxis]) & (
            columns <= high.astype(np.int32)[..., np.newaxis]
        )

    def getStamps(self):
        """Return the first pixel and common shape of stamps that hold the ellipses.

        Returns
        -------
        x0, y0 : `numpy.ndarray`, (n,), `int`
            First pixels.
        shape : `tuple`
            Height and width.
        """
        used = self.xMax >= self.xMin
        x0 = np.where(used, self.xMin, np.iinfo(np.int64).max).min(axis=1, initial=np.iinfo(np.int64).max)
        x1 = np.where(used, self.xMax, np.iinfo(np.int64).min).max(axis=1, initial=np.iinfo(np.int64).min)
        empty = ~used.any(axis=1)
        x0, x1 = np.where(empty, 0, x0), np.where(empty, -1, x1)
        return x0, self.y0, (self.xMin.shape[1], int((x1 - x0).max(initial=-1)) + 1)
