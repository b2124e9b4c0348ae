# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Associate the DIASources of a Gen3 repository."""

from __future__ import annotations

__all__ = ["DiaObjectMakerPipelineConfig", "DiaObjectMakerPipelineTask"]

from lsst.pipe.base import (
    InputQuantizedConnection,
    OutputQuantizedConnection,
    PipelineTaskConfig,
    QuantaAdjuster,
    QuantumContext,
)
from lsst.pipe.base.connectionTypes import Input

from ..association.diaAssociation import DiaObjectMakerConfig
from ..units import ARCSEC
from .diaObjectQuantum import DiaObjectConnections, DiaObjectQuantumTask
from .gen3Exposures import findExposures
from .gen3Images import IMAGE, Gen3ImagesConfig, findDatasetName
from .tileQuanta import addNearbyImages, tileDimension, useTiles


class DiaObjectMakerConnections(DiaObjectConnections, dimensions=("instrument",),
                                defaultTemplates={"coaddName": "deep"}):
    """What is read and written; of each tile if there is a ``tileLevel``."""

    diaSrc = Input(
        doc="DIASources.", name="{coaddName}Diff_diaSrc", storageClass="SourceCatalog", dimensions=IMAGE,
        multiple=True, deferLoad=True)
    differenceExp = Input(
        doc="Difference images, whose WCS and calibration stand in for what the DIASources lack.",
        name="{coaddName}Diff_differenceExp", storageClass="ExposureF", dimensions=IMAGE, multiple=True,
        deferLoad=True, minimum=0, deferGraphConstraint=True)

    def __init__(self, *, config: DiaObjectMakerPipelineConfig) -> None:
        self._config = config
        config.chooseImageClass(self)
        if config.tileLevel is not None:
            self.dimensions = {"instrument", tileDimension(config.tileLevel)}
            useTiles(self, ["diaObjects", "diaSources"], config.tileLevel, isMultiple=False)

    def adjust_all_quanta(self, adjuster: QuantaAdjuster) -> None:
        """Give tiles what is in their halo, too; see `lsst.pipe.base.PipelineTaskConnections`."""
        if self._config.tileLevel is not None:
            addNearbyImages(adjuster, ["diaSrc", "differenceExp"], self._config.tileLevel,
                            self._config.tileHalo*ARCSEC)


class DiaObjectMakerPipelineConfig(PipelineTaskConfig, Gen3ImagesConfig, DiaObjectMakerConfig,
                                   pipelineConnections=DiaObjectMakerConnections):
    """Options of `DiaObjectMakerPipelineTask`."""

    @property
    def sourceDataset(self) -> str:
        """Name of the dataset of the DIASources (`str`), as the connection has it."""
        return findDatasetName(self, "diaSrc")


class DiaObjectMakerPipelineTask(DiaObjectQuantumTask):
    """Associate the DIASources of a Gen3 repository, all at once or those of a tile."""

    ConfigClass = DiaObjectMakerPipelineConfig

    def runQuantum(self, butlerQC: QuantumContext, inputRefs: InputQuantizedConnection,
                   outputRefs: OutputQuantizedConnection) -> None:
        """Read, associate and write; see `DiaObjectQuantumTask.runOn` and `lsst.pipe.base.PipelineTask`."""
        inputs = butlerQC.get(inputRefs)
        exposures = findExposures(inputs["diaSrc"], inputs["differenceExp"], self.log)
        level = self.config.tileLevel
        tile = None if level is None else butlerQC.quantum.dataId[tileDimension(level)]
        self.runOn(exposures, tile, [*inputRefs.diaSrc, *inputRefs.differenceExp], butlerQC, outputRefs)
