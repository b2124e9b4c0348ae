# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The pixels whose centres lie in an ellipse."""

__all__ = ["PixelRegion"]

import sys

import numpy as np

from lsst.geom import Box2I, Point2I
from lsst.geom._ellipses import Axes, Quadrupole
from lsst.pex.exceptions import OutOfRangeError

from .._span import Span


class PixelRegion:
    """The pixels whose centres lie in an ellipse, row by row.

    Parameters
    ----------
    ellipse : `Ellipse`
        The ellipse.
    """

    def __init__(self, ellipse):
        envelope = Box2I(ellipse.computeBBox())
        self._bbox = envelope
        self._y = self._x0 = self._x1 = np.zeros(0, dtype=np.int32)
        if not envelope.isEmpty():
            self._setSpans(ellipse, np.arange(envelope.beginY, envelope.endY, dtype=np.int32))

    def _setSpans(self, ellipse, y):
        quadrupole = Quadrupole(Axes(ellipse.getCore()))
        quadrupole.normalize()
        ixx, iyy, ixy = quadrupole.getParameterVector().tolist()
        cx, cy = ellipse.getCenter()
        # A row at dy from the centre meets the ellipse x^T Q^-1 x = 1 at dx = p dy +- sqrt(r - t dy^2); for
        # a vanishing Q_yy the ellipse is a horizontal line.
        p, r, t = 0.0, ixx, 0.0
        if iyy >= ixx * sys.float_info.epsilon:
            p = ixy / iyy
            r = ixx - ixy * p
            t = r / iyy
        dy = y - cy
        square = r - t * dy * dy
        half = np.sqrt(np.maximum(square, 0.0))
        middle = p * dy + cx
        x0, x1 = np.ceil(middle - half), np.floor(middle + half)
        keep = (square >= 0.0) & (x0 <= x1)
        self._y, self._x0, self._x1 = y[keep], x0[keep].astype(np.int32), x1[keep].astype(np.int32)
        for x, row in zip((*self._x0, *self._x1), (*self._y, *self._y), strict=True):
            self._bbox.include(Point2I(x, row))

    def getBBox(self):
        """Return the bounding box (`lsst.geom.Box2I`), which may be a little larger than the pixels need."""
        return Box2I(self._bbox)

    def getSpanAt(self, y):
        """Return the pixels of a row (`lsst.afw.geom.Span`).

        Raises
        ------
        lsst.pex.exceptions.OutOfRangeError
            Raised if there is no pixel in that row.
        """
        (where,) = np.nonzero(self._y == y)
        if len(where) == 0:
            raise OutOfRangeError(
                f"No span at y={y} in pixel region with rows between y={self._bbox.minY} and "
                f"y={self._bbox.maxY}"
            )
        i = where[0]
        return Span(int(y), int(self._x0[i]), int(self._x1[i]))

    def __len__(self):
        return len(self._y)

    def __iter__(self):
        rows = zip(self._y.tolist(), self._x0.tolist(), self._x1.tolist(), strict=True)
        return iter([Span(*row) for row in rows])
