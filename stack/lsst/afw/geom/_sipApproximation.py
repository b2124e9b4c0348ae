# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Approximation of the distortion of a WCS by SIP polynomials."""

__all__ = ["SipApproximation"]

import numpy as np

from lsst.geom import Extent2D, Extent2I, Point2D
from lsst.pex.exceptions import InvalidParameterError, LogicError


class SipApproximation:
    """Least-squares fit of SIP polynomials to a transform of pixels to intermediate world coordinates.

    Parameters
    ----------
    pixelToIwc : `TransformPoint2ToPoint2`
        What to approximate.
    crpix : `lsst.geom.Point2D`
        Pixel origin, counted from 0.
    cd : array-like, shape (2, 2)
        CD matrix in degrees a pixel.
    bbox : `lsst.geom.Box2D`
        Pixels to fit.
    gridShape : `lsst.geom.Extent2I`
        Number of points in x and y that are fit.
    order : `int`, optional
        Largest sum of powers.
    useInverse : `bool`, optional
        Fit the inverse to the inverse of ``pixelToIwc``, not to its forward direction?
    svdThreshold : `float`, optional
        Singular values below this fraction of the largest are taken for 0; if negative, below precision.
    a, b, ap, bp : array-like, shape (order + 1, order + 1), optional
        Coefficients to use instead of a fit.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if the grid has no points or coefficients are not square or not all of the same order.
    lsst.pex.exceptions.LogicError
        Raised if there are fewer points than coefficients.

    Notes
    -----
    With (u, v) = pixel - crpix, CD^-1 iwc = (u + sum A_pq u^p v^q, v + sum B_pq u^p v^q), and likewise with
    AP and BP the other way (Shupe et al. 2005, ASPC 347, 491).
    """

    def __init__(
        self,
        pixelToIwc,
        crpix,
        cd,
        bbox,
        gridShape,
        order=None,
        useInverse=True,
        svdThreshold=-1,
        *,
        a=None,
        b=None,
        ap=None,
        bp=None,
    ):
        self._mapping = pixelToIwc.getMapping()
        self._origin = np.array([[crpix[0]], [crpix[1]]], dtype=float)
        self._cd = np.array(cd, dtype=float)
        self._cdInverse = np.linalg.inv(self._cd)
        self._bbox = bbox
        self._useInverse = useInverse
        self.updateGrid(gridShape)
        if order is None:
            self._setCoefficients([a, b, ap, bp])
        else:
            self.fit(order, svdThreshold)

    def _setCoefficients(self, matrices):
        matrices = [np.array(matrix, dtype=float) for matrix in matrices]
        for matrix in matrices:
            if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
                raise InvalidParameterError(f"Coefficient matrix must be square {matrix.shape}.")
            if matrix.shape != matrices[0].shape:
                raise InvalidParameterError("A, B, AP and BP polynomials must have the same order.")
        p, q = np.indices(matrices[0].shape)
        self._a, self._b, self._ap, self._bp = (
            np.where(p + q < len(matrix), matrix, 0.0) for matrix in matrices
        )

    def updateGrid(self, shape):
        """Change the number of points (`lsst.geom.Extent2I`) of the grid; the fit stays."""
        if shape[0] <= 0 or shape[1] <= 0:
            raise InvalidParameterError("Grid shape must be positive.")
        self._shape = Extent2I(shape)
        step = self.getGridStep()
        x = self._bbox.getMinX() + step[0] * np.arange(shape[0])
        y = self._bbox.getMinY() + step[1] * np.arange(shape[1])
        pixels = np.array([np.tile(x, shape[1]), np.repeat(y, shape[0])])
        iwc = self._mapping.applyForward(pixels)
        self._pixels = pixels - self._origin
        self._targets = self._cdInverse @ iwc
        self._roundTrip = self._mapping.applyInverse(iwc) - self._origin if self._useInverse else self._pixels

    def refineGrid(self, factor=2):
        """Divide the distance of the points of the grid by ``factor``; the fit stays."""
        self.updateGrid(Extent2I(*[(size - 1) * factor + 1 for size in self._shape]))

    def fit(self, order, svdThreshold=-1):
        """Fit polynomials of another order on the grid."""
        nCoeffs = (order + 1) * (order + 2) // 2
        nPoints = self._pixels.shape[1]
        if nCoeffs > nPoints:
            raise LogicError(
                f"Number of parameters ({2 * nCoeffs}) is larger than number of data points ({2 * nPoints})"
            )
        low = np.array([[self._bbox.getMinX()], [self._bbox.getMinY()]]) - self._origin
        high = np.array([[self._bbox.getMaxX()], [self._bbox.getMaxY()]]) - self._origin
        self._a, self._b = _fit(order, low, high, svdThreshold, self._pixels, self._targets)
        low, high = self._targets.min(axis=1, keepdims=True), self._targets.max(axis=1, keepdims=True)
        self._ap, self._bp = _fit(order, low, high, svdThreshold, self._targets, self._roundTrip)

    def getOrder(self):
        """Return the order of the polynomials (`int`)."""
        return len(self._a) - 1

    def getA(self, p=None, q=None):
        """Return all coefficients (`numpy.ndarray`, shape (order + 1, order + 1)), or that of x^p y^q."""
        return self._a.copy() if p is None else float(self._a[p, q])

    def getB(self, p=None, q=None):
        """Return all coefficients of B or one; see `getA`."""
        return self._b.copy() if p is None else float(self._b[p, q])

    def getAP(self, p=None, q=None):
        """Return all coefficients of AP or one; see `getA`."""
        return self._ap.copy() if p is None else float(self._ap[p, q])

    def getBP(self, p=None, q=None):
        """Return all coefficients of BP or one; see `getA`."""
        return self._bp.copy() if p is None else float(self._bp[p, q])

    def applyForward(self, pixels):
        """Convert `lsst.geom.Point2D`, one or a sequence, from pixels to intermediate world coordinates."""
        return _applyToPoints(
            lambda data: self._cd @ _distort(data - self._origin, self._a, self._b), pixels
        )

    def applyInverse(self, iwcs):
        """Convert `lsst.geom.Point2D`, one or a sequence, from intermediate world coordinates to pixels."""
        return _applyToPoints(
            lambda data: _distort(self._cdInverse @ data, self._ap, self._bp) + self._origin, iwcs
        )

    def getGridStep(self):
        """Return the distances of the points of the grid (`lsst.geom.Extent2D`)."""
        return Extent2D(self._bbox.getWidth() / self._shape[0], self._bbox.getHeight() / self._shape[1])

    def getGridShape(self):
        """Return the number of points of the grid (`lsst.geom.Extent2I`)."""
        return Extent2I(self._shape)

    def getBBox(self):
        """Return the pixels that are fit (`lsst.geom.Box2D`)."""
        return self._bbox

    def getPixelOrigin(self):
        """Return the pixel origin (`lsst.geom.Point2D`)."""
        return Point2D(float(self._origin[0, 0]), float(self._origin[1, 0]))

    def getCdMatrix(self):
        """Return the CD matrix (`numpy.ndarray`, shape (2, 2))."""
        return self._cd.copy()

    def computeMaxDeviation(self):
        """Return the largest residuals on the grid, forward and inverse, in pixels (`tuple` of 2 `float`)."""
        forward = _distort(self._pixels, self._a, self._b) - self._targets
        inverse = _distort(self._targets, self._ap, self._bp) - self._roundTrip
        return float(np.hypot(*forward).max()), float(np.hypot(*inverse).max())


