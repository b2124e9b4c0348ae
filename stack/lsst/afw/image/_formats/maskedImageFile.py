# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Files with a masked image: an empty primary HDU, then image, mask and variance."""

from lsst.afw.fits import ImageWriteOptions
from lsst.afw.table.io import registerFileFormat
from lsst.daf.base import PropertyList
from lsst.pex.exceptions import LogicError

from .._maskedImage import _MaskedImage
from .fitsTarget import openForWriting, splitWriteArguments
from .maskedImageFitsReader import MaskedImageFitsReader

__all__ = ["writePlanes"]

_PLANES = ("image", "mask", "variance")


def _read(cls, source, bbox, origin, conformMasks, needAllHdus, allowUnsafe, headers):
    reader = MaskedImageFitsReader(source)
    maskedImage = reader.read(bbox, origin, conformMasks, needAllHdus, allowUnsafe, cls._imageClass._dtype)
    for target, read in zip(headers, (reader.readPrimaryMetadata, reader.readImageMetadata,
                                      reader.readMaskMetadata, reader.readVarianceMetadata)):
        if target is not None:
            target.combine(read())
    return maskedImage


def _write(maskedImage, target, *args, **kwargs):
    if (args and isinstance(args[0], ImageWriteOptions)) or "imageOptions" in kwargs:
        names = tuple(plane + "Options" for plane in _PLANES)
        values = splitWriteArguments(names + ("header",), args, kwargs)
        metadata, options, planeMetadata = values["header"], [values[name] for name in names], [None] * 3
    else:
        names = tuple(plane + "Metadata" for plane in _PLANES)
        values = splitWriteArguments(("metadata",) + names, args, kwargs)
        metadata, options, planeMetadata = values["metadata"], None, [values[name] for name in names]
    with openForWriting(target) as fits:
        writePlanes(maskedImage, fits, options, metadata, planeMetadata)


def writePlanes(maskedImage, fits, options, metadata, planeMetadata):
    """Write a masked image to an empty file.

    Parameters
    ----------
    maskedImage : `MaskedImageF` or another masked image class
        What to write.
    fits : `lsst.afw.fits.Fits`
        File opened for writing.
    options : `list` [`lsst.afw.fits.ImageWriteOptions`] or `None`
        Compression and scaling of image, mask and variance.
    metadata : `lsst.daf.base.PropertySet` or `None`
        Header of the primary HDU.
    planeMetadata : `list` [`lsst.daf.base.PropertySet` or `None`]
        Headers of image, mask and variance.

    Raises
    ------
    lsst.pex.exceptions.LogicError
        Raised if the file has HDUs already.
    """
    if fits.countHdus() != 0:
        raise LogicError("MaskedImage::writeFits can only write to an empty file")
    fits.createEmpty()
    fits.writeMetadata(PropertyList() if metadata is None else metadata)
    image, mask, variance = planes = maskedImage._planes()
    options = options or [ImageWriteOptions(plane) for plane in planes]
    headers = [_planeHeader(item, name.upper()) for item, name in zip(planeMetadata, _PLANES)]
    image.writeFits(fits, options[0], headers[0], mask)
    mask.writeFits(fits, options[1], headers[1])
    variance.writeFits(fits, options[2], headers[2], mask)


def _planeHeader(metadata, name):
    header = PropertyList() if metadata is None else metadata.deepCopy()
    header.set("INHERIT", True)
    header.set("EXTTYPE", name)
    header.set("EXTNAME", name)
    return header


registerFileFormat(_MaskedImage, _read, _write)
