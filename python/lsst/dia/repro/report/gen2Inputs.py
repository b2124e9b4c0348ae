# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""What a report is made of, from a Gen2 repository."""

from __future__ import annotations

__all__ = ["readGen2"]

import logging
import os
from typing import Any

from lsst.daf.persistence import Butler

from ..commandLine.overlay import datasetExists
from ..describeError import describeError
from ..fileFingerprint import readFileFingerprint
from ..lightCurves.diaLightCurves import Gen2DifferenceImages
from ..lightCurves.lightCurveAssembly import DiaLightCurvesConfig
from ..lightCurves.lightCurveFile import LightCurveFile
from ..provenance import Fingerprint
from .reportInputs import ReportInputs
from .taskNotes import readTaskNotes

#: Without these there is nothing to report on.
_NEEDED = ("diaLightCurves", "diaLightCurveSummary")


def readGen2(root: str, title: str | None, log: logging.Logger) -> ReportInputs:
    """Return what a report on a Gen2 repository is made of.

    Parameters
    ----------
    root : `str`
        The repository.
    title : `str` or `None`
        What to call the survey, if not as the repository.
    log : `logging.Logger`
        Where to warn of what is not there.

    Returns
    -------
    inputs : `ReportInputs`
        All that is there.

    Raises
    ------
    LookupError
        Raised if there are no light curves.
    lsst.pipe.base.TaskError
        Raised if they cannot be read.
    """
    if not os.path.isdir(root):
        raise LookupError(f"there is no repository {root}")
    butler = Butler(root)
    absent = [name for name in _NEEDED if not datasetExists(butler, name)]
    if absent:
        raise LookupError(f"repository {root} has no {' and no '.join(absent)}: run diaLightCurves.py first")
    config = _readOptional(butler, "diaLightCurves_config", log) or DiaLightCurvesConfig()
    curves, summary = (LightCurveFile(butler.get(name + "_filename", immediate=True)[0]) for name in _NEEDED)
    return ReportInputs(
        title=title or os.path.basename(os.path.abspath(root)), curves=curves, summary=summary,
        threshold=config.detectionThreshold, badFlags=list(config.badFlags),
        sncosmoBandPrefix=config.products.sncosmoBandPrefix,
        diaObjects=_readOptional(butler, "reproDIAObjects", log),
        diaSources=_readOptional(butler, "reproDIASources", log),
        images=Gen2DifferenceImages(butler, config.imageDataset),
        made=_readFingerprints(butler, log), notes=_readNotes(butler, log))


def _readOptional(butler: Butler, dataset: str, log: logging.Logger) -> Any:
    """Read a dataset; return `None`, after a warning, if there is none or it cannot be read."""
    reason = "there is none"
    if datasetExists(butler, dataset):
        try:
            return butler.get(dataset, immediate=True)
        except Exception as error:
            # Whatever is in the way, the light curves are worth pages.
            reason = f"it cannot be read: {describeError(error)}"
    log.warning("The report is without what %s would tell: %s", dataset, reason)
    return None


def _readNotes(butler: Butler, log: logging.Logger) -> dict[str, dict[str, Any]]:
    """Return what the tasks that run once noted in their metadata."""
    found = {task: _readOptional(butler, task + "_metadata", log)
             for task in ("diaObjectMaker", "diaLightCurves")}
    return {task: readTaskNotes(metadata) for task, metadata in found.items() if metadata is not None}


def _readFingerprints(butler: Butler, log: logging.Logger) -> dict[str, Fingerprint]:
    """Return what made each dataset of the survey, as far as they tell."""
    made = {}
    for dataset in ("reproDIAObjects", "reproDIASources", *_NEEDED):
        if not datasetExists(butler, dataset):
            continue
        try:
            made[dataset] = readFileFingerprint(butler.get(dataset + "_filename", immediate=True)[0], dataset)
        except LookupError as error:
            log.warning("%s", error)
    return made
