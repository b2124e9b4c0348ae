# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The DIASources that objects are made of."""

from __future__ import annotations

__all__ = ["ObjectMembers"]

from typing import Any

import numpy as np
from lsst.afw.table import SourceCatalog

from .surveyImages import SurveyImages

#: Names on the page, fields of the catalog and units.
_NUMBERS = (
    ("midpointMjdTai", "midpointMjdTai", "d"),
    ("separation", "separation", "arcsec"),
    ("separationSigma", "separationSigma", ""),
    ("flux", "base_PsfFlux_flux", "nJy"),
    ("fluxErr", "base_PsfFlux_fluxErr", "nJy"),
    ("counts", "base_PsfFlux_instFlux", "count"),
    ("countsErr", "base_PsfFlux_instFluxErr", "count"),
)

#: Digits of a time, MJD, to a second, and of other numbers, as many as they have in single precision.
TIME_DIGITS, DIGITS = 10, 7


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
        for name, field, unit in _NUMBERS:
            if field in names:
                digits = TIME_DIGITS if unit == "d" else DIGITS
                self._add(name, unit, _round(np.asarray(sources[field], dtype=float)[order], digits))
        for name in ("hasRival", "isAmbiguous"):
            if name in names:
                self._add(name, "", np.asarray(sources[name], dtype=bool)[order])

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
        rows = zip(*(_toList(values[start:stop]) for values in self._values))
        return [[str(sourceId), images.find(image), *others] for sourceId, image, *others in rows]

    def _add(self, name: str, unit: str, values: np.ndarray) -> None:
        self.columns.append((name, unit))
        self._values.append(values)


def _round(values: np.ndarray, digits: int) -> np.ndarray:
    """Return numbers that take no more digits to write than they have."""
    isNumber = np.isfinite(values) & (values != 0)
    decimals = np.zeros(len(values))
    decimals[isNumber] = digits - 1 - np.floor(np.log10(np.abs(values[isNumber])))
    # Powers of ten from 1e23 on are not exact, and negative ones never are.
    scale = 10.0**np.clip(decimals, 0, 22)
    return np.round(values*scale)/scale


def _toList(values: np.ndarray) -> list[Any]:
    """Return values in a list, with `None` for NaN and infinities, and words for flags."""
    if values.dtype == bool:
        return ["yes" if value else "no" for value in values.tolist()]
    if values.dtype.kind != "f" or np.isfinite(values).all():
        return values.tolist()
    return [value if isFinite else None for value, isFinite in zip(values.tolist(), np.isfinite(values))]
