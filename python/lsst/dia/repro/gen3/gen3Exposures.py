# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The exposures of a Gen3 repository, in order of time."""

from __future__ import annotations

__all__ = ["Gen3Exposure", "findExposures"]

import math
from collections.abc import Iterable
from logging import Logger
from typing import Any

from lsst.afw.geom import SkyWcs
from lsst.afw.image import FilterLabel, PhotoCalib
from lsst.afw.table import SourceCatalog
from lsst.daf.butler import DataCoordinate, DeferredDatasetHandle

from ..exposureHandle import ExposureHandle, sortExposures
from .exposureIds import packExposureId
from .gen3Images import readComponent


class Gen3Exposure(ExposureHandle):
    """An exposure of a Gen3 repository.

    Parameters
    ----------
    catalog : `lsst.daf.butler.DeferredDatasetHandle`
        Reads its catalog; has a data ID with dimension records.
    image : `lsst.daf.butler.DeferredDatasetHandle` or `None`
        Reads its difference image, `None` if there is none.
    """

    def __init__(self, catalog: DeferredDatasetHandle, image: DeferredDatasetHandle | None) -> None:
        self.dataId = {key: catalog.dataId[key] for key in ("instrument", "visit", "detector")}
        self.ccdExposureId = packExposureId(catalog.dataId)[0]
        self.mjd = _findMidpointMjd(catalog.dataId)
        self._catalog, self._image = catalog, image

    def readSources(self) -> SourceCatalog:
        """Return the catalog; see `ExposureHandle`."""
        return self._catalog.get()

    def hasImage(self) -> bool:
        """Tell whether there is a difference image; see `ExposureHandle`."""
        return self._image is not None

    def readWcs(self) -> SkyWcs | None:
        """Return the WCS of the difference image; see `ExposureHandle`."""
        return self._readComponent("wcs")

    def readPhotoCalib(self) -> PhotoCalib | None:
        """Return the calibration of the difference image; see `ExposureHandle`."""
        return self._readComponent("photoCalib")

    def readFilterLabel(self) -> FilterLabel | None:
        """Return the filter of the visit, which needs no image; see `ExposureHandle`."""
        dataId = self._catalog.dataId
        return FilterLabel(band=dataId["band"], physical=dataId["physical_filter"])

    def _readComponent(self, name: str) -> Any:
        if self._image is None:
            raise LookupError(f"there is no difference image of {self.dataId}")
        return readComponent(self._image, name)


def findExposures(catalogs: Iterable[DeferredDatasetHandle], images: Iterable[DeferredDatasetHandle],
                  log: Logger) -> list[Gen3Exposure]:
    """Put catalogs and difference images together, and sort them.

    Parameters
    ----------
    catalogs, images : iterable [`lsst.daf.butler.DeferredDatasetHandle`]
        The catalogs, and the images of some of them.
    log : `logging.Logger`
        Told how many have no time.

    Returns
    -------
    exposures : `list` [`Gen3Exposure`]
        One a catalog, sorted by time and exposure id.
    """
    imageOf = {image.dataId: image for image in images}
    return sortExposures([Gen3Exposure(catalog, imageOf.get(catalog.dataId)) for catalog in catalogs], log)


def _findMidpointMjd(dataId: DataCoordinate) -> float:
    """Return the middle of an exposure, MJD (TAI); NaN if its visit has no beginning or no end."""
    timespan = dataId.timespan
    if timespan is None or timespan.begin is None or timespan.end is None:
        return math.nan
    return float((timespan.begin + 0.5*(timespan.end - timespan.begin)).tai.mjd)
