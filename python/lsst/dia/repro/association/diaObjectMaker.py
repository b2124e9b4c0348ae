# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The command ``diaObjectMaker.py``: associate the DIASources of a Gen2 repository."""

from __future__ import annotations

__all__ = ["DiaObjectMakerTask"]

import argparse
import os
from typing import Any

import lsst.afw.table as afwTable
from lsst.daf.persistence import Butler
from lsst.pipe.base import Struct, TaskError

from ..commandLine.argumentParser import DiaArgumentParser
from ..commandLine.diaCmdLineTask import DiaCmdLineTask
from ..commandLine.gen2Classes import ConfigDatasetType
from ..commandLine.gen2Exposures import Gen2Exposure, findExposures
from ..commandLine.overlay import datasetExists
from ..commandLine.surveyRef import SurveyRef
from ..commandLine.taskRunner import DiaTaskRunner
from ..completeFile import openComplete
from ..timeMethod import timeMethod
from .associationFigure import drawAssociation
from .diaAssociation import DiaAssociationTask
from .diaSourceLoader import DiaSourceLoaderTask
from .tiles import SkyTile, concatenateTiles

FIGURE_FORMATS = (".eps", ".jpeg", ".jpg", ".pdf", ".png", ".ps", ".svg")


class DiaObjectMakerArgumentParser(DiaArgumentParser):
    """Argument parser that knows tiles, and a figure."""

    dataset = ConfigDatasetType(name="sourceDataset")

    def addArguments(self) -> None:
        """Add the arguments that choose tiles, and the figure."""
        self.add_argument("--figure", metavar="FILE", type=_figurePath,
                          help="draw a map of the DIAObjects, their members and separations")
        self.add_argument("--tile", type=int, nargs="+", metavar="INDEX",
                          help="associate only these tiles of config.tileLevel, each into a file of its own")
        self.add_argument("--mergeTiles", action="store_true", help="put the files of all tiles together")
        self.add_argument("--listTiles", action="store_true", help="print the indices of the tiles and exit")

    def parse_args(self, *args: Any, **kwargs: Any) -> argparse.Namespace:
        """Parse the command line; see `lsst.pipe.base.ArgumentParser`."""
        namespace = super().parse_args(*args, **kwargs)
        wantsTiles = namespace.tile or namespace.mergeTiles or namespace.listTiles
        level = namespace.config.tileLevel
        if wantsTiles and level is None:
            self.error("--tile, --mergeTiles and --listTiles need --config tileLevel=...")
        self._checkTiles(level, namespace.tile or [])
        if namespace.listTiles:
            print(*self._listTiles(namespace), sep="\n")
            self.exit()
        return namespace

    def _checkTiles(self, level: int, tiles: list[int]) -> None:
        """End the command if there are no such tiles."""
        try:
            for tile in tiles:
                SkyTile(level, tile)
        except ValueError as error:
            self.error(error)

    @staticmethod
    def _listTiles(namespace: argparse.Namespace) -> list[int]:
        """Return the indices of the tiles with sources."""
        config = namespace.config
        loader = DiaSourceLoaderTask(config=config.loader)
        exposures = findExposures(namespace.id.refList, config.sourceDataset, config.imageDataset, loader.log)
        return loader.findTiles(exposures, config.tileLevel)


class DiaObjectMakerRunner(DiaTaskRunner):
    """Runs `DiaObjectMakerTask` on all data at once, or once a tile."""

    @staticmethod
    def getTargetList(parsedCmd: argparse.Namespace, **kwargs: Any) -> list[tuple[SurveyRef, dict]]:
        """Return the targets: the whole survey, or the tiles asked for."""
        refs = parsedCmd.id.refList
        if not refs:
            return []
        kwargs.update(doMerge=parsedCmd.mergeTiles, figure=parsedCmd.figure)
        return [(SurveyRef(parsedCmd.butler, refs, tile), kwargs) for tile in parsedCmd.tile or [None]]


class DiaObjectMakerTask(DiaAssociationTask, DiaCmdLineTask):
    """Associate all DIASources of a Gen2 repository into DIAObjects.

    Reads every DIASource catalog of the data IDs, and writes
    ``reproDIAObjects`` (one row a DIAObject) and ``reproDIASources`` (one row
    a DIASource).
    """

    ArgumentParserClass = DiaObjectMakerArgumentParser
    RunnerClass = DiaObjectMakerRunner

    @timeMethod
    def runDataRef(self, survey: SurveyRef, doMerge: bool = False, figure: str | None = None) -> Struct:
        """Read DIASources, associate them and write the DIAObjects.

        Parameters
        ----------
        survey : `SurveyRef`
            References to the DIASource catalogs, and the tile to work on.
        doMerge : `bool`, optional
            Merge the results of the tiles instead of making any?
        figure : `str`, optional
            File to draw the result into.

        Returns
        -------
        result : `lsst.pipe.base.Struct`
            What `runExposures` returns.

        Raises
        ------
        lsst.pipe.base.TaskError
            Raised, after the results are written, if a catalog or image could
            not be used; and before, if no catalog could.
        """
        config = self.config
        exposures = findExposures(survey.dataRefs, config.sourceDataset, config.imageDataset, self.log)
        result = (self._mergeTiles(survey.butler, exposures) if doMerge
                  else self.runExposures(exposures, survey.tile))
        survey.put(result.diaSources, "reproDIASources")
        survey.put(result.diaObjects, "reproDIAObjects")
        self.summarize(result)
        if figure:
            with openComplete(figure) as stream:
                drawAssociation(result.diaObjects, result.diaSources, stream.name)
            self.log.info("Drew the DIAObjects into %s", figure)
        if result.failed:
            raise TaskError(f"{len(result.failed)} of {len(exposures)} data IDs have a file that could not "
                            "be used; the DIAObjects are made without them")
        return result

    def _mergeTiles(self, butler: Butler, exposures: list[Gen2Exposure]) -> Struct:
        """Read the results of all tiles and put them together."""
        tiles = self.loader.findTiles(exposures, self.config.tileLevel)
        missing = [tile for tile in tiles if not datasetExists(butler, "reproDIAObjects_tile", tile=tile)]
        if missing:
            raise TaskError("These tiles are not done: {}; run them with --tile first"
                            .format(" ".join(map(str, missing))))
        return concatenateTiles([
            Struct(diaObjects=butler.get("reproDIAObjects_tile", tile=tile, immediate=True),
                   diaSources=butler.get("reproDIASources_tile", tile=tile, immediate=True),
                   nRejected={}, failed=[])
            for tile in tiles])

    def getSchemaCatalogs(self) -> dict[str, afwTable.SourceCatalog]:
        """Return the schemas of the outputs that do not depend on the input."""
        return {"reproDIAObjects": afwTable.SourceCatalog(self.aggregation.schema)}


def _figurePath(text: str) -> str:
    """Return the path of a figure that can be drawn."""
    if os.path.splitext(text)[1].lower() not in FIGURE_FORMATS:
        raise argparse.ArgumentTypeError(f"{text} does not end with one of {', '.join(FIGURE_FORMATS)}")
    if not os.path.isdir(os.path.dirname(text) or os.curdir):
        raise argparse.ArgumentTypeError(f"there is no directory for {text}")
    return text
