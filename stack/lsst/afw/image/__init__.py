# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Images, masks and exposures, and what is stored with them."""

from lsst import _noMixing

from . import utils
from ._apCorrMap import ApCorrMap
from ._coaddInputs import CoaddInputs
from ._color import Color
from ._exposure import Exposure, ExposureD, ExposureF, ExposureI, ExposureL, ExposureU, makeExposure
from ._exposureInfo import ExposureInfo
from ._exposureSummaryStats import ExposureSummaryStats
from ._filter import Filter, FilterProperty, stripFilterKeywords
from ._filterLabel import FilterLabel, getDatabaseFilterLabel
from ._formats.exposureFitsReader import ExposureFitsReader
from ._formats.imageFitsReader import ImageFitsReader, MaskFitsReader
from ._formats.maskedImageFitsReader import MaskedImageFitsReader
from ._formats.photoCalib import makePhotoCalibFromMetadata
from ._image import Image, ImageD, ImageF, ImageI, ImageL, ImageU
from ._imageBase import ImageBase, indexToPosition, positionToIndex
from ._imageOrigin import LOCAL, PARENT, ImageOrigin
from ._mask import Mask, MaskPixel, MaskX
from ._maskedImage import (
    MaskedImage,
    MaskedImageD,
    MaskedImageF,
    MaskedImageI,
    MaskedImageL,
    MaskedImageU,
    VariancePixel,
    makeMaskedImage,
)
from ._photoCalib import Measurement, PhotoCalib, makePhotoCalibFromCalibZeroPoint
from ._rotType import RotType
from ._transmissionCurve import TransmissionCurve
from ._visitInfo import VisitInfo
from ._visitInfoMetadata import setVisitInfoMetadata, stripVisitInfoKeywords
from .basicUtils import (
    bboxFromMetadata,
    imagesOverlap,
    makeImageFromArray,
    makeMaskedImageFromArrays,
    makeMaskFromArray,
)

__all__ = [
    "ApCorrMap", "CoaddInputs", "Color",
    "Exposure", "ExposureD", "ExposureF", "ExposureFitsReader",
    "ExposureI", "ExposureInfo", "ExposureL", "ExposureSummaryStats", "ExposureU", "Filter", "FilterLabel",
    "FilterProperty", "HORIZON", "Image", "ImageBase", "ImageD", "ImageF", "ImageFitsReader", "ImageI",
    "ImageL", "ImageOrigin", "ImageU", "LOCAL", "MOUNT", "Mask", "MaskFitsReader", "MaskPixel", "MaskX",
    "MaskedImage", "MaskedImageD", "MaskedImageF", "MaskedImageFitsReader", "MaskedImageI", "MaskedImageL",
    "MaskedImageU", "Measurement", "PARENT", "PhotoCalib", "RotType", "SKY", "TransmissionCurve",
    "UNKNOWN", "VariancePixel",
    "VisitInfo",
    "bboxFromMetadata",
    "getDatabaseFilterLabel", "imagesOverlap", "indexToPosition",
    "makeExposure", "makeImageFromArray", "makeMaskFromArray", "makeMaskedImage",
    "makeMaskedImageFromArrays", "makePhotoCalibFromCalibZeroPoint", "makePhotoCalibFromMetadata",
    "positionToIndex", "setVisitInfoMetadata", "stripFilterKeywords", "stripVisitInfoKeywords", "utils",
]

UNKNOWN = RotType.UNKNOWN
SKY = RotType.SKY
HORIZON = RotType.HORIZON
MOUNT = RotType.MOUNT
