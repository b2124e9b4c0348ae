# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Write an image as each of the butler's recipes does."""

__all__ = ["STORAGES", "writeExposure"]

import os

from lsst.afw.fits import (
    ImageCompressionOptions,
    ImageScalingOptions,
    ImageWriteOptions,
    compressionAlgorithmFromString,
    scalingAlgorithmFromString,
)

#: Names of the recipes, in the order in which the visits of a survey take them.
STORAGES = ("lossless", "noCompression", "lossyBasic")


def writeExposure(butler, exposure, dataset, dataId, storage, seed):
    """Write an exposure.

    Parameters
    ----------
    butler : `lsst.daf.persistence.Butler`
        Says where.
    exposure : `lsst.afw.image.ExposureF`
        What to write.
    dataset : `str`
        Dataset type.
    dataId : `dict`
        Data ID.
    storage : `str`
        One of `STORAGES`: the recipe of the same name of ``writeRecipes.yaml``
        in obs_base.
    seed : `int`
        Seeds the dithering of the lossy recipe, 1 to 10000.
    """
    path = butler.getUri(dataset, dataId, write=True)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    plain = ImageWriteOptions(_compression("NONE" if storage == "noCompression" else "GZIP_SHUFFLE"))
    pixels = _quantized(seed) if storage == "lossyBasic" else plain
    exposure.writeFits(path, imageOptions=pixels, maskOptions=plain, varianceOptions=pixels)


def _compression(algorithm):
    return ImageCompressionOptions(compressionAlgorithmFromString(algorithm))


def _quantized(seed):
    """Return options that store a tenth of the standard deviation as one step."""
    scaling = ImageScalingOptions(scalingAlgorithmFromString("STDEV_POSITIVE"), 32, ["NO_DATA"], seed,
                                  10.0, 10.0)
    return ImageWriteOptions(_compression("RICE"), scaling)
