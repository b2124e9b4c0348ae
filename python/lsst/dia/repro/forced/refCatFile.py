# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Positions to measure at, from a file of the user's."""

from __future__ import annotations

__all__ = ["RefCatConfig", "RefCatError", "readRefCat"]

import functools
import os
from collections.abc import Callable, Sequence
from typing import Any

import lsst.pex.config as pexConfig
import numpy as np
from astropy.table import Column, Table
from astropy.table.meta import get_header_from_yaml

from ..describeError import describeError
from ..fileState import FileState, findState
from ..parquetRoom import openParquetFile
from ..printable import printable
from ..skyPositions import SkyPositions

SPELLINGS = {
    "id": ("id", "diaObjectId", "objectId", "sourceId", "source_id", "ID", "objId"),
    "ra": ("ra", "RA", "ra_deg", "RAdeg", "raDeg", "RA_ICRS", "RAJ2000", "coord_ra"),
    "dec": ("dec", "DEC", "Dec", "decl", "dec_deg", "DEdeg", "decDeg", "DE_ICRS", "DEJ2000", "coord_dec"),
}
FORMATS = {".fits": "fits", ".fit": "fits", ".fits.gz": "fits", ".csv": "ascii.csv", ".csv.gz": "ascii.csv",
           ".ecsv": "ascii.ecsv", ".ecsv.gz": "ascii.ecsv", ".parquet": "parquet", ".parq": "parquet",
           ".pq": "parquet"}
BYTE_ORDER_MARK = "\ufeff"  # which spreadsheets write at the beginning of a CSV file

#: Greatest number up to which all integers are floating-point numbers, too.
MAX_EXACT = 2.0**53


class RefCatConfig(pexConfig.Config):
    """Columns of the file of ``--refCat``."""

    idColumn = pexConfig.Field(
        dtype=str, default=None, optional=True,
        doc="Column of the integer ids; by default the first there is of " + ", ".join(SPELLINGS["id"])
            + ", or the only one that is but for capitals",
    )
    raColumn = pexConfig.Field(
        dtype=str, default=None, optional=True,
        doc="Column of the right ascensions, degrees unless the file gives another unit; by default the "
            "first there is of " + ", ".join(SPELLINGS["ra"]) + ", or likewise",
    )
    decColumn = pexConfig.Field(
        dtype=str, default=None, optional=True,
        doc="Column of the declinations, likewise; by default the first there is of "
            + ", ".join(SPELLINGS["dec"]) + ", or likewise",
    )


class RefCatError(RuntimeError):
    """A file of positions cannot be used; the message names it and the column."""

    def __init__(self, message: str) -> None:
        super().__init__(printable(message))


def readRefCat(path: str, config: RefCatConfig | None = None) -> tuple[SkyPositions, int]:
    """Read positions from a file.

    The last file read is kept while it does not change, so that processes of
    ``-j``, which inherit it, need not read it again.

    Parameters
    ----------
    path : `str`
        FITS, CSV, ECSV or Parquet file, by its extension.
    config : `RefCatConfig`, optional
        Names of the columns; by default the usual spellings are tried.

    Returns
    -------
    positions : `SkyPositions`
        Positions in the order of the file, sorted for searches.
    nDropped : `int`
        Number of rows without a position, which are left out.

    Raises
    ------
    RefCatError
        Raised if the file cannot be used.
    """
    config = config or RefCatConfig()
    try:
        return _readOnce(path, findState(path), config.idColumn, config.raColumn, config.decColumn)
    except RefCatError:
        raise
    except Exception as error:
        raise RefCatError(f"{path}: cannot be read: {describeError(error)}") from error


@functools.lru_cache(maxsize=1)
def _readOnce(path: str, state: FileState | None, idColumn: str | None, raColumn: str | None,
              decColumn: str | None) -> tuple[SkyPositions, int]:
    """Read positions from a file; the state is there for the cache alone."""
    wanted = {"id": idColumn, "ra": raColumn, "dec": decColumn}
    table = _openTable(path)
    names = _findColumns(table, path, wanted)
    ra, dec = (_toDegrees(table[names[kind]], path, names[kind]) for kind in ("ra", "dec"))
    isGood = np.isfinite(ra) & np.isfinite(dec)
    wrong = np.abs(dec[isGood]) > 90.0
    if wrong.any():
        raise RefCatError(f"{path}: column {names['dec']} has {dec[isGood][wrong][0]}, which is no "
                          "declination in degrees")
    ids = _toIds(table[names["id"]], isGood, path, names["id"])
    # The remainder of a tiny negative number is rounded to 360.
    positions = SkyPositions(ids, np.radians(ra[isGood] % 360.0 % 360.0), np.radians(dec[isGood]))
    positions.buildIndex()
    return positions, int((~isGood).sum())


def _openTable(path: str) -> Table | _ParquetTable:
    """Open a table of any of the formats."""
    form = next((FORMATS[end] for end in FORMATS if path.lower().endswith(end)), None)
    if form is None:
        raise RefCatError(f"{path}: unknown extension; it must be one of {', '.join(FORMATS)}")
    if not os.path.isfile(path):
        raise RefCatError(f"{path}: no such file")
    if form == "parquet":
        return _ParquetTable(path)
    options = {"comment": "#"} if form == "ascii.csv" else {}
    table = Table.read(path, format=form, **options)
    if table.colnames and table.colnames[0].startswith(BYTE_ORDER_MARK):
        table.rename_column(table.colnames[0], table.colnames[0][1:])
    return table


