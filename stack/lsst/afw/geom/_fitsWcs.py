# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Conversion of WCSs between FITS keywords and AST."""

__all__ = ["readLsstSkyWcs", "propertyListFromFitsChan"]

import logging
import math

import astshim
from lsst.daf.base import PropertyList
from lsst.pex.exceptions import NotFoundError
from lsst.pex.exceptions import TypeError as LsstTypeError

from .wcsUtils import createTrivialWcsMetadata, getImageXY0FromMetadata

_LOG = logging.getLogger("lsst.afw.geom.frameSetUtils")

# Letter of the WCS that holds the origin of an image
XY0_WCS_NAME = "A"

# NAXISn of 0 make AST fail; LTVn are LSST's own copy of the origin; the rest only takes time
_IGNORED = frozenset(createTrivialWcsMetadata(XY0_WCS_NAME, (0, 0)).names()) | {
    "NAXIS1",
    "NAXIS2",
    "LTV1",
    "LTV2",
    "COMMENT",
    "HISTORY",
}


def readLsstSkyWcs(metadata, strip):
    """Read a celestial WCS from FITS keywords.

    Parameters
    ----------
    metadata : `lsst.daf.base.PropertySet`
        RADECSYS becomes RADESYS.
    strip : `bool`
        Remove the keywords used (DATE-OBS and MJD-OBS stay)?

    Returns
    -------
    frameDict : `astshim.FrameDict`
        PIXELS (base; from 0, in the parent image), IWC and SKY (current; ICRS, RA first). The reference
        position is the SkyRef of SKY, which is otherwise ignored.

    Raises
    ------
    lsst.pex.exceptions.TypeError
        Raised if there is no celestial WCS.
    """
    try:
        crpix = [metadata.getAsDouble("CRPIX1"), metadata.getAsDouble("CRPIX2")]
    except NotFoundError as error:
        raise LsstTypeError(f"{error.what()}; cannot read metadata as a SkyWcs") from error
    raw = _readFitsWcs(metadata, strip)
    gridIndex = _findGrid(raw)
    if raw.findFrame(astshim.Frame(2, "Domain=IWC")) is None:
        raise LsstTypeError("No IWC frame found; cannot read metadata as a SkyWcs")
    iwcIndex = raw.current
    skyIndex = _addStandardSky(raw)

    x0, y0 = getImageXY0FromMetadata(metadata, XY0_WCS_NAME, strip)
    pixelToGrid = astshim.ShiftMap([1.0 - x0, 1.0 - y0])
    pixelToIwc = pixelToGrid.then(raw.getMapping(gridIndex, iwcIndex).simplified()).simplified()
    pixelFrame = astshim.Frame(2, "Domain=PIXELS")
    frameDict = astshim.FrameDict(pixelFrame, pixelToIwc, raw.getFrame(iwcIndex))
    frameDict.addFrame("IWC", raw.getMapping(iwcIndex, skyIndex), raw.getFrame(skyIndex))

    skyFrame = frameDict.getFrame("SKY", False)
    crval = frameDict.applyForward(pixelToGrid.applyInverse(crpix))
    skyFrame.skyRefIs = "Ignored"
    skyFrame.setSkyRef(crval)
    return frameDict


def _findGrid(frameSet):
    """Return the index of the frame of FITS pixels."""
    base = frameSet.base
    if frameSet.findFrame(astshim.Frame(2, "Domain=GRID")) is not None:
        return frameSet.current
    frame = frameSet.getFrame(base, False)
    for problem in (
        f"is of type {frame.className} instead of Frame" if frame.className != "Frame" else "",
        f"has {frame.nAxes} axes instead of 2" if frame.nAxes != 2 else "",
        f'has domain "{frame.domain}" instead of blank or GRID' if frame.domain else "",
    ):
        if problem:
            raise LsstTypeError(f"The base frame {problem}; cannot read metadata as a SkyWcs")
    return base


