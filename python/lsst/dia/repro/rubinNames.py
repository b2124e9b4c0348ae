# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The names that columns of DIASources have in Rubin's tables, and in catalogs of afw."""

from __future__ import annotations

__all__ = ["ANGLES", "EXPOSURE_COLUMNS", "findRubinNames", "toAfwName"]

from collections.abc import Iterable

#: Names that catalogs of afw have for columns of the tables.
AFW_NAMES = {
    "diaSourceId": "id", "ra": "coord_ra", "dec": "coord_dec", "raErr": "coord_raErr",
    "decErr": "coord_decErr", "x": "base_SdssCentroid_x", "y": "base_SdssCentroid_y",
    "xErr": "base_SdssCentroid_xErr", "yErr": "base_SdssCentroid_yErr",
    "centroid_flag": "base_SdssCentroid_flag", "psfFlux": "base_PsfFlux_instFlux",
    "psfFluxErr": "base_PsfFlux_instFluxErr",
}

#: Beginnings of names that catalogs of afw have for those of the tables.
AFW_PREFIXES = {"psfFlux_flag": "base_PsfFlux_flag", "pixelFlags": "base_PixelFlags_flag"}

#: Angles, which the tables have in degrees and afw in radians.
ANGLES = ("ra", "dec", "raErr", "decErr")

#: Columns of the tables that tell the exposure.
EXPOSURE_COLUMNS = ("visit", "detector", "band", "midpointMjdTai")


def toAfwName(name: str) -> str:
    """Return the name that catalogs of afw have for a column of the tables."""
    for prefix, afwPrefix in AFW_PREFIXES.items():
        if name.startswith(prefix):
            return afwPrefix + name[len(prefix):]
    return AFW_NAMES.get(name, name)


def findRubinNames(columns: Iterable[str], present: Iterable[str]) -> dict[str, str]:
    """Return which columns of a table a catalog has.

    Parameters
    ----------
    columns : iterable [`str`]
        Columns of the table.
    present : iterable [`str`]
        Columns of the catalog.

    Returns
    -------
    names : `dict` [`str`, `str`]
        Names in the catalog by those in the table.
    """
    known = set(present)
    return {name: toAfwName(name) for name in columns if toAfwName(name) in known}
