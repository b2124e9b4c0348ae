# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Affine approximations of a transform at many points.

The derivatives are those of `astshim.Mapping.rate` to the bit, as in the real stack: PSFs that are warped
with a cache of kernels jump by 1e-5 of their peak where a position passes from one entry to the next, so that
derivatives that are merely as good would not give its images.
"""

__all__ = ["Linearizer"]

import numpy as np
from starlink import Ast

from astshim._errors import astErrors

_FEW = 16  # points that AST itself differentiates faster
# Classes whose derivatives AST does not look for in intervals.
_KNOWN = {"MatrixMap", "NormMap", "PermMap", "ShiftMap", "TranMap", "UnitMap", "WinMap", "ZoomMap"}
_PLACES = np.arange(-4, 5)  # of the values in an interval, in eighths of it
_FIRST = np.finfo(float).eps * 1e9  # a tenth of the first interval, in units of the coordinate
_MAX_INTERVALS = 50


class Linearizer:
    """Approximates a transform of the plane as `linearizeTransform` does, at many points.

    Parameters
    ----------
    transform : `TransformPoint2ToPoint2`
        The transform.
    """

    def __init__(self, transform):
        self._mapping = transform._mapping

    def __call__(self, points):
        """Approximate the transform.

        Parameters
        ----------
        points : `numpy.ndarray`, (n, 2)
            Where.

        Returns
        -------
        images : `numpy.ndarray`, (n, 2)
            The transformed points; NaN where there is none.
        matrices : `numpy.ndarray`, (n, 2, 2)
            Derivatives; element [:, i, j] is that of output i with input j. NaN where there is none.
        """
        points = np.ascontiguousarray(points.T)
        images = self._transform(points)
        matrices = np.full((2, 2, points.shape[1]), np.nan)
        missing = np.isfinite(points).all(axis=0) & np.isfinite(images).all(axis=0)
        if np.count_nonzero(missing) > _FEW and self._mapping.className not in _KNOWN:
            for axis in range(2):
                matrices[:, axis, missing] = _Differentiation(self._transform, points[:, missing], axis).run()
            missing &= np.isnan(matrices).any(axis=(0, 1))
        matrices[:, :, missing] = self._differentiateEach(points[:, missing])
        return images.T, matrices.transpose(2, 0, 1)

    def _transform(self, points):
        return self._mapping._tran(points, True)

    def _differentiateEach(self, points):
        rate = self._mapping._impl.rate
        points = points.T.tolist()
        with astErrors():
            rates = np.array([rate(point, i, j) for i in (1, 2) for j in (1, 2) for point in points])
        rates[rates == Ast.BAD] = np.nan
        return rates.reshape(2, 2, -1)


class _Differentiation:
    """Derivatives of a function with one of its inputs, at many points.

    Each is the mean gradient in an interval around the point: of intervals that grow fourfold, and then
    shrink, that where the gradients in its eight parts differ least. There neither curvature nor rounding is
    large.
    """

    def __init__(self, function, points, axis):
        self._function, self._points, self._axis = function, points, axis
        self._first = _FIRST * np.abs(points[axis]) * 10.0

    def run(self):
        """Return the derivatives of both outputs, (2, n).

        They are NaN where AST has exceptions: where the input is zero, the gradients in all parts are equal,
        or a value in an interval is missing.
        """
        values = np.empty((2, len(_PLACES), len(self._first)))
        with np.errstate(invalid="ignore", divide="ignore"):
            self._gradients, self._spreads = self._evaluate(self._points, self._first, values, _PLACES + 4)
            # Three of the nine places were there before.
            self._search(4.0, values, [0, 4, 8], [3, 4, 5])
            self._search(0.25, values, [3, 4, 5], [0, 4, 8])
            return np.where(self._spreads > 0.0, self._gradients, np.nan)

    def _search(self, factor, values, before, now):
        """Try longer and longer, or shorter and shorter, intervals as long as the spread gets less."""
        active = self._spreads > 0.0
        fresh = np.setdiff1d(_PLACES + 4, now)
        rows = np.arange(active.shape[1])
        for step in range(1, _MAX_INTERVALS + 1):
            remain = active[:, rows].any(axis=0)
            rows, values = rows[remain], values[:, :, remain]
            if len(rows) == 0:
                return
            values[:, now] = values[:, before]
            interval = self._first[rows] * factor**step
            gradients, spreads = self._evaluate(self._points[:, rows], interval, values, fresh)
            least = self._spreads[:, rows]
            better = active[:, rows] & ~(spreads >= least)
            self._gradients[:, rows] = np.where(better, gradients, self._gradients[:, rows])
            self._spreads[:, rows] = np.where(better, spreads, least)
            active[:, rows] &= (spreads <= least) & (spreads > 0.0)

    def _evaluate(self, points, intervals, values, fresh):
        """Compute the fresh ones of the values in an interval each, (2, 9, n).

        Returns
        -------
        means, spreads : `numpy.ndarray`, (2, n)
            Mean gradients, and the differences between the largest and the smallest of a part.
        """
        x = points[self._axis] + _PLACES[:, np.newaxis] * (intervals / 8.0)
        inputs = np.repeat(points[:, np.newaxis], len(fresh), axis=1)
        inputs[self._axis] = x[fresh]
        values[:, fresh] = self._function(inputs.reshape(2, -1)).reshape(inputs.shape)
        gradients = np.diff(values, axis=1) / np.diff(x, axis=0)
        means = (values[:, -1] - values[:, 0]) / (x[-1] - x[0])
        return means, gradients.max(axis=1) - gradients.min(axis=1)
