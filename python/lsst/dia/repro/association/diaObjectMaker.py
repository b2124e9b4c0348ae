# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The command ``diaObjectMaker.py``: associate the DIASources of a Gen2 repository."""

from __future__ import annotations

__all__ = ["DiaObjectMakerTask"]

import argparse
from typing import Any

import lsst.afw.table as afwTable
from lsst.daf.persistence import ButlerDataRef
from lsst.pipe.base import Struct, TaskError

from ..commandLine.argumentParser import DiaArgumentParser
from ..commandLine.diaCmdLineTask import DiaCmdLineTask
from ..commandLine.gen2Classes import ConfigDatasetType
from ..commandLine.gen2Exposures import findExposures
from ..commandLine.storedFingerprint import findInput, readStored
from ..commandLine.surveyRef import SurveyRef
from ..commandLine.taskRunner import DiaTaskRunner
from ..completeFile import openComplete
from ..inputFiles import InputFile
from ..movedNames import timeMethod
from ..provenance import DIA_OBJECTS, Fingerprint, Positions, storeFingerprint
from ..skyPositions import SkyPositions
from ..writablePath import figurePath
from .associationFigure import drawAssociation
from .diaAssociation import DiaAssociationTask
from .sourceCatalogs import SourceCatalogs
from .tiles import SkyTile, concatenateTiles


class DiaObjectMakerArgumentParser(DiaArgumentParser):
    """Argument parser that knows tiles, and a figure."""

    dataset = ConfigDatasetType(name="sourceDataset")

    def addArguments(self) -> None:
        """Add the arguments that choose tiles, and the figure."""
        self.add_argument("--figure", metavar="FILE", type=figurePath,
                          help="draw a map of the DIAObjects, their members and separations")
        tiles = self.add_mutually_exclusive_group()
        tiles.add_argument("--tile", type=int, nargs="+", metavar="INDEX",
                           help="associate only these tiles of config.tileLevel, each into a file of its own")
        tiles.add_argument("--mergeTiles", action="store_true", help="put the files of all tiles together")
        tiles.add_argument("--listTiles", action="store_true", help="print the indices of the tiles and exit")

    def parse_args(self, *args: Any, **kwargs: Any) -> argparse.Namespace:
        """Parse the command line; see `lsst.pipe.base.ArgumentParser`."""
        namespace = super().parse_args(*args, **kwargs)
        wantsTiles = namespace.tile or namespace.mergeTiles or namespace.listTiles
        level = namespace.config.tileLevel
        if wantsTiles and level is None:
            self.error("--tile, --mergeTiles and --listTiles need --config tileLevel=...")
        namespace.tile = list(dict.fromkeys(namespace.tile or []))
        self._checkTiles(level, namespace.tile)
        if namespace.figure and len(namespace.tile) > 1:
            self.error("--figure with several tiles would be drawn over by each: draw it with --mergeTiles")
        if namespace.listTiles:
            self._printTiles(namespace)
            self.exit()
        return namespace

    def _checkTiles(self, level: int, tiles: list[int]) -> None:
        """End the command if there are no such tiles."""
        try:
            for tile in tiles:
                SkyTile(level, tile)
        except ValueError as error:
            self.error(error)

    def _printTiles(self, namespace: argparse.Namespace) -> None:
        """Print the indices of the tiles with sources, and nothing else."""
        task = DiaAssociationTask(config=namespace.config)
        try:
            catalogs = SharedCatalogs().open(task, namespace.id.refList)
            for tile in task.findTiles(catalogs):
                print(tile)
        except TaskError as error:
            self.error(error)


class SharedCatalogs:
    """The catalogs of a survey, for all tiles that a process works on one after the other."""

    def __init__(self) -> None:
        self._catalogs: SourceCatalogs | None = None

    def open(self, task: DiaAssociationTask, dataRefs: list[ButlerDataRef]) -> SourceCatalogs:
        """Return the catalogs, with what a tile before has learnt of them.

        Parameters
        ----------
        task : `DiaAssociationTask`
            The task; those of all tiles have the same options.
        dataRefs : `list` [`lsst.daf.persistence.ButlerDataRef`]
            References to the catalogs.

        Returns
        -------
        catalogs : `SourceCatalogs`
            The catalogs.
        """
        if self._catalogs is None:
            config = task.config
            self._catalogs = task.openCatalogs(
                findExposures(dataRefs, config.sourceDataset, config.imageDataset, task.log))
        return self._catalogs


class DiaObjectMakerRunner(DiaTaskRunner):
    """Runs `DiaObjectMakerTask` on all data at once, or once a tile."""

    @staticmethod
    def getTargetList(parsedCmd: argparse.Namespace, **kwargs: Any) -> list[tuple[SurveyRef, dict]]:
        """Return the targets: the whole survey, or the tiles asked for."""
        refs = parsedCmd.id.refList
        if not refs:
            return []
        kwargs.update(doMerge=parsedCmd.mergeTiles, figure=parsedCmd.figure, shared=SharedCatalogs())
        return [(SurveyRef(parsedCmd.butler, refs, tile), kwargs) for tile in parsedCmd.tile or [None]]

    @staticmethod
    def countObjects(result: Struct) -> int:
        """Return the number of DIAObjects that were made."""
        return len(result.diaObjects)


