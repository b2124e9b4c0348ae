# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""DIASources of many exposures in one table with Rubin's column names, exposure by exposure."""

from __future__ import annotations

__all__ = ["TableExposure", "findTableExposures"]

from collections.abc import Sequence
from logging import Logger

import lsst.afw.table as afwTable
import numpy as np
from astropy.table import Column, MaskedColumn, Table, vstack
from lsst.afw.image import FilterLabel, PhotoCalib
from lsst.daf.butler import DataCoordinate
from lsst.pipe.base import TaskError

from ..catalogColumns import makeCatalog
from ..describeError import describeError
from ..exposureHandle import ExposureHandle, sortExposures
from ..rubinNames import ANGLES, EXPOSURE_COLUMNS, toAfwName
from .exposureIds import packExposureId

#: What tables must have.
REQUIRED = ("diaSourceId", "visit", "detector", "band", "midpointMjdTai", "ra", "dec")

#: Types of afw by those of NumPy; what else there is, is left out.
AFW_TYPES = {"b1": "Flag", "i2": "I", "i4": "I", "i8": "L", "f4": "F", "f8": "D"}


class TableExposure(ExposureHandle):
    """The DIASources of one exposure, out of a table.

    Parameters
    ----------
    sources : `astropy.table.Table`
        Rows of the exposure.
    schema : `lsst.afw.table.Schema`
        What catalogs made of the table have.
    instrument : `lsst.daf.butler.DataCoordinate`
        Data ID of the instrument, with its record.
    """

    def __init__(self, sources: Table, schema: afwTable.Schema, instrument: DataCoordinate) -> None:
        first = sources[0]
        self.dataId = {"instrument": instrument["instrument"], "visit": int(first["visit"]),
                       "detector": int(first["detector"])}
        self.ccdExposureId = packExposureId(instrument, visit=self.dataId["visit"],
                                            detector=self.dataId["detector"])[0]
        self.mjd = float(np.ma.filled(first["midpointMjdTai"], np.nan))
        self._band = str(first["band"])
        self._sources, self._schema = sources, schema

    def readSchema(self) -> afwTable.Schema:
        """Return the schema of the catalogs; see `ExposureHandle`."""
        return self._schema

    def readSources(self) -> afwTable.SourceCatalog:
        """Return the sources as a catalog; see `ExposureHandle`."""
        catalog = makeCatalog(self._schema, len(self._sources), afwTable.SourceCatalog)
        for name in self._sources.colnames:
            if toAfwName(name) in self._schema:
                catalog[toAfwName(name)] = _readColumn(self._sources[name])
        return catalog

    def readPhotoCalib(self) -> PhotoCalib:
        """Return that of fluxes in nJy; see `ExposureHandle`."""
        return PhotoCalib(1.0)

    def readFilterLabel(self) -> FilterLabel:
        """Return the band of the table; see `ExposureHandle`."""
        return FilterLabel.fromBand(self._band)

    def describeError(self, error: Exception, dataset: str) -> str:
        """Say in one line what went wrong; see `ExposureHandle`."""
        return f"{dataset}: {describeError(error)}"


def findTableExposures(tables: Sequence[Table], instrument: DataCoordinate,
                       log: Logger) -> list[TableExposure]:
    """Part the DIASources of tables by exposure.

    Parameters
    ----------
    tables : sequence [`astropy.table.Table`]
        Tables with the columns of Rubin's ``dia_source``, of any parts of the
        sky. Angles are in degrees and fluxes in nJy where they have no units.
    instrument : `lsst.daf.butler.DataCoordinate`
        Data ID of the instrument, with its record.
    log : `logging.Logger`
        Told how many exposures have no time.

    Returns
    -------
    exposures : `list` [`TableExposure`]
        Sorted by time and exposure id.

    Raises
    ------
    lsst.pipe.base.TaskError
        Raised if a column is missing, or a row has no id, visit or detector.
    """
    for table in tables:
        _check(table)
    # What the tables of a release say of themselves differs from tract to tract.
    whole = vstack(list(tables), metadata_conflicts="silent")
    whole.sort(["visit", "detector", "diaSourceId"])
    schema = _makeSchema(whole)
    exposures = np.stack([whole["visit"], whole["detector"]], axis=1)
    starts = np.flatnonzero(np.any(exposures[1:] != exposures[:-1], axis=1)) + 1
    bounds = [0, *starts, len(whole)] if len(whole) else []
    return sortExposures([TableExposure(whole[start:stop], schema, instrument)
                          for start, stop in zip(bounds[:-1], bounds[1:])], log)


def _check(table: Table) -> None:
    """Refuse a table that lacks what is needed."""
    missing = [name for name in REQUIRED if name not in table.colnames]
    if missing:
        raise TaskError(f"A table of DIASources has no column {', '.join(missing)}; it has "
                        f"{', '.join(table.colnames)}")
    for name in ("diaSourceId", "visit", "detector"):
        if np.ma.is_masked(table[name]):
            raise TaskError(f"A table of DIASources has rows without {name}")


def _makeSchema(table: Table) -> afwTable.Schema:
    """Return the schema of catalogs that hold the columns of a table."""
    schema = afwTable.SourceTable.makeMinimalSchema()
    for name in table.colnames:
        column, afwName = table[name], toAfwName(name)
        dtype = AFW_TYPES.get(column.dtype.str[1:])
        if dtype and column.ndim == 1 and afwName not in schema and name not in EXPOSURE_COLUMNS:
            unit = "rad" if name in ANGLES else str(column.unit or "")
            schema.addField(afwName, type=dtype, doc=column.description or name, units=unit)
    schema.getAliasMap().set("slot_Centroid", "base_SdssCentroid")
    return schema


def _readColumn(column: Column) -> np.ndarray:
    """Return a column with afw's values for nothing, angles in radians."""
    if isinstance(column, MaskedColumn):
        column = column.filled(np.nan if column.dtype.kind == "f" else 0)
    values = np.asarray(column)
    if column.name not in ANGLES:
        return values
    return np.radians(values if column.unit is None else values*column.unit.to("deg"))
