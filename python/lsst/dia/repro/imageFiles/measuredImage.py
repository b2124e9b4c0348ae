# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""An image file whose measurements are in a file of their own."""

from __future__ import annotations

__all__ = ["MeasuredImage"]

from lsst.afw.geom import SkyWcs
from lsst.afw.image import FilterLabel, PhotoCalib
from lsst.afw.table import SOURCE_IO_NO_FOOTPRINTS, SourceCatalog

from ..describeError import describeError
from ..exposureHandle import ExposureHandle
from ..printable import printable
from .imageFile import ImageFile, readImage
from .imageIdentity import ImageIdentity


class MeasuredImage(ExposureHandle):
    """An image file whose measurements are in a file of their own.

    Parameters
    ----------
    image : `ImageFile`
        The image.
    identity : `ImageIdentity`
        Which image it is.
    catalog : `str`
        File of the measurements.
    """

    def __init__(self, image: ImageFile, identity: ImageIdentity, catalog: str) -> None:
        self.image = image
        self.dataId, self.ccdExposureId, self.mjd, self._band = identity
        self._catalog = catalog

    def readSources(self) -> SourceCatalog:
        """Return the measurements; see `ExposureHandle`."""
        return SourceCatalog.readFits(self._catalog, flags=SOURCE_IO_NO_FOOTPRINTS)

    def hasImage(self) -> bool:
        """Return `True`; see `ExposureHandle`."""
        return True

    def readWcs(self) -> SkyWcs | None:
        """Return the WCS of the image; see `ExposureHandle`."""
        return readImage(self.image.path).getWcs()

    def readPhotoCalib(self) -> PhotoCalib | None:
        """Return the calibration of the image; see `ExposureHandle`."""
        return readImage(self.image.path).getPhotoCalib()

    def readFilterLabel(self) -> FilterLabel | None:
        """Return the filter, by its band; see `ExposureHandle`."""
        return FilterLabel(band=self._band) if self._band else None

    def describeError(self, error: Exception, dataset: str) -> str:
        """Say in one line what went wrong; see `ExposureHandle`."""
        return f"{printable(self.image.path)}: {describeError(error)}"
