# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Writing of one plane of pixels as an HDU: header, scaling, compression."""

import numpy as np

from lsst.afw.fits import ImageCompressionOptions, getAllowImageCompression
from lsst.afw.fits._quantization import QuantizedCompressionOptions
from lsst.afw.geom import createTrivialWcsMetadata
from lsst.daf.base import PropertyList

__all__ = ["writeImageHdu", "WCS_NAME_FOR_XY0"]

WCS_NAME_FOR_XY0 = "A"
"""Name of the header WCS that stores ``xy0``."""

_SCALING_COMMENT = "Scaling: MEMORY = BZERO + BSCALE * DISK"


def writeImageHdu(fits, image, options, header=None, mask=None):
    """Append an image or mask to a file.

    Parameters
    ----------
    fits : `lsst.afw.fits.Fits`
        File opened for writing.
    image : `ImageBase`
        Image or mask.
    options : `lsst.afw.fits.ImageWriteOptions`
        Compression and scaling.
    header : `lsst.daf.base.PropertySet`, optional
        Metadata to write; the cards for ``xy0`` are added.
    mask : `MaskX`, optional
        Pixels that statistics for the scaling ignore.
    """
    fits.flush()
    compression = options.compression
    if image.array.size == 0 or not getAllowImageCompression():
        compression = ImageCompressionOptions(ImageCompressionOptions.NONE)
    metadata = _headerWithXY0(header, image.getXY0())
    if isinstance(compression, QuantizedCompressionOptions):
        # cfitsio keeps NaN, so nothing is put in their place
        compression = compression.forImage(image.array, mask)
        if compression.quantizeLevel < 0:
            # the quantum of all tiles, where it is found without reading them
            metadata.set("UZSCALE", -compression.quantizeLevel)
        fits.file.writeImage(image.array, metadata, compression)
        return
    if options.scaling.algorithm == options.scaling.NONE:
        pixels = image.array
        if compression.quantizeLevel != 0 and pixels.dtype.kind == "f":
            # cfitsio would let one non-finite pixel spoil its whole tile.
            pixels = np.where(np.isfinite(pixels), pixels, np.finfo(pixels.dtype).max)
        fits.file.writeImage(pixels, metadata, compression)
    else:
        _writeScaled(fits, image, options, compression, metadata, mask)


def _headerWithXY0(header, xy0):
    metadata = header.deepCopy() if header is not None else PropertyList()
    metadata.combine(createTrivialWcsMetadata(WCS_NAME_FOR_XY0, xy0))
    return metadata


def _writeScaled(fits, image, options, compression, metadata, mask):
    scaling = options.scaling
    scale = scaling.determine(image, mask)
    stored = scale.toFits(image.array, compression.quantizeLevel != 0, scaling.fuzz,
                          options.compression.tiles, scaling.seed)
    cards = []
    if np.isfinite(scale.bzero) and np.isfinite(scale.bscale) and scale.bscale != 0:
        cards += [_card("BZERO", f"{scale.bzero:.12E}", _SCALING_COMMENT),
                  _card("BSCALE", f"{scale.bscale:.12E}", _SCALING_COMMENT)]
    if scale.bitpix > 0:
        cards += [_card("BLANK", scale.blank, "Value for undefined pixels"),
                  _card("ZDITHER0", scaling.seed, "Dithering seed"),
                  "ZQUANTIZ= 'SUBTRACTIVE_DITHER_1' / Dithering algorithm".ljust(80)]
    fits.file.writeImage(stored, metadata, compression, trailer=cards)


def _card(key, value, comment):
    return f"{key:<8}= {value:>20} / {comment}".ljust(80)[:80]
