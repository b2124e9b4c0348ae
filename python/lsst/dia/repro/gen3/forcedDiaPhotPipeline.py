# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Force photometry at the DIAObjects on a difference image of a Gen3 repository."""

from __future__ import annotations

__all__ = ["ForcedDiaPhotPipelineConfig", "ForcedDiaPhotPipelineTask"]

from typing import Any

from lsst.afw.table import SourceCatalog
from lsst.pex.exceptions import LengthError
from lsst.pipe.base import (
    InputQuantizedConnection,
    OutputQuantizedConnection,
    PipelineTask,
    PipelineTaskConfig,
    PipelineTaskConnections,
    QuantaAdjuster,
    QuantumContext,
    Struct,
    TaskError,
)
from lsst.pipe.base.connectionTypes import InitOutput, Input, Output

from ..forced.attachFootprints import dropFootprints
from ..forced.forcedDiaMeasurement import ForcedDiaMeasurementTask, ForcedDiaPhotConfig
from ..forced.missingFluxReasons import describeReasons
from ..provenance import DIA_OBJECTS, Positions, storeFingerprint
from ..units import ARCSEC
from .exposureIds import makeIdFactory, packExposureId
from .gen3DiaObjects import readDiaObjects
from .gen3Images import IMAGE, Gen3ImagesConfig, toAfw
from .gen3Inputs import makeFingerprint
from .tileQuanta import TileLevelConfig, addNearbyTiles, useTiles

#: DIAObjects this far (radians) off an image may matter to it, by their light or for the circle around it.
REACH = 60.0*ARCSEC


class ForcedDiaPhotConnections(PipelineTaskConnections, dimensions=IMAGE,
                               defaultTemplates={"coaddName": "deep", "prefix": "repro"}):
    """What is read and written."""

    outputSchema = InitOutput(
        doc="Columns of the forced photometry.", name="forcedDIASource_schema", storageClass="SourceCatalog")
    differenceExp = Input(
        doc="Difference image.", name="{coaddName}Diff_differenceExp", storageClass="ExposureF",
        dimensions=IMAGE)
    diaObjects = Input(
        doc="DIAObjects, or other sources to measure at, of all the sky or a tile.",
        name="{prefix}DIAObjects", storageClass="SourceCatalog", dimensions=("instrument",), multiple=True,
        deferLoad=True)
    forcedSources = Output(
        doc="A row for each DIAObject on the image.", name="forcedDIASource", storageClass="SourceCatalog",
        dimensions=IMAGE)

    def __init__(self, *, config: ForcedDiaPhotPipelineConfig) -> None:
        self._level = config.tileLevel
        config.chooseImageClass(self)
        if self._level is not None:
            useTiles(self, ["diaObjects"], self._level, isMultiple=True)

    def adjust_all_quanta(self, adjuster: QuantaAdjuster) -> None:
        """Give images the tiles that come near them; see `lsst.pipe.base.PipelineTaskConnections`."""
        if self._level is not None:
            addNearbyTiles(adjuster, "diaObjects", self._level, REACH)


class ForcedDiaPhotPipelineConfig(PipelineTaskConfig, TileLevelConfig, Gen3ImagesConfig, ForcedDiaPhotConfig,
                                  pipelineConnections=ForcedDiaPhotConnections):
    """Options of `ForcedDiaPhotPipelineTask`."""


class ForcedDiaPhotPipelineTask(ForcedDiaMeasurementTask, PipelineTask):
    """Measure the DIAObjects on a difference image of a Gen3 repository."""

    ConfigClass = ForcedDiaPhotPipelineConfig

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.outputSchema = SourceCatalog(self.schema)

    def runQuantum(self, butlerQC: QuantumContext, inputRefs: InputQuantizedConnection,
                   outputRefs: OutputQuantizedConnection) -> None:
        """Read, measure and write; see `lsst.pipe.base.PipelineTask`.

        Raises
        ------
        lsst.pipe.base.TaskError
            Raised if the image or the DIAObjects cannot be used.
        """
        inputs = butlerQC.get(inputRefs)
        positions = readDiaObjects(inputs["diaObjects"])
        dataId = butlerQC.quantum.dataId
        try:
            result = self.run(toAfw(inputs["differenceExp"]), positions, makeIdFactory(dataId),
                              packExposureId(dataId)[0])
        except LengthError as error:
            raise TaskError("There are more DIAObjects on the image than ids have room for beside its "
                            f"number: {error}") from error
        forced = result.forcedSources
        storeFingerprint(forced, makeFingerprint(self, [inputRefs.differenceExp]).replace(
            positions=Positions.of(DIA_OBJECTS, positions).within(result.circle)))
        dropFootprints(forced)
        butlerQC.put(Struct(forcedSources=forced), outputRefs)
        self.log.info("%s", describeReasons(forced["reason"]))
