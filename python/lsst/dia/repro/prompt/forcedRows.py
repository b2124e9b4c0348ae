# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The forced measurements that processing some exposures made, on these and on earlier ones."""

from __future__ import annotations

__all__ = ["ForcedRows", "makeForcedSchema"]

from collections.abc import Iterator
from typing import NamedTuple

import lsst.afw.table as afwTable
import numpy as np

from .processedExposure import ProcessedExposure


class _Measured(NamedTuple):
    """Measurements on one exposure, and the exposures that each was made for."""

    catalog: afwTable.SourceCatalog
    exposure: ProcessedExposure
    origin: np.ndarray


def makeForcedSchema(schema: afwTable.Schema) -> afwTable.SchemaMapper:
    """Return what maps forced measurements to rows that tell their exposure, too.

    Parameters
    ----------
    schema : `lsst.afw.table.Schema`
        Schema of forced catalogs.

    Returns
    -------
    mapper : `lsst.afw.table.SchemaMapper`
        The mapper; its output has ``ccdExposureId`` and ``midpointMjdTai``.
    """
    mapper = afwTable.SchemaMapper(schema, True)
    mapper.addMinimalSchema(schema, True)
    output = mapper.editOutputSchema()
    output.addField("ccdExposureId", type="L", doc="Id of the exposure that was measured on")
    output.addField("midpointMjdTai", type="D", units="d", doc="Middle of that exposure, MJD (TAI)")
    return mapper


class ForcedRows:
    """Collects forced measurements.

    Parameters
    ----------
    schema : `lsst.afw.table.Schema`
        Schema of forced catalogs.
    """

    def __init__(self, schema: afwTable.Schema) -> None:
        self._mapper = makeForcedSchema(schema)
        self._measured: list[_Measured] = []

    def add(self, catalog: afwTable.SourceCatalog, exposure: ProcessedExposure, origin: np.ndarray) -> None:
        """Add measurements.

        Parameters
        ----------
        catalog : `lsst.afw.table.SourceCatalog`, (N,)
            Measurements on one exposure.
        exposure : `ProcessedExposure`
            That exposure.
        origin : `numpy.ndarray`, (N,)
            Number of the exposure whose processing made each.
        """
        self._measured.append(_Measured(catalog, exposure, origin))

    def __iter__(self) -> Iterator[tuple[afwTable.SourceCatalog, ProcessedExposure]]:
        """Yield the measurements on one exposure after the other."""
        for measured in self._measured:
            yield measured.catalog, measured.exposure

    def select(self, origin: int) -> afwTable.SourceCatalog:
        """Return what the processing of one exposure made, in the order in which it was added.

        Parameters
        ----------
        origin : `int`
            Number of the exposure.

        Returns
        -------
        rows : `lsst.afw.table.SourceCatalog`
            Rows that tell the exposure measured on.
        """
        rows = afwTable.SourceCatalog(self._mapper.getOutputSchema())
        columns: dict[str, list] = {"ccdExposureId": [], "midpointMjdTai": []}
        for catalog, exposure, origins in self._measured:
            wanted = catalog[origins == origin]
            rows.extend(wanted, mapper=self._mapper)
            for name, values in columns.items():
                values.append(np.full(len(wanted), getattr(exposure, name)))
        rows = rows.copy(deep=True)
        for name, values in columns.items():
            if len(rows):
                rows[name] = np.concatenate(values)
        return rows
