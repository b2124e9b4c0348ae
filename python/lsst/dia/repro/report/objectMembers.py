# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The DIASources that objects are made of."""

from __future__ import annotations

__all__ = ["ObjectMembers"]

from typing import Any

import numpy as np
from lsst.afw.table import SourceCatalog

from ..units import ARCSEC
from .surveyImages import SurveyImages

#: Names on the page, fields of the catalog, factors and units.
_NUMBERS = (
    ("midpointMjdTai", "midpointMjdTai", 1.0, "d"),
    ("separation", "separation", 1/ARCSEC, "arcsec"),
    ("separationSigma", "separationSigma", 1.0, ""),
    ("flux", "base_PsfFlux_flux", 1.0, "nJy"),
    ("fluxErr", "base_PsfFlux_fluxErr", 1.0, "nJy"),
    ("counts", "base_PsfFlux_instFlux", 1.0, "count"),
    ("countsErr", "base_PsfFlux_instFluxErr", 1.0, "count"),
)


class ObjectMembers:
    """Looks up the DIASources of objects.

    Parameters
    ----------
    sources : `lsst.afw.table.SourceCatalog` or `None`
        ``reproDIASources``.

    Attributes
    ----------
    columns : `list` [`tuple` [`str`, `str`]]
        Names and units of what `of` returns.
    """

    def __init__(self, sources: SourceCatalog | None) -> None:
        self.columns: list[tuple[str, str]] = []
        self._values: list[np.ndarray] = []
        self._owners = np.zeros(0, dtype=np.int64)
        if sources is None:
            return
        if not sources.isContiguous():
            sources = sources.copy(deep=True)
        names = sources.schema.getNames()
        order = np.argsort(np.asarray(sources["diaObjectId"]), kind="stable")
        self._owners = np.asarray(sources["diaObjectId"])[order]
        for name, field in (("diaSourceId", "id"), ("image", "ccdExposureId")):
            self._add(name, "", np.asarray(sources[field])[order])
        for name, field, scale, unit in _NUMBERS:
            if field in names:
                self._add(name, unit, np.asarray(sources[field])[order]*scale)
        for name in ("hasRival", "isAmbiguous"):
            if name in names:
                self._add(name, "", np.where(np.asarray(sources[name])[order], "yes", ""))

    def of(self, objectId: int, images: SurveyImages) -> list[list[Any]]:
        """Return the DIASources of an object.

        Parameters
        ----------
        objectId : `int`
            Its id.
        images : `SurveyImages`
            The images that are numbered.

        Returns
        -------
        rows : `list` [`list`]
            Values of `columns`, a row a DIASource. An id is text, since
            JavaScript has no such long numbers; an image is its number,
            `None` if nothing was measured on it.
        """
        start, stop = np.searchsorted(self._owners, [objectId, objectId + 1])
        rows = zip(*(values[start:stop].tolist() for values in self._values))
        return [[str(sourceId), images.find(image), *others] for sourceId, image, *others in rows]

    def _add(self, name: str, unit: str, values: np.ndarray) -> None:
        self.columns.append((name, unit))
        self._values.append(values)
