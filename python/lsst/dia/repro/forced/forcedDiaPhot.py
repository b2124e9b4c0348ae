# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The Gen2 command that forces photometry at every DIAObject on every difference image."""

from __future__ import annotations

__all__ = ["ForcedDiaPhotTask"]

import argparse
import os
from typing import Any

import lsst.afw.table as afwTable
from lsst.daf.persistence import Butler, ButlerDataRef
from lsst.pipe.base import Struct, TaskError

from ..commandLine.argumentParser import DiaArgumentParser
from ..commandLine.catalogPositions import readDiaObjects
from ..commandLine.diaCmdLineTask import DiaCmdLineTask
from ..commandLine.exposureId import readExposureId
from ..commandLine.gen2Classes import ConfigDatasetType
from ..commandLine.overlay import datasetExists
from ..commandLine.storedFingerprint import findInput
from ..commandLine.taskRunner import DiaTaskRunner
from ..inputFiles import InputFile
from ..movedNames import timeMethod
from ..provenance import DIA_OBJECTS, Fingerprint, Positions, storeFingerprint
from ..skyPositions import SkyPositions
from .forcedDiaMeasurement import ForcedDiaMeasurementTask
from .missingFluxReasons import describeReasons
from .refCatFile import RefCatError, readRefCat


class ForcedDiaPhotArgumentParser(DiaArgumentParser):
    """Argument parser that wants positions: DIAObjects or a file."""

    dataset = ConfigDatasetType(name="imageDataset")

    def addArguments(self) -> None:
        """Add the argument ``--refCat``."""
        self.add_argument(
            "--refCat", metavar="FILE",
            help="measure at the positions of this FITS, Parquet, CSV or ECSV file (columns id, ra, dec; "
                 "degrees) instead of the DIAObjects")

    def parse_args(self, *args: Any, **kwargs: Any) -> argparse.Namespace:
        """Parse the command line; see `lsst.pipe.base.ArgumentParser`."""
        namespace = super().parse_args(*args, **kwargs)
        if namespace.refCat:
            self._checkRefCat(namespace)
        return namespace

    def _checkRefCat(self, namespace: argparse.Namespace) -> None:
        """End the command if the file has no positions; what is read is kept for the tasks."""
        try:
            positions, nDropped = readRefCat(namespace.refCat, namespace.config.refCat)
        except RefCatError as error:
            self.error(f"--refCat: {error}")
        if nDropped:
            namespace.log.warning("%s: rows without a finite position are left out: %d",
                                  namespace.refCat, nDropped)
        if not len(positions):
            self.error(f"--refCat: {namespace.refCat} has no positions")
        namespace.log.info("Measuring at %d positions of %s", len(positions), namespace.refCat)

    def _processDataIds(self, namespace: argparse.Namespace) -> None:
        """Look up the data, after a look for the DIAObjects."""
        onlyShows = namespace.show and "run" not in namespace.show
        needed = not onlyShows and not namespace.refCat
        if needed and not datasetExists(namespace.butler, "reproDIAObjects"):
            self.error(f"repository {namespace.output or namespace.input} has no reproDIAObjects: "
                       "run diaObjectMaker.py first, or give positions with --refCat")
        super()._processDataIds(namespace)


class ForcedDiaPhotRunner(DiaTaskRunner):
    """Task runner that tells the task of the file of positions, and warns if none of them is on any image."""

    def run(self, parsedCmd: argparse.Namespace) -> list[Struct]:
        """Run the task on all images; see `lsst.pipe.base.TaskRunner.run`."""
        results = super().run(parsedCmd)
        done = [result for result in results if getattr(result, "nObjects", None) is not None]
        if done and not any(result.nObjects for result in done):
            hint = "; they have to be in degrees, or have their unit" if parsedCmd.refCat else ""
            parsedCmd.log.warning("None of the positions of %s is on any of the %d images%s",
                                  parsedCmd.refCat or DIA_OBJECTS, len(done), hint)
        return results

    def precall(self, parsedCmd: argparse.Namespace) -> bool:
        """Prepare for all images; see `lsst.pipe.base.TaskRunner.precall`.

        The DIAObjects are read here, so that processes inherit them.
        """
        if not super().precall(parsedCmd):
            return False
        if not parsedCmd.refCat:
            try:
                readDiaObjects(parsedCmd.butler)
            except TaskError as error:
                parsedCmd.log.fatal("%s", error)
                return False
        return True

    @staticmethod
    def countObjects(result: Struct) -> int:
        """Return the number of positions on an image."""
        return len(result.forcedSources)

    @staticmethod
    def getTargetList(parsedCmd: argparse.Namespace, **kwargs: Any) -> list[tuple]:
        """List the images, each with the file; see `lsst.pipe.base.TaskRunner`."""
        return DiaTaskRunner.getTargetList(parsedCmd, refCat=parsedCmd.refCat, **kwargs)


