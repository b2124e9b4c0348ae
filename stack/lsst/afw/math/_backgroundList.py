# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Backgrounds that add up, as the stack stores them beside a calibrated exposure."""

__all__ = ["BackgroundList"]

import os

from lsst.afw.fits import Fits, MemFileManager, reduceToFits
from lsst.afw.image import ImageFitsReader, MaskedImageF, MaskFitsReader
from lsst.daf.base import PropertyList
from lsst.geom import Box2I, Extent2I, Point2I
from lsst.pex.exceptions import RuntimeError

from ._approximate import ApproximateControl
from ._background import BackgroundMI
from ._backgroundControl import UndersampleStyle
from ._interpolate import Interpolate


class BackgroundList:
    """A list of backgrounds and how to make images of them.

    Items are tuples of the `BackgroundMI`, `Interpolate.Style`, `UndersampleStyle`,
    `ApproximateControl.Style`, orders of the approximation in x and y, and whether it was weighted.

    Parameters
    ----------
    *args : `BackgroundMI` or `tuple`
        Items; of a background alone the rest is what its last image was made with.
    """

    def __init__(self, *args):
        self._backgrounds = []
        for item in args:
            self.append(item)

    def append(self, val):
        """Add an item, or a background alone."""
        self._backgrounds.append(val if isinstance(val, tuple) else (val, *[None]*6))

    def __getitem__(self, index):
        self._backgrounds = [_complete(item) for item in self._backgrounds]
        return self._backgrounds[index]

    def __len__(self):
        return len(self._backgrounds)

    def clone(self):
        """Return a copy that shares the backgrounds."""
        return BackgroundList(*self)

    def getImage(self):
        """Return the sum of the images of the backgrounds, `lsst.afw.image.ImageF`; `None` if empty."""
        total = None
        for background, interpStyle, undersampleStyle, approximateStyle, *_ in self:
            if approximateStyle != ApproximateControl.UNKNOWN:
                image = background.getImageF()
            else:
                image = background.getImageF(interpStyle, undersampleStyle)
            if total is None:
                total = image
            else:
                total += image
        return total

    def writeFits(self, fileName, flags=0):
        """Write the list to a FITS file: three HDUs for each background.

        Parameters
        ----------
        fileName : `str` or `lsst.afw.fits.MemFileManager`
            File.
        flags : `int`
            Not used.
        """
        names = ("INTERPSTYLE", "UNDERSAMPLESTYLE", "APPROXSTYLE", "APPROXORDERX", "APPROXORDERY")
        for i, (background, *numbers, weighting) in enumerate(self):
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

    @staticmethod
    def readFits(fileName, hdu=0, flags=0):
        """Read a list from a FITS file.

        Parameters
        ----------
        fileName : `str` or `lsst.afw.fits.MemFileManager`
            File.
        hdu, flags : `int`
            Not used, as in the stack: all HDUs are read.

        Returns
        -------
        backgrounds : `BackgroundList`
            The list.

        Raises
        ------
        lsst.pex.exceptions.RuntimeError
            If there is no such file, or it holds something else.
        lsst.afw.fits.FitsError
            If it cannot be read.
        """
        if not isinstance(fileName, MemFileManager) and not os.path.exists(fileName):
            raise RuntimeError(f"File not found: {fileName}")
        with Fits(fileName, "r") as file:
            nHdus = file.countHdus()
        if nHdus % 3 != 0:
            raise RuntimeError(f"BackgroundList FITS file {fileName} has {nHdus} HDUs; "
                               "expected a multiple of 3 (compression is not supported).")
        return BackgroundList(*[_readBackground(fileName, first) for first in range(0, nHdus, 3)])

    def __reduce__(self):
        return reduceToFits(self)


def _complete(item):
    """Fill in what is not known of an item with what its background was last used with."""
    background, interpStyle, undersampleStyle, *_ = item
    if interpStyle is not None and undersampleStyle is not None:
        return item
    control = background.getBackgroundControl().getApproximateControl()
    return (background, background.getAsUsedInterpStyle(), background.getAsUsedUndersampleStyle(),
            control.getStyle(), control.getOrderX(), control.getOrderY(), control.getWeighting())


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
