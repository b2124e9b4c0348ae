# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The columns of the light curves and where in forcedDIASource they come from."""

from __future__ import annotations

__all__ = ["POSITIONS_DIFFER", "exposureColumns", "findColumns"]

import fnmatch
from collections.abc import Mapping, Sequence

from lsst.afw.table import Schema

from ..units import RADIAN
from .arrowTables import Column

#: Tells the rows that were measured at a position that is not their object's.
POSITIONS_DIFFER = Column(
    "positionsDiffer", "bool", "",
    "Measured at another position than that of the first row of its object, or than those that the DIAObjects"
    " have now")


def exposureColumns(dataIdTypes: Mapping[str, str]) -> list[Column]:
    """Return the columns that have one value an exposure.

    Parameters
    ----------
    dataIdTypes : `dict` [`str`, `str`]
        Keys of the data IDs, and their types as `Column` has them.

    Returns
    -------
    columns : `list` [`Column`]
        The columns; those of the data ID first.
    """
    return [Column(key, dtype, "", f"Data ID of the image: {key}") for key, dtype in dataIdTypes.items()] + [
        Column("band", "str", "", "Band of the filter"),
        Column("ccdExposureId", "int64", "", "Id of the image"),
        Column("midpointMjdTai", "float64", "d", "Middle of the exposure, MJD (TAI)"),
    ]


def findColumns(schema: Schema, fluxField: str, centroidField: str,
                copyColumns: Sequence[str]) -> list[Column]:
    """Choose the columns of a forced catalog that go into the light curves.

    Parameters
    ----------
    schema : `lsst.afw.table.Schema`
        Schema of the catalog.
    fluxField : `str`
        Prefix of the flux that makes the light curves.
    centroidField : `str`
        Prefix of the pixel position.
    copyColumns : `list` [`str`]
        More columns, as shell patterns, that keep their names.

    Returns
    -------
    columns : `list` [`Column`]
        The columns. Some are always there; such a one that the catalog has
        not has no ``source``.
    """
    # Aliases are in the schema, and not among its names.
    columns = [column if column.source in schema else column._replace(source="")
               for column in _alwaysColumns(fluxField, centroidField)]
    taken = {column.name for column in columns} | {column.source for column in columns}
    for name in sorted(schema.getNames()):
        target = _rename(name, fluxField, copyColumns)
        dtype = _numpyType(schema, name)
        if target and dtype and not {name, target} & taken:
            field = schema[name].asField()
            unit = "rad" if field.getTypeString() == "Angle" else field.getUnits()
            columns.append(Column(target, dtype, unit, field.getDoc(), name))
    return columns


def _alwaysColumns(fluxField: str, centroidField: str) -> list[Column]:
    """Return the columns that every light curve has."""
    return [
        Column("diaObjectId", "int64", "", "Id of the DIAObject", "diaObjectId"),
        Column("diaForcedSourceId", "int64", "", "Id of the measurement, that of forcedDIASource", "id"),
        Column("ra", "float64", "deg", "Right ascension (ICRS) that was measured at", "coord_ra", RADIAN),
        Column("dec", "float64", "deg", "Declination (ICRS) that was measured at", "coord_dec", RADIAN),
        POSITIONS_DIFFER,
        Column("x", "float64", "pixel", "Pixel position on the image, x", centroidField + "_x"),
        Column("y", "float64", "pixel", "Pixel position on the image, y", centroidField + "_y"),
        Column("psfDiffFlux", "float64", "nJy", "Flux on the difference image", fluxField + "_flux"),
        Column("psfDiffFluxErr", "float64", "nJy", "Error of psfDiffFlux", fluxField + "_fluxErr"),
        Column("psfDiffFlux_flag", "bool", "", "Did the measurement fail or may it be wrong?",
               fluxField + "_flag"),
    ]


def _rename(name: str, fluxField: str, copyColumns: Sequence[str]) -> str | None:
    """Return the name that an optional column gets, `None` if it is not wanted."""
    of = {"_limitFlux": "psfDiffFluxLimit", "_mag": "psfDiffMag", "_magErr": "psfDiffMagErr",
          "_apCorrFlux": "psfDiffApCorrFlux", "_apCorrFluxErr": "psfDiffApCorrFluxErr"}
    if name.startswith(fluxField) and name[len(fluxField):] in of:
        return of[name[len(fluxField):]]
    for prefix, target in ((fluxField + "_flag_", "psfDiffFlux_flag_"),
                           ("base_PixelFlags_flag_", "pixelFlags_")):
        if name.startswith(prefix):
            return target + name[len(prefix):]
    if name == "base_PixelFlags_flag":
        return "pixelFlags"
    return name if any(fnmatch.fnmatchcase(name, pattern) for pattern in copyColumns) else None


def _numpyType(schema: Schema, name: str) -> str | None:
    """Return the NumPy type of a scalar field, `None` for arrays and text."""
    types = {"Flag": "bool", "U": "uint8", "I": "int32", "L": "int64", "F": "float32", "D": "float64",
             "Angle": "float64"}
    return types.get(schema[name].asField().getTypeString())
