# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Pixels without optical distortion."""

__all__ = ["makePixelToTanPixel"]

from lsst.afw.geom import linearizeTransform, makeTransform
from lsst.geom import Point2D


def makePixelToTanPixel(bbox, orientation, focalPlaneToField, pixelSizeMm):
    """Make the transform of PIXELS to TAN_PIXELS, which agree at the center of the field.

    Parameters
    ----------
    bbox : `lsst.geom.Box2I`
        Not used.
    orientation : `Orientation`
    focalPlaneToField : `lsst.afw.geom.TransformPoint2ToPoint2`
        Focal plane (mm) to field angle (radians).
    pixelSizeMm : `lsst.geom.Extent2D`

    Returns
    -------
    transform : `lsst.afw.geom.TransformPoint2ToPoint2`
    """
    pixelToField = orientation.makePixelFpTransform(pixelSizeMm).then(focalPlaneToField)
    # A radial transform can be linearized at the center forwards, maybe not backwards
    center = pixelToField.applyInverse(Point2D(0, 0))
    return pixelToField.then(makeTransform(linearizeTransform(pixelToField, center).inverted()))
