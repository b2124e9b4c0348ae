# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The Gen2 command that collects forced photometry into light curves, exports and draws them."""

from __future__ import annotations

__all__ = ["DiaLightCurvesTask"]

import argparse
import os
from collections.abc import Mapping
from typing import Any

import lsst.geom as geom
import numpy as np
from lsst.afw.geom import SkyWcs
from lsst.daf.persistence import Butler
from lsst.pipe.base import Struct, TaskError

from ..commandLine.argumentParser import DiaArgumentParser
from ..commandLine.catalogPositions import readDiaObjects
from ..commandLine.diaCmdLineTask import DiaCmdLineTask
from ..commandLine.finishedFile import FinishedFile
from ..commandLine.gen2Exposures import findExposures
from ..commandLine.overlay import datasetExists
from ..commandLine.storedFingerprint import findInput, readStored
from ..commandLine.surveyRef import SurveyRef
from ..commandLine.taskRunner import DiaTaskRunner
from ..completeFile import makeScratchDirectory
from ..inputFiles import InputFile
from ..movedNames import timeMethod
from ..progress import trackProgress
from ..provenance import DIA_OBJECTS, Fingerprint, Positions
from .lightCurveAssembly import LightCurveAssemblyTask
from .lightCurveFile import LightCurveFile, writeLightCurves
from .lightCurveProducts import DifferenceImages
from .productArguments import addProductArguments, findProducts


class DiaLightCurvesArgumentParser(DiaArgumentParser):
    """Argument parser that takes what to make of the light curves."""

    dataset = "forcedDIASource"

    def addArguments(self) -> None:
        """Add the arguments that say what to make of the light curves."""
        self.add_argument("--reuse", action="store_true",
                          help="take the light curves that the repository has instead of collecting them")
        self.add_argument("--allowMixed", action="store_true",
                          help="go on where images were measured at different positions, and mark their rows")
        addProductArguments(self)

    def parse_args(self, *args: Any, **kwargs: Any) -> argparse.Namespace:
        """Parse the command line; see `lsst.pipe.base.ArgumentParser`."""
        namespace = super().parse_args(*args, **kwargs)
        products = findProducts(self, namespace)
        if namespace.reuse and namespace.dryRun:
            self.error("--reuse makes no light curves that --dry-run could list")
        if namespace.reuse:
            self._requireLightCurves(namespace)
        elif not namespace.id.refList:
            namespace.log.error("Repository %s has no forcedDIASource of these data: run forcedDiaPhot.py "
                                "first", namespace.output or namespace.input)
        namespace.products = Struct(reuse=namespace.reuse, **products.getDict())
        return namespace

    def _needsDataIds(self, namespace: argparse.Namespace) -> bool:
        """Tell whether the command makes no sense without ``--id``."""
        return not namespace.reuse

    def _requireLightCurves(self, namespace: argparse.Namespace) -> None:
        """Fail if there are no light curves to reuse."""
        for dataset in ("diaLightCurves", "diaLightCurveSummary"):
            if not datasetExists(namespace.butler, dataset):
                self.error(f"repository {namespace.output or namespace.input} has no {dataset}: "
                           "run without --reuse first")


class DiaLightCurvesRunner(DiaTaskRunner):
    """Runs `DiaLightCurvesTask` once, on all data."""

    def precall(self, parsedCmd: argparse.Namespace) -> bool:
        """Compare and store options, unless nothing is made with them; see `lsst.pipe.base.TaskRunner`."""
        return parsedCmd.products.reuse or super().precall(parsedCmd)

    @staticmethod
    def getTargetList(parsedCmd: argparse.Namespace, **kwargs: Any) -> list[tuple]:
        """Return the one target, or none if there are no data."""
        refs = parsedCmd.id.refList
        if not refs and not parsedCmd.products.reuse:
            return []
        return [(SurveyRef(parsedCmd.butler, refs),
                 dict(kwargs, products=parsedCmd.products, allowMixed=parsedCmd.allowMixed,
                      isDone=parsedCmd.products.reuse))]


