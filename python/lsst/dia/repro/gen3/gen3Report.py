# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""What a report is made of, from a Gen3 repository."""

from __future__ import annotations

__all__ = ["readGen3"]

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import lsst.geom as geom
import numpy as np
from lsst.afw.geom import SkyWcs
from lsst.afw.table import SourceCatalog
from lsst.daf.butler import (
    Butler,
    ButlerUserError,
    DatasetRef,
    DeferredDatasetHandle,
    MissingDatasetTypeError,
)
from lsst.pipe.base import Struct, TaskError

from ..association.tiles import concatenateTiles
from ..describeError import describeError
from ..fileFingerprint import readFileFingerprint
from ..lightCurves.lightCurveAssembly import DiaLightCurvesConfig
from ..lightCurves.lightCurveFile import LightCurveFile
from ..lightCurves.lightCurveProducts import DifferenceImages
from ..provenance import Fingerprint
from ..report.reportInputs import ReportInputs
from ..report.taskNotes import readTaskNotes
from .gen3Images import readComponent, toAfw

#: Without these there is nothing to report on.
_NEEDED = ("diaLightCurves", "diaLightCurveSummary")

#: What association calls its catalogs, by their dataset types.
_ASSOCIATED = {"reproDIAObjects": "diaObjects", "reproDIASources": "diaSources"}


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


def readGen3(root: str, collections: Sequence[str], title: str | None, log: logging.Logger) -> ReportInputs:
    """Return what a report on a run in a Gen3 repository is made of.

    Parameters
    ----------
    root : `str`
        The repository.
    collections : sequence [`str`]
        Where the datasets are, the first of a kind being taken.
    title : `str` or `None`
        What to call the survey, if not as the first collection.
    log : `logging.Logger`
        Where to warn of what is not there.

    Returns
    -------
    inputs : `ReportInputs`
        All that is there.

    Raises
    ------
    LookupError
        Raised if there are no light curves, or those of several instruments.
    lsst.pipe.base.TaskError
        Raised if the repository or the light curves cannot be read.
    """
    try:
        butler = Butler.from_config(root, collections=list(collections))
        curves, summary = (_openTable(butler, name, collections) for name in _NEEDED)
    except (FileNotFoundError, ButlerUserError) as error:
        raise TaskError(f"Gen3 repository {root} cannot be read: {describeError(error)}") from error
    config = _readOptional(butler, "diaLightCurves_config", log) or DiaLightCurvesConfig()
    forced = _readOptional(butler, "forcedDiaPhot_config", log)
    return ReportInputs(
        title=title or collections[0], curves=curves, summary=summary, threshold=config.detectionThreshold,
        badFlags=list(config.badFlags), sncosmoBandPrefix=config.products.sncosmoBandPrefix,
        images=Gen3DifferenceImages(butler, forced.imageDataset) if forced else None,
        made=_readFingerprints(butler, log), notes=_readNotes(butler, log),
        **_readCatalogs(butler, log))


def _openTable(butler: Butler, name: str, collections: Sequence[str]) -> LightCurveFile:
    """Open a table of light curves or of their summary."""
    refs = _findRefs(butler, name)
    if len(refs) != 1:
        found = "those of several instruments" if refs else "none"
        raise LookupError(f"collections {', '.join(collections)} should have one dataset {name} and have "
                          f"{found}: give those that diaLightCurves wrote")
    return LightCurveFile(butler.getURI(refs[0]).ospath)


def _findRefs(butler: Butler, name: str) -> list[DatasetRef]:
    """Return references to the datasets of a type, which the repository need not know."""
    try:
        return butler.query_datasets(name, limit=None, explain=False)
    except MissingDatasetTypeError:
        return []


def _readOptional(butler: Butler, name: str, log: logging.Logger) -> Any:
    """Read the one dataset of a type; return `None`, after a warning, if it cannot be had."""
    refs = _findRefs(butler, name)
    try:
        if refs:
            return butler.get(refs[0])
        reason = "there is none"
    except Exception as error:
        # Whatever is in the way, the light curves are worth pages.
        reason = f"it cannot be read: {describeError(error)}"
    log.warning("The report is without what %s would tell: %s", name, reason)
    return None


def _readCatalogs(butler: Butler, log: logging.Logger) -> dict[str, SourceCatalog | None]:
    """Return DIAObjects and DIASources, by what `ReportInputs` calls them; those of tiles as one."""
    tiles: dict[Any, dict[str, SourceCatalog]] = {}
    for name, part in _ASSOCIATED.items():
        for ref in _findRefs(butler, name) or _findRefs(butler, name + "_tile"):
            try:
                tiles.setdefault(ref.dataId, {})[part] = butler.get(ref)
            except Exception as error:
                log.warning("The report is without what %s would tell: it cannot be read: %s", name,
                            describeError(error))
                return dict.fromkeys(_ASSOCIATED.values())
    whole = [parts for parts in tiles.values() if len(parts) == len(_ASSOCIATED)]
    if not whole:
        log.warning("The report is without what %s would tell: there are none", " and ".join(_ASSOCIATED))
        return dict.fromkeys(_ASSOCIATED.values())
    joined = concatenateTiles([Struct(**parts, nRejected={}) for parts in whole])
    return {part: getattr(joined, part) for part in _ASSOCIATED.values()}


def _readNotes(butler: Butler, log: logging.Logger) -> dict[str, dict[str, Any]]:
    """Return what the tasks that run once noted in their metadata."""
    found = {task: _readOptional(butler, task + "_metadata", log)
             for task in ("diaObjectMaker", "diaLightCurves")}
    return {task: readTaskNotes(metadata) for task, metadata in found.items() if metadata is not None}


def _readFingerprints(butler: Butler, log: logging.Logger) -> dict[str, Fingerprint]:
    """Return what made each dataset of the survey, as far as they tell; of tiles, the first."""
    made = {}
    for name in (*_ASSOCIATED, *_NEEDED):
        refs = _findRefs(butler, name) or _findRefs(butler, name + "_tile")
        try:
            if refs:
                made[name] = readFileFingerprint(butler.getURI(refs[0]).ospath, name)
        except LookupError as error:
            log.warning("%s", error)
    return made
