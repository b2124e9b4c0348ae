# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Make a Gen3 repository know what a Gen2 one has."""

from __future__ import annotations

__all__ = ["RepositoryConversion"]

import logging
import math
import os
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from lsst.afw.table import SOURCE_IO_NO_FOOTPRINTS
from lsst.daf.base import DateTime
from lsst.daf.butler import Butler
from lsst.daf.persistence import ButlerDataRef
from lsst.pipe.base import TaskError
from lsst.sphgeom import ConvexPolygon

from ..commandLine.exposureId import readExposureId
from ..commandLine.gen2Exposures import readRegistryTime
from ..commandLine.readError import describeReadError
from ..describeError import describeError
from ..progress import trackProgress
from ..sky import toVectors
from .imageRegions import enclosePadded, findOutline
from .lsstSimInstrument import DETECTOR_MAX, DETECTORS, LsstSimInstrument
from .visitRecords import DetectorFiles, ObservedTime, Visit, VisitRecords

LOG = logging.getLogger("convertDiaRepo")


class _Image(NamedTuple):
    """What an image tells: where its sides lie, when it was taken, and in which band."""

    vectors: np.ndarray
    time: ObservedTime | None
    band: str


class RepositoryConversion:
    """Makes a Gen3 repository know the difference images and DIASources of a Gen2 one.

    Parameters
    ----------
    gen3 : `lsst.daf.butler.Butler`
        A butler that writes to the Gen3 repository.
    coaddName : `str`
        Name of the coadd in the names of the datasets.
    collection : `str`
        Collection of the Gen3 repository that the files come into.
    padding : `float`
        How far around an image its region reaches, radians.

    Attributes
    ----------
    nFailed : `int`
        Number of images and catalogs that could not be used.
    """

    def __init__(self, gen3: Butler, coaddName: str, collection: str, padding: float) -> None:
        self.nFailed = 0
        self._image, self._catalog = coaddName + "Diff_differenceExp", coaddName + "Diff_diaSrc"
        self._padding = padding
        instrument = LsstSimInstrument()
        instrument.register(gen3.registry)
        self._records = VisitRecords(gen3, instrument.getName(),
                                     {self._image: "ExposureF", self._catalog: "SourceCatalog"}, collection)
        self._known = self._records.findPaths()
        self._bands: dict[str, str] = {}

    def run(self, dataRefs: Sequence[ButlerDataRef]) -> None:
        """Convert what is new of some data; what cannot be used is logged and left out.

        Parameters
        ----------
        dataRefs : sequence [`lsst.daf.persistence.ButlerDataRef`]
            References to exposures of the Gen2 repository; there may be
            nothing of them.
        """
        visits: dict[int, dict[int, ButlerDataRef]] = {}
        for ref in dataRefs:
            detector = self._findDetector(ref)
            if detector is not None:
                visits.setdefault(ref.dataId["visit"], {})[detector] = ref
        nAdded = sum(self._addVisit(visits[number])
                     for number in trackProgress(sorted(visits), LOG, "Converting visits"))
        LOG.info("%d files added to the %d that were there", nAdded, len(self._known))
        if self.nFailed:
            LOG.error("%d images or catalogs are left out, as said above", self.nFailed)

    def _findDetector(self, ref: ButlerDataRef) -> int | None:
        """Return the number of a detector; `None`, which is logged, if the instrument has it not."""
        try:
            visit, detector = divmod(readExposureId(ref)[0], DETECTOR_MAX)
            names = ref.dataId["raft"], ref.dataId["sensor"]
            if (visit, DETECTORS.get(detector)) == (ref.dataId["visit"], names):
                return detector
            reason = f"{LsstSimInstrument.getName()} has no such detector"
        except Exception as error:
            reason = describeError(error)
        self._leaveOut(ref, reason)
        return None

    def _addVisit(self, refs: dict[int, ButlerDataRef]) -> int:
        """Add what is new of a visit, whose exposures are given by detector; return the number of files."""
        new = dict(self._findNew(refs))
        images = {detector: self._readImage(refs[detector]) for detector in new
                  if self._image in new[detector]}
        usable = {detector: image for detector, image in images.items() if image is not None}
        files = []
        for detector, paths in new.items():
            if detector not in usable:
                paths.pop(self._image, None)
            region = self._findRegion(refs[detector], usable.get(detector)) if paths else None
            if region is not None:
                files.append(DetectorFiles(detector, region, paths))
        if files:
            first = next(iter(refs.values()))
            self._records.add(self._makeVisit(first, list(usable.values()), files))
        return sum(len(one.paths) for one in files)

    def _makeVisit(self, ref: ButlerDataRef, images: list[_Image], files: list[DetectorFiles]) -> Visit:
        """Return a visit, given one of its exposures, its images and its files."""
        name = ref.dataId["filter"]
        for image in images:
            self._bands.setdefault(name, image.band)
        # As in Gen2, the registry is asked when no image knows.
        time = (next((image.time for image in images if image.time is not None), None)
                or self._findRegistryTime(ref))
        return Visit(ref.dataId["visit"], name, self._bands.get(name) or name, time, files)

    def _findNew(self, refs: dict[int, ButlerDataRef]) -> Iterator[tuple[int, dict[str, str]]]:
        """Yield detectors with the paths of those datasets that the Gen3 repository has not."""
        for detector, ref in refs.items():
            paths = {}
            for name in filter(ref.datasetExists, (self._image, self._catalog)):
                path = os.path.abspath(ref.getUri(name))
                known = self._known.get((name, ref.dataId["visit"], detector), path)
                if known != path:
                    self._leaveOut(ref, f"the {name} {path}, for the collection has {known}")
                elif (name, ref.dataId["visit"], detector) not in self._known:
                    paths[name] = path
            yield detector, paths

    def _readImage(self, ref: ButlerDataRef) -> _Image | None:
        """Read what is needed of an image; `None`, which is logged, if it cannot be used."""
        try:
            wcs, box, info, label = (ref.get(f"{self._image}_{name}", immediate=True)
                                     for name in ("wcs", "bbox", "visitInfo", "filterLabel"))
            if wcs is None:
                raise TaskError("it has no WCS")
            vectors = findOutline(wcs, box)
            if not np.isfinite(vectors).all():
                raise TaskError("its WCS has places outside of the sky")
            isTimed = info is not None and info.getDate().isValid()
            return _Image(
                vectors,
                ObservedTime(info.getDate().nsecs(DateTime.TAI), info.getExposureTime()) if isTimed else None,
                label.bandLabel if label is not None and label.hasBandLabel() else "")
        except Exception as error:
            self._leaveOut(ref, f"its {self._image}: {describeReadError(error, ref, self._image)}")
            return None

    def _findRegion(self, ref: ButlerDataRef, image: _Image | None) -> ConvexPolygon | None:
        """Return the region of an image, or of the sources if there is none; `None`, logged, without any."""
        try:
            vectors = self._readPositions(ref) if image is None else image.vectors
            if len(vectors):
                return enclosePadded(vectors, self._padding)
            LOG.warning("Left out dataId=%s: without image and without sources it has no place on the sky",
                        dict(ref.dataId))
        except Exception as error:
            self._leaveOut(ref, f"its {self._catalog}: {describeReadError(error, ref, self._catalog)}")
        return None

    def _readPositions(self, ref: ButlerDataRef) -> np.ndarray:
        """Return unit vectors of the sources of a catalog that have a position."""
        catalog = ref.get(self._catalog, immediate=True, flags=SOURCE_IO_NO_FOOTPRINTS)
        vectors = toVectors(np.asarray(catalog["coord_ra"]), np.asarray(catalog["coord_dec"]))
        return vectors[np.isfinite(vectors).all(axis=1)]

    def _findRegistryTime(self, ref: ButlerDataRef) -> ObservedTime | None:
        """Return the time of a visit as the registry has it; `None`, which is logged, if it has none."""
        mjd, duration = readRegistryTime(ref, self._image)
        if math.isfinite(mjd):
            return ObservedTime(DateTime(mjd, DateTime.MJD, DateTime.TAI).nsecs(DateTime.TAI), duration)
        LOG.warning("Visit %d has no time, neither in an image nor in the registry", ref.dataId["visit"])
        return None

    def _leaveOut(self, ref: ButlerDataRef, what: str) -> None:
        """Log that something of an exposure is not converted, and why."""
        self.nFailed += 1
        LOG.error("Left out of dataId=%s: %s", dict(ref.dataId), what)
