# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The pixels of an exposure as compiled loops want them."""

import numpy as np

__all__ = ["getPlanes"]


def getPlanes(exposure):
    """Return the pixels of an exposure as contiguous arrays in the byte order of the machine.

    Parameters
    ----------
    exposure : `lsst.afw.image.Exposure` or `lsst.afw.image.MaskedImage`
        The image.

    Returns
    -------
    image, mask, variance : `numpy.ndarray`, (height, width)
        Its own arrays where they are so already, which must not be changed.
    """
    return tuple(
        np.ascontiguousarray(plane.array, dtype=plane.array.dtype.newbyteorder("="))
        for plane in (exposure.image, exposure.mask, exposure.variance)
    )
