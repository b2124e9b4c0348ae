# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Take exposures of a visit through Level 1: from the database and the images, and back."""

from __future__ import annotations

__all__ = ["Target", "VisitRun"]

from collections.abc import Sequence
from typing import Any, Callable, NamedTuple

import numpy as np
import pandas as pd
from lsst.afw.image import ExposureF
from lsst.afw.table import IdFactory, SourceCatalog
from lsst.pipe.base import Struct, TaskError
from scipy.spatial import cKDTree

from ..association.tiles import boundingCircle
from ..describeError import describeError
from ..exposureHandle import ExposureHandle
from ..sky import chord, separation, toRaDec, toVectors
from ..skyPositions import SkyCircle, SkyPositions
from .apdbTables import makeForcedTable, makeObjectTable, makeSourceTable
from .diaPromptProcessing import DiaPromptProcessingTask
from .forcedRows import ForcedRows
from .imageCache import ImageCache
from .processedExposure import ProcessedExposure
from .promptDatabase import PromptDatabase
from .promptExposure import ImageParts, PromptExposure
from .visitObjects import VisitObjects

#: One version of a DIAObject ends at least so long (days) before the next; 1 ms.
STEP = 1e-3/86400


class Target(NamedTuple):
    """An exposure to process.

    Attributes
    ----------
    handle : `ExposureHandle`
        Reads its catalog.
    visit, detector : `int`
        Numbers in the database.
    """

    handle: ExposureHandle
    visit: int
    detector: int


