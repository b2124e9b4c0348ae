# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Collect the forced photometry of a Gen3 repository into light curves."""

from __future__ import annotations

__all__ = ["DiaLightCurvesPipelineConfig", "DiaLightCurvesPipelineTask"]

import tempfile

import pyarrow as pa
from lsst.pipe.base import (
    AnnotatedPartialOutputsError,
    InputQuantizedConnection,
    OutputQuantizedConnection,
    PipelineTask,
    PipelineTaskConfig,
    PipelineTaskConnections,
    QuantumContext,
    Struct,
    TaskError,
)
from lsst.pipe.base.connectionTypes import Input, Output

from ..lightCurves.lightCurveAssembly import DiaLightCurvesConfig, LightCurveAssemblyTask
from ..progress import trackProgress
from ..provenance import DIA_OBJECTS, Fingerprint, Positions
from .gen3DiaObjects import readDiaObjects
from .gen3Exposures import findExposures
from .gen3Images import IMAGE
from .gen3Inputs import makeFingerprint
from .tileQuanta import TileLevelConfig, useTiles


class DiaLightCurvesConnections(PipelineTaskConnections, dimensions=("instrument",),
                                defaultTemplates={"prefix": "repro"}):
    """What is read and written; the forced photometry has to be calibrated."""

    forcedSources = Input(
        doc="Forced photometry.", name="forcedDIASource", storageClass="SourceCatalog", dimensions=IMAGE,
        multiple=True, deferLoad=True)
    diaObjects = Input(
        doc="DIAObjects that all was to be measured at.", name="{prefix}DIAObjects",
        storageClass="SourceCatalog", dimensions=("instrument",), multiple=True, deferLoad=True, minimum=0,
        deferGraphConstraint=True)
    lightCurves = Output(
        doc="One row a DIAObject and image.", name="diaLightCurves", storageClass="ArrowTable",
        dimensions=("instrument",))
    summary = Output(
        doc="One row a DIAObject.", name="diaLightCurveSummary", storageClass="ArrowTable",
        dimensions=("instrument",))

    def __init__(self, *, config: DiaLightCurvesPipelineConfig) -> None:
        if config.tileLevel is not None:
            useTiles(self, ["diaObjects"], config.tileLevel, isMultiple=True)


class DiaLightCurvesPipelineConfig(PipelineTaskConfig, TileLevelConfig, DiaLightCurvesConfig,
                                   pipelineConnections=DiaLightCurvesConnections):
    """Options of `DiaLightCurvesPipelineTask`."""


class DiaLightCurvesPipelineTask(LightCurveAssemblyTask, PipelineTask):
    """Collect the forced photometry of a Gen3 repository into light curves and their summary."""

    ConfigClass = DiaLightCurvesPipelineConfig

    def runQuantum(self, butlerQC: QuantumContext, inputRefs: InputQuantizedConnection,
                   outputRefs: OutputQuantizedConnection) -> None:
        """Read, collect and write; see `lsst.pipe.base.PipelineTask`.

        Raises
        ------
        lsst.pipe.base.AnnotatedPartialOutputsError
            Raised, after the tables are written, if a catalog could not be
            used.
        lsst.pipe.base.TaskError
            Raised if no catalog could be used, or if images were measured at
            different positions.
        """
        inputs = butlerQC.get(inputRefs)
        exposures = findExposures(inputs["forcedSources"], [], self.log)
        tables = inputs["diaObjects"]
        positions = Positions.of(DIA_OBJECTS, readDiaObjects(tables)) if tables else None
        fingerprint = makeFingerprint(self, [*inputRefs.forcedSources, *inputRefs.diaObjects])
        with tempfile.TemporaryDirectory(prefix="diaLightCurves-") as scratch:
            assembled = self.run(
                trackProgress(exposures, self.log, "Collecting forcedDIASource catalogs"), scratch, positions)
            butlerQC.put(_makeTables(assembled, fingerprint), outputRefs)
        if assembled.failed:
            error = TaskError(f"{len(assembled.failed)} of {len(exposures)} forcedDIASource catalogs could "
                              "not be used; the light curves are of the others")
            raise AnnotatedPartialOutputsError.annotate(error, self, log=self.log) from error


def _makeTables(assembled: Struct, fingerprint: Fingerprint) -> Struct:
    """Return light curves and summary as whole tables that tell what made them."""
    cards = fingerprint.replace(positions=assembled.positions, failed=tuple(assembled.failed),
                                makers=assembled.makers).toCards()
    about = {key: str(value) for key, value in cards.items()}
    lightCurves, summary = ([schema.with_metadata({**schema.metadata, **about}).empty_table()]
                            for schema in (assembled.schema, assembled.summarySchema))
    for group in assembled.groups:
        lightCurves.append(group.lightCurves.replace_schema_metadata(lightCurves[0].schema.metadata))
        summary.append(group.summary.replace_schema_metadata(summary[0].schema.metadata))
    return Struct(lightCurves=pa.concat_tables(lightCurves), summary=pa.concat_tables(summary))
