# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The data of objects and their light curves, in files of which a page loads one."""

from __future__ import annotations

__all__ = ["LightCurveShards"]

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from lsst.pipe.base import TaskError

from ..lightCurves.arrowTables import fillNulls
from ..rowLookup import findRows
from ..segments import findRuns
from ..units import ARCSEC
from .closeObjects import findClose
from .flagSets import FlagSets
from .objectMembers import ObjectMembers
from .objectTable import ObjectTable
from .pageData import encodeNumbers, writePageData
from .sparklines import makeSparklines
from .surveyImages import SurveyImages

#: Number of measurements that a file has at least, but for the last one.
SHARD_ROWS = 20_000

#: How far neighbours may be, arcsec.
NEIGHBOUR_RADIUS = 5.0


class LightCurveShards:
    """Writes the data of objects as their light curves come.

    Parameters
    ----------
    directory : `str`
        Folder of the report.
    objects : `ObjectTable`
        What is known of the objects.
    members : `ObjectMembers`
        Their DIASources.
    strips : `dict` [`int`, `dict`]
        What `ObjectStamps.make` returns.
    flagSets : `FlagSets`
        Numbers the sets of flags.
    images : `SurveyImages`
        Numbers the images.
    times : `tuple` [`float`, `float`]
        First and last time of the survey, MJD.

    Attributes
    ----------
    firstIds : `list` [`str`]
        First id of each file.
    sparklines : `list` [`str`]
        What `makeSparklines` returns, of the objects in order of ids; empty
        for one without a light curve.
    """

    def __init__(self, directory: str, objects: ObjectTable, members: ObjectMembers,
                 strips: Mapping[int, dict[str, Any]], flagSets: FlagSets, images: SurveyImages,
                 times: tuple[float, float]) -> None:
        self.firstIds: list[str] = []
        self.sparklines = [""]*len(objects)
        self._directory, self._objects, self._members = directory, objects, members
        self._strips, self._flagSets, self._images, self._times = strips, flagSets, images, times
        self._close = findClose(np.radians(objects.values["ra"]), np.radians(objects.values["dec"]),
                                NEIGHBOUR_RADIUS*ARCSEC)
        self._place = np.empty(len(objects), dtype=int)
        self._place[objects.order] = np.arange(len(objects))
        self._pending: dict[str, Any] = {}
        self._nPending = 0
        self._lastIds = np.zeros(0, dtype=np.int64)

    def add(self, rows: pa.Table, image: np.ndarray, usable: np.ndarray) -> None:
        """Add the light curves of some objects, whose ids follow those of the objects before.

        Parameters
        ----------
        rows : `pyarrow.Table`, (N,)
            Rows of light curves, sorted by object.
        image : `numpy.ndarray`, (N,)
            Number of the image of each.
        usable : `numpy.ndarray`, (N,)
            Which of them count, bool.

        Raises
        ------
        lsst.pipe.base.TaskError
            Raised if they are not sorted, or not of the objects of the summary.
        """
        ids = rows["diaObjectId"].to_numpy()
        starts, stops = findRuns(ids)
        columns = {
            "image": image, "flags": self._flagSets.number(rows),
            "flux": _toFloats(rows, "psfDiffFlux"), "fluxErr": _toFloats(rows, "psfDiffFluxErr"),
            "reason": _toReasons(rows)}
        objectRows = self._findRows(ids[starts])
        self._addSparklines(columns, objectRows, stops - starts, usable)
        for row, start, stop in zip(objectRows, starts, stops):
            curve = {name: encodeNumbers(values[start:stop]) for name, values in columns.items()}
            self._pending[str(ids[start])] = dict(self._describe(int(row)), curve=curve)
            self._nPending += stop - start
            if self._nPending >= SHARD_ROWS:
                self.flush()

    def _findRows(self, ids: np.ndarray) -> np.ndarray:
        """Return which objects some are that come next."""
        if (np.diff(np.append(self._lastIds, ids)) <= 0).any():
            raise TaskError("diaLightCurves is not sorted by diaObjectId, as diaLightCurves.py writes it")
        rows = findRows(self._objects.ids, ids)
        if (rows < 0).any():
            raise TaskError(f"diaLightCurveSummary lacks DIAObject {ids[rows < 0][0]}, which diaLightCurves "
                            "has: they are of different runs")
        self._lastIds = np.append(self._lastIds, ids)[-1:]
        return rows

    def flush(self) -> None:
        """Write what is left."""
        if self._pending:
            writePageData(self._directory, f"curves-{len(self.firstIds):05d}", self._pending)
            self.firstIds.append(next(iter(self._pending)))
            self._pending, self._nPending = {}, 0

    def _describe(self, row: int) -> dict[str, Any]:
        """Return all of an object but its light curve."""
        objects = self._objects
        objectId, place, order = int(objects.ids[row]), self._place[row], objects.order
        around = [str(objects.ids[order[each]]) if 0 <= each < len(order) else None
                  for each in (place - 1, place + 1)]
        return {
            "summary": objects.describe(row), "rank": int(place) + 1,
            "previous": around[0], "next": around[1],
            "neighbours": [[str(objects.ids[other]), angle] for other, angle in self._close[row]],
            "members": self._members.of(objectId, self._images),
            "stamps": self._describeStamps(objectId)}

    def _describeStamps(self, objectId: int) -> dict[str, Any] | None:
        strip = self._strips.get(objectId)
        return strip and dict(strip, images=[self._images.find(image) for image in strip["images"]])

    def _addSparklines(self, columns: Mapping[str, np.ndarray], objectRows: np.ndarray, counts: np.ndarray,
                       usable: np.ndarray) -> None:
        """Draw the light curves in the bands of their peaks."""
        owner = np.repeat(np.arange(len(counts)), counts)
        bands = np.array(self._images.bands, dtype=str)[columns["image"]]
        mjd = np.array(self._images.mjds, dtype=float)[columns["image"]]
        isDrawn = usable & np.isfinite(mjd) & (bands == self._objects.values["peakBand"][objectRows][owner])
        first, last = self._times
        phase = (mjd[isDrawn] - first)/((last - first) or 1.0)
        drawn = makeSparklines(owner[isDrawn], len(counts), phase, columns["flux"][isDrawn],
                               columns["fluxErr"][isDrawn])
        for row, line in zip(objectRows, drawn):
            self.sparklines[row] = line


def _toFloats(rows: pa.Table, name: str) -> np.ndarray:
    """Return a column as Rubin's tables store fluxes, with NaN for null."""
    with np.errstate(over="ignore"):
        return rows[name].to_numpy().astype(np.float32)


def _toReasons(rows: pa.Table) -> np.ndarray:
    """Return why there is no flux; 0, as for measured ones, where the light curves do not tell."""
    if "reason" not in rows.column_names:
        return np.zeros(len(rows), dtype=np.int32)
    return fillNulls(rows["reason"])