class VisitRun:
    """Processes a visit.

    Parameters
    ----------
    task : `DiaPromptProcessingTask`
        Has the algorithm and its options.
    database : `PromptDatabase`
        The database.
    readImage : callable
        Returns the difference image of a data ID.
    cache : `ImageCache`
        Has images of visits before.
    nBits : `int`
        Number of bits that ids have for the exposure.
    allowLate : `bool`, optional
        Process the visit if it is earlier than one in the database, too, with
        the DIAObjects that were valid then?
    """

    def __init__(self, task: DiaPromptProcessingTask, database: PromptDatabase,
                 readImage: Callable[[dict[str, Any]], ExposureF], cache: ImageCache, nBits: int,
                 allowLate: bool = False) -> None:
        self._task, self._database, self._log = task, database, task.log
        self._readImage, self._nBits, self._allowLate = readImage, nBits, allowLate
        self._cache = cache

    def run(self, targets: Sequence[Target]) -> Struct:
        """Associate and measure, and write nothing yet.

        Parameters
        ----------
        targets : sequence [`Target`]
            Exposures of one visit, by exposure id, none of them processed
            before.

        Returns
        -------
        result : `lsst.pipe.base.Struct`
            With these components:

            ``exposures``
                The exposures that could be processed (`list`
                [`ProcessedExposure`]).
            ``objects``
                The DIAObjects (`VisitObjects`).
            ``sources``
                Rows of DiaSource, a table an exposure (`list`
                [`pandas.DataFrame`]).
            ``forced``
                Measurements (`ForcedRows`).
            ``failed``
                Data IDs of the others (`list` [`dict`]).

        Raises
        ------
        lsst.pipe.base.TaskError
            Raised if the visit is late, has no time, or none of its catalogs
            can be used.
        """
        isLate = self._checkTime(targets)
        objects = VisitObjects()
        sources, processed, failed = [], [], []
        for target in targets:
            exposure = self._open(target)
            try:
                loaded = self._task.load(exposure)
            except Exception as error:
                failed.append(dict(exposure.dataId))
                self._log.error("Cannot use the DIASources of dataId=%s: %s", failed[-1],
                                describeError(error))
                continue
            self._addKnown(objects, exposure, loaded.vectors, isLate)
            associated = self._task.run(loaded, objects, exposure.ccdExposureId)
            processed.append(exposure.toProcessed(loaded.band))
            sources.append(makeSourceTable(associated.accepted, associated.objectIds,
                                           self._task.config.loader.psfFluxField, processed[-1],
                                           self._database.sourceColumns))
        if not processed:
            raise TaskError(f"None of the {len(failed)} DIASource catalogs of the visit can be used")
        forced = ForcedRows(self._task.forced.schema)
        self._measure(processed, objects, sources, forced)
        self._lookBack(processed, objects, forced)
        return Struct(exposures=processed, objects=objects, sources=sources, forced=forced, failed=failed)

    def store(self, result: Struct) -> None:
        """Store what `run` returned, all of it or nothing."""
        changed = result.objects.table[result.objects.table["isChanged"]]
        forced = [makeForcedTable(catalog, self._task.fluxField, exposure)
                  for catalog, exposure in result.forced]
        time = max(result.exposures[0].midpointMjdTai, result.objects.lastVersion + STEP)
        self._database.store(result.exposures, changed["id"], changed["sums"],
                             makeObjectTable(changed["id"], changed["sums"]), result.sources, forced, time)

    def _checkTime(self, targets: Sequence[Target]) -> bool:
        """Tell whether a visit is late; refuse it if so, unless that is allowed."""
        mjd, last = targets[0].handle.mjd, self._database.findLastMjd()
        if not np.isfinite(mjd):
            raise TaskError("the visit has no time, which Level 1 goes by")
        if mjd < last and not self._allowLate:
            raise TaskError(f"the visit, of MJD {mjd:.5f}, is earlier than one of MJD {last:.5f} that was "
                            "processed: with --allowLate it is associated with the DIAObjects of its time")
        return mjd < last

    def _open(self, target: Target) -> PromptExposure:
        """Read the image of an exposure, if there is one that can be read."""
        handle, parts = target.handle, None
        if handle.hasImage():
            try:
                parts = ImageParts.fromImage(self._getImage(handle.ccdExposureId, handle.dataId))
            except Exception as error:
                self._log.error("Cannot read the difference image of dataId=%s: %s", dict(handle.dataId),
                                handle.describeError(error, self._task.config.imageDataset))
        return PromptExposure(handle, target.visit, target.detector, parts)

    def _getImage(self, exposureId: int, dataId: dict[str, Any]) -> ExposureF:
        return self._cache.get(exposureId, lambda: self._readImage(dataId))

    def _addKnown(self, objects: VisitObjects, exposure: PromptExposure, vectors: np.ndarray,
                  isLate: bool) -> None:
        """Read the objects that are on the image or within reach of a source."""
        reach = self._task.associator.reach
        circle = _encircle(exposure.circle, vectors, reach)
        if circle is not None:
            nearby = self._database.findObjects(circle)
            objects.addNearby(nearby)
            isCandidate = _isWithin(toVectors(nearby.ra, nearby.dec), vectors, chord(reach))
            objects.addKnown(self._database.readObjects(nearby.select(isCandidate),
                                                        exposure.mjd if isLate else None))

    def _measure(self, processed: Sequence[ProcessedExposure], objects: VisitObjects,
                 sources: Sequence[pd.DataFrame], forced: ForcedRows) -> None:
        """Force photometry at all objects on the images of the visit."""
        everything = objects.findAllPositions()
        for exposure, table in zip(processed, sources):
            if exposure.circle is None:
                # Whose sources it has are on the image for certain.
                isThere = np.isin(objects.table["id"], table["diaObjectId"])
                positions = objects.findPositions(isThere)
            else:
                positions = everything
            catalog = self._measureOn(exposure, positions)
            forced.add(catalog, exposure, np.full(len(catalog), exposure.ccdExposureId))

    def _lookBack(self, processed: Sequence[ProcessedExposure], objects: VisitObjects,
                  forced: ForcedRows) -> None:
        """Force photometry at new objects on earlier images."""
        isNew = objects.table["origin"] != 0
        if not isNew.any():
            return
        new = objects.findPositions(isNew)
        circle = _encircle(None, toVectors(new.ra, new.dec), 0.0)
        assert circle is not None
        mjd, lookBack = processed[0].midpointMjdTai, self._task.config.lookBack
        # Up to the visit itself, of which a run before may have processed other detectors.
        begin = -np.inf if lookBack is None else mjd - lookBack
        present = {exposure.ccdExposureId for exposure in processed}
        for exposure in self._database.findExposures(circle, begin, float(np.nextafter(mjd, np.inf))):
            assert exposure.circle is not None
            near = np.sort(new.near(exposure.circle))
            if exposure.ccdExposureId not in present and len(near):
                positions = SkyPositions(new.id[near], new.ra[near], new.dec[near])
                catalog = self._measureOn(exposure, positions)
                forced.add(catalog, exposure, objects.findOrigins(np.asarray(catalog["diaObjectId"])))

    def _measureOn(self, exposure: ProcessedExposure, positions: SkyPositions) -> SourceCatalog:
        """Force photometry on an image; if it cannot be used return rows that say so."""
        idFactory = IdFactory.makeSource(exposure.ccdExposureId, 64 - self._nBits)
        counted = self._database.countForced(exposure)
        idFactory.notify((exposure.ccdExposureId << 64 - self._nBits) + counted)
        try:
            image = None if exposure.circle is None else self._getImage(exposure.ccdExposureId,
                                                                        exposure.dataId)
        except Exception as error:
            self._log.error("Cannot look back at dataId=%s: %s", exposure.dataId, describeError(error))
            image = None
        if image is None:
            return self._task.describeUnread(positions, idFactory)
        return self._task.measure(image, positions, exposure.ccdExposureId, idFactory)


def _isWithin(vectors: np.ndarray, others: np.ndarray, length: float) -> np.ndarray:
    """Tell which unit vectors, (N, 3), are within a chord of any of the others, (M, 3)."""
    if not len(others):
        return np.zeros(len(vectors), dtype=bool)
    distance, _ = cKDTree(others).query(vectors, distance_upper_bound=length)
    return np.isfinite(distance)


def _encircle(circle: SkyCircle | None, vectors: np.ndarray, margin: float) -> SkyCircle | None:
    """Return a circle around another, and around positions with a margin; `None` around nothing."""
    vectors = vectors[np.isfinite(vectors).all(axis=1)]
    if circle is None and not len(vectors):
        return None
    if circle is None:
        center, radius = boundingCircle(vectors)
        ra, dec = toRaDec(center)
        return SkyCircle(float(ra), float(dec), radius + margin)
    center = toVectors(np.array([circle.ra]), np.array([circle.dec]))
    farthest = float(separation(vectors, center).max(initial=0.0)) + margin
    return circle._replace(radius=max(circle.radius, farthest))
