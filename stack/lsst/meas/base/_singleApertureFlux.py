# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The flux of one source in one ellipse."""

import numpy as np

import lsst.geom
from lsst.afw.geom import SpanSet
from lsst.afw.geom.ellipses import Axes
from lsst.afw.math import offsetImage

from .apertureFluxResult import ApertureFluxResult
from .sincCoeffs import SincCoeffsD, SincCoeffsF

__all__ = ["SingleApertureFlux"]


class SingleApertureFlux:
    """Static methods of `ApertureFluxAlgorithm` that measure a flux without catalog.

    They take

    - ``image`` : `lsst.afw.image.Image` or `lsst.afw.image.MaskedImage`, of type F or D, the pixels;
    - ``ellipse`` : `lsst.afw.geom.ellipses.Ellipse`, the aperture (pixels);
    - ``ctrl`` : `ApertureFluxControl`, optional, settings;

    and return an `ApertureFluxResult`, without error if there is no variance, and without flux if the
    aperture is not wholly on the image.
    """

    @classmethod
    def computeSincFlux(cls, image, ellipse, ctrl=None):
        """Measure a flux by sinc interpolation."""
        ctrl = cls.Control() if ctrl is None else ctrl
        data, variance = _getPlanes(image)
        center = ellipse.getCenter()
        isDouble = data.array.dtype == np.float64
        coefficients = (SincCoeffsD if isDouble else SincCoeffsF).get(ellipse.getCore(), 0.0)
        coefficients = offsetImage(coefficients, center.getX(), center.getY(), ctrl.shiftKernel)
        overlap = coefficients.getBBox()
        result = ApertureFluxResult()
        if not image.getBBox().contains(overlap):
            result.setFlag(cls.SINC_COEFFS_TRUNCATED.number)
            overlap.clip(image.getBBox())
            if not overlap.contains(lsst.geom.Box2I(ellipse.computeBBox())):
                return _markTruncated(result, cls)
        weights = coefficients[overlap].array.astype(np.float64)
        result.instFlux = float(np.sum(weights * data[overlap].array))
        if variance is not None:
            result.instFluxErr = float(np.sqrt(np.sum(weights**2 * variance[overlap].array)))
        return result

    @classmethod
    def computeNaiveFlux(cls, image, ellipse, ctrl=None):
        """Measure a flux by summing the pixels whose centers are inside."""
        data, variance = _getPlanes(image)
        result = ApertureFluxResult()
        if not image.getBBox().contains(lsst.geom.Box2I(ellipse.computeBBox())):
            return _markTruncated(result, cls)
        spans = SpanSet.fromShape(ellipse)
        result.instFlux = float(spans.flatten(data.array, data.getXY0()).sum(dtype=np.float64))
        if variance is not None:
            total = spans.flatten(variance.array, data.getXY0()).sum(dtype=np.float64)
            result.instFluxErr = float(np.sqrt(total))
        return result

    @classmethod
    def computeFlux(cls, image, ellipse, ctrl=None):
        """Measure a flux by sinc interpolation if the minor axis is small enough, else by summing pixels."""
        ctrl = cls.Control() if ctrl is None else ctrl
        isSmall = Axes(ellipse.getCore()).getB() <= ctrl.maxSincRadius
        compute = cls.computeSincFlux if isSmall else cls.computeNaiveFlux
        return compute(image, ellipse, ctrl)


def _getPlanes(image):
    """Return image and variance; `None` if there is no variance."""
    return (image.image, image.variance) if hasattr(image, "variance") else (image, None)


def _markTruncated(result, cls):
    result.setFlag(cls.APERTURE_TRUNCATED.number)
    result.setFlag(cls.FAILURE.number)
    return result
