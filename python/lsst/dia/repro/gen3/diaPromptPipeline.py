# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Level 1 on an exposure of a Gen3 repository."""

from __future__ import annotations

__all__ = ["DiaPromptPipelineConfig", "DiaPromptPipelineTask"]

import dataclasses
import functools
from collections.abc import Iterator, Sequence
from typing import Any

import lsst.pex.config as pexConfig
from astropy.time import TimeDelta
from lsst.afw.image import ExposureF
from lsst.afw.table import SourceCatalog
from lsst.daf.butler import DataCoordinate, DatasetRef, DatasetType, Registry, Timespan
from lsst.pipe.base import (
    InputQuantizedConnection,
    OutputQuantizedConnection,
    PipelineTask,
    PipelineTaskConfig,
    PipelineTaskConnections,
    QuantumContext,
    Struct,
)
from lsst.pipe.base.connectionTypes import InitOutput, Input, Output, PrerequisiteInput
from lsst.sphgeom import DISJOINT

from ..prompt.databaseLock import lockDatabase
from ..prompt.diaPromptProcessing import DiaPromptConfig, DiaPromptProcessingTask
from ..prompt.forcedRows import makeForcedSchema
from ..prompt.imageCache import ImageCache
from ..prompt.promptDatabase import PromptDatabase, databaseErrorsAsTaskErrors
from ..prompt.sameExposures import requireSameExposures
from ..prompt.visitRun import Target, VisitRun
from ..provenance import storeFingerprint
from .exposureIds import packExposureId
from .gen3Exposures import Gen3Exposure
from .gen3Images import IMAGE, Gen3ImagesConfig, findDatasetName, toAfw
from .gen3Inputs import makeFingerprint


def findEarlierImages(datasetType: DatasetType, registry: Registry, dataId: DataCoordinate,
                      collections: Sequence[str], lookBack: float | None) -> Iterator[DatasetRef]:
    """Find the difference image of an exposure, and those before it that overlap it.

    Parameters
    ----------
    datasetType : `lsst.daf.butler.DatasetType`
        That of difference images.
    registry : `lsst.daf.butler.Registry`
        Where they are.
    dataId : `lsst.daf.butler.DataCoordinate`
        Data ID of the exposure, with dimension records.
    collections : sequence [`str`]
        Where to look.
    lookBack : `float` or `None`
        How long before, days; `None` for all.

    Yields
    ------
    ref : `lsst.daf.butler.DatasetRef`
        The images.
    """
    begin = None if lookBack is None else dataId.timespan.begin - TimeDelta(lookBack, format="jd")
    found = registry.queryDatasets(
        datasetType, collections=collections, findFirst=True, instrument=dataId["instrument"],
        where="visit.timespan OVERLAPS window", bind={"window": Timespan(begin, dataId.timespan.end)})
    for ref in found.expanded():
        if not ref.dataId.region.relate(dataId.region) & DISJOINT:
            yield ref


class DiaPromptConnections(PipelineTaskConnections, dimensions=IMAGE,
                           defaultTemplates={"coaddName": "deep"}):
    """What is read and written, beside the database."""

    outputSchema = InitOutput(
        doc="Columns of the forced photometry.", name="promptForced_schema", storageClass="SourceCatalog")
    diaSrc = Input(
        doc="DIASources.", name="{coaddName}Diff_diaSrc", storageClass="SourceCatalog", dimensions=IMAGE,
        deferLoad=True)
    differenceExp = PrerequisiteInput(
        doc="Difference image, and those before it that overlap it.", name="{coaddName}Diff_differenceExp",
        storageClass="ExposureF", dimensions=IMAGE, multiple=True, deferLoad=True, minimum=0)
    forcedSources = Output(
        doc="What was measured for the exposure, on it and before.", name="promptForced",
        storageClass="SourceCatalog", dimensions=IMAGE)

    def __init__(self, *, config: DiaPromptPipelineConfig) -> None:
        find = functools.partial(findEarlierImages, lookBack=config.lookBack)
        config.chooseImageClass(self)
        self.differenceExp = dataclasses.replace(self.differenceExp, lookupFunction=find)


class DiaPromptPipelineConfig(PipelineTaskConfig, Gen3ImagesConfig, DiaPromptConfig,
                              pipelineConnections=DiaPromptConnections):
    """Options of `DiaPromptPipelineTask`."""

    apdb = pexConfig.Field(
        dtype=str, optional=False,
        doc="The database: a file of SQLite, made if it is not there, or the YAML file that apdb-cli made.",
    )
    allowLate = pexConfig.Field(
        dtype=bool, default=False, doc="Process visits that are earlier than one in the database, too?")

    @property
    def sourceDataset(self) -> str:
        """Name of the dataset of the DIASources (`str`), as the connection has it."""
        return findDatasetName(self, "diaSrc")


class DiaPromptPipelineTask(DiaPromptProcessingTask, PipelineTask):
    """Associate and measure an exposure of a Gen3 repository.

    Exposures have to come in order of time: a run of ``pipetask`` a visit.
    """

    ConfigClass = DiaPromptPipelineConfig

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.outputSchema = SourceCatalog(makeForcedSchema(self.forced.schema).getOutputSchema())

    def runQuantum(self, butlerQC: QuantumContext, inputRefs: InputQuantizedConnection,
                   outputRefs: OutputQuantizedConnection) -> None:
        """Read, associate, measure and write; see `lsst.pipe.base.PipelineTask`.

        Raises
        ------
        lsst.pipe.base.TaskError
            Raised if the visit is late, the catalog cannot be used, or the
            database refuses something.
        """
        inputs = butlerQC.get(inputRefs)
        images = {_toKey(handle.dataId): handle for handle in inputs["differenceExp"]}
        dataId = butlerQC.quantum.dataId
        exposure = Gen3Exposure(inputs["diaSrc"], images.get(_toKey(dataId)))

        def readImage(wanted: dict[str, Any]) -> ExposureF:
            return toAfw(images[_toKey(wanted)].get())

        database = PromptDatabase(self.config.apdb)
        with lockDatabase(database.engine, self.log), databaseErrorsAsTaskErrors(database.place):
            database.prepare()
            if requireSameExposures(database, [exposure]):
                self.log.info("%s is in the database", exposure.dataId)
                return
            run = VisitRun(self, database, readImage, ImageCache(self.config.cacheSize),
                           packExposureId(dataId)[1], self.config.allowLate)
            result = run.run([Target(exposure, dataId["visit"], dataId["detector"])])
            rows = result.forced.select(exposure.ccdExposureId)
            storeFingerprint(rows, makeFingerprint(self, [inputRefs.diaSrc, *inputRefs.differenceExp]))
            # The database last: where an exposure is in it, all is.
            butlerQC.put(Struct(forcedSources=rows), outputRefs)
            run.store(result)
        self.log.info("%d DIASources, %d forced measurements", sum(map(len, result.sources)), len(rows))


def _toKey(dataId: Any) -> tuple[int, int]:
    """Return what tells exposures of an instrument apart."""
    return dataId["visit"], dataId["detector"]
