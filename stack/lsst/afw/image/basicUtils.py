# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Images of arrays, and what images have to do with each other and with headers."""

import numpy as np

from lsst.afw.geom import getImageXY0FromMetadata
from lsst.geom import Box2I, Extent2I

from ._formats.imageHdu import WCS_NAME_FOR_XY0
from ._image import Image
from ._mask import Mask
from ._maskedImage import MaskedImage

__all__ = ["makeImageFromArray", "makeMaskFromArray", "makeMaskedImageFromArrays", "imagesOverlap",
           "bboxFromMetadata"]


def makeImageFromArray(array):
    """Return an image that shares the memory of an array; `None` for `None`."""
    return None if array is None else Image(array, dtype=array.dtype.type)


def makeMaskFromArray(array):
    """Return a mask that shares the memory of an array; `None` for `None`."""
    return None if array is None else Mask(array, dtype=array.dtype.type)


def makeMaskedImageFromArrays(image, mask=None, variance=None):
    """Return a masked image that shares the memory of arrays."""
    return MaskedImage(makeImageFromArray(image), makeMaskFromArray(mask), makeImageFromArray(variance),
                       dtype=image.dtype.type)


def imagesOverlap(image1, image2):
    """Do two images, or any planes of two masked images, share memory?

    Images are taken to occupy all memory from their first to their last pixel.
    """
    if hasattr(image1, "getVariance"):
        return any(imagesOverlap(a, b) for a, b in zip(image1._planes(), image2._planes()))
    return np.may_share_memory(image1.array, image2.array)


def bboxFromMetadata(metadata):
    """Return the bounding box of an image from its header (`lsst.daf.base.PropertySet`)."""
    isCompressed = metadata.exists("ZNAXIS1") and metadata.exists("ZNAXIS2")
    names = ("ZNAXIS1", "ZNAXIS2") if isCompressed else ("NAXIS1", "NAXIS2")
    dimensions = Extent2I(*(metadata.getAsInt(name) for name in names))
    return Box2I(getImageXY0FromMetadata(metadata, WCS_NAME_FOR_XY0), dimensions)
