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
