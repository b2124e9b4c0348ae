# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The command ``diaPrompt.py``: Level 1 on a Gen2 repository, visit by visit."""

from __future__ import annotations

__all__ = ["DiaPromptTask"]

import argparse
import os
from collections.abc import Sequence
from typing import Any

import lsst.afw.table as afwTable
from lsst.daf.persistence import Butler, ButlerDataRef
from lsst.pipe.base import Struct, TaskError

from ..commandLine.argumentParser import DiaArgumentParser
from ..commandLine.diaCmdLineTask import DiaCmdLineTask
from ..commandLine.exposureId import readExposureId
from ..commandLine.gen2Classes import ConfigDatasetType
from ..commandLine.gen2Exposures import Gen2Exposure, findExposures
from ..commandLine.storedFingerprint import findInput
from ..commandLine.surveyRef import SurveyRef
from ..commandLine.taskRunner import DiaTaskRunner
from ..inputFiles import InputFile
from ..provenance import storeFingerprint
from .databaseLock import lockDatabase
from .diaPromptProcessing import DiaPromptProcessingTask
from .forcedRows import makeForcedSchema
from .imageCache import ImageCache
from .openApdb import isMissing
from .promptDatabase import PromptDatabase, databaseErrorsAsTaskErrors
from .sameExposures import requireSameExposures
from .stateExport import exportState
from .stateImport import importState
from .visitRun import Target, VisitRun

#: Bits of ccdExposureId that are the detector's in obs_lsstSim.
DETECTOR_BITS = 9

DATASET = "promptForced"


class VisitRef:
    """The exposures of a visit, as one target of the task.

    Parameters
    ----------
    exposures : `list` [`Gen2Exposure`]
        The exposures, by exposure id.
    """

    def __init__(self, exposures: list[Gen2Exposure]) -> None:
        self.exposures = exposures
        self.dataId = {"visit": exposures[0].dataId["visit"]}
        self.butlerSubset = exposures[0].dataRef.butlerSubset

    def get(self, dataset: str, **kwargs: Any) -> Any:
        """Read a dataset of the visit."""
        return self.butlerSubset.butler.get(dataset, self.dataId, **kwargs)

    def put(self, item: Any, dataset: str, **kwargs: Any) -> None:
        """Write a dataset of the visit."""
        self.butlerSubset.butler.put(item, dataset, self.dataId, **kwargs)


class DiaPromptArgumentParser(DiaArgumentParser):
    """Argument parser that knows the database."""

    dataset = ConfigDatasetType(name="sourceDataset")

    def addArguments(self) -> None:
        """Add the arguments that only this command has."""
        self.add_argument("--apdb", metavar="FILE", required=True,
                          help="the database: a file of SQLite, made if it is not there, or the YAML file "
                               "that apdb-cli made")
        self.add_argument("--allowLate", action="store_true",
                          help="process visits that are earlier than one in the database, too")
        self.add_argument("--load", metavar="LEVEL2", type=_directory,
                          help="fill the new database with the DIAObjects and DIASources of this repository, "
                               "made of the same data IDs")
        self.add_argument("--export", action="store_true",
                          help="write the database as reproDIAObjects, reproDIASources and diaLightCurves")

    def _needsDataIds(self, namespace: argparse.Namespace) -> bool:
        """Tell whether there must be visits; an export needs none."""
        return not namespace.export

    def _checkArguments(self, namespace: argparse.Namespace) -> None:
        """Refuse to export a database that is not there; with visits it would be made."""
        if namespace.export and not namespace.id.idList:
            try:
                _requireDatabase(namespace.apdb)
            except TaskError as error:
                self.error(error)