def _addStandardSky(frameSet):
    """Add an ICRS frame with axes RA, Dec, derived from the sky frame there is; return its index.

    The frame added is not the template but what AST made of it, which keeps the epoch of the original.
    """
    template = astshim.SkyFrame("System=ICRS")
    if frameSet.findFrame(template) is None:
        raise LsstTypeError("Could not find a SkyFrame; cannot read metadata as a SkyWcs")
    original = frameSet.current
    frameSet.base = original
    standard = frameSet.findFrame(template)
    mapping = standard.getMapping().simplified()
    frameSet.addFrame(original, mapping, standard.getFrame(astshim.FrameSet.CURRENT))
    return frameSet.current


def _readFitsWcs(metadata, strip):
    """Let AST read the WCS and return its `astshim.FrameSet`."""
    if metadata.exists("RADECSYS") and not metadata.exists("RADESYS"):
        metadata.set("RADESYS", metadata.getAsString("RADECSYS"))
        metadata.remove("RADECSYS")
    try:
        channel = _fitsChanFromMetadata(metadata, "Encoding=FITS-WCS, IWC=1, SipReplace=0, ReportLevel=3")
        before = set(channel.getAllCardNames()) if strip else set()
        frameSet = channel.read()
    except RuntimeError as error:
        raise LsstTypeError("The metadata does not describe an AST object") from error
    if not isinstance(frameSet, astshim.FrameSet):
        raise LsstTypeError(f"metadata describes a {frameSet.className}, not a FrameSet")
    if strip:
        for name in before - set(channel.getAllCardNames()) - {"DATE-OBS", "MJD-OBS"}:
            metadata.remove(name)
    return frameSet


def _fitsChanFromMetadata(metadata, options):
    """Return an `astshim.FitsChan` with all entries that FITS and AST can represent."""
    channel = astshim.FitsChan(astshim.StringStream(), options)
    names = metadata.getOrderedNames() if isinstance(metadata, PropertyList) else metadata.paramNames(False)
    for name in names:
        # HIERARCH keywords with a dot are none of a WCS; on them the original fails.
        if name not in _IGNORED and len(name) <= 8 and "." not in name:
            _setCard(channel, name, metadata)
    channel.setCard(0)
    return channel


def _setCard(channel, name, metadata):
    """Write one entry; types that afw does not give to AST are left out, 64-bit integers among them."""
    value = metadata.getArray(name)[-1]
    if isinstance(value, bool):
        channel.setFitsL(name, value)
    elif isinstance(value, int):
        if metadata.typeOf(name) == metadata.TYPE_Int:
            channel.setFitsI(name, value)
    elif isinstance(value, float):
        if math.isnan(value):
            _LOG.warning("Found NaN in metadata item '%s'", name)
        else:
            channel.setFitsF(name, value)
    elif isinstance(value, str) and len(value) <= 68:
        channel.setFitsS(name, value)


def propertyListFromFitsChan(channel):
    """Return the cards of an `astshim.FitsChan` as `lsst.daf.base.PropertyList`; no COMMENT and HISTORY.

    Raises
    ------
    lsst.pex.exceptions.TypeError
        Raised if a card holds a complex number.
    """
    readers = {
        astshim.CardType.FLOAT: channel.getFitsF,
        astshim.CardType.INT: channel.getFitsI,
        astshim.CardType.STRING: channel.getFitsS,
        astshim.CardType.LOGICAL: channel.getFitsL,
        astshim.CardType.CONTINUE: channel.getFitsCN,
        astshim.CardType.UNDEF: lambda name: astshim.FoundValue(True, None),
    }
    metadata = PropertyList()
    for number in range(1, channel.nCard + 1):
        channel.setCard(number)
        cardType, name, comment = channel.getCardType(), channel.getCardName(), channel.getCardComm()
        if cardType == astshim.CardType.COMMENT:
            continue
        if cardType not in readers:
            raise LsstTypeError(
                f'Card {number} with name "{name}" has type {int(cardType)}, '
                "which is not supported by PropertyList"
            )
        value = readers[cardType](name).value
        metadata.set(name, value, *([comment] if comment else []))
    return metadata
