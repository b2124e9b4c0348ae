# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Make a Gen3 repository know visits and the files of their detectors."""

from __future__ import annotations

__all__ = ["DetectorFiles", "ObservedTime", "Visit", "VisitRecords"]

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lsst.daf.butler import (
    Butler,
    CollectionType,
    DataCoordinate,
    DatasetRef,
    DatasetType,
    FileDataset,
    Timespan,
)
from lsst.daf.butler.time_utils import TimeConverter
from lsst.sphgeom import ConvexPolygon

from .gen3Images import IMAGE
from .imageRegions import enclose

#: Night of a visit whose time nobody knows; a visit must have one.
UNKNOWN_NIGHT = 0


@dataclass(frozen=True)
class ObservedTime:
    """When a visit was observed."""

    midpoint: int
    """Nanoseconds since 1970, TAI (`int`)."""

    duration: float
    """Exposure time, seconds; NaN if it is not known (`float`)."""

    @property
    def timespan(self) -> Timespan:
        """From beginning to end, its middle being the midpoint exactly (`lsst.daf.butler.Timespan`)."""
        half = round(0.5e9*self.duration) if self.duration > 0 else 0
        begin, end = (TimeConverter().nsec_to_astropy(self.midpoint + sign*half) for sign in (-1, 1))
        return Timespan(begin, end) if half else Timespan.fromInstant(begin)

    @property
    def night(self) -> int:
        """The night as Rubin counts it, which ends at noon TAI, as the decimal number YYYYMMDD (`int`)."""
        noon = TimeConverter().nsec_to_astropy(self.midpoint - 12*3600*10**9)
        return int(noon.tai.strftime("%Y%m%d"))


@dataclass(frozen=True)
class DetectorFiles:
    """The files of a detector of a visit."""

    detector: int
    """Its number (`int`)."""

    region: ConvexPolygon
    """What it covers of the sky (`lsst.sphgeom.ConvexPolygon`)."""

    paths: Mapping[str, str]
    """Path of the file of each dataset, by the name of its type (`dict` [`str`, `str`])."""


@dataclass(frozen=True)
class Visit:
    """A visit with its detectors."""

    number: int
    """Its number (`int`)."""

    filter: str
    """Name of its filter (`str`)."""

    band: str
    """Band of the filter (`str`)."""

    time: ObservedTime | None
    """When it was observed; `None` if it is not known (`ObservedTime`)."""

    detectors: list[DetectorFiles] = field(default_factory=list)
    """Its detectors (`list` [`DetectorFiles`])."""


class VisitRecords:
    """The visits and the files that a run of a Gen3 repository has.

    Parameters
    ----------
    butler : `lsst.daf.butler.Butler`
        A butler that writes to the repository, which knows the instrument.
    instrument : `str`
        Name of the instrument.
    storageClasses : `dict` [`str`, `str`]
        Storage class of each type of dataset; there is one of a visit and
        detector. Types that the repository lacks are registered.
    run : `str`
        Collection that the files are in or come into.
    """

    def __init__(self, butler: Butler, instrument: str, storageClasses: Mapping[str, str], run: str) -> None:
        self._butler, self._instrument, self._run = butler, instrument, run
        self._types = {name: DatasetType(name, IMAGE, storageClass, universe=butler.dimensions)
                       for name, storageClass in storageClasses.items()}
        for datasetType in self._types.values():
            butler.registry.registerDatasetType(datasetType)
        butler.collections.register(run, CollectionType.RUN)
        # To insert one makes the butler read all detectors anew.
        self._filters = {record.name for record in butler.query_dimension_records(
            "physical_filter", instrument=instrument, explain=False)}

    def findPaths(self) -> dict[tuple[str, int, int], str]:
        """Find the files that are there.

        Returns
        -------
        paths : `dict` [`tuple` [`str`, `int`, `int`], `str`]
            Path of each, by the name of its type, visit and detector.
        """
        return {(name, ref.dataId["visit"], ref.dataId["detector"]): self._butler.getURI(ref).ospath
                for name in self._types
                for ref in self._butler.query_datasets(name, collections=self._run, find_first=False,
                                                       limit=None, explain=False)}

    def add(self, visit: Visit) -> None:
        """Add a visit, or detectors and files to one that is there: all of it or, upon an error, nothing.

        The files stay where they are.

        Parameters
        ----------
        visit : `Visit`
            The visit with what is new of it. A filter that is there keeps its
            band.
        """
        registry = self._butler.registry
        with self._butler.transaction():
            if visit.filter not in self._filters:
                registry.insertDimensionData("physical_filter", {
                    "instrument": self._instrument, "name": visit.filter, "band": visit.band})
            registry.insertDimensionData("visit", self._makeVisitRecord(visit), replace=True)
            registry.insertDimensionData(
                "visit_detector_region",
                *({"instrument": self._instrument, "visit": visit.number, "detector": files.detector,
                   "region": files.region} for files in visit.detectors), replace=True)
            self._butler.ingest(*(FileDataset(path=Path(os.path.abspath(path)).as_uri(),
                                              refs=[self._makeRef(name, visit.number, files.detector)])
                                  for files in visit.detectors for name, path in files.paths.items()),
                                transfer="direct")
        self._filters.add(visit.filter)

    def _makeVisitRecord(self, visit: Visit) -> dict[str, Any]:
        """Return the record of a visit whose region has those of the detectors that are there, too."""
        found = {"instrument": self._instrument, "visit": visit.number}
        regions = {record.detector: record.region for record in self._butler.query_dimension_records(
            "visit_detector_region", data_id=found, limit=None, explain=False)}
        regions.update({files.detector: files.region for files in visit.detectors})
        region = enclose(regions.values())
        for record in self._butler.query_dimension_records("visit", data_id=found, explain=False):
            return {**record.toDict(), "region": region}
        time = visit.time
        night = UNKNOWN_NIGHT if time is None else time.night
        self._butler.registry.insertDimensionData(
            "day_obs", {"instrument": self._instrument, "id": night}, skip_existing=True)
        return {"instrument": self._instrument, "id": visit.number, "name": str(visit.number),
                "physical_filter": visit.filter, "day_obs": night, "region": region,
                "timespan": None if time is None else time.timespan,
                "exposure_time": None if time is None or math.isnan(time.duration) else time.duration}

    def _makeRef(self, name: str, visit: int, detector: int) -> DatasetRef:
        """Return the reference to a dataset that is new."""
        dataId = DataCoordinate.standardize(instrument=self._instrument, visit=visit, detector=detector,
                                            universe=self._butler.dimensions)
        return DatasetRef(self._types[name], dataId, run=self._run)
