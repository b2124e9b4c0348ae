# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The Gen2 command that makes pages of a repository's light curves."""

from __future__ import annotations

__all__ = ["main"]

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from typing import Any

from lsst.daf.persistence import Butler
from lsst.pipe.base import TaskError

from ..commandLine.overlay import datasetExists
from ..describeError import describeError
from ..endings import endUponTermination
from ..fileFingerprint import readFileFingerprint
from ..lightCurves.diaLightCurves import Gen2DifferenceImages
from ..lightCurves.lightCurveAssembly import DiaLightCurvesConfig
from ..lightCurves.lightCurveFile import LightCurveFile
from ..plainText import escapeOutput
from ..provenance import Fingerprint
from ..systemErrors import endUponSystemError
from .reportFolder import replaceReport
from .reportInputs import ReportInputs
from .surveyReport import writeSurveyReport
from .taskNotes import readTaskNotes

#: Without these there is nothing to report on.
_NEEDED = ("diaLightCurves", "diaLightCurveSummary")


def main(args: Sequence[str] | None = None) -> None:
    """Make the pages that the command line asks for.

    Parameters
    ----------
    args : `list` [`str`], optional
        Command-line arguments; those of the process if `None`.
    """
    escapeOutput()
    parser = argparse.ArgumentParser(
        description="Make a folder of pages on the run and its light curves, for any browser, without a "
                    "network.", formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("root", metavar="OUT", help="repository with the light curves")
    parser.add_argument("--output", metavar="DIR", required=True,
                        help="folder to write; a report that is there is replaced")
    parser.add_argument("--stamps", type=int, default=100, metavar="N",
                        help="show the N most significant objects on their difference images")
    parser.add_argument("--title", help="what to call the survey; the name of the repository if not given")
    parsed = parser.parse_args(args)
    if parsed.stamps < 0:
        parser.error(f"--stamps {parsed.stamps} is not a number from 0 up")
    logging.basicConfig(level=logging.INFO, format="%(name)s %(levelname)s: %(message)s")
    log = logging.getLogger("diaReport")
    with endUponTermination(), endUponSystemError():
        try:
            inputs = _readRepository(parsed.root, parsed.title, log)
            with replaceReport(parsed.output) as directory:
                nObjects = writeSurveyReport(inputs, directory, log, parsed.stamps)
        except (TaskError, ValueError, LookupError) as error:
            sys.exit(f"diaReport.py: {error}")
    log.info("Wrote pages on %d DIAObjects: open %s", nObjects, os.path.join(parsed.output, "index.html"))


def _readRepository(root: str, title: str | None, log: logging.Logger) -> ReportInputs:
    """Return what a report on a repository is made of.

    Raises
    ------
    LookupError
        Raised if there are no light curves.
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
