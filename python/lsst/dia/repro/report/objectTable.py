# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The table of all objects of a report."""

from __future__ import annotations

__all__ = ["ObjectColumn", "ObjectTable"]

from typing import Any, NamedTuple

import numpy as np
from astropy.table import Table, vstack
from lsst.afw.table import SourceCatalog

from ..bands import sortBands
from ..lightCurves.lightCurveFile import LightCurveFile
from ..rowLookup import findRows
from ..units import AB_ZERO_POINT
from .pageData import encodeNumbers, encodeTexts

#: What names of flags begin with that say what is wrong with pixels.
_PIXEL_FLAGS = "base_PixelFlags_flag_"


class ObjectColumn(NamedTuple):
    """A column of the table of objects.

    Attributes
    ----------
    name : `str`
        Its name in the data.
    title : `str`
        What stands above it, with the unit.
    format : `str`
        How Bokeh formats its numbers; empty for text.
    """

    name: str
    title: str
    format: str = ""


_COLUMNS = (
    ObjectColumn("ra", "RA (deg)", "0.00000"),
    ObjectColumn("dec", "Dec (deg)", "0.00000"),
    ObjectColumn("significance", "Significance", "0.0"),
    ObjectColumn("nDetections", "Detections", "0"),
    ObjectColumn("fpFluxNdata", "Usable fluxes", "0"),
    ObjectColumn("nDiaSources", "DIASources", "0"),
    ObjectColumn("bands", "Bands"),
    ObjectColumn("peakBand", "Peak band"),
    ObjectColumn("peakFlux", "Peak flux (nJy)", "0.0"),
    ObjectColumn("peakMag", "Peak (AB mag)", "0.00"),
    ObjectColumn("chi2PerDof", "chi2/dof of constancy", "0.00"),
    ObjectColumn("firstDetectionMjdTai", "First detection (MJD TAI)", "0.00"),
    ObjectColumn("lastDetectionMjdTai", "Last detection (MJD TAI)", "0.00"),
    ObjectColumn("flags", "Flags of DIASources"),
)

#: Those that a float of 32 bits has not digits enough for.
_PRECISE = ("ra", "dec", "firstDetectionMjdTai", "lastDetectionMjdTai")


class ObjectTable:
    """What the table of a report has of each object.

    Parameters
    ----------
    summary : `LightCurveFile`
        ``diaLightCurveSummary``.
    diaObjects : `lsst.afw.table.SourceCatalog` or `None`
        ``reproDIAObjects``.

    Attributes
    ----------
    ids : `numpy.ndarray`, (N,)
        Ids of the DIAObjects, increasing, int64.
    columns : `list` [`ObjectColumn`]
        The columns, without those of which nothing is known.
    values : `dict` [`str`, `numpy.ndarray`]
        The columns by name, (N,), float64 or text.
    order : `numpy.ndarray`, (N,)
        Which objects, the most significant first; those without significance
        last.
    """

    #: The columns that a summary must have.
    needed = ("diaObjectId", "ra", "dec", "significance", "peakBand", "peakFlux", "fpFluxChi2", "fpFluxDof")

    def __init__(self, summary: LightCurveFile, diaObjects: SourceCatalog | None) -> None:
        groups = list(summary.groups()) or [summary.emptyTable()]
        table = vstack(groups, metadata_conflicts="silent")
        table.sort("diaObjectId")
        self.ids = np.asarray(table["diaObjectId"], dtype=np.int64)
        self.values = {name: _read(table, name) for name, _, format in _COLUMNS
                       if name in table.colnames and format}
        self.values.update(_derive(table), **_ofDiaObjects(diaObjects, self.ids))
        self.columns = [column for column in _COLUMNS if column.name in self.values]
        self.order = np.argsort(-np.nan_to_num(self.values["significance"], nan=-np.inf), kind="stable")

    def __len__(self) -> int:
        return len(self.ids)

    def encode(self) -> dict[str, Any]:
        """Return the table for the page, the most significant object first."""
        encoded: dict[str, Any] = {"diaObjectId": {"list": self.ids[self.order].astype(str).tolist()}}
        for name, values in self.values.items():
            values = values[self.order]
            if values.dtype.kind == "U":
                encoded[name] = encodeTexts(values.tolist())
            elif name in _PRECISE:
                encoded[name] = encodeNumbers(values)
            else:
                with np.errstate(over="ignore"):
                    encoded[name] = encodeNumbers(values.astype(np.float32))
        return encoded

    def describe(self, row: int) -> dict[str, Any]:
        """Return the values of an object, by the names of `columns`; `None` for NaN."""
        found = {name: values[row].item() for name, values in self.values.items()}
        return {name: value if value == value else None for name, value in found.items()}


def _read(table: Table, name: str) -> np.ndarray:
    """Return a column of numbers, with NaN for null."""
    return np.ma.filled(np.ma.asarray(table[name], dtype=float), np.nan)


def _derive(table: Table) -> dict[str, np.ndarray]:
    """Return what follows from the columns of the summary."""
    bands = sortBands(name[:-len("_fpFluxNdata")] for name in table.colnames if name.endswith("_fpFluxNdata"))
    present = [np.where(_read(table, band + "_fpFluxNdata") > 0, band + " ", "") for band in bands]
    joined = np.zeros(len(table), dtype="U1") if not present else present[0]
    for each in present[1:]:
        joined = np.char.add(joined, each)
    with np.errstate(invalid="ignore", divide="ignore"):
        flux = _read(table, "peakFlux")
        return {
            "bands": np.char.rstrip(joined),
            "peakBand": np.ma.filled(np.ma.asarray(table["peakBand"], dtype=str), ""),
            "peakMag": np.where(flux > 0, AB_ZERO_POINT - 2.5*np.log10(flux), np.nan),
            "chi2PerDof": _read(table, "fpFluxChi2")/_read(table, "fpFluxDof"),
        }


def _ofDiaObjects(diaObjects: SourceCatalog | None, ids: np.ndarray) -> dict[str, np.ndarray]:
    """Return what the DIAObjects have of those with some ids; nothing if there are no DIAObjects."""
    if diaObjects is None or not len(diaObjects):
        return {}
    if not diaObjects.isContiguous():
        diaObjects = diaObjects.copy(deep=True)
    place = findRows(np.asarray(diaObjects["id"]), ids)
    isKnown = place >= 0
    names = sorted(diaObjects.schema.getNames())
    found = {}
    if "nDiaSources" in names:
        counts = np.asarray(diaObjects["nDiaSources"], dtype=float)[place]
        found["nDiaSources"] = np.where(isKnown, counts, np.nan)
    flags = np.zeros(len(ids), dtype="U1")
    for name in names:
        if name.startswith(_PIXEL_FLAGS) and not name.endswith("_nSet"):
            isSet = isKnown & (np.asarray(diaObjects[name])[place] != 0)
            flags = np.char.add(flags, np.where(isSet, name[len(_PIXEL_FLAGS):] + " ", ""))
    found["flags"] = np.char.rstrip(flags)
    return found
