# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""What pixels are set to that cannot be computed, because they are too near an edge."""

__all__ = ["isMasked", "setPadding"]

import math


def isMasked(image):
    """Tell whether an image has a mask and a variance."""
    return hasattr(image, "getVariance")


def setPadding(image, where, value=None):
    """Set pixels to a value for what is not known.

    Parameters
    ----------
    image : `lsst.afw.image.Image` or `lsst.afw.image.MaskedImage`
        Image to change.
    where : index
        Which pixels: anything that indexes the arrays.
    value : `float` or `tuple` [`float`, `int`, `float`], optional
        Value, with that of the mask and the variance for a masked image. By default NaN (0 in an image of
        integers), ``NO_DATA`` and infinity.
    """
    plain = image.image if isMasked(image) else image
    nothing = math.nan if plain.array.dtype.kind == "f" else 0
    if not isMasked(image):
        plain.array[where] = nothing if value is None else value
        return
    default = (nothing, image.mask.getPlaneBitMask("NO_DATA"), math.inf)
    for array, pixel in zip((plain.array, image.mask.array, image.variance.array),
                            default if value is None else value):
        array[where] = pixel