class DiaObjectMakerTask(DiaAssociationTask, DiaCmdLineTask):
    """Associate all DIASources of a Gen2 repository into DIAObjects.

    Reads every DIASource catalog of the data IDs, and writes
    ``reproDIAObjects`` (one row a DIAObject) and ``reproDIASources`` (one row
    a DIASource).
    """

    ArgumentParserClass = DiaObjectMakerArgumentParser
    RunnerClass = DiaObjectMakerRunner

    outputs = ("reproDIASources", "reproDIAObjects")

    # The tiles that the sky is cut into do not show in the result.
    idleOptions = ("tileLevel", "tileHalo")

    @timeMethod
    def runDataRef(self, survey: SurveyRef, doMerge: bool = False, figure: str | None = None,
                   isDone: bool = False, shared: SharedCatalogs | None = None) -> Struct:
        """Read DIASources, associate them and write the DIAObjects.

        Parameters
        ----------
        survey : `SurveyRef`
            References to the DIASource catalogs, and the tile to work on.
        doMerge : `bool`, optional
            Merge the results of the tiles instead of making any?
        figure : `str`, optional
            File to draw the result into.
        isDone : `bool`, optional
            Only draw the results that are there?
        shared : `SharedCatalogs`, optional
            The catalogs, for all tiles of this process.

        Returns
        -------
        result : `lsst.pipe.base.Struct`
            With ``diaObjects`` and ``diaSources``, and unless they were there
            what else `runExposures` returns.

        Raises
        ------
        lsst.pipe.base.TaskError
            Raised, after the results are written, if a catalog or image could
            not be used; and before, if no catalog could.
        """
        if isDone:
            result = Struct(diaObjects=survey.get("reproDIAObjects"),
                            diaSources=survey.get("reproDIASources"), failed=[])
        else:
            result = self._make(survey, doMerge, shared or SharedCatalogs())
        if figure:
            with openComplete(figure) as stream:
                drawAssociation(result.diaObjects, result.diaSources, stream.name)
            self.log.info("Drew the DIAObjects into %s", figure)
        if result.failed:
            raise TaskError(f"{len(result.failed)} of {len(survey.dataRefs)} data IDs have a file that could "
                            "not be used; the DIAObjects are made without what is in it")
        return result

    def findInputs(self, survey: SurveyRef) -> list[InputFile]:
        """Find the files of the survey; see `DiaCmdLineTask`."""
        catalogs = [findInput(ref, self.config.sourceDataset) for ref in survey.dataRefs]
        return catalogs + [findInput(ref, self.config.imageDataset, onlyEnds=True)
                           for ref in survey.dataRefs]

    def hasExtras(self, figure: str | None = None, **kwargs: Any) -> bool:
        """Tell whether there is a figure to draw; see `DiaCmdLineTask`."""
        return figure is not None

    def _make(self, survey: SurveyRef, doMerge: bool, shared: SharedCatalogs) -> Struct:
        """Make the DIAObjects and write them, with what they were made of."""
        fingerprint = self.makeFingerprint(survey)
        catalogs = shared.open(self, survey.dataRefs)
        result = (self._mergeTiles(survey, catalogs, fingerprint) if doMerge
                  else self.runCatalogs(catalogs, survey.tile))
        objects = result.diaObjects
        if survey.tile is not None and not len(result.diaSources):
            self.log.warning("Tile %d has no DIASources of these data; --listTiles prints those that have, "
                             "or lie within a radius of one", survey.tile)
        fingerprint = fingerprint.replace(
            failed=tuple(result.failed),
            positions=Positions.of(DIA_OBJECTS, SkyPositions.fromCatalog(objects)))
        # The objects last: where they are, all is.
        for catalog, dataset in ((result.diaSources, "reproDIASources"), (objects, "reproDIAObjects")):
            storeFingerprint(catalog, fingerprint)
            survey.put(catalog, dataset)
        self.summarize(result)
        return result

    def _mergeTiles(self, survey: SurveyRef, catalogs: SourceCatalogs, now: Fingerprint) -> Struct:
        """Read the results of all tiles and put them together."""
        tiles = [SurveyRef(survey.butler, survey.dataRefs, tile)
                 for tile in self.findTiles(catalogs)]
        if not tiles:
            return self.runCatalogs(catalogs)
        failed = {str(dataId): dataId for dataId in self._checkTiles(tiles, now)}
        result = concatenateTiles([
            Struct(diaObjects=tile.get("reproDIAObjects"), diaSources=tile.get("reproDIASources"),
                   nRejected={})
            for tile in tiles])
        result.failed = list({**failed, **catalogs.failed}.values())
        return result

    def _checkTiles(self, tiles: list[SurveyRef], now: Fingerprint) -> list[dict]:
        """Refuse tiles of other data or options; return the data IDs that any of them could not use."""
        failed: list[dict] = []
        wrong = []
        for tile in tiles:
            try:
                stored = [readStored(tile, dataset) for dataset in self.outputs]
                failed += stored[0].failed
                problems = sorted({text for one in stored for text in one.differences(now)})
            except LookupError as error:
                problems = [str(error)]
            if problems:
                self.log.error("Tile %s: %s", tile.tile, "; ".join(problems))
                wrong.append(str(tile.tile))
        if wrong:
            raise TaskError("These tiles are not done, or not with the data IDs and options of the merge: "
                            f"{' '.join(wrong)}; run them with --tile first")
        return failed

    def getSchemaCatalogs(self) -> dict[str, afwTable.SourceCatalog]:
        """Return the schemas of the outputs that do not depend on the input."""
        return {"reproDIAObjects": afwTable.SourceCatalog(self.aggregation.schema)}
