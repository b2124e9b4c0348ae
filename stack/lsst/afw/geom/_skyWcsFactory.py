# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Functions that make WCSs, and transforms out of WCSs."""

__all__ = [
    "getIntermediateWorldCoordsToSky",
    "getPixelToIntermediateWorldCoords",
    "makeCdMatrix",
    "makeSkyWcs",
    "makeWcsPairTransform",
]

import numpy as np

from lsst.daf.base import PropertySet
from lsst.geom import Point2D, degrees

from ._frameDicts import fieldAngleFrameDict
from .skyWcs import SkyWcs
from .transform import TransformPoint2ToPoint2, TransformPoint2ToSpherePoint
from .wcsUtils import makeSimpleWcsMetadata


def makeCdMatrix(scale, orientation=0 * degrees, flipX=False):
    """Make a CD matrix.

    Parameters
    ----------
    scale : `lsst.geom.Angle`
        Size of a pixel.
    orientation : `lsst.geom.Angle`, optional
        Position angle of +y, from North through East.
    flipX : `bool`, optional
        Is +x to the East, not to the West, at orientation 0?

    Returns
    -------
    cdMatrix : `numpy.ndarray`, shape (2, 2)
        Degrees a pixel.
    """
    cos, sin = np.cos(orientation.asRadians()), np.sin(orientation.asRadians())
    sign = 1.0 if flipX else -1.0
    return scale.asDegrees() * np.array([[cos * sign, sin], [-sin * sign, cos]])


def makeSkyWcs(*args, **kwargs):
    """Make a `SkyWcs`; there are three forms.

    ``makeSkyWcs(metadata, strip=False)``
        From FITS keywords (`lsst.daf.base.PropertySet`), which are removed if ``strip``.
    ``makeSkyWcs(crpix, crval, cdMatrix, projection="TAN")``
        Without distortion, from the reference pixel (`lsst.geom.Point2D`, counted from 0), its position on
        the sky (`lsst.geom.SpherePoint`), the CD matrix (shape (2, 2), degrees) and the FITS code of the
        projection.
    ``makeSkyWcs(pixelsToFieldAngle, orientation, flipX, boresight, projection="TAN")``
        From a `TransformPoint2ToPoint2` to field angle in radians, the position angle of the +y axis of the
        focal plane, whether +x is to the East at orientation 0, and the sky position of field angle 0.

    Raises
    ------
    lsst.pex.exceptions.TypeError
        Raised if metadata do not describe a celestial WCS.
    """
    first = args[0] if args else None
    if "metadata" in kwargs or isinstance(first, PropertySet):
        return SkyWcs(*args, **kwargs)
    if "pixelsToFieldAngle" in kwargs or isinstance(first, TransformPoint2ToPoint2):
        return _makeFieldAngleWcs(*args, **kwargs)
    return _makeSimpleWcs(*args, **kwargs)


def _makeSimpleWcs(crpix, crval, cdMatrix, projection="TAN"):
    return SkyWcs(makeSimpleWcsMetadata(crpix, crval, cdMatrix, projection))


def _makeFieldAngleWcs(pixelsToFieldAngle, orientation, flipX, boresight, projection="TAN"):
    matrix = makeCdMatrix(1 * degrees, orientation, flipX)
    initial = _makeSimpleWcs(Point2D(0, 0), boresight, matrix, projection)
    return SkyWcs(fieldAngleFrameDict(pixelsToFieldAngle._mapping, matrix, initial._frameDict))


def makeWcsPairTransform(src, dst):
    """Return the `TransformPoint2ToPoint2` of pixels of one `SkyWcs` to those of another."""
    return src.getTransform().then(dst.getTransform().inverted())


def getIntermediateWorldCoordsToSky(wcs, simplify=True):
    """Return the `TransformPoint2ToSpherePoint` of intermediate world coordinates (degrees) to the sky."""
    return TransformPoint2ToSpherePoint(wcs._frameDict.getMapping("IWC", "SKY"), simplify)


def getPixelToIntermediateWorldCoords(wcs, simplify=True):
    """Return the `TransformPoint2ToPoint2` of pixels to intermediate world coordinates (degrees)."""
    return TransformPoint2ToPoint2(wcs._pixelToIwc(), simplify)
