# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Fill a database with the DIAObjects and DIASources of a Level 2 run."""

from __future__ import annotations

__all__ = ["importState"]

from collections.abc import Sequence

import numpy as np
import pandas as pd
from lsst.daf.persistence import Butler
from lsst.pipe.base import Struct, TaskError

from ..commandLine.gen2Exposures import Gen2Exposure
from ..describeError import describeError
from ..progress import trackProgress
from ..provenance import DIA_OBJECTS, readFingerprint
from .apdbTables import makeObjectTable, makeSourceTable
from .diaPromptProcessing import DiaPromptProcessingTask
from .processedExposure import ProcessedExposure
from .promptDatabase import PromptDatabase
from .promptExposure import ImageParts, PromptExposure
from .visitObjects import VisitObjects
from .visitRun import Target


def importState(task: DiaPromptProcessingTask, database: PromptDatabase, level2: Butler,
                targets: Sequence[Target]) -> Struct:
    """Fill an empty database.

    Parameters
    ----------
    task : `DiaPromptProcessingTask`
        Has the options that DIASources are read with.
    database : `PromptDatabase`
        The database.
    level2 : `lsst.daf.persistence.Butler`
        Has ``reproDIAObjects`` and ``reproDIASources``.
    targets : sequence [`Target`]
        The exposures that these are made of, by time and exposure id.

    Returns
    -------
    result : `lsst.pipe.base.Struct`
        With ``nObjects`` and ``nSources``.

    Raises
    ------
    lsst.pipe.base.TaskError
        Raised if the database is not empty, if the exposures are others, or a
        catalog cannot be read: nothing is stored then.
    """
    if database.readExposures():
        raise TaskError(f"The database {database.place} is not empty: load into a new one")
    memberships = _readMemberships(level2, len(targets))
    objects = VisitObjects()
    processed: list[ProcessedExposure] = []
    sources: list[pd.DataFrame] = []
    for target in trackProgress(targets, task.log, "Reading DIASource catalogs"):
        exposure = _open(task, target)
        loaded = task.load(exposure)
        joined = task.run(loaded, objects, exposure.ccdExposureId, memberships)
        processed.append(exposure.toProcessed(loaded.band))
        sources.append(makeSourceTable(joined.accepted, joined.objectIds, task.config.loader.psfFluxField,
                                       processed[-1], database.sourceColumns))
    table = objects.table
    nSources = sum(map(len, sources))
    if nSources != len(memberships):
        raise TaskError(f"{len(memberships) - nSources} of the {len(memberships)} DIASources of the "
                        "DIAObjects are not in the catalogs of --id: give the data IDs of these")
    database.store(processed, table["id"], table["sums"], makeObjectTable(table["id"], table["sums"]),
                   sources, [], max(exposure.midpointMjdTai for exposure in processed))
    return Struct(nObjects=len(table), nSources=nSources)


def _readMemberships(level2: Butler, nExposures: int) -> dict[int, int]:
    """Return the DIAObject of each DIASource that has one."""
    try:
        objects = level2.get(DIA_OBJECTS, immediate=True)
        sources = level2.get("reproDIASources", immediate=True)
    except Exception as error:
        raise TaskError(f"--load: {describeError(error)}") from error
    fingerprint = readFingerprint(objects)
    if fingerprint is not None and fingerprint.inputs.count != nExposures:
        raise TaskError(f"--load: {DIA_OBJECTS} was made of {fingerprint.inputs.count} data IDs, and --id "
                        f"selects {nExposures}: give those")
    isMember = np.asarray(sources["diaObjectId"]) != 0
    ids, objectIds = (np.asarray(sources[name])[isMember].tolist() for name in ("id", "diaObjectId"))
    memberships = dict(zip(ids, objectIds))
    if len(memberships) < len(ids):
        raise TaskError("--load: a DIASource is a member of two DIAObjects, which the database does not "
                        "allow: run diaObjectMaker.py with removeAmbiguous=True")
    return memberships


def _open(task: DiaPromptProcessingTask, target: Target) -> PromptExposure:
    """Read what is needed of the image of an exposure."""
    handle, parts = target.handle, None
    assert isinstance(handle, Gen2Exposure)
    if handle.hasImage():
        try:
            parts = ImageParts(handle.readWcs(), handle.readPhotoCalib(), handle.readFilterLabel(),
                               handle.readBBox())
        except Exception as error:
            task.log.error("Cannot read the difference image of dataId=%s: %s", dict(handle.dataId),
                           handle.describeError(error, task.config.imageDataset))
    return PromptExposure(handle, target.visit, target.detector, parts)
