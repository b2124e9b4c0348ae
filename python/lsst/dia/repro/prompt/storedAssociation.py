# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""DIAObjects and DIASources of a database in the form that Level 2 gives them."""

from __future__ import annotations

__all__ = ["StoredAssociationTask"]

from collections.abc import Sequence
from typing import Any

import numpy as np
from lsst.afw.table import SourceCatalog
from lsst.pipe.base import Struct, TaskError

from ..association.associators.diaSources import DiaSources
from ..association.associators.likelihoodAssociator import (
    LikelihoodAssociatorConfig,
    LikelihoodAssociatorTask,
)
from ..association.associators.memberships import Memberships
from ..association.diaAssociation import DiaAssociationTask, DiaObjectMakerConfig
from ..exposureHandle import ExposureHandle
from ..rowLookup import findRows
from .diaPromptProcessing import DiaPromptConfig


class _StoredAssociator(LikelihoodAssociatorTask):
    """Takes the memberships that were stored.

    Parameters
    ----------
    sourceIds, objectIds : `numpy.ndarray`, (N,)
        Ids of DIASources, increasing, and of the DIAObject of each.
    **kwargs
        Arguments of `lsst.pipe.base.Task`.
    """

    ConfigClass = LikelihoodAssociatorConfig

    def __init__(self, sourceIds: np.ndarray, objectIds: np.ndarray, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._sourceIds, self._objectIds = sourceIds, objectIds

    def associate(self, sources: DiaSources, vectors: np.ndarray, error: np.ndarray,
                  neighborhoods: np.ndarray) -> Memberships:
        """Look memberships up; see `AssociatorTask.associate`."""
        place = findRows(self._sourceIds, sources.id)
        unknown = sources.id[place < 0]
        if len(unknown):
            raise TaskError(f"{len(unknown)} DIASources, such as {unknown[0]}, are not "
                            "in the database: export with the cleaning that the visits were processed with")
        return Memberships.fromLinks(np.arange(len(sources.id)), self._objectIds[place])


class StoredAssociationTask(DiaAssociationTask):
    """Sums up the DIASources of the DIAObjects of a database.

    Parameters
    ----------
    prompt : `DiaPromptConfig`
        Options that the visits were processed with.
    sourceIds, objectIds : `numpy.ndarray`, (N,)
        Ids of DIASources, increasing, and of the DIAObject of each.
    **kwargs
        Arguments of `lsst.pipe.base.Task`.
    """

    def __init__(self, prompt: DiaPromptConfig, sourceIds: np.ndarray, objectIds: np.ndarray,
                 **kwargs: Any) -> None:
        config = DiaObjectMakerConfig()
        config.coaddName = prompt.coaddName
        config.cleaning.value.update(**prompt.cleaning.toDict())
        config.loader.value.update(**prompt.loader.toDict())
        # Not every catalog has an image that could calibrate it.
        config.loader.doCalibrate = False
        super().__init__(config=config, **kwargs)
        self.associator = _StoredAssociator(sourceIds, objectIds, config=prompt.associator.value,
                                            log=self.log)
        self._objectIds = dict(zip(sourceIds.tolist(), objectIds.tolist()))

    def runExposures(self, exposures: Sequence[ExposureHandle], tile: int | None = None) -> Struct:
        """Sum up, and name the objects as the database does; see `DiaAssociationTask.runExposures`."""
        result = super().runExposures(exposures, tile)
        # Level 2 names an object after its first source. Of exposures of one time that may be another than
        # the one that it began with.
        self._rename(result.diaSources, "diaObjectId")
        self._rename(result.diaObjects, "id")
        result.diaObjects.sort()
        return result

    def _rename(self, catalog: SourceCatalog, column: str) -> None:
        """Put the names of the database in place of those after first sources; 0 stays."""
        if len(catalog):
            names = [self._objectIds.get(number, 0) for number in catalog[column].tolist()]
            catalog[column] = np.array(names, dtype=np.int64)