class Gen2DifferenceImages(DifferenceImages):
    """Reads parts of the difference images of a Gen2 repository.

    Parameters
    ----------
    butler : `lsst.daf.persistence.Butler`
        Where the images are.
    dataset : `str`
        Name of the difference image dataset.
    """

    def __init__(self, butler: Butler, dataset: str) -> None:
        self._butler = butler
        self._dataset = dataset

    def readBox(self, dataId: Mapping[str, Any]) -> geom.Box2I:
        """Return the bounding box of an image; see `DifferenceImages`."""
        return self._butler.get(self._dataset + "_bbox", dataId, immediate=True)

    def readWcs(self, dataId: Mapping[str, Any]) -> SkyWcs | None:
        """Return the WCS of an image; see `DifferenceImages`."""
        return self._butler.get(self._dataset + "_wcs", dataId, immediate=True)

    def readPixels(self, dataId: Mapping[str, Any], box: geom.Box2I) -> np.ndarray:
        """Return a part of an image; of all of it where the mapper knows no parts."""
        try:
            return self._butler.get(self._dataset + "_sub", dataId, bbox=box, immediate=True).image.array
        except AttributeError:
            return self._butler.get(self._dataset, dataId, immediate=True).image[box].array


class DiaLightCurvesTask(LightCurveAssemblyTask, DiaCmdLineTask):
    """Collect the forced photometry of a repository into light curves.

    Reads every ``forcedDIASource`` of the data IDs and writes
    ``diaLightCurves`` (one row a DIAObject and image) and
    ``diaLightCurveSummary`` (one row a DIAObject), both Parquet; exports and
    draws light curves.
    """

    ArgumentParserClass = DiaLightCurvesArgumentParser
    RunnerClass = DiaLightCurvesRunner

    outputs = ("diaLightCurves", "diaLightCurveSummary")

    # They say what is made of the light curves.
    idleOptions = ("products",)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.makeSubtask("products")

    @timeMethod
    def runDataRef(self, survey: SurveyRef, products: Struct, allowMixed: bool = False,
                   isDone: bool = False) -> None:
        """Collect the light curves of a survey, then export and draw.

        Parameters
        ----------
        survey : `SurveyRef`
            References to the forced catalogs.
        products : `lsst.pipe.base.Struct`
            What the command line asks for beside the tables.
        allowMixed : `bool`, optional
            Go on where images were measured at different positions?
        isDone : `bool`, optional
            Take the tables that are there?

        Raises
        ------
        lsst.pipe.base.TaskError
            Raised, after all else is written, if a catalog could not be used
            or an object is not there; and before, if no catalog could be used.
        """
        if isDone:
            self._describeTables(survey)
        failed = [] if isDone else self._writeTables(survey, allowMixed)
        problems = []
        if failed:
            problems.append(f"{len(failed)} of {len(survey.dataRefs)} forcedDIASource catalogs could not be "
                            "used; the light curves are of the others")
        if self.hasExtras(products=products):
            problems += self._makeProducts(survey.butler, products)
        if problems:
            raise TaskError("; ".join(problems))

    def findInputs(self, survey: SurveyRef) -> list[InputFile]:
        """Find the files of the survey; see `DiaCmdLineTask`."""
        catalogs = [findInput(ref, "forcedDIASource") for ref in survey.dataRefs]
        if datasetExists(survey.butler, DIA_OBJECTS):
            # With other DIAObjects the same catalogs do not belong together any more.
            catalogs.append(InputFile({}, survey.butler.getUri(DIA_OBJECTS)))
        return catalogs + [findInput(ref, self.config.imageDataset, onlyEnds=True)
                           for ref in survey.dataRefs]

    def makeFingerprint(self, ref: SurveyRef, allowMixed: bool = False, **kwargs: Any) -> Fingerprint:
        """Return the fingerprint of the tables; see `DiaCmdLineTask`.

        Those in which a mixture is allowed are not what a run makes that refuses it.
        """
        fingerprint = super().makeFingerprint(ref)
        return fingerprint.replace(config=fingerprint.config + " allowMixed") if allowMixed else fingerprint

    def hasExtras(self, products: Struct | None = None, **kwargs: Any) -> bool:
        """Tell whether there is something to draw or to export; see `DiaCmdLineTask`."""
        return products is not None and bool(products.objects or products.nPlots or products.format)

    def _writeTables(self, survey: SurveyRef, allowMixed: bool) -> list[dict[str, Any]]:
        """Write both tables; return the data IDs of the catalogs that could not be used."""
        fingerprint = self.makeFingerprint(survey, allowMixed=allowMixed)
        place = survey.butler.getUri("diaLightCurves", write=True)
        directory = os.path.dirname(place)
        exposures = findExposures(survey.dataRefs, "forcedDIASource", self.config.imageDataset, self.log)
        try:
            os.makedirs(directory, exist_ok=True)
            with makeScratchDirectory(directory, "diaLightCurves") as scratch:
                assembled = self.run(
                    trackProgress(exposures, self.log, "Collecting forcedDIASource catalogs"), scratch,
                    self._findDiaObjects(survey.butler), allowMixed)
                written = writeLightCurves(assembled, scratch, fingerprint.replace(
                    positions=assembled.positions, failed=tuple(assembled.failed),
                    makers=assembled.makers).toCards())
                survey.put(FinishedFile(written.lightCurves), "diaLightCurves")
                survey.put(FinishedFile(written.summary), "diaLightCurveSummary")
        except OSError as error:
            raise TaskError(f"Cannot write the light curves in {directory}: {error}") from error
        self.metadata["nRows"], self.metadata["nDiaObjects"] = written.nRows, written.nObjects
        self.log.info("Collected %d measurements of %d DIAObjects on %d images into %s", written.nRows,
                      written.nObjects, len(exposures) - len(assembled.failed), place)
        if not written.nRows:
            self.log.warning("There are no light curves: no position is on any of these images")
        return assembled.failed

    @staticmethod
    def _findDiaObjects(butler: Butler) -> Positions | None:
        """Return the positions of the DIAObjects as they are now, `None` if there are none."""
        if not datasetExists(butler, DIA_OBJECTS):
            return None
        return Positions.of(DIA_OBJECTS, readDiaObjects(butler))

    def _describeTables(self, survey: SurveyRef) -> None:
        """Say what the tables were made of, and whether the DIAObjects are still the same."""
        try:
            stored = readStored(survey, "diaLightCurves")
        except LookupError as error:
            self.log.warning("Taking the light curves that are there: %s", error)
            return
        self.log.info("Taking the light curves that are there, of %d images (%d without a usable catalog), "
                      "measured at %s, with %s", stored.inputs.count, len(stored.failed),
                      stored.positions or "positions that are not known", stored.versions)
        was, now = stored.positions, self._findDiaObjects(survey.butler)
        if was and now and was.origin == now.origin and not was.isSame(now):
            self.log.warning("The DIAObjects are others by now, %s: run forcedDiaPhot.py and "
                             "diaLightCurves.py again", now)

    def _makeProducts(self, butler: Butler, products: Struct) -> list[str]:
        """Export and draw light curves of the repository; return what could not be done."""
        curves, summary = (LightCurveFile(butler.get(dataset + "_filename", immediate=True)[0])
                           for dataset in ("diaLightCurves", "diaLightCurveSummary"))
        if products.reuse:
            self.checkBadFlags(curves.dtypes())
        return self.products.run(curves, summary, Gen2DifferenceImages(butler, self.config.imageDataset),
                                 products, self.config.detectionThreshold, self.config.badFlags)
