# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""All the data of a run, as one target of a task."""

from __future__ import annotations

__all__ = ["SurveyRef"]

from typing import Any

from lsst.daf.persistence import Butler, ButlerDataRef


class SurveyRef:
    """All the data of a run, as one target of a task.

    Parameters
    ----------
    butler : `lsst.daf.persistence.Butler`
        Where to write.
    dataRefs : `list` [`lsst.daf.persistence.ButlerDataRef`]
        References to the data.
    tile : `int`, optional
        Index of the one tile of the sky to work on; all the sky if `None`.
    """

    def __init__(self, butler: Butler, dataRefs: list[ButlerDataRef], tile: int | None = None) -> None:
        self.butler = butler
        self.dataRefs = dataRefs
        self.tile = tile

    @property
    def dataId(self) -> str:
        """What the target is called in the log (`str`)."""
        if not self.dataRefs:
            return "what the repository has"
        return f"all {len(self.dataRefs)} given" + ("" if self.tile is None else f", tile={self.tile}")

    def put(self, item: Any, dataset: str) -> None:
        """Write a dataset of the survey, or of the tile."""
        self.butler.put(item, *self._place(dataset))

    def get(self, dataset: str) -> Any:
        """Read a dataset of the survey, or of the tile."""
        return self.butler.get(*self._place(dataset), immediate=True)

    def getUri(self, dataset: str) -> str:
        """Return the file of a dataset of the survey, or of the tile."""
        return self.butler.getUri(*self._place(dataset))

    def _place(self, dataset: str) -> tuple[str, dict[str, int]]:
        """Return the type and the data ID of a dataset."""
        return (dataset, {}) if self.tile is None else (dataset + "_tile", {"tile": self.tile})
