# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Associate the DIASources of tables of tracts, as Rubin releases them."""

from __future__ import annotations

__all__ = ["DiaObjectTablesPipelineConfig", "DiaObjectTablesPipelineTask"]

from lsst.pipe.base import (
    InputQuantizedConnection,
    OutputQuantizedConnection,
    PipelineTaskConfig,
    QuantumContext,
)
from lsst.pipe.base.connectionTypes import Input

from ..association.diaAssociation import DiaObjectMakerConfig
from .diaObjectQuantum import DiaObjectConnections, DiaObjectQuantumTask
from .diaSourceTables import findTableExposures
from .gen3Images import findDatasetName


class DiaObjectTablesConnections(DiaObjectConnections, dimensions=("instrument",)):
    """What is read and written."""

    diaSourceTables = Input(
        doc="DIASources of all exposures of a tract.", name="dia_source", storageClass="ArrowAstropy",
        dimensions=("skymap", "tract"), multiple=True)


class DiaObjectTablesPipelineConfig(PipelineTaskConfig, DiaObjectMakerConfig,
                                    pipelineConnections=DiaObjectTablesConnections):
    """Options of `DiaObjectTablesPipelineTask`."""

    @property
    def sourceDataset(self) -> str:
        """Name of the dataset of the DIASources (`str`), as the connection has it."""
        return findDatasetName(self, "diaSourceTables")


class DiaObjectTablesPipelineTask(DiaObjectQuantumTask):
    """Associate the DIASources of all tables at once."""

    ConfigClass = DiaObjectTablesPipelineConfig

    def runQuantum(self, butlerQC: QuantumContext, inputRefs: InputQuantizedConnection,
                   outputRefs: OutputQuantizedConnection) -> None:
        """Read, associate and write; see `DiaObjectQuantumTask.runOn` and `lsst.pipe.base.PipelineTask`."""
        tables = butlerQC.get(inputRefs)["diaSourceTables"]
        exposures = findTableExposures(tables, butlerQC.quantum.dataId, self.log)
        self.runOn(exposures, None, inputRefs.diaSourceTables, butlerQC, outputRefs)
