# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Write an image as each of the butler's recipes does."""

from __future__ import annotations

__all__ = ["STORAGES", "writeExposure"]

from lsst.afw.fits import (
    ImageCompressionOptions,
    ImageScalingOptions,
    ImageWriteOptions,
    compressionAlgorithmFromString,
    scalingAlgorithmFromString,
)
from lsst.afw.image import ExposureF

#: Names of the recipes, in the order in which the visits of a survey take them.
STORAGES = ("lossless", "noCompression", "lossyBasic")


def writeExposure(exposure: ExposureF, path: str, storage: str, seed: int) -> None:
    """Write an exposure.

    Parameters
    ----------
    exposure : `lsst.afw.image.ExposureF`
        What to write.
    path : `str`
        FITS file to write.
    storage : `str`
        One of `STORAGES`: the recipe of the same name of ``writeRecipes.yaml``
        in obs_base.
    seed : `int`
        Seeds the dithering of the lossy recipe, 1 to 10000.
    """
    plain = ImageWriteOptions(_compression("NONE" if storage == "noCompression" else "GZIP_SHUFFLE"))
    pixels = _quantized(seed) if storage == "lossyBasic" else plain
    exposure.writeFits(path, imageOptions=pixels, maskOptions=plain, varianceOptions=pixels)


def _compression(algorithm: str) -> ImageCompressionOptions:
    return ImageCompressionOptions(compressionAlgorithmFromString(algorithm))


def _quantized(seed: int) -> ImageWriteOptions:
    """Return options that store a tenth of the standard deviation as one step."""
    scaling = ImageScalingOptions(scalingAlgorithmFromString("STDEV_POSITIVE"), 32, ["NO_DATA"], seed,
                                  10.0, 10.0)
    return ImageWriteOptions(_compression("RICE"), scaling)
