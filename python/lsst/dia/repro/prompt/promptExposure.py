# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""An exposure on its way through Level 1."""

from __future__ import annotations

__all__ = ["PromptExposure"]

from lsst.afw.geom import SkyWcs
from lsst.afw.image import ExposureF, FilterLabel, PhotoCalib
from lsst.afw.table import Schema, SourceCatalog
from lsst.geom import Box2D

from ..exposureHandle import ExposureHandle
from ..forced.imageCoverage import coverWithCircle
from ..movedNames import getFilterLabel
from ..skyPositions import SkyCircle


class PromptExposure(ExposureHandle):
    """An exposure of which the difference image was read once, or could not be.

    What is needed of the image beside its pixels is kept.

    Parameters
    ----------
    handle : `ExposureHandle`
        Reads the catalog.
    visit, detector : `int`
        Numbers in the database.
    image : `lsst.afw.image.ExposureF` or `None`
        The image; `None` if there is none, or none that can be read.
    """

    def __init__(self, handle: ExposureHandle, visit: int, detector: int, image: ExposureF | None) -> None:
        self.dataId, self.ccdExposureId, self.mjd = handle.dataId, handle.ccdExposureId, handle.mjd
        self.visit, self.detector = visit, detector
        self._handle, self._hasImage = handle, image is not None
        self._wcs = self._photoCalib = self._label = None
        #: Circle around the image (`SkyCircle`); `None` without an image.
        self.circle: SkyCircle | None = None
        if image is not None:
            self._wcs, self._photoCalib = image.getWcs(), image.getPhotoCalib()
            self._label = getFilterLabel(image)
            if self._wcs is not None:
                self.circle = coverWithCircle(self._wcs, Box2D(image.getBBox()))

    def readSchema(self) -> Schema | None:
        """Return the schema of the catalogs; see `ExposureHandle`."""
        return self._handle.readSchema()

    def readSources(self) -> SourceCatalog:
        """Return the catalog; see `ExposureHandle`."""
        return self._handle.readSources()

    def hasImage(self) -> bool:
        """Tell whether the difference image could be read; see `ExposureHandle`."""
        return self._hasImage

    def readWcs(self) -> SkyWcs | None:
        """Return the WCS of the difference image; see `ExposureHandle`."""
        return self._wcs

    def readPhotoCalib(self) -> PhotoCalib | None:
        """Return the calibration of the difference image; see `ExposureHandle`."""
        return self._photoCalib

    def readFilterLabel(self) -> FilterLabel | None:
        """Return the filter of the difference image; see `ExposureHandle`."""
        return self._label

    def describeError(self, error: Exception, dataset: str) -> str:
        """Say in one line what went wrong; see `ExposureHandle`."""
        return self._handle.describeError(error, dataset)
