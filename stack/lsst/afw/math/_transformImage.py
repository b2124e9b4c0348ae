# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Rotation by quarter turns, reflection and binning of images."""

__all__ = ["binImage", "flipImage", "rotateImageBy90"]

import numpy as np

from lsst.geom import Extent2I
from lsst.pex.exceptions import DomainError, InvalidParameterError

from ._statistics import MEAN


def rotateImageBy90(image, nQuarter):
    """Return a copy of an image or mask, rotated anticlockwise by quarter turns; xy0 becomes zero."""
    if nQuarter % 4 == 0:
        return image.Factory(image, True)
    return _fill(image, [np.rot90(array, -nQuarter) for array in _planes(image)])


def flipImage(inImage, flipLR, flipTB):
    """Return a copy of an image or mask, reflected left to right, top to bottom, or both."""
    flipped = inImage.Factory(inImage, True)
    for array in _planes(flipped):
        array[:, :] = array[::-1 if flipTB else 1, ::-1 if flipLR else 1].copy()
    return flipped


def binImage(inImage, binX, binY=None, flags=MEAN):
    """Return the means of an image in bins.

    Parameters
    ----------
    inImage : `lsst.afw.image.Image` or `lsst.afw.image.MaskedImage`
        Image; pixels that do not fill a bin are dropped.
    binX : `int`
        Width of a bin, pixels; and its height unless ``binY`` is given.
    binY : `int`, optional
        Height of a bin, pixels.
    flags : `Property`
        `MEAN`, the only statistic that the stack supports.

    Raises
    ------
    lsst.pex.exceptions.DomainError
        If a bin is empty.
    lsst.pex.exceptions.InvalidParameterError
        If another statistic is asked for.
    """
    binY = binX if binY is None else binY
    if flags != MEAN:
        raise InvalidParameterError(f"Only afwMath::MEAN is supported, saw {int(flags):#x}")
    if binX <= 0 or binY <= 0:
        raise DomainError(f"Binning must be >= 0, saw {binX}x{binY}")
    height, width = inImage.getHeight()//binY, inImage.getWidth()//binX
    blocks = [array[:height*binY, :width*binX].reshape(height, binY, width, binX)
              for array in _planes(inImage)]
    count = binX*binY
    planes = [blocks[0].sum(axis=(1, 3))/count]
    if hasattr(inImage, "mask"):
        planes += [np.bitwise_or.reduce(blocks[1], axis=(1, 3)), blocks[2].sum(axis=(1, 3))/count**2]
    binned = _fill(inImage, planes)
    binned.setXY0(inImage.getXY0())
    return binned


def _planes(image):
    if hasattr(image, "mask"):
        return [image.image.array, image.mask.array, image.variance.array]
    return [image.array]


def _fill(image, planes):
    """Return a new image of the type of another with the given planes."""
    filled = image.Factory(Extent2I(planes[0].shape[1], planes[0].shape[0]))
    for array, plane in zip(_planes(filled), planes):
        array[:, :] = plane
    return filled