def _fit(order, low, high, svdThreshold, inputs, outputs):
    """Fit outputs - inputs; return the coefficients of unscaled inputs of both axes."""
    scale = 2.0 / (high - low)
    shift = -0.5 * (high + low)
    x, y = scale * (inputs + shift)
    powers = [(p, q) for p in range(order + 1) for q in range(order + 1 - p)]
    design = np.stack([x**p * y**q for p, q in powers], axis=1)
    threshold = svdThreshold if svdThreshold >= 0 else np.finfo(float).eps * min(design.shape)
    solution = np.linalg.lstsq(design, (outputs - inputs).T, rcond=threshold)[0]
    toX, toY = (_powersOfLinear(s, s * d, order) for s, d in zip(scale.flat, shift.flat, strict=True))
    result = np.zeros((2, order + 1, order + 1))
    for (p, q), values in zip(powers, solution, strict=True):
        result += values[:, np.newaxis, np.newaxis] * np.outer(toX[p], toY[q])
    return result


def _powersOfLinear(slope, offset, order):
    """Return row n: the coefficients of (slope t + offset)^n in powers of t."""
    rows = np.zeros((order + 1, order + 1))
    rows[0, 0] = 1.0
    for n in range(1, order + 1):
        rows[n] = offset * rows[n - 1]
        rows[n, 1:] += slope * rows[n - 1, :-1]
    return rows


def _distort(data, coeffsX, coeffsY):
    """Add the polynomials to positions of shape (2, n)."""
    x, y = data
    polyval2d = np.polynomial.polynomial.polyval2d
    return data + np.array([polyval2d(x, y, coeffsX), polyval2d(x, y, coeffsY)])


def _applyToPoints(function, points):
    isPoint = isinstance(points, Point2D)
    data = np.array([[point[0], point[1]] for point in ([points] if isPoint else points)]).reshape(-1, 2)
    result = [Point2D(*row) for row in function(data.T).T.tolist()]
    return result[0] if isPoint else result
