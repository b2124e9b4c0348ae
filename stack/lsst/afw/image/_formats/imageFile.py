# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Files with an image or a mask in one HDU."""

from lsst.afw.fits import Fits, ImageWriteOptions
from lsst.afw.table.io import registerFileFormat
from lsst.daf.base import PropertySet

from .._image import _Image
from .._mask import MaskX
from .fitsTarget import openForWriting, splitWriteArguments
from .imageFitsReader import ImageFitsReader, MaskFitsReader
from .imageHdu import writeImageHdu


def _readImage(cls, source, hdu, metadata, bbox, origin, allowUnsafe):
    reader = ImageFitsReader(source, hdu)
    image = reader.read(bbox, origin, allowUnsafe, dtype=cls._dtype)
    if metadata is not None:
        metadata.combine(reader.readMetadata())
    return image


def _readMask(cls, source, hdu, metadata, bbox, origin, conformMasks, allowUnsafe):
    reader = MaskFitsReader(source, hdu)
    mask = reader.read(bbox, origin, conformMasks, allowUnsafe, dtype=cls._dtype)
    if metadata is not None:
        metadata.combine(reader.readMetadata())
    return mask


def _writeImage(image, target, *args, **kwargs):
    values = _writeArguments(target, args, kwargs, hasMask=True)
    with openForWriting(target, values["mode"] or "w") as fits:
        options = values["options"] or ImageWriteOptions(image)
        writeImageHdu(fits, image, options, values["header"], values["mask"])


def _writeMask(mask, target, *args, **kwargs):
    values = _writeArguments(target, args, kwargs)
    header = PropertySet() if values["header"] is None else values["header"].deepCopy()
    mask.addMaskPlanesToMetadata(header)
    with openForWriting(target, values["mode"] or "w") as fits:
        writeImageHdu(fits, mask, values["options"] or ImageWriteOptions(mask), header)


def _writeArguments(target, args, kwargs, hasMask=False):
    """Bind the arguments of ``writeFits`` of an image or mask in either of its two forms.

    Returns
    -------
    values : `dict`
        "options", "mode", "header" and "mask", each possibly `None`.
    """
    mode = () if isinstance(target, Fits) else ("mode",)
    if (args and isinstance(args[0], ImageWriteOptions)) or "options" in kwargs:
        names = ("options",) + mode + ("header",) + (("mask",) if hasMask else ())
        values = splitWriteArguments(names, args, kwargs)
    else:
        values = splitWriteArguments(("metadata",) + mode, args, kwargs)
        values["header"] = values.pop("metadata")
    for name in ("options", "mode", "header", "mask"):
        values.setdefault(name, None)
    return values


registerFileFormat(_Image, _readImage, _writeImage)
registerFileFormat(MaskX, _readMask, _writeMask)