class DiaPromptRunner(DiaTaskRunner):
    """Runs `DiaPromptTask` on one visit after the other, in order of time."""

    def run(self, parsedCmd: argparse.Namespace) -> list[Struct]:
        """Run the task while no other command writes to the database."""
        if parsedCmd.processes > 1:
            parsedCmd.log.warning("Visits come one after the other: -j %d has no effect", parsedCmd.processes)
        self.numProcesses = 1
        # What the database has is never done again.
        parsedCmd.skipExisting = True
        try:
            if parsedCmd.dryRun or not (parsedCmd.export or parsedCmd.id.refList):
                parsedCmd.database = _findDatabase(parsedCmd.apdb)
                return super().run(parsedCmd)
            if not parsedCmd.id.refList:
                _requireDatabase(parsedCmd.apdb)
            parsedCmd.database = PromptDatabase(parsedCmd.apdb)
            with lockDatabase(parsedCmd.database.engine, parsedCmd.log):
                with databaseErrorsAsTaskErrors(parsedCmd.apdb):
                    parsedCmd.database.prepare()
                    if parsedCmd.load:
                        self._load(parsedCmd)
                return super().run(parsedCmd)
        except TaskError as error:
            parsedCmd.log.fatal("%s", error)
            return [Struct(exitStatus=1)]

    def _load(self, parsedCmd: argparse.Namespace) -> None:
        """Fill the database with a Level 2 run."""
        config = parsedCmd.config
        exposures = findExposures(parsedCmd.id.refList, config.sourceDataset, config.imageDataset,
                                  parsedCmd.log)
        loaded = importState(DiaPromptProcessingTask(config=config, log=parsedCmd.log), parsedCmd.database,
                             Butler(parsedCmd.load), list(map(_toTarget, exposures)))
        parsedCmd.log.info("Loaded %d DIAObjects and %d DIASources of %d exposures", loaded.nObjects,
                           loaded.nSources, len(exposures))

    @staticmethod
    def getTargetList(parsedCmd: argparse.Namespace, **kwargs: Any) -> list[tuple]:
        """Return the visits, in order of time."""
        config = parsedCmd.config
        exposures = findExposures(parsedCmd.id.refList, config.sourceDataset, config.imageDataset,
                                  parsedCmd.log)
        if parsedCmd.database is not None:
            with databaseErrorsAsTaskErrors(parsedCmd.apdb):
                requireSameExposures(parsedCmd.database, exposures)
        visits: dict[int, list[Gen2Exposure]] = {}
        for exposure in exposures:
            visits.setdefault(exposure.dataId["visit"], []).append(exposure)
        kwargs.update(database=parsedCmd.database, allowLate=parsedCmd.allowLate,
                      cache=ImageCache(config.cacheSize))
        targets: list[tuple] = [(VisitRef(visit), kwargs) for visit in visits.values()]
        if parsedCmd.export:
            targets.append((SurveyRef(parsedCmd.butler, []), kwargs))
        return targets


