# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The exposures of a Gen2 repository, in order of time."""

from __future__ import annotations

__all__ = ["Gen2Exposure", "findExposures", "readMidpointMjds", "readRegistryTime"]

import math
from logging import Logger

import lsst.afw.table as afwTable
from astropy.time import Time
from lsst.afw.geom import SkyWcs
from lsst.afw.image import FilterLabel, PhotoCalib
from lsst.daf.base import DateTime
from lsst.daf.persistence import ButlerDataRef
from lsst.geom import Box2I

from ..exposureHandle import ExposureHandle, sortExposures
from ..progress import trackProgress
from .exposureId import readExposureId
from .readError import describeReadError

SECONDS_PER_DAY = 86400.0


class Gen2Exposure(ExposureHandle):
    """An exposure of a Gen2 repository.

    Parameters
    ----------
    dataRef : `lsst.daf.persistence.ButlerDataRef`
        Reference to its data.
    mjd : `float`
        Middle of the exposure, MJD (TAI).
    sourceDataset, imageDataset : `str`
        Names of the datasets of its catalog and of its difference image.
    """

    def __init__(self, dataRef: ButlerDataRef, mjd: float, sourceDataset: str, imageDataset: str) -> None:
        self.dataRef = dataRef
        self.dataId = dict(dataRef.dataId)
        self.ccdExposureId = readExposureId(dataRef)[0]
        self.mjd = mjd
        self._sourceDataset, self._imageDataset = sourceDataset, imageDataset

    def readSchema(self) -> afwTable.Schema | None:
        """Return the schema of the catalogs; see `ExposureHandle`."""
        dataset = self._sourceDataset + "_schema"
        if not self.dataRef.datasetExists(dataset):
            return None
        return self.dataRef.get(dataset, immediate=True).schema

    def readSources(self) -> afwTable.SourceCatalog:
        """Return the catalog; see `ExposureHandle`."""
        return self.dataRef.get(self._sourceDataset, immediate=True, flags=afwTable.SOURCE_IO_NO_FOOTPRINTS)

    def hasImage(self) -> bool:
        """Tell whether there is a difference image; see `ExposureHandle`."""
        return self.dataRef.datasetExists(self._imageDataset)

    def readBBox(self) -> Box2I:
        """Return the bounding box of the difference image; see `ExposureHandle`."""
        return self.dataRef.get(self._imageDataset + "_bbox", immediate=True)

    def readWcs(self) -> SkyWcs | None:
        """Return the WCS of the difference image; see `ExposureHandle`."""
        return self.dataRef.get(self._imageDataset + "_wcs", immediate=True)

    def readPhotoCalib(self) -> PhotoCalib | None:
        """Return the calibration of the difference image; see `ExposureHandle`."""
        return self.dataRef.get(self._imageDataset + "_photoCalib", immediate=True)

    def readFilterLabel(self) -> FilterLabel | None:
        """Return the filter of the difference image; see `ExposureHandle`."""
        return self.dataRef.get(self._imageDataset + "_filterLabel", immediate=True)

    def describeError(self, error: Exception, dataset: str) -> str:
        """Say in one line what went wrong; see `ExposureHandle`."""
        return describeReadError(error, self.dataRef, dataset)


def findExposures(dataRefs: list[ButlerDataRef], sourceDataset: str, imageDataset: str,
                  log: Logger) -> list[Gen2Exposure]:
    """Look up when exposures were taken, and sort them.

    Parameters
    ----------
    dataRefs : `list` [`lsst.daf.persistence.ButlerDataRef`]
        References to the exposures.
    sourceDataset, imageDataset : `str`
        Names of the datasets of their catalogs and of their difference images.
    log : `logging.Logger`
        Told of times that cannot be had, and of the progress.

    Returns
    -------
    exposures : `list` [`Gen2Exposure`]
        The exposures, sorted by time and exposure id.
    """
    return sortExposures([Gen2Exposure(ref, mjd, sourceDataset, imageDataset)
                          for ref, mjd in zip(dataRefs, readMidpointMjds(dataRefs, imageDataset, log))], log)


def readMidpointMjds(dataRefs: list[ButlerDataRef], imageDataset: str, log: Logger) -> list[float]:
    """Return the times of the middle of exposures.

    Parameters
    ----------
    dataRefs : `list` [`lsst.daf.persistence.ButlerDataRef`]
        References to the exposures.
    imageDataset : `str`
        Name of the difference image dataset, whose VisitInfo has the time.
    log : `logging.Logger`
        Told when a VisitInfo cannot be had, and of the progress.

    Returns
    -------
    mjd : `list` [`float`]
        MJD (TAI) of the middle of each exposure, from the VisitInfo of its
        difference image. Without an image it is that of another image of the
        visit; else that of the registry, and NaN where that has none.
    """
    known = [_imageMjd(ref, imageDataset, log)
             for ref in trackProgress(dataRefs, log, "Looking up exposures")]
    visits = [ref.dataId.get("visit") for ref in dataRefs]
    ofVisit = {visit: mjd for visit, mjd in zip(visits, known) if mjd is not None and visit is not None}
    times, nRegistry = [], 0
    for ref, visit, mjd in zip(dataRefs, visits, known):
        if mjd is None:
            mjd = ofVisit.get(visit)
        if mjd is None:
            mjd, _ = readRegistryTime(ref, imageDataset)
            nRegistry += math.isfinite(mjd)
        times.append(mjd)
    if nRegistry:
        log.info("The times of %d of %d images are from the registry (taiObs, begin in UTC, and expTime): "
                 "their visits have no %s with a time", nRegistry, len(dataRefs), imageDataset)
    return times


def _imageMjd(dataRef: ButlerDataRef, imageDataset: str, log: Logger) -> float | None:
    """Return the MJD of a difference image, `None` if it cannot be had."""
    try:
        if dataRef.datasetExists(imageDataset):
            date = dataRef.get(imageDataset + "_visitInfo", immediate=True).getDate()
            if date.isValid():
                return date.get(DateTime.MJD, DateTime.TAI)
    except Exception as error:
        log.warning("Cannot read the time of %s for dataId=%s: %s", imageDataset, dict(dataRef.dataId),
                    describeReadError(error, dataRef, imageDataset))
    return None


def readRegistryTime(dataRef: ButlerDataRef, imageDataset: str) -> tuple[float, float]:
    """Return the time of an exposure by the registry.

    Parameters
    ----------
    dataRef : `lsst.daf.persistence.ButlerDataRef`
        Reference to the exposure.
    imageDataset : `str`
        Name of the difference image dataset.

    Returns
    -------
    mjd, seconds : `float`
        MJD (TAI) of the middle of the exposure, and its duration; NaN if the
        registry has none.
    """
    try:
        butler = dataRef.getButler()
        rows = butler.queryMetadata(imageDataset, ["taiObs", "expTime"], dataId=dict(dataRef.dataId))
        begin, seconds = rows[0]
        # In spite of its name taiObs is UTC, without a zone, and when the exposure begins: so obs_lsstSim
        # has filled registries.
        return float(Time(begin, scale="utc").tai.mjd + 0.5*float(seconds)/SECONDS_PER_DAY), float(seconds)
    except Exception:
        # A registry may lack the columns, and says so in its own ways.
        return math.nan, math.nan
