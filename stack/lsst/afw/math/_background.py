# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Models of the background of an image: values of cells, interpolated or approximated."""

__all__ = ["Background", "BackgroundMI"]

import numpy as np

from lsst.geom import Box2I, Point2I
from lsst.pex.exceptions import InvalidParameterError, LengthError, OutOfRangeError

from ._approximate import ApproximateControl, makeApproximate
from ._backgroundControl import (
    INCREASE_NXNYSAMPLE,
    REDUCE_INTERP_ORDER,
    THROW_EXCEPTION,
    BackgroundControl,
    asInterpStyle,
    asUndersampleStyle,
)
from ._interpolate import Interpolate, lookupMaxInterpStyle, lookupMinInterpPoints, makeInterpolate


class Background:
    """Base class of background models.

    Parameters
    ----------
    bbox : `lsst.geom.Box2I`
        Bounding box of the image.
    control : `BackgroundControl`
        Number of cells, and how to use them.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        If the box is empty.
    """

    def __init__(self, bbox, control):
        if bbox.isEmpty():
            raise InvalidParameterError("Image contains no pixels")
        self._bbox, self._control = Box2I(bbox), control
        self._asUsedInterpStyle, self._asUsedUndersampleStyle = Interpolate.UNKNOWN, THROW_EXCEPTION
        self._edgesX = _cellEdges(bbox.getWidth(), control.getNxSample())
        self._edgesY = _cellEdges(bbox.getHeight(), control.getNySample())

    def getAsUsedInterpStyle(self):
        """Return the kind of interpolation of the last image that was made."""
        return self._asUsedInterpStyle

    def getAsUsedUndersampleStyle(self):
        """Return what was to be done where there were too few points, for the last image that was made."""
        return self._asUsedUndersampleStyle

    def getImageBBox(self):
        """Return the bounding box of the image."""
        return self._bbox

    def getBackgroundControl(self):
        """Return how the background is modelled, which may be changed."""
        return self._control


