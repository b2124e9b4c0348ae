# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Positions to measure at, from a file of the user's."""

__all__ = ["RefCatConfig", "RefCatError", "readRefCat", "readRefCatOf"]

import functools
import os

import lsst.afw.table as afwTable
import lsst.pex.config as pexConfig
import numpy as np

from ..columns import makeCatalog

SPELLINGS = {
    "id": ("id", "diaObjectId", "objectId", "sourceId", "source_id", "ID", "objId"),
    "ra": ("ra", "RA", "ra_deg", "RAdeg", "raDeg", "RA_ICRS", "RAJ2000", "coord_ra"),
    "dec": ("dec", "DEC", "Dec", "decl", "dec_deg", "DEdeg", "decDeg", "DE_ICRS", "DEJ2000", "coord_dec"),
}
FORMATS = {".fits": "fits", ".fit": "fits", ".fits.gz": "fits", ".csv": "ascii.csv", ".ecsv": "ascii.ecsv",
           ".parquet": "parquet", ".parq": "parquet", ".pq": "parquet"}


class RefCatConfig(pexConfig.Config):
    """Columns of the file of ``--refCat``."""

    idColumn = pexConfig.Field(
        dtype=str, default=None, optional=True,
        doc="Column of the integer ids; by default the first there is of " + ", ".join(SPELLINGS["id"]),
    )
    raColumn = pexConfig.Field(
        dtype=str, default=None, optional=True,
        doc="Column of the right ascensions, degrees unless the file gives another unit; by default the "
            "first there is of " + ", ".join(SPELLINGS["ra"]),
    )
    decColumn = pexConfig.Field(
        dtype=str, default=None, optional=True,
        doc="Column of the declinations, likewise; by default the first there is of "
            + ", ".join(SPELLINGS["dec"]),
    )


class RefCatError(RuntimeError):
    """A file of positions cannot be used; the message names it and the column."""


def readRefCat(path, idColumn=None, raColumn=None, decColumn=None):
    """Read positions from a file.

    The last file read is kept while it does not change, so that processes of
    ``-j``, which inherit it, need not read it again.

    Parameters
    ----------
    path : `str`
        FITS, CSV, ECSV or Parquet file, by its extension.
    idColumn, raColumn, decColumn : `str`, optional
        Names of the columns; by default the usual spellings are tried.

    Returns
    -------
    refCat : `lsst.afw.table.SourceCatalog`
        With ``id`` and ``coord``, in the order of the file.
    nDropped : `int`
        Number of rows without a position, which are left out.

    Raises
    ------
    RefCatError
        Raised if the file cannot be used.
    """
    try:
        return _readOnce(path, _describeState(path), idColumn, raColumn, decColumn)
    except RefCatError:
        raise
    except Exception as error:
        message = " ".join(str(error).split()) or type(error).__name__
        raise RefCatError(f"{path}: cannot be read: {message}") from error


def _describeState(path):
    """Return what changes when a file is written again; `None` if there is none."""
    if not os.path.isfile(path):
        return None
    state = os.stat(path)
    return state.st_ino, state.st_mtime_ns, state.st_size


@functools.lru_cache(maxsize=1)
def _readOnce(path, state, idColumn, raColumn, decColumn):
    wanted = {"id": idColumn, "ra": raColumn, "dec": decColumn}
    table = _openTable(path)
    names = {kind: _findColumn(table, path, kind, wanted[kind]) for kind in wanted}
    ra, dec = (_toDegrees(table[names[kind]], path, names[kind]) for kind in ("ra", "dec"))
    isGood = np.isfinite(ra) & np.isfinite(dec)
    wrong = np.abs(dec[isGood]) > 90.0
    if wrong.any():
        raise RefCatError(f"{path}: column {names['dec']} has {dec[isGood][wrong][0]}, which is no "
                          "declination in degrees")
    ids = _toIds(table[names["id"]], path, names["id"])
    refCat = makeCatalog(afwTable.SourceTable.makeMinimalSchema(), int(isGood.sum()), afwTable.SourceCatalog)
    refCat["id"] = ids[isGood]
    refCat["coord_ra"], refCat["coord_dec"] = np.radians(ra[isGood] % 360.0), np.radians(dec[isGood])
    return refCat, int((~isGood).sum())


def _openTable(path):
    """Open a table of any of the formats."""
    form = next((FORMATS[end] for end in FORMATS if path.lower().endswith(end)), None)
    if form is None:
        raise RefCatError(f"{path}: unknown extension; it must be one of {', '.join(FORMATS)}")
    if not os.path.isfile(path):
        raise RefCatError(f"{path}: no such file")
    if form == "parquet":
        return _ParquetTable(path)
    from astropy.table import Table

    return Table.read(path, format=form)


class _ParquetTable:
    """As much of an `astropy.table.Table` as is needed, reading nothing but those columns."""

    def __init__(self, path):
        from pyarrow.parquet import ParquetFile

        self._file = ParquetFile(path)
        self.colnames = self._file.schema_arrow.names

    def __getitem__(self, name):
        return self._file.read(columns=[name])[name].to_numpy()


def _findColumn(table, path, kind, wanted):
    """Return the name of a column."""
    names = (wanted,) if wanted else SPELLINGS[kind]
    for name in names:
        if name in table.colnames:
            return name
    raise RefCatError(f"{path}: no column {' or '.join(names)}; there are {', '.join(table.colnames)}. "
                      f"Name it with --config refCat.{kind}Column=...")


def _toDegrees(column, path, name):
    """Return angles in degrees, with NaN for what is missing."""
    _checkOneDimensional(column, path, name)
    if len(column) and column.dtype.kind not in "iuf":
        raise RefCatError(f"{path}: column {name} has no numbers")
    values = np.ma.filled(np.ma.asarray(column).astype(float), np.nan)
    unit = getattr(column, "unit", None)
    if unit is None and name.startswith("coord_"):
        raise RefCatError(f"{path}: column {name} has no unit, and some have it in radians or in degrees; "
                          "store the unit, or degrees under another name")
    if unit is None:
        return values
    try:
        return values*unit.to("deg")
    except Exception as error:
        raise RefCatError(f"{path}: column {name} is in {unit}, which is no angle") from error


def _toIds(column, path, name):
    """Return ids, which must be whole numbers, each once."""
    _checkOneDimensional(column, path, name)
    if len(column) and column.dtype.kind not in "iu" or np.ma.is_masked(np.ma.asarray(column)):
        raise RefCatError(f"{path}: column {name} must have an integer of at most 64 bits in each row")
    ids = np.ma.getdata(np.ma.asarray(column))
    if ids.dtype.kind == "u" and len(ids) and ids.max() > np.iinfo(np.int64).max:
        raise RefCatError(f"{path}: column {name} has {ids.max()}, more than a signed 64-bit integer holds")
    ids = ids.astype(np.int64)
    values, counts = np.unique(ids, return_counts=True)
    if len(values) < len(ids):
        raise RefCatError(f"{path}: column {name} has {values[counts > 1][0]} more than once; "
                          "ids must be unique")
    return ids


def _checkOneDimensional(column, path, name):
    if column.ndim != 1:
        raise RefCatError(f"{path}: column {name} is no column of single values")


def readRefCatOf(path, config):
    """Read the file of ``--refCat`` with the columns of a config.

    Parameters
    ----------
    path : `str`
        The file.
    config : `RefCatConfig`
        Names of its columns.

    Returns
    -------
    refCat : `lsst.afw.table.SourceCatalog`
        Positions.
    nDropped : `int`
        Number of rows without a position.
    """
    return readRefCat(path, config.idColumn, config.raColumn, config.decColumn)
