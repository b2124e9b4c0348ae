# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Writing of exposures: headers, planes, archive."""

from lsst.afw.table.io import OutputArchive
from lsst.daf.base import PropertyList
from lsst.geom import Extent2D
from lsst.pex.exceptions import RuntimeError as LsstRuntimeError

from .._visitInfoMetadata import setVisitInfoMetadata
from .maskedImageFile import writePlanes

__all__ = ["writeExposure", "SERIALIZATION_VERSION", "VERSION_KEY"]

SERIALIZATION_VERSION = 2
"""Version of the layout: 0 has Calib cards, 1 has PhotoCalib and FILTER, 2 has FilterLabel in the archive."""

VERSION_KEY = "EXPINFO_V"
"""Card with the version."""

_FIRST_ARCHIVE_HDU = 5
"""Number of the archive's HDU as AR_HDU counts: primary 1, planes 2 to 4."""


def writeExposure(exposure, fits, options=None):
    """Write an exposure to an empty file.

    Parameters
    ----------
    exposure : `ExposureF` or another exposure class
        What to write.
    fits : `lsst.afw.fits.Fits`
        File opened for writing.
    options : `list` [`lsst.afw.fits.ImageWriteOptions`], optional
        Compression and scaling of image, mask and variance.

    Raises
    ------
    lsst.pex.exceptions.LogicError
        Raised if the file has HDUs already.
    """
    archive = OutputArchive()
    metadata = _primaryHeader(exposure.getInfo(), archive)
    planeHeader = _planeHeader(exposure)
    writePlanes(exposure.getMaskedImage(), fits, options, metadata, [planeHeader] * 3)
    archive.writeFits(fits)


def _primaryHeader(info, archive):
    """Put the components into the archive and return the header that refers to them."""
    metadata = PropertyList()
    metadata.combine(info.getMetadata())
    metadata.set(VERSION_KEY, SERIALIZATION_VERSION)
    metadata.set("AR_HDU", _FIRST_ARCHIVE_HDU,
                 "HDU (1-indexed) containing the archive used to store ancillary objects")
    for key, component in info._orderedComponents():
        if component.isPersistable():
            comment = f"archive ID for generic component '{key}'"
            number = archive.put(component)
            metadata.set(f"{key}_ID", number, comment)
            metadata.set(f"ARCHIVE_ID_{key}", number, comment)
    if info.hasDetector():
        metadata.set("DETNAME", info.getDetector().getName())
        metadata.set("DETSER", info.getDetector().getSerial())
    if info.hasVisitInfo():
        setVisitInfoMetadata(metadata, info.getVisitInfo())
    if info.hasId():
        metadata.set("EXPID", info.getId())
    return metadata


def _planeHeader(exposure):
    """Return the header of the planes: the WCS in the image's own coordinates, and LTV for DS9."""
    header = PropertyList()
    wcs = exposure.getWcs()
    xy0 = exposure.getXY0()
    if wcs is not None and wcs.isFits:
        local = wcs.copyAtShiftedPixelOrigin(Extent2D(-xy0.getX(), -xy0.getY()))
        try:
            header.combine(local.getFitsMetadata(True))
        except LsstRuntimeError:
            # Not exactly representable in a header: only the archive has it.
            pass
    header.set("LTV1", float(-xy0.getX()))
    header.set("LTV2", float(-xy0.getY()))
    return header
