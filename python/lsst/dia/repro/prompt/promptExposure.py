# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""An exposure on its way through Level 1."""

from __future__ import annotations

__all__ = ["ImageParts", "PromptExposure"]

from typing import NamedTuple

from lsst.afw.geom import SkyWcs
from lsst.afw.image import ExposureF, FilterLabel, PhotoCalib
from lsst.afw.table import Schema, SourceCatalog
from lsst.geom import Box2D, Box2I

from ..exposureHandle import ExposureHandle
from ..forced.imageCoverage import coverWithCircle
from ..movedNames import getFilterLabel
from ..skyPositions import SkyCircle
from .processedExposure import ProcessedExposure


class ImageParts(NamedTuple):
    """What is needed of a difference image beside its pixels.

    Attributes
    ----------
    wcs : `lsst.afw.geom.SkyWcs` or `None`
        Its WCS.
    photoCalib : `lsst.afw.image.PhotoCalib` or `None`
        Its calibration.
    label : `lsst.afw.image.FilterLabel` or `None`
        Its filter.
    box : `lsst.geom.Box2I`
        Its bounding box.
    """

    wcs: SkyWcs | None
    photoCalib: PhotoCalib | None
    label: FilterLabel | None
    box: Box2I

    @classmethod
    def fromImage(cls, image: ExposureF) -> ImageParts:
        """Take the parts of an image."""
        return cls(image.getWcs(), image.getPhotoCalib(), getFilterLabel(image), image.getBBox())

    def findCircle(self) -> SkyCircle | None:
        """Return a circle around the image, `None` without a WCS."""
        return None if self.wcs is None else coverWithCircle(self.wcs, Box2D(self.box))


class PromptExposure(ExposureHandle):
    """An exposure whose difference image was read before, or could not be.

    Parameters
    ----------
    handle : `ExposureHandle`
        Reads the catalog.
    visit, detector : `int`
        Numbers in the database.
    image : `ImageParts` or `None`
        What is needed of the image; `None` if there is none, or none that can
        be read.

    Attributes
    ----------
    circle : `SkyCircle` or `None`
        Circle around the image, `None` if it is not known.
    """

    def __init__(self, handle: ExposureHandle, visit: int, detector: int, image: ImageParts | None) -> None:
        self.dataId, self.ccdExposureId, self.mjd = handle.dataId, handle.ccdExposureId, handle.mjd
        self.visit, self.detector = visit, detector
        self.circle = None if image is None else image.findCircle()
        self._handle, self._image = handle, image

    def toProcessed(self, band: str) -> ProcessedExposure:
        """Return the exposure as the database is to know it."""
        return ProcessedExposure(self.ccdExposureId, self.visit, self.detector, self.mjd, band,
                                 dict(self.dataId), self.circle)

    def readSchema(self) -> Schema | None:
        """Return the schema of the catalogs; see `ExposureHandle`."""
        return self._handle.readSchema()

    def readSources(self) -> SourceCatalog:
        """Return the catalog; see `ExposureHandle`."""
        return self._handle.readSources()

    def hasImage(self) -> bool:
        """Tell whether the difference image could be read; see `ExposureHandle`."""
        return self._image is not None

    def readWcs(self) -> SkyWcs | None:
        """Return the WCS of the difference image; see `ExposureHandle`."""
        return None if self._image is None else self._image.wcs

    def readPhotoCalib(self) -> PhotoCalib | None:
        """Return the calibration of the difference image; see `ExposureHandle`."""
        return None if self._image is None else self._image.photoCalib

    def readFilterLabel(self) -> FilterLabel | None:
        """Return the filter of the difference image; see `ExposureHandle`."""
        return None if self._image is None else self._image.label

    def describeError(self, error: Exception, dataset: str) -> str:
        """Say in one line what went wrong; see `ExposureHandle`."""
        return self._handle.describeError(error, dataset)