class DiaPromptTask(DiaPromptProcessingTask, DiaCmdLineTask):
    """Associate and measure the visits of a repository, one after the other.

    Reads DIASources and difference images, writes the database and, of each
    exposure, ``promptForced``.
    """

    ArgumentParserClass = DiaPromptArgumentParser
    RunnerClass = DiaPromptRunner

    outputs = (DATASET,)

    # What is in the database is compared with nothing: it does not tell the options that it was made with.
    isUnchanged = "is in the database"
    areUnchanged = "targets are visits that the database has, whatever options they had"

    def runDataRef(self, visit: VisitRef | SurveyRef, database: PromptDatabase, cache: ImageCache,
                   allowLate: bool = False) -> Struct:
        """Process what is new of a visit, or export all visits.

        Parameters
        ----------
        visit : `VisitRef` or `SurveyRef`
            References to its exposures; what has none is where to export to.
        database : `PromptDatabase`
            The database.
        cache : `ImageCache`
            Has images of visits before.
        allowLate : `bool`, optional
            Process a visit that is earlier than one in the database, too?

        Returns
        -------
        result : `lsst.pipe.base.Struct`
            With ``nObjects``, how many DIAObjects are new or have new members.

        Raises
        ------
        lsst.pipe.base.TaskError
            Raised if a catalog could not be used, after all else is stored.
        """
        with databaseErrorsAsTaskErrors(database.place):
            if isinstance(visit, SurveyRef):
                return self._export(visit, database)
            return self._process(visit, database, cache, allowLate)

    def _process(self, visit: VisitRef, database: PromptDatabase, cache: ImageCache,
                 allowLate: bool) -> Struct:
        """Process what is new of a visit."""
        new = self._findNew(visit, database)
        refs = {exposure.ccdExposureId: exposure.dataRef for exposure in new}
        run = VisitRun(self, database, self._makeReader(visit), cache,
                       readExposureId(new[0].dataRef)[1], allowLate)
        result = run.run(list(map(_toTarget, new)))
        # The database last: where a visit is in it, all is.
        fingerprint = self.makeFingerprint(visit)
        for exposure in result.exposures:
            rows = result.forced.select(exposure.ccdExposureId)
            storeFingerprint(rows, fingerprint)
            refs[exposure.ccdExposureId].put(rows, DATASET)
        run.store(result)
        return self._summarize(visit, result)

    def _export(self, survey: SurveyRef, database: PromptDatabase) -> Struct:
        """Write the state of the database."""
        written = exportState(self, database, survey.butler, self.makeFingerprint(survey))
        self.log.info("Exported %d DIAObjects and %d measurements", written.nObjects, written.nRows)
        if written.failed:
            raise TaskError(f"{len(written.failed)} data IDs have a file that could not be used; the export "
                            "is without them")
        return Struct(nObjects=written.nObjects)

    def _findNew(self, visit: VisitRef, database: PromptDatabase) -> list[Gen2Exposure]:
        """Return the exposures that were not processed before."""
        done = database.findDone([exposure.ccdExposureId for exposure in visit.exposures])
        return [exposure for exposure in visit.exposures if exposure.ccdExposureId not in done]

    def _makeReader(self, visit: VisitRef) -> Any:
        """Return what reads difference images."""
        butler = visit.butlerSubset.butler
        return lambda dataId: butler.get(self.config.imageDataset, dataId, immediate=True)

    def _summarize(self, visit: VisitRef, result: Struct) -> Struct:
        """Say what was done; fail if something could not be used."""
        objects = result.objects.table
        isNew = objects["origin"] != 0
        nMeasured = sum(len(catalog) for catalog, _ in result.forced)
        nSources = sum(map(len, result.sources))
        self.log.info("Visit %d: %d DIASources, of them %d begin DIAObjects; %d forced measurements",
                      visit.dataId["visit"], nSources, int(isNew.sum()), nMeasured)
        self.metadata["nDiaSources"], self.metadata["nNewDiaObjects"] = nSources, int(isNew.sum())
        self.metadata["nForced"] = nMeasured
        if result.failed:
            raise TaskError(f"{len(result.failed)} DIASource catalogs of the visit could not be used; run it "
                            "again with --allowLate once they are mended")
        return Struct(nObjects=int(objects["isChanged"].sum()))

    def findInputs(self, ref: VisitRef | SurveyRef) -> Sequence[InputFile]:
        """Find the files of the visit, none for an export; see `DiaCmdLineTask`."""
        refs: list[ButlerDataRef] = ([] if isinstance(ref, SurveyRef)
                                     else [exposure.dataRef for exposure in ref.exposures])
        return ([findInput(ref, self.config.sourceDataset) for ref in refs]
                + [findInput(ref, self.config.imageDataset, onlyEnds=True) for ref in refs])

    def whyRun(self, ref: VisitRef | SurveyRef, database: PromptDatabase | None = None,
               **kwargs: Any) -> str:
        """Say why a visit has to be processed; empty if the database has all of it."""
        if isinstance(ref, SurveyRef):
            return "it is exported anew"
        if database is None:
            return "there is no database"
        missing = self._findNew(ref, database)
        return f"the database lacks {len(missing)} of {len(ref.exposures)} exposures" if missing else ""

    def writeMetadata(self, dataRef: VisitRef | SurveyRef) -> None:
        """Store what was noted of a visit; an export has nothing of its own."""
        if isinstance(dataRef, VisitRef):
            super().writeMetadata(dataRef)

    def getSchemaCatalogs(self) -> dict[str, afwTable.SourceCatalog]:
        """Return the schema of the output."""
        schema = makeForcedSchema(self.forced.schema).getOutputSchema()
        return {DATASET: afwTable.SourceCatalog(schema)}


def _toTarget(exposure: Gen2Exposure) -> Target:
    """Return an exposure with its numbers in the database."""
    return Target(exposure, exposure.dataId["visit"], exposure.ccdExposureId & (1 << DETECTOR_BITS) - 1)


def _findDatabase(place: str) -> PromptDatabase | None:
    """Return the database if visits may be in it; make none."""
    database = None if isMissing(place) else PromptDatabase(place)
    with databaseErrorsAsTaskErrors(place):
        return database if database is not None and database.hasTables else None


def _requireDatabase(place: str) -> None:
    """Refuse a database that is not there, or into which no visit ever came; make none."""
    if isMissing(place):
        raise TaskError(f"There is no database {place}; only visits (--id) make one")
    if _findDatabase(place) is None:
        raise TaskError(f"The database {place} has no visits")


def _directory(text: str) -> str:
    """Return the path of a directory that is there."""
    if not os.path.isdir(text):
        raise argparse.ArgumentTypeError(f"there is no repository {text}")
    return text
