# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""FITS files: headers, images and tables as bytes, and what goes wrong with them."""

from lsst import _noMixing

from ._error import FitsError, FitsTypeError
from ._file import FitsFile
from ._fits import Fits
from ._imageCompressionOptions import (
    ImageCompressionOptions,
    compressionAlgorithmFromString,
    compressionAlgorithmToString,
    getAllowImageCompression,
    imageCompressionDisabled,
    setAllowImageCompression,
)
from ._imageScale import ImageScale
from ._imageScalingOptions import (
    ImageScalingOptions,
    scalingAlgorithmFromString,
    scalingAlgorithmToString,
)
from ._imageWriteOptions import ImageWriteOptions
from ._memory import MemFileManager
from ._metadata import combineMetadata
from ._pickleFits import reduceToFits, unreduceFromFits
from ._readMetadata import DEFAULT_HDU, readMetadata

__all__ = [
    "DEFAULT_HDU", "Fits", "FitsError", "FitsFile", "FitsTypeError", "ImageCompressionOptions", "ImageScale",
    "ImageScalingOptions", "ImageWriteOptions", "MemFileManager", "combineMetadata",
    "compressionAlgorithmFromString", "compressionAlgorithmToString", "getAllowImageCompression",
    "imageCompressionDisabled", "readMetadata", "reduceToFits",
    "scalingAlgorithmFromString", "scalingAlgorithmToString", "setAllowImageCompression",
    "unreduceFromFits",
]