class _ParquetTable:
    """As much of an `astropy.table.Table` as is needed, reading nothing but those columns."""

    def __init__(self, path: str) -> None:
        self._file = openParquetFile(path)
        self.colnames = self._file.schema_arrow.names

    def __getitem__(self, name: str) -> Column:
        values = self._file.read(columns=[name])[name].to_numpy()
        return Column(values, unit=self._findUnit(name))

    def _findUnit(self, name: str) -> str | None:
        """Return the unit that Astropy, or this package, wrote; `None` if there is none."""
        schema = self._file.schema_arrow
        unit = (schema.field(name).metadata or {}).get(b"unit")
        if unit is not None:
            return unit.decode()
        lines = (schema.metadata or {}).get(b"table_meta_yaml", b"").decode().split("\n")
        columns = get_header_from_yaml(lines)["datatype"] if len(lines) > 1 else []
        return next((column.get("unit") for column in columns if column["name"] == name), None)


def _findColumns(table: Table | _ParquetTable, path: str, wanted: dict[str, str | None]) -> dict[str, str]:
    """Return the names of the columns of id, ra and dec, of which some may be given."""
    if not table.colnames:
        raise RefCatError(f"{path}: there is no table in it")
    spellings = {kind: (name,) if name else SPELLINGS[kind] for kind, name in wanted.items()}
    found = {kind: _matchNames(table.colnames, names, inAnyCase=not wanted[kind])
             for kind, names in spellings.items()}
    absent = [kind for kind in wanted if not found[kind]]
    if absent:
        raise RefCatError("{}: no column {}; there are {}. Name it with --config {}".format(
            path, ", and none ".join(" or ".join(spellings[kind]) for kind in absent),
            ", ".join(table.colnames), " ".join(f"refCat.{kind}Column=..." for kind in absent)))
    return {kind: names[0] for kind, names in found.items()}


def _matchNames(columns: Sequence[str], names: Sequence[str], inAnyCase: bool) -> list[str]:
    """Return the columns of some names; without any, perhaps the only one that differs in capitals."""
    exact = [name for name in names if name in columns]
    lower = {name.lower() for name in names}
    similar = [column for column in columns if inAnyCase and column.lower() in lower]
    return exact or (similar if len(similar) == 1 else [])


def _toDegrees(column: Column, path: str, name: str) -> np.ndarray:
    """Return angles in degrees, with NaN for what is missing."""
    _checkOneDimensional(column, path, name)
    if len(column) and column.dtype.kind not in "iuf":
        row = _findNoNumber(column, float)
        raise RefCatError(f"{path}: column {name} has no number, but {str(column[row])!r}, in row {row + 1}; "
                          "it has to have degrees")
    values = np.ma.filled(np.ma.asarray(column).astype(float), np.nan)
    unit = getattr(column, "unit", None)
    if unit is None and name.lower().startswith("coord_"):
        raise RefCatError(f"{path}: column {name} has no unit, and some have it in radians or in degrees; "
                          "store the unit, or degrees under another name")
    if unit is None:
        return values
    try:
        return values*unit.to("deg")
    except Exception as error:
        raise RefCatError(f"{path}: column {name} is in {unit}, which is no angle") from error


def _toIds(column: Column, isWanted: np.ndarray, path: str, name: str) -> np.ndarray:
    """Return the ids of some rows, which must be whole numbers, each once."""
    _checkOneDimensional(column, path, name)
    column = np.ma.asarray(column)
    ids = np.ma.getdata(column)
    isMissing = np.ma.getmaskarray(column)
    isGood = ~isMissing
    if ids.dtype.kind == "f":
        isGood &= (np.abs(ids) <= MAX_EXACT) & (ids == np.rint(ids))
    elif ids.dtype.kind not in "iu":
        isGood &= False
    wrong = np.flatnonzero(isWanted & ~isGood)
    if len(wrong):
        row = wrong[_findNoNumber(column[wrong], int)]
        value = "none" if isMissing[row] else repr(np.asarray(ids[row]).tolist())
        raise RefCatError(f"{path}: column {name} must have an integer of at most 64 bits in each row; row "
                          f"{row + 1} has {value}")
    ids = ids[isWanted]
    if ids.dtype.kind == "u" and len(ids) and ids.max() > np.iinfo(np.int64).max:
        raise RefCatError(f"{path}: column {name} has {ids.max()}, more than a signed 64-bit integer holds")
    ids = ids.astype(np.int64)
    values, counts = np.unique(ids, return_counts=True)
    if len(values) < len(ids):
        raise RefCatError(f"{path}: column {name} has {values[counts > 1][0]} more than once; "
                          "ids must be unique")
    return ids


def _findNoNumber(column: Column, convert: Callable[[Any], float]) -> int:
    """Return the first row that is no number; the first of all if they are numbers of another type."""
    for row, value in enumerate(column):
        try:
            convert(value)
        except Exception:
            # What is masked has an error of its own.
            return row
    return 0


def _checkOneDimensional(column: Column, path: str, name: str) -> None:
    if column.ndim != 1:
        raise RefCatError(f"{path}: column {name} is no column of single values")
