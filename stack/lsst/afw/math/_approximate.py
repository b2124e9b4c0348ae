# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Approximation of values on a grid by a polynomial of two variables."""

__all__ = ["ApproximateControl", "ApproximateF", "makeApproximate"]

import enum

import numpy as np

from lsst.geom import Box2D
from lsst.pex.exceptions import InvalidParameterError, RuntimeError

from ._polynomials import Chebyshev1Function2D


class _Style(enum.IntEnum):
    """Kinds of approximation."""

    UNKNOWN = -1
    CHEBYSHEV = 0
    NUM_STYLES = 1


class ApproximateControl:
    """How to approximate.

    Parameters
    ----------
    style : `ApproximateControl.Style`
        Kind of approximation; ``UNKNOWN`` for none.
    orderX, orderY : `int`
        Orders of the polynomial; they must be equal, as they are if the second is negative.
    weighting : `bool`
        Weight with inverse variances?

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        If the orders differ.
    """

    Style = _Style
    UNKNOWN, CHEBYSHEV, NUM_STYLES = _Style

    def __init__(self, style, orderX, orderY=-1, weighting=True):
        orderY = orderX if orderY < 0 else orderY
        if orderX != orderY:
            raise InvalidParameterError(f"X- and Y-orders must be equal ({orderX} != {orderY}) "
                                        "due to a limitation in math::Chebyshev1Function2")
        self._style, self._orderX, self._orderY, self._weighting = style, orderX, orderY, bool(weighting)

    def getStyle(self):
        """Return the kind of approximation."""
        return self._style

    def setStyle(self, style):
        """Set the kind of approximation."""
        self._style = style

    def getOrderX(self):
        """Return the order in x."""
        return self._orderX

    def setOrderX(self, orderX):
        """Set the order in x."""
        self._orderX = orderX

    def getOrderY(self):
        """Return the order in y."""
        return self._orderY

    def setOrderY(self, orderY):
        """Set the order in y."""
        self._orderY = orderY

    def getWeighting(self):
        """Tell whether inverse variances are weights."""
        return self._weighting

    def setWeighting(self, weighting):
        """Set whether inverse variances are weights."""
        self._weighting = bool(weighting)


class ApproximateF:
    """A Chebyshev polynomial fitted to a grid of values; made by `makeApproximate`.

    Parameters
    ----------
    x, y : sequence of `float`
        Positions of the columns and rows.
    image : `lsst.afw.image.MaskedImageF`
        Values; those that are not finite, or have no finite weight, play no part.
    bbox : `lsst.geom.Box2I`
        Where the polynomial shall be valid.
    control : `ApproximateControl`
        Order and weighting.
    """

    def __init__(self, x, y, image, bbox, control):
        self._bbox, self._control = bbox, control
        self._imageType, self._maskedImageType = type(image.image), type(image)
        self._polynomial = Chebyshev1Function2D(control.getOrderX(), Box2D(bbox))
        gridX, gridY = (axis.ravel() for axis in np.meshgrid(x, y))
        values = image.image.array.ravel().astype(np.float64)
        with np.errstate(divide="ignore"):
            weights = 1/image.variance.array.ravel().astype(np.float64) if control.getWeighting() else 1.0
        weights = np.broadcast_to(weights, values.shape)
        used = np.isfinite(values + weights)
        terms = self._evaluateTerms(gridX[used], gridY[used])
        weighted = terms*weights[used]
        if not weighted.any():
            raise RuntimeError("No valid points to fit. " + (
                "Variance is likely zero. Try weighting=False" if control.getWeighting() else
                "Check that binSize & approxOrderX settings are appropriate for image size."))
        self._polynomial.setParameters(np.linalg.solve(weighted @ terms.T, weighted @ values[used]))

    def _evaluateTerms(self, x, y):
        """Return the terms of the polynomial at positions: (number of terms, number of positions)."""
        terms = []
        for unit in np.eye(self._polynomial.getNParameters()):
            self._polynomial.setParameters(unit)
            terms.append(np.broadcast_to(self._polynomial._evaluate(x, y), x.shape))
        return np.array(terms)

    def getImage(self, orderX=-1, orderY=-1):
        """Return the polynomial as `lsst.afw.image.ImageF`, if wanted truncated to a lower order.

        The lower left pixel is at (0, 0) of the polynomial, wherever the bounding box begins.
        """
        order = self._control.getOrderX()
        keeps = orderX in (-1, order) and orderY in (-1, self._control.getOrderY())
        polynomial = self._polynomial if keeps else self._polynomial.truncate(order if orderX < 0 else orderX)
        image = self._imageType(self._bbox)
        x = np.arange(image.getWidth(), dtype=np.float64)
        y = np.arange(image.getHeight(), dtype=np.float64)[:, np.newaxis]
        image.array[:, :] = polynomial._evaluate(x, y)
        return image

    def getMaskedImage(self, orderX=-1, orderY=-1):
        """Return the polynomial, never truncated, as `lsst.afw.image.MaskedImageF`."""
        image = self._maskedImageType(self._bbox)
        image.image.array[:, :] = self.getImage().array
        return image


def makeApproximate(x, y, im, bbox, ctrl):
    """Fit a polynomial; see `ApproximateF`.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        If ``ctrl`` has an unknown style.
    lsst.pex.exceptions.RuntimeError
        If no value can be used.
    """
    if ctrl.getStyle() != ApproximateControl.CHEBYSHEV:
        raise InvalidParameterError(f"Unknown ApproximationStyle: {int(ctrl.getStyle())}")
    return ApproximateF(x, y, im, bbox, ctrl)
