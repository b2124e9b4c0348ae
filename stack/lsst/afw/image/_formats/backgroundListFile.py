# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Files with backgrounds: for each an HDU of the image, the mask and the variance of its cells."""

import os

from lsst.afw.fits import Fits, MemFileManager
from lsst.afw.math import (
    ApproximateControl,
    BackgroundList,
    BackgroundMI,
    Interpolate,
    UndersampleStyle,
)
from lsst.afw.table.io import registerFileFormat
from lsst.daf.base import PropertyList
from lsst.geom import Box2I, Extent2I, Point2I
from lsst.pex.exceptions import RuntimeError

from .._maskedImage import MaskedImageF
from .imageFitsReader import ImageFitsReader, MaskFitsReader


def _write(backgrounds, fileName):
    names = ("INTERPSTYLE", "UNDERSAMPLESTYLE", "APPROXSTYLE", "APPROXORDERX", "APPROXORDERY")
    for i, (background, *numbers, weighting) in enumerate(backgrounds):
        metadata = PropertyList()
        for name, number in zip(names, numbers):
            metadata.set(name, int(number))
        metadata.set("APPROXWEIGHTING", bool(weighting))
        bbox = background.getImageBBox()
        for name, number in zip(("X0", "Y0", "WIDTH", "HEIGHT"), (*bbox.getMin(), *bbox.getDimensions())):
            metadata.set("BKGD_" + name, number)
        statsImage = background.getStatsImage()
        statsImage.image.writeFits(fileName, metadata, "a" if i else "w")
        statsImage.mask.writeFits(fileName, metadata, "a")
        statsImage.variance.writeFits(fileName, metadata, "a")


def _read(cls, fileName):
    if not isinstance(fileName, MemFileManager) and not os.path.exists(fileName):
        raise RuntimeError(f"File not found: {fileName}")
    with Fits(fileName, "r") as file:
        nHdus = file.countHdus()
    if nHdus % 3 != 0:
        raise RuntimeError(f"BackgroundList FITS file {fileName} has {nHdus} HDUs; "
                           "expected a multiple of 3 (compression is not supported).")
    return cls(*[_readBackground(fileName, first) for first in range(0, nHdus, 3)])


def _readBackground(fileName, hdu):
    reader = ImageFitsReader(fileName, hdu=hdu)
    metadata = reader.readMetadata()
    try:
        x0, y0, width, height, interpStyle, undersampleStyle = (metadata[name] for name in (
            "BKGD_X0", "BKGD_Y0", "BKGD_WIDTH", "BKGD_HEIGHT", "INTERPSTYLE", "UNDERSAMPLESTYLE"))
        interpStyle, undersampleStyle = Interpolate.Style(interpStyle), UndersampleStyle(undersampleStyle)
        # Files of older stacks have none of these.
        style = ApproximateControl.Style(metadata.get("APPROXSTYLE", ApproximateControl.UNKNOWN))
    except (KeyError, ValueError) as error:
        raise RuntimeError(f"No background in HDU {hdu} of {fileName}: {error}") from error
    approximation = (style, metadata.get("APPROXORDERX", 1), metadata.get("APPROXORDERY", -1),
                     bool(metadata.get("APPROXWEIGHTING", True)))
    statsImage = MaskedImageF(reader.read(), MaskFitsReader(fileName, hdu=hdu + 1).read(),
                              ImageFitsReader(fileName, hdu=hdu + 2).read())
    bbox = Box2I(Point2I(x0, y0), Extent2I(width, height))
    background = BackgroundMI(bbox, statsImage)
    control = background.getBackgroundControl()
    control.setInterpStyle(interpStyle)
    control.setUndersampleStyle(undersampleStyle)
    control.setApproximateControl(ApproximateControl(*approximation))
    return (background, interpStyle, undersampleStyle, *approximation)


registerFileFormat(BackgroundList, _read, _write)
