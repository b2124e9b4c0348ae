# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""One catalog of the DIASources of many exposures."""

from __future__ import annotations

__all__ = ["EXPOSURE_FIELDS", "makeSourceTable", "refuseSharedIds"]

from collections.abc import Mapping, Sequence

import lsst.afw.table as afwTable
import numpy as np
from lsst.pipe.base import TaskError

from ..exposureHandle import ExposureHandle
from .dataIdColumns import addDataIdFields, readDataId, repeatDataIds

#: Columns that tell the exposure, beside those of its data ID.
EXPOSURE_FIELDS = ("ccdExposureId", "midpointMjdTai")


def makeSourceTable(schema: afwTable.Schema, exposures: Sequence[ExposureHandle],
                    columns: Mapping[int, Mapping[str, np.ndarray]],
                    fluxField: str | None) -> afwTable.SourceCatalog:
    """Make one catalog of the columns of some exposures.

    Parameters
    ----------
    schema : `lsst.afw.table.Schema`
        Columns kept of the catalogs.
    exposures : sequence [`ExposureHandle`]
        All exposures of the survey.
    columns : `dict` [`int`, `dict` [`str`, `numpy.ndarray`]]
        Columns of the exposures that are wanted, by their number, which
        increases. What one lacks is NaN, or 0 or unset where there is no NaN.
    fluxField : `str`, optional
        Prefix of the fluxes in nJy; `None` if there are none.

    Returns
    -------
    catalog : `lsst.afw.table.SourceCatalog`
        The sources, with the data ID, exposure id and time of each.
    """
    schema = afwTable.Schema(schema)
    # Sized for all exposures, so that the tiles of a survey have one schema.
    keys = addDataIdFields(schema, [dict(exposure.dataId) for exposure in exposures])
    _addFields(schema, fluxField)
    counts = [len(one["id"]) for one in columns.values()]
    used = [exposures[number] for number in columns]
    catalog = repeatDataIds(schema, keys, [dict(exposure.dataId) for exposure in used], counts)
    if not len(catalog):
        return catalog
    catalog["ccdExposureId"] = np.repeat([exposure.ccdExposureId for exposure in used], counts)
    catalog["midpointMjdTai"] = np.repeat([exposure.mjd for exposure in used], counts)
    for name in {name for one in columns.values() for name in one}:
        catalog[name] = _concatenate([one.get(name) for one in columns.values()], counts)
    return catalog


def refuseSharedIds(catalog: afwTable.SourceCatalog, mayRepeat: np.ndarray | None = None) -> None:
    """Stop if two DIASources have one id.

    Parameters
    ----------
    catalog : `lsst.afw.table.SourceCatalog`, (N,)
        DIASources with their data IDs.
    mayRepeat : `numpy.ndarray`, (N,), optional
        Rows that repeat a DIASource, if it is of the same exposure, bool; none
        if not given.

    Raises
    ------
    lsst.pipe.base.TaskError
        Raised if there is such an id; the message has one, and both data IDs.
    """
    order = np.argsort(catalog["id"], kind="stable")
    ids = np.asarray(catalog["id"])[order]
    isShared = ids[1:] == ids[:-1]
    if mayRepeat is not None:
        exposure, mayRepeat = np.asarray(catalog["ccdExposureId"])[order], mayRepeat[order]
        isShared &= ~(mayRepeat[1:] & mayRepeat[:-1]) | (exposure[1:] != exposure[:-1])
    shared = np.flatnonzero(isShared)
    if len(shared):
        first, second = (readDataId(catalog[int(row)]) for row in order[shared[0]:shared[0] + 2])
        raise TaskError(f"DIASource id {ids[shared[0]]} is of dataId={first} and of dataId={second} "
                        f"({len(np.unique(ids[shared]))} such ids in all): two DIAObjects would get one id")


def _addFields(schema: afwTable.Schema, fluxField: str | None) -> None:
    """Add the fields that the catalogs do not bring along."""
    schema.addField("ccdExposureId", type="L", doc="Id of the exposure that the source was found on")
    schema.addField("midpointMjdTai", type="D", units="d", doc="Middle of the exposure, MJD (TAI)")
    for name, doc in (("coord_raErr", "Error of coord_ra times cos(coord_dec)"),
                      ("coord_decErr", "Error of coord_dec")):
        if name not in schema.getNames():
            schema.addField(name, type="F", units="rad", doc=doc)
    if fluxField is not None:
        schema.addField(fluxField + "_flux", type="D", units="nJy", doc="Point-source flux")
        schema.addField(fluxField + "_fluxErr", type="D", units="nJy", doc="Error of the point-source flux")


def _concatenate(parts: Sequence[np.ndarray | None], counts: Sequence[int]) -> np.ndarray:
    """Put the values of a column together; what catalogs lack it has the value for nothing."""
    known = next(part for part in parts if part is not None)
    nothing = np.nan if np.issubdtype(known.dtype, np.floating) else 0
    return np.concatenate([np.full((count,) + known.shape[1:], nothing, dtype=known.dtype)
                           if part is None else part for part, count in zip(parts, counts)])
