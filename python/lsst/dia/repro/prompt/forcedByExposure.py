# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Forced measurements by the exposure that they were made on, whatever visit they were made for."""

from __future__ import annotations

__all__ = ["iterateExposures"]

from collections.abc import Iterable, Iterator

import numpy as np
from lsst.afw.image import FilterLabel
from lsst.afw.table import Schema, SourceCatalog

from ..catalogColumns import makeCatalog
from ..exposureHandle import ExposureHandle
from ..lightCurves.sortedRuns import SortedRuns
from ..provenance import Fingerprint, storeFingerprint
from .processedExposure import ProcessedExposure

#: About how many measurements are in memory at once.
ROWS = 200_000


class _ForcedExposure(ExposureHandle):
    """The measurements on one exposure."""

    def __init__(self, exposure: ProcessedExposure, catalog: SourceCatalog,
                 fingerprint: Fingerprint) -> None:
        self.dataId, self.ccdExposureId = exposure.dataId, exposure.ccdExposureId
        self.mjd = exposure.midpointMjdTai
        self._band, self._catalog = exposure.band, catalog
        storeFingerprint(catalog, fingerprint)

    def readSources(self) -> SourceCatalog:
        return self._catalog

    def readFilterLabel(self) -> FilterLabel | None:
        return FilterLabel.fromBand(self._band)


def iterateExposures(catalogs: Iterable[SourceCatalog], schema: Schema,
                     exposures: Iterable[ProcessedExposure], scratch: str,
                     fingerprint: Fingerprint) -> Iterator[ExposureHandle]:
    """Yield exposures with all measurements on each.

    Parameters
    ----------
    catalogs : iterable [`lsst.afw.table.SourceCatalog`]
        Measurements as `ForcedRows.select` returns them, in any order.
    schema : `lsst.afw.table.Schema`
        Their schema.
    exposures : iterable [`ProcessedExposure`]
        All exposures, by time and exposure id.
    scratch : `str`
        Directory for files as large as the measurements; whoever made it
        removes it.
    fingerprint : `Fingerprint`
        What the catalogs say of what made them.

    Yields
    ------
    exposure : `ExposureHandle`
        Its catalog has the measurements.
    """
    inOrder = list(exposures)
    rank = {exposure.ccdExposureId: number for number, exposure in enumerate(inOrder)}
    with SortedRuns(scratch, "#exposure") as runs:
        for catalog in catalogs:
            runs.append(_toRecords(catalog, schema, rank))
        place = 0
        for number, records in _iterateGroups(runs):
            # Nothing was measured on some.
            for exposure in inOrder[place:number]:
                yield _ForcedExposure(exposure, SourceCatalog(schema), fingerprint)
            yield _ForcedExposure(inOrder[number], _toCatalog(records, schema), fingerprint)
            place = number + 1
        for exposure in inOrder[place:]:
            yield _ForcedExposure(exposure, SourceCatalog(schema), fingerprint)


def _toRecords(catalog: SourceCatalog, schema: Schema, rank: dict[int, int]) -> np.ndarray:
    """Return the columns as records that tell the rank of their exposure."""
    columns = {name: np.asarray(catalog[name]) for name in schema.getOrderedNames()}
    records = np.empty(len(catalog), dtype=[("#exposure", "i8")] + [
        (name, values.dtype) for name, values in columns.items()])
    for name, values in columns.items():
        records[name] = values
    records["#exposure"] = [rank[number] for number in columns["ccdExposureId"].tolist()]
    return records


def _iterateGroups(runs: SortedRuns) -> Iterator[tuple[int, np.ndarray]]:
    """Yield the records of one exposure after the other."""
    for records in runs.groups(ROWS):
        numbers, starts = np.unique(records["#exposure"], return_index=True)
        yield from zip(numbers.tolist(), np.split(records, starts[1:]))


def _toCatalog(records: np.ndarray, schema: Schema) -> SourceCatalog:
    catalog = makeCatalog(schema, len(records), SourceCatalog)
    for name in schema.getOrderedNames():
        catalog[name] = records[name]
    return catalog