class ForcedDiaPhotTask(ForcedDiaMeasurementTask, DiaCmdLineTask):
    """Measure the DIAObjects on the difference images of a repository.

    Reads ``reproDIAObjects``, or a file of positions, and a difference image,
    and writes ``forcedDIASource``.
    """

    ArgumentParserClass = ForcedDiaPhotArgumentParser
    RunnerClass = ForcedDiaPhotRunner

    outputs = ("forcedDIASource",)

    # The columns of the file do not matter, the positions do.
    idleOptions = ("refCat",)

    trustsDates = True

    @timeMethod
    def runDataRef(self, dataRef: ButlerDataRef, refCat: str | None = None) -> Struct:
        """Measure the objects on one difference image and write the result.

        Parameters
        ----------
        dataRef : `lsst.daf.persistence.ButlerDataRef`
            Reference to the difference image.
        refCat : `str`, optional
            File of positions; by default those of the DIAObjects.

        Returns
        -------
        result : `lsst.pipe.base.Struct`
            What `run` returns.

        Raises
        ------
        lsst.pipe.base.TaskError
            Raised if the image or the DIAObjects cannot be used.
        """
        positions = self._readPositions(dataRef, refCat)
        fingerprint = self.makeFingerprint(dataRef, refCat=refCat)
        exposure = self.readDataset(dataRef, self.config.imageDataset)
        expId, expBits = readExposureId(dataRef)
        result = self.run(exposure, positions, afwTable.IdFactory.makeSource(expId, 64 - expBits), expId)
        storeFingerprint(result.forcedSources, fingerprint.replace(
            positions=self._describePositions(positions, refCat).within(result.circle)))
        dataRef.put(result.forcedSources, "forcedDIASource", flags=afwTable.SOURCE_IO_NO_FOOTPRINTS)
        self.log.info("%s on dataId=%s", describeReasons(result.forcedSources["reason"]),
                      dict(dataRef.dataId))
        return result

    def findInputs(self, dataRef: ButlerDataRef) -> list[InputFile]:
        """Find the file of the image; see `DiaCmdLineTask`."""
        return [findInput(dataRef, self.config.imageDataset)]

    def makeFingerprint(self, ref: ButlerDataRef, refCat: str | None = None,
                        **kwargs: Any) -> Fingerprint:
        """Return the fingerprint of the image and the positions; see `DiaCmdLineTask`."""
        return super().makeFingerprint(ref).replace(
            positions=self._describePositions(self._readPositions(ref, refCat), refCat))

    @staticmethod
    def _describePositions(positions: SkyPositions, refCat: str | None) -> Positions:
        """Say where the positions are from, and tell them from others."""
        return Positions.of(os.path.basename(refCat) if refCat else DIA_OBJECTS, positions)

    def _readPositions(self, dataRef: ButlerDataRef, refCat: str | None) -> SkyPositions:
        """Return the positions of the DIAObjects, or of the file."""
        return readRefCat(refCat, self.config.refCat)[0] if refCat else readDiaObjects(dataRef.getButler())

    def getSchemaCatalogs(self) -> dict[str, afwTable.SourceCatalog]:
        """Return the schema of the output."""
        return {"forcedDIASource": afwTable.SourceCatalog(self.schema)}

    def writeSchemas(self, butler: Butler, clobber: bool = False, doBackup: bool = True) -> None:
        """Store the schema, and warn if earlier results have another."""
        earlier = self._readSchema(butler) if clobber else None
        if earlier is not None and earlier != self.schema:
            self.log.warning("Earlier forcedDIASource in this repository have other columns: measure all "
                             "images again, lest old and new be mixed")
        super().writeSchemas(butler, clobber=clobber, doBackup=doBackup)

    @staticmethod
    def _readSchema(butler: Butler) -> afwTable.Schema | None:
        """Return the schema of earlier results; `None` if there are none."""
        if not butler.datasetExists("forcedDIASource_schema", write=True):
            return None
        return butler.get("forcedDIASource_schema", immediate=True).schema
