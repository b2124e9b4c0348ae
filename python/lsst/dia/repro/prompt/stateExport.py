# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Write the state of a database as the datasets of Level 2."""

from __future__ import annotations

__all__ = ["exportState"]

import os
from collections.abc import Iterable, Iterator
from logging import Logger

import numpy as np
import pyarrow as pa
from lsst.afw.table import SourceCatalog
from lsst.daf.persistence import Butler
from lsst.pipe.base import Struct, TaskError

from ..commandLine.finishedFile import FinishedFile
from ..commandLine.gen2Exposures import Gen2Exposure
from ..commandLine.overlay import datasetExists
from ..completeFile import makeScratchDirectory
from ..inputFiles import InputFile, Inputs
from ..lightCurves.lightCurveAssembly import DiaLightCurvesConfig, LightCurveAssemblyTask
from ..lightCurves.lightCurveColumns import POSITIONS_DIFFER
from ..lightCurves.lightCurveFile import writeLightCurves
from ..lightCurves.objectPositions import isAnywhereElse
from ..progress import trackProgress
from ..provenance import DIA_OBJECTS, Fingerprint, Positions, storeFingerprint
from ..skyPositions import SkyPositions
from .diaPromptProcessing import DiaPromptProcessingTask
from .forcedByExposure import iterateExposures
from .forcedRows import makeForcedSchema
from .processedExposure import ProcessedExposure
from .promptDatabase import PromptDatabase
from .storedAssociation import StoredAssociationTask


def exportState(task: DiaPromptProcessingTask, database: PromptDatabase, butler: Butler,
                fingerprint: Fingerprint) -> Struct:
    """Write ``reproDIAObjects``, ``reproDIASources``, ``diaLightCurves`` and their summary.

    Parameters
    ----------
    task : `DiaPromptProcessingTask`
        Has the options that the visits were processed with.
    database : `PromptDatabase`
        The database.
    butler : `lsst.daf.persistence.Butler`
        Has DIASources and ``promptForced``, and takes the rest.
    fingerprint : `Fingerprint`
        What the outputs say of what made them.

    Returns
    -------
    written : `lsst.pipe.base.Struct`
        With ``nObjects``, ``nRows`` and ``failed``, data IDs with a file that
        could not be used (`list` [`dict`]).

    Raises
    ------
    lsst.pipe.base.TaskError
        Raised if the database has no visits.
    """
    exposures = database.readExposures()
    if not exposures:
        raise TaskError(f"The database {database.place} has no visits")
    fingerprint = fingerprint.replace(inputs=Inputs.fromFiles(
        [InputFile(exposure.dataId, butler.getUri(task.config.sourceDataset, exposure.dataId))
         for exposure in exposures]))
    objects = _exportObjects(task, database, butler, exposures, fingerprint)
    curves = _exportLightCurves(task, butler, exposures, SkyPositions.fromCatalog(objects.diaObjects),
                                fingerprint)
    return Struct(nObjects=len(objects.diaObjects), nRows=curves.nRows, failed=objects.failed)


def _exportObjects(task: DiaPromptProcessingTask, database: PromptDatabase, butler: Butler,
                   exposures: list[ProcessedExposure], fingerprint: Fingerprint) -> Struct:
    """Write DIAObjects and DIASources."""
    config = task.config
    handles = [Gen2Exposure(butler.dataRef(config.sourceDataset, dataId=exposure.dataId),
                            exposure.midpointMjdTai, config.sourceDataset, config.imageDataset)
               for exposure in exposures]
    association = StoredAssociationTask(config, *database.readMemberships(), log=task.log)
    result = association.runExposures(handles)
    sky = SkyPositions.fromCatalog(result.diaObjects)
    made = fingerprint.replace(failed=tuple(result.failed), positions=Positions.of(DIA_OBJECTS, sky))
    for catalog, dataset in ((result.diaSources, "reproDIASources"), (result.diaObjects, DIA_OBJECTS)):
        storeFingerprint(catalog, made)
        butler.put(catalog, dataset)
    return result


def _exportLightCurves(task: DiaPromptProcessingTask, butler: Butler, exposures: list[ProcessedExposure],
                       sky: SkyPositions, fingerprint: Fingerprint) -> Struct:
    """Write light curves and their summary."""
    config = DiaLightCurvesConfig()
    config.coaddName, config.fluxField = task.config.coaddName, task.fluxField
    assembly = LightCurveAssemblyTask(config=config, log=task.log)
    schema = makeForcedSchema(task.forced.schema).getOutputSchema()
    directory = os.path.dirname(butler.getUri("diaLightCurves", write=True))
    os.makedirs(directory, exist_ok=True)
    with makeScratchDirectory(directory, "diaLightCurves") as scratch:
        catalogs = _readForced(butler, trackProgress(exposures, task.log, "Collecting promptForced catalogs"),
                               task.log)
        assembled = assembly.run(iterateExposures(catalogs, schema, exposures, scratch, fingerprint), scratch,
                                 allowMixed=True)
        assembled.groups = _markMoved(assembled.groups, sky)
        made = fingerprint.replace(positions=Positions.of(DIA_OBJECTS, sky))
        written = writeLightCurves(assembled, scratch, made.toCards())
        butler.put(FinishedFile(written.lightCurves), "diaLightCurves")
        butler.put(FinishedFile(written.summary), "diaLightCurveSummary")
    return written


def _readForced(butler: Butler, exposures: Iterable[ProcessedExposure],
                log: Logger) -> Iterator[SourceCatalog]:
    """Read the measurements, and warn of images that there are none of."""
    unmeasured = []
    for exposure in exposures:
        if datasetExists(butler, "promptForced", **exposure.dataId):
            yield butler.get("promptForced", exposure.dataId, immediate=True)
        elif exposure.circle is not None:
            unmeasured.append(exposure.dataId)
    if unmeasured:
        log.warning("The light curves lack %d images, such as dataId=%s, that have no promptForced here: "
                    "they were loaded, or measured with another --output", len(unmeasured), unmeasured[0])


def _markMoved(groups: Iterator[Struct], sky: SkyPositions) -> Iterator[Struct]:
    """Mark the measurements that were not made where their object is in the end."""
    for group in groups:
        table = group.lightCurves
        ids, ra, dec = (table[name].to_numpy() for name in ("diaObjectId", "ra", "dec"))
        isMoved = np.ones(len(ids), dtype=bool)
        # Where the catalogs of an object can no longer be read, nobody knows where it is in the end.
        place = sky.find(ids)
        known = place >= 0
        isMoved[known] = isAnywhereElse(ra[known], dec[known], np.degrees(sky.ra[place[known]]),
                                        np.degrees(sky.dec[place[known]]))
        column = table.schema.get_field_index(POSITIONS_DIFFER.name)
        table = table.set_column(column, table.schema.field(column), pa.array(isMoved))
        yield Struct(lightCurves=table, summary=group.summary)
