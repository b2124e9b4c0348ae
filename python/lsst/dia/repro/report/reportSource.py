# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Where the datasets of a report are, and what a report takes of them."""

from __future__ import annotations

__all__ = ["ReportSource"]

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

from ..describeError import describeError
from ..fileFingerprint import readFileFingerprint
from ..lightCurves.lightCurveAssembly import DiaLightCurvesConfig
from ..lightCurves.lightCurveFile import LightCurveFile
from ..lightCurves.lightCurveProducts import DifferenceImages
from ..printable import printable
from ..provenance import Fingerprint
from .reportInputs import ReportInputs
from .taskNotes import readTaskNotes

#: Without these there is nothing to report on.
_NEEDED = ("diaLightCurves", "diaLightCurveSummary")

_CATALOGS = ("reproDIAObjects", "reproDIASources")

#: The tasks that run once for all images.
_TASKS = ("diaObjectMaker", "diaLightCurves")


class ReportSource(ABC):
    """Reads the datasets of a report, wherever they are stored.

    Parameters
    ----------
    name : `str`
        What to call the survey if nobody says.
    log : `logging.Logger`
        Where to warn of what is not there.
    """

    def __init__(self, name: str, log: logging.Logger) -> None:
        self._name, self._log = name, log

    @abstractmethod
    def read(self, dataset: str) -> Any:
        """Read a dataset; raise a `LookupError` if there is none."""

    @abstractmethod
    def findPath(self, dataset: str) -> str:
        """Return the file of a dataset; raise a `LookupError` if there is none."""

    @abstractmethod
    def openImages(self, config: DiaLightCurvesConfig) -> DifferenceImages | None:
        """Return what reads the difference images, `None` if nothing tells which they are."""

    def gather(self, title: str | None) -> ReportInputs:
        """Return what the report is made of.

        Parameters
        ----------
        title : `str` or `None`
            What to call the survey.

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
        curves, summary = (LightCurveFile(self.findPath(name)) for name in _NEEDED)
        config = self.readOptional("diaLightCurves_config") or DiaLightCurvesConfig()
        catalogs = {name: self.readOptional(name) for name in _CATALOGS}
        found = [name for name, catalog in catalogs.items() if catalog is not None]
        return ReportInputs(
            title=printable(title or self._name), curves=curves, summary=summary,
            threshold=config.detectionThreshold,
            badFlags=list(config.badFlags), sncosmoBandPrefix=config.products.sncosmoBandPrefix,
            diaObjects=catalogs["reproDIAObjects"], diaSources=catalogs["reproDIASources"],
            images=self.openImages(config), made=self._readFingerprints([*found, *_NEEDED]),
            notes=self._readNotes())

    def readOptional(self, dataset: str) -> Any:
        """Read a dataset; return `None`, after a warning, if it cannot be had.

        Parameters
        ----------
        dataset : `str`
            Its name.

        Returns
        -------
        found : `object` or `None`
            What was read.
        """
        return self._readOptional(dataset, lambda found: found)

    def _readOptional(self, dataset: str, use: Callable[[Any], Any]) -> Any:
        """Return what a function makes of a dataset, likewise."""
        try:
            return use(self.read(dataset))
        except Exception as error:
            # Whatever is in the way, the light curves are worth pages. Only ours say that there is none.
            what = "" if type(error) is LookupError else "it cannot be read: "
            self._log.warning("The report is without what %s would tell: %s%s", dataset, what,
                              describeError(error))
            return None

    def _readNotes(self) -> dict[str, dict[str, Any]]:
        found = {task: self._readOptional(task + "_metadata", readTaskNotes) for task in _TASKS}
        return {task: notes for task, notes in found.items() if notes is not None}

    def _readFingerprints(self, datasets: Sequence[str]) -> dict[str, Fingerprint]:
        """Return what made each dataset, as far as they tell."""
        made = {}
        for dataset in datasets:
            try:
                made[dataset] = readFileFingerprint(self.findPath(dataset), dataset)
            except LookupError as error:
                self._log.warning("%s", error)
        return made
