# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""FITS headers that approximate any WCS."""

__all__ = ["calculateSipWcsHeader"]

from lsst.geom import Box2D, Extent2I

from ._sipApproximation import SipApproximation
from ._skyWcsFactory import getPixelToIntermediateWorldCoords
from .wcsUtils import makeTanSipMetadata


def calculateSipWcsHeader(wcs, order, bbox, spacing, header=None):
    """Make the keywords of a TAN-SIP WCS that approximates another.

    Parameters
    ----------
    wcs : `SkyWcs`
    order : `int`
        Largest sum of powers.
    bbox : `lsst.geom.Box2I`
        Pixels to fit.
    spacing : `float`
        Distance of the points of the grid that is fit.
    header : `lsst.daf.base.PropertyList`, optional
        Where to add the keywords.

    Returns
    -------
    header : `lsst.daf.base.PropertyList`
    """
    gridShape = Extent2I(int(bbox.getWidth() / spacing + 0.5), int(bbox.getHeight() / spacing + 0.5))
    sip = SipApproximation(
        getPixelToIntermediateWorldCoords(wcs),
        wcs.getPixelOrigin(),
        wcs.getCdMatrix(),
        Box2D(bbox),
        gridShape,
        order,
    )
    metadata = makeTanSipMetadata(
        sip.getPixelOrigin(),
        wcs.getSkyOrigin(),
        sip.getCdMatrix(),
        sip.getA(),
        sip.getB(),
        sip.getAP(),
        sip.getBP(),
    )
    if header is None:
        return metadata
    header.combine(metadata)
    return header