class BackgroundMI(Background):
    """A background model that is a small image of the statistics in cells.

    Parameters
    ----------
    imageDimensions : `lsst.geom.Box2I`
        Bounding box of the image.
    statsImage : `lsst.afw.image.MaskedImageF`
        A pixel a cell: its background and, as variance, the error.
    """

    def __init__(self, imageDimensions, statsImage):
        super().__init__(imageDimensions, BackgroundControl(statsImage.getWidth(), statsImage.getHeight()))
        self._statsImage = statsImage

    def __reduce__(self):
        return type(self), (self._bbox, self._statsImage)

    def __iadd__(self, delta):
        self._statsImage += delta
        return self

    def __isub__(self, delta):
        self._statsImage -= delta
        return self

    def getStatsImage(self):
        """Return the image of the statistics."""
        return self._statsImage

    def getImageF(self, *args, bbox=None, interpStyle=None, undersampleStyle=None):
        """Make the image of the background.

        Parameters
        ----------
        bbox : `lsst.geom.Box2I`, optional
            Part of the image that is wanted; positional only before ``interpStyle``.
        interpStyle : `Interpolate.Style` or `str`, optional
            Kind of interpolation; by default both styles are those of the `BackgroundControl`.
        undersampleStyle : `UndersampleStyle` or `str`, optional
            What to do where there are too few points; by default an error, if ``interpStyle`` is given.

        Returns
        -------
        image : `lsst.afw.image.ImageF`
            The background. If it is approximated it has no xy0 and ignores the ``bbox``, as in the stack.

        Raises
        ------
        lsst.pex.exceptions.LengthError
            If the box is not inside the image.
        lsst.pex.exceptions.InvalidParameterError
            If there are too few cells for the interpolation.
        lsst.pex.exceptions.OutOfRangeError
            If too few cells have a value.
        """
        args = list(args)
        if args and isinstance(args[0], Box2I):
            bbox = args.pop(0)
        interpStyle = args.pop(0) if args else interpStyle
        undersampleStyle = args.pop(0) if args else undersampleStyle
        if interpStyle is None:
            interpStyle = self._control.getInterpStyle()
            undersampleStyle = self._control.getUndersampleStyle()
        elif undersampleStyle is None:
            undersampleStyle = THROW_EXCEPTION
        return self._makeImage(self._bbox if bbox is None else bbox, asInterpStyle(interpStyle),
                               asUndersampleStyle(undersampleStyle))

    def _makeImage(self, bbox, interpStyle, undersampleStyle):
        if not self._bbox.contains(bbox):
            raise LengthError(f"BBox {bbox} out of range {self._bbox}")
        interpStyle = self._chooseStyle(interpStyle, undersampleStyle)
        self._asUsedInterpStyle, self._asUsedUndersampleStyle = interpStyle, undersampleStyle
        if self._control.getApproximateControl().getStyle() != ApproximateControl.UNKNOWN:
            return self.getApproximate(self._control.getApproximateControl(), undersampleStyle).getImage()
        reduces = undersampleStyle == REDUCE_INTERP_ORDER
        offset = bbox.getMin() - self._bbox.getMin()
        columns, rows = (np.arange(start, start + size, dtype=np.float64) for start, size in zip(
            offset, bbox.getDimensions()))
        values = self._statsImage.image.array.astype(np.float64)
        centersX, centersY = _centers(self._edgesX), _centers(self._edgesY)
        # Down each column of cells first; where it has no value at all, along rows from the others.
        strips = np.array([_throughGood(centersY, column, interpStyle, reduces)(rows) for column in values.T])
        good = ~np.isnan(strips[:, 0])
        along = _through(centersX[good], strips[good], interpStyle, reduces)
        image = type(self._statsImage.image)(bbox)
        image.array[:, :] = along(columns).T
        return image

    def _chooseStyle(self, interpStyle, undersampleStyle):
        """Return the style, or a lower one, if there are too few cells for it."""
        needed = lookupMinInterpPoints(interpStyle)
        sizes = {"nxSample": self._statsImage.getWidth(), "nySample": self._statsImage.getHeight()}
        short = " and ".join(name for name, size in sizes.items() if size < needed)
        if not short:
            return interpStyle
        if undersampleStyle == REDUCE_INTERP_ORDER:
            return lookupMaxInterpStyle(min(sizes.values()))
        if undersampleStyle == INCREASE_NXNYSAMPLE:
            raise InvalidParameterError(
                "The BackgroundControl UndersampleStyle INCREASE_NXNYSAMPLE is not supported.")
        has = "have" if "and" in short else "has"
        raise InvalidParameterError(f"{short} {has} too few points for requested interpolation style.")

    def getApproximate(self, actrl, undersampleStyle=THROW_EXCEPTION):
        """Fit a polynomial to the statistics.

        Parameters
        ----------
        actrl : `ApproximateControl`
            Kind and order of the polynomial.
        undersampleStyle : `UndersampleStyle`
            Not used, as in the stack.

        Returns
        -------
        approximate : `ApproximateF`
            The polynomial, over the box of the image moved to the origin.
        """
        bbox = Box2I(Point2I(0, 0), self._bbox.getDimensions())
        return makeApproximate(_centers(self._edgesX), _centers(self._edgesY), self._statsImage, bbox, actrl)


def _cellEdges(size, number):
    """Return where cells begin and the last ends: nearly equal numbers of pixels."""
    index = np.arange(number + 1)
    return np.minimum((index*size + number//2)//number, size)*(index > 0)


def _centers(edges):
    return 0.5*(edges[:-1] + edges[1:]) - 0.5


def _throughGood(x, y, style, reduces):
    """Return a function through those points whose values are not NaN."""
    good = ~np.isnan(y)
    return _through(x[good], y[good], style, reduces)


def _through(x, y, style, reduces):
    """Return a function through points; if need be one of lower order, or NaN, where that is wanted."""
    try:
        return makeInterpolate(x, y, style)._evaluate
    except OutOfRangeError:
        if not reduces:
            raise
    if len(x) == 0:
        return lambda position: np.full((len(position), *y.shape[1:]), np.nan)
    return makeInterpolate(x, y, lookupMaxInterpStyle(len(x)))._evaluate
