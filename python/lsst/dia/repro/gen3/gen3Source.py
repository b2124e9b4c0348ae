# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The datasets of a report in a Gen3 repository."""

from __future__ import annotations

__all__ = ["Gen3Source"]

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import lsst.geom as geom
import numpy as np
from lsst.afw.geom import SkyWcs
from lsst.daf.butler import Butler, ButlerUserError, DatasetRef, DeferredDatasetHandle
from lsst.pipe.base import TaskError

from ..describeError import describeError
from ..lightCurves.lightCurveAssembly import DiaLightCurvesConfig
from ..lightCurves.lightCurveProducts import DifferenceImages
from ..report.reportSource import ReportSource
from .gen3Images import readComponent, toAfw
from .gen3Results import ASSOCIATED, TILE, findRefs, readTiles


class Gen3DifferenceImages(DifferenceImages):
    """Reads parts of the difference images of a Gen3 repository.

    Parameters
    ----------
    butler : `lsst.daf.butler.Butler`
        Where the images are.
    dataset : `str`
        Name of the dataset type.
    """

    def __init__(self, butler: Butler, dataset: str) -> None:
        self._butler, self._dataset = butler, dataset
        self._handles: dict[tuple, DeferredDatasetHandle] = {}
        self._boxes: dict[tuple, geom.Box2I] = {}

    def readBox(self, dataId: Mapping[str, Any]) -> geom.Box2I:
        """Return the bounding box of an image; see `DifferenceImages`."""
        key = tuple(dataId.items())
        if key not in self._boxes:
            handle = self._find(dataId)
            hasBox = "bbox" in handle.ref.datasetType.storageClass.allComponents()
            self._boxes[key] = handle.get(component="bbox") if hasBox else toAfw(handle.get()).getBBox()
        return self._boxes[key]

    def readWcs(self, dataId: Mapping[str, Any]) -> SkyWcs | None:
        """Return the WCS of an image; see `DifferenceImages`."""
        return readComponent(self._find(dataId), "wcs")

    def readPixels(self, dataId: Mapping[str, Any], box: geom.Box2I) -> np.ndarray:
        """Return a part of an image; of all of it where its class knows no parts."""
        handle = self._find(dataId)
        storageClass = handle.ref.datasetType.storageClass
        if {"image", "bbox"} <= {*storageClass.components, *storageClass.parameters}:
            return handle.get(component="image", parameters={"bbox": box}).array
        return toAfw(handle.get()).image[box].array

    def _find(self, dataId: Mapping[str, Any]) -> DeferredDatasetHandle:
        key = tuple(dataId.items())
        if key not in self._handles:
            self._handles[key] = self._butler.getDeferred(self._dataset, dict(dataId))
        return self._handles[key]


class Gen3Source(ReportSource):
    """Reads the datasets of a report from a Gen3 repository.

    Parameters
    ----------
    root : `str`
        The repository.
    collections : sequence [`str`]
        Where the datasets are; the first that has one counts.
    log : `logging.Logger`
        Where to warn of what is not there.

    Raises
    ------
    lsst.pipe.base.TaskError
        Raised if there is no such repository or collection.
    """

    def __init__(self, root: str, collections: Sequence[str], log: logging.Logger) -> None:
        super().__init__(collections[0], log)
        self._collections = ", ".join(collections)
        try:
            self._butler = Butler.from_config(root, collections=list(collections))
            self._butler.collections.query_info(list(collections))
        except (FileNotFoundError, ButlerUserError) as error:
            raise TaskError(f"Gen3 repository {root} cannot be read: {describeError(error)}") from error

    def read(self, dataset: str) -> Any:
        """Read a dataset, that of all tiles as one; see `ReportSource`."""
        if dataset in ASSOCIATED and not findRefs(self._butler, dataset):
            self._require(dataset, findRefs(self._butler, dataset + TILE))
            return readTiles(self._butler, dataset)
        return self._butler.get(self._findOne(dataset))

    def findPath(self, dataset: str) -> str:
        """Return the file of a dataset, of tiles that of the first; see `ReportSource`."""
        if dataset in ASSOCIATED and not findRefs(self._butler, dataset):
            refs = self._require(dataset, findRefs(self._butler, dataset + TILE))
            return self._butler.getURI(refs[0]).ospath
        return self._butler.getURI(self._findOne(dataset)).ospath

    def openImages(self, config: DiaLightCurvesConfig) -> Gen3DifferenceImages | None:
        """Return what reads the difference images; see `ReportSource`."""
        forced = self.readOptional("forcedDiaPhot_config")
        return None if forced is None else Gen3DifferenceImages(self._butler, forced.imageDataset)

    def _findOne(self, dataset: str) -> DatasetRef:
        refs = self._require(dataset, findRefs(self._butler, dataset))
        if len(refs) > 1:
            raise LookupError(f"collections {self._collections} have {dataset} of several instruments")
        return refs[0]

    def _require(self, dataset: str, refs: list[DatasetRef]) -> list[DatasetRef]:
        if not refs:
            raise LookupError(f"collections {self._collections} have no {dataset}")
        return refs
