# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""What PipelineTasks share that make DIAObjects, whatever their DIASources come in."""

from __future__ import annotations

__all__ = ["DiaObjectConnections", "DiaObjectQuantumTask"]

from collections.abc import Iterable, Sequence

from lsst.daf.butler import DatasetRef
from lsst.pipe.base import (
    AnnotatedPartialOutputsError,
    OutputQuantizedConnection,
    PipelineTask,
    PipelineTaskConnections,
    QuantumContext,
    Struct,
    TaskError,
)
from lsst.pipe.base.connectionTypes import Output

from ..association.diaAssociation import DiaAssociationTask
from ..exposureHandle import ExposureHandle
from ..provenance import DIA_OBJECTS, Positions, storeFingerprint
from ..skyPositions import SkyPositions
from ..units import ARCSEC
from .gen3Inputs import makeFingerprint


class DiaObjectConnections(PipelineTaskConnections, dimensions=("instrument",),
                           defaultTemplates={"prefix": "repro"}):
    """What is written, whatever is read."""

    diaObjects = Output(
        doc="DIAObjects.", name="{prefix}DIAObjects", storageClass="SourceCatalog",
        dimensions=("instrument",))
    diaSources = Output(
        doc="The DIASources with their DIAObjects.", name="{prefix}DIASources",
        storageClass="SourceCatalog", dimensions=("instrument",))


class DiaObjectQuantumTask(DiaAssociationTask, PipelineTask):
    """Base of PipelineTasks that make DIAObjects."""

    def runOn(self, exposures: Sequence[ExposureHandle], tile: int | None, refs: Iterable[DatasetRef],
              butlerQC: QuantumContext, outputRefs: OutputQuantizedConnection) -> None:
        """Associate the DIASources of exposures, and write the results.

        Parameters
        ----------
        exposures : sequence [`ExposureHandle`]
            The exposures, sorted by time and exposure id.
        tile : `int` or `None`
            Index of the one tile of ``tileLevel`` that the quantum is of.
        refs : iterable [`lsst.daf.butler.DatasetRef`]
            What is read.
        butlerQC : `lsst.pipe.base.QuantumContext`
            Where to write.
        outputRefs : `lsst.pipe.base.OutputQuantizedConnection`
            With ``diaObjects`` and ``diaSources``.

        Raises
        ------
        lsst.pipe.base.AnnotatedPartialOutputsError
            Raised, after the results are written, if a catalog could not be
            used. An image that could not fails where it is measured.
        lsst.pipe.base.TaskError
            Raised if no catalog can be used, or a tile needs more of its
            surroundings than it has.
        """
        catalogs = self.openCatalogs(exposures)
        result = self.runCatalogs(catalogs, tile)
        if tile is not None:
            self._checkHalo(result.halo)
        fingerprint = makeFingerprint(self, refs).replace(
            failed=tuple(result.failed),
            positions=Positions.of(DIA_OBJECTS, SkyPositions.fromCatalog(result.diaObjects)))
        for catalog in (result.diaObjects, result.diaSources):
            storeFingerprint(catalog, fingerprint)
        butlerQC.put(Struct(diaObjects=result.diaObjects, diaSources=result.diaSources), outputRefs)
        self.summarize(result)
        if catalogs.nUnusable:
            error = TaskError(f"{catalogs.nUnusable} of {len(exposures)} catalogs could not be used; the "
                              "DIAObjects are made without them")
            raise AnnotatedPartialOutputsError.annotate(error, self, log=self.log) from error

    def _checkHalo(self, halo: float) -> None:
        """Stop if sources were needed that the quantum has not got."""
        if halo > self.config.tileHalo*ARCSEC:
            raise TaskError(f"Sources up to {halo/ARCSEC:.0f} arcsec around the tile matter to it, and it "
                            f"has those up to tileHalo={self.config.tileHalo:g}: raise that in all tiles")
