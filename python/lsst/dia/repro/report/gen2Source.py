# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The datasets of a report in a Gen2 repository."""

from __future__ import annotations

__all__ = ["Gen2Source"]

import logging
import os
from typing import Any

from ..commandLine.gen2Butler import openGen2Butler
from ..commandLine.overlay import datasetExists
from ..lightCurves.diaLightCurves import Gen2DifferenceImages
from ..lightCurves.lightCurveAssembly import DiaLightCurvesConfig
from .reportSource import ReportSource


class Gen2Source(ReportSource):
    """Reads the datasets of a report from a Gen2 repository.

    Parameters
    ----------
    root : `str`
        The repository.
    log : `logging.Logger`
        Where to warn of what is not there.

    Raises
    ------
    lsst.pipe.base.TaskError
        Raised if there is no repository that can be read.
    """

    def __init__(self, root: str, log: logging.Logger) -> None:
        super().__init__(os.path.basename(os.path.abspath(root)), log)
        self._root, self._butler = root, openGen2Butler(root)

    def read(self, dataset: str) -> Any:
        """Read a dataset; see `ReportSource`."""
        self._require(dataset)
        return self._butler.get(dataset, immediate=True)

    def findPath(self, dataset: str) -> str:
        """Return the file of a dataset; see `ReportSource`."""
        self._require(dataset)
        return self._butler.get(dataset + "_filename", immediate=True)[0]

    def openImages(self, config: DiaLightCurvesConfig) -> Gen2DifferenceImages:
        """Return what reads the difference images; see `ReportSource`."""
        return Gen2DifferenceImages(self._butler, config.imageDataset)

    def _require(self, dataset: str) -> None:
        if not datasetExists(self._butler, dataset):
            task = "diaLightCurves.py" if dataset.startswith("diaLightCurve") else "diaObjectMaker.py"
            raise LookupError(f"repository {self._root} has no {dataset}, which {task} writes")
