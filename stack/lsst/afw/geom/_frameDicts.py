# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Checks and changes of the frame dictionaries that WCSs hold."""

__all__ = ["checkFrameDict", "fieldAngleFrameDict", "modifiedFrameDict"]

import numpy as np

import astshim
from lsst.pex.exceptions import TypeError as LsstTypeError


def checkFrameDict(frameDict):
    """Check that a frame dictionary can be that of a `SkyWcs`.

    Parameters
    ----------
    frameDict : `astshim.FrameDict`
        Must have PIXELS, IWC and SKY (current), may have ACTUAL_PIXELS; one of the pixel frames is the base.

    Raises
    ------
    lsst.pex.exceptions.TypeError
        Raised if it cannot.
    """
    for domain in ("ACTUAL_PIXELS", "PIXELS", "IWC", "SKY"):
        if frameDict.hasDomain(domain):
            _checkFrame(domain, frameDict.getFrame(domain, False))
        elif domain != "ACTUAL_PIXELS":
            raise LsstTypeError(f"No frame with domain {domain} found")
    base = frameDict.getFrame(astshim.FrameSet.BASE, False).domain
    if base not in ("ACTUAL_PIXELS", "PIXELS"):
        raise LsstTypeError(f"Base frame has domain {base} instead of PIXELS or ACTUAL_PIXELS")
    current = frameDict.domain
    if current != "SKY":
        raise LsstTypeError(f"Current frame has domain {current} instead of SKY")
    mapping = frameDict.getMapping()
    if mapping.nIn != 2 or mapping.nOut != 2:
        raise LsstTypeError(f"The mapping to the sky has {mapping.nIn} inputs and {mapping.nOut} outputs "
                            "instead of 2")


def _checkFrame(domain, frame):
    if frame.nAxes != 2:
        raise LsstTypeError(f"Frame {domain} has {frame.nAxes} axes instead of 2")
    wanted = "SkyFrame" if domain == "SKY" else "Frame"
    if frame.className != wanted:
        raise LsstTypeError(f"Frame {domain} is of type {frame.className} instead of {wanted}")


def modifiedFrameDict(pixelMapping, old, modifyActualPixels):
    """Insert a mapping after the pixels.

    Parameters
    ----------
    pixelMapping : `astshim.Mapping`
    old : `astshim.FrameDict`
        Of a `SkyWcs`.
    modifyActualPixels : `bool`
        Insert it after ACTUAL_PIXELS, if there are any, and not after PIXELS?

    Returns
    -------
    new : `astshim.FrameDict`
    """
    pixelsToIwc = old.getMapping("PIXELS", "IWC")
    hasActualPixels = old.hasDomain("ACTUAL_PIXELS")
    if not (hasActualPixels and modifyActualPixels):
        pixelsToIwc = pixelMapping.then(pixelsToIwc).simplified()
    pixelFrame, iwcFrame = old.getFrame("PIXELS"), old.getFrame("IWC")
    if hasActualPixels:
        actualToPixels = old.getMapping("ACTUAL_PIXELS", "PIXELS")
        if modifyActualPixels:
            actualToPixels = pixelMapping.then(actualToPixels).simplified()
        new = astshim.FrameDict(old.getFrame("ACTUAL_PIXELS"), actualToPixels, pixelFrame)
        new.addFrame("PIXELS", pixelsToIwc, iwcFrame)
    else:
        new = astshim.FrameDict(pixelFrame, pixelsToIwc, iwcFrame)
    new.addFrame("IWC", old.getMapping("IWC", "SKY"), old.getFrame("SKY"))
    return new


def fieldAngleFrameDict(pixelsToFieldAngle, orientedMatrix, initial):
    """Replace the pixels of a WCS by a mapping to field angle.

    Parameters
    ----------
    pixelsToFieldAngle : `astshim.Mapping`
        Pixels to field angle in radians.
    orientedMatrix : `numpy.ndarray`, shape (2, 2)
        Rotation and flip from field angle to the sky.
    initial : `astshim.FrameDict`
        Of a `SkyWcs` at the boresight; its frames and its mapping to the sky are kept.

    Returns
    -------
    new : `astshim.FrameDict`
    """
    fieldAngleToIwc = astshim.MatrixMap(orientedMatrix * 180.0 / np.pi)
    new = astshim.FrameDict(
        initial.getFrame("PIXELS"), pixelsToFieldAngle.then(fieldAngleToIwc), initial.getFrame("IWC")
    )
    new.addFrame("IWC", initial.getMapping("IWC", "SKY"), initial.getFrame("SKY"))
    return new
