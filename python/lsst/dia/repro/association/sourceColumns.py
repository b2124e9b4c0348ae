# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""What association takes of one DIASource catalog: columns, position errors, fluxes in nJy."""

from __future__ import annotations

__all__ = ["SourceColumns", "findCentroid"]

from collections.abc import Mapping, Sequence
from typing import Callable

import lsst.afw.table as afwTable
import lsst.pex.config as pexConfig
import numpy as np
from lsst.afw.geom import SkyWcs
from lsst.pipe.base import TaskError

from ..exposureHandle import ExposureHandle
from ..localCalibration import calibrateFluxes, localCalibration, readCalibration
from .associators.associator import isKnown

_POSITION_ERRORS = ("coord_raErr", "coord_decErr")


class SourceColumns:
    """Takes what association needs of one DIASource catalog after the other.

    Parameters
    ----------
    config : `DiaSourceLoaderConfig`
        Options.
    required : `dict` [`str`, `list` [`str`]]
        Columns that options cannot do without, by the option.
    imageDataset : `str`
        What difference images are called in messages.
    fail : callable
        Takes an exposure whose image cannot be read, and a message.

    Attributes
    ----------
    withoutErrors : `dict` [`str`, `dict`]
        Data IDs of the catalogs whose sources get no position errors, by
        their text, for each reason.
    """

    def __init__(self, config: pexConfig.Config, required: Mapping[str, Sequence[str]], imageDataset: str,
                 fail: Callable[[ExposureHandle, str], None]) -> None:
        self._config = config
        self._required = required
        self._imageDataset = imageDataset
        self._fail = fail
        self.withoutErrors: dict[str, dict[str, dict]] = {}

    def check(self, catalog: afwTable.SourceCatalog) -> None:
        """Refuse a catalog that cannot be used.

        Parameters
        ----------
        catalog : `lsst.afw.table.SourceCatalog`
            DIASources of one exposure.

        Raises
        ------
        lsst.pipe.base.TaskError
            Raised if an id comes twice, or a column is missing that an option
            needs.
        """
        for option, names in self._required.items():
            missing = [name for name in names if name not in catalog.schema]
            if missing:
                raise TaskError(f"it has no column {', '.join(missing)}, which {option} needs")
        ids = np.array(catalog["id"])
        if len(np.unique(ids)) < len(ids):
            raise TaskError("the column id has the same value twice")

    def read(self, catalog: afwTable.SourceCatalog, exposure: ExposureHandle,
             schema: afwTable.Schema) -> dict[str, np.ndarray]:
        """Take the columns of one catalog.

        Parameters
        ----------
        catalog : `lsst.afw.table.SourceCatalog`, (N,)
            DIASources of one exposure.
        exposure : `ExposureHandle`
            The exposure.
        schema : `lsst.afw.table.Schema`
            Columns wanted.

        Returns
        -------
        columns : `dict` [`str`, `numpy.ndarray`], (N, ...)
            Copies of those that the catalog has, sorted by id; with
            ``coord_raErr`` and ``coord_decErr``, radians, at most pi, NaN where
            unknown or not positive, and fluxes in nJy if these are asked for.

        Raises
        ------
        lsst.pipe.base.TaskError
            Raised if there is no calibration for the fluxes.
        """
        columns = {name: np.asarray(catalog[name]) for name in schema.getNames() if name in catalog.schema}
        # An image without sources need not be able to calibrate any.
        if self._config.doCalibrate and len(catalog):
            field = self._config.psfFluxField
            columns[field + "_flux"], columns[field + "_fluxErr"] = self._calibrate(catalog, exposure)
        # Later stacks have the columns, and nothing in them where positions were not measured.
        if not all(name in columns and np.isfinite(columns[name]).any() for name in _POSITION_ERRORS):
            columns.update(dict.fromkeys(_POSITION_ERRORS, self._skyError(catalog, exposure)))
        columns.update({name: _boundError(columns[name]) for name in _POSITION_ERRORS})
        rows = np.argsort(columns["id"])
        return {name: values[rows] for name, values in columns.items()}

    def _skyError(self, catalog: afwTable.SourceCatalog, exposure: ExposureHandle) -> np.ndarray:
        """Return the one-sigma position error along each axis, radians.

        It is the root mean square of the centroid's errors in x and y times
        the pixel scale at the image's pixel origin; NaN without them.
        """
        unknown = np.full(len(catalog), np.nan)
        centroid = findCentroid(catalog.schema, self._config.centroidField)
        names = [centroid + "_xErr", centroid + "_yErr"]
        if not all(name in catalog.schema and np.isfinite(catalog[name]).any() for name in names):
            self._note("have no errors of the centroid", exposure, catalog)
            return unknown
        wcs = self._readWcs(exposure, catalog)
        if wcs is None:
            return unknown
        xErr, yErr = (np.asarray(catalog[name], dtype=float) for name in names)
        isError = (xErr >= 0) & (yErr >= 0)
        return np.where(isError, np.hypot(xErr, yErr)*np.sqrt(0.5)*wcs.getPixelScale().asRadians(), np.nan)

    def _readWcs(self, exposure: ExposureHandle, catalog: afwTable.SourceCatalog) -> SkyWcs | None:
        """Return the WCS of the image, `None` if there is none, which is noted."""
        if not exposure.hasImage():
            self._note(f"have no {self._imageDataset}", exposure, catalog)
            return None
        try:
            wcs = exposure.readWcs()
        except Exception as error:
            self._fail(exposure, f"No position errors for dataId={dict(exposure.dataId)}, since the WCS of "
                                 f"{self._imageDataset} cannot be read: "
                                 + exposure.describeError(error, self._imageDataset))
            return None
        if wcs is None:
            self._note(f"have a {self._imageDataset} without WCS", exposure, catalog)
        return wcs

    def _note(self, reason: str, exposure: ExposureHandle, catalog: afwTable.SourceCatalog) -> None:
        """Note a catalog whose sources get no position errors."""
        if len(catalog):
            dataId = dict(exposure.dataId)
            self.withoutErrors.setdefault(reason, {})[str(dataId)] = dataId

    def _calibrate(self, catalog: afwTable.SourceCatalog,
                   exposure: ExposureHandle) -> tuple[np.ndarray, np.ndarray]:
        """Return flux and error in nJy, by the calibration of the image where there are counts."""
        field, names = self._config.psfFluxField, catalog.schema
        if field + "_instFlux" in names and field + "_instFluxErr" in names:
            if "slot_Centroid_x" not in names:
                raise TaskError("it has no slot_Centroid, at which loader.doCalibrate takes the calibration")
            photoCalib = readCalibration(exposure, self._imageDataset)
            return calibrateFluxes(catalog, field, localCalibration(photoCalib, catalog, field))
        if all(field + end in names and names.find(field + end).field.getUnits() == "nJy"
               for end in ("_flux", "_fluxErr")):
            return np.asarray(catalog[field + "_flux"]), np.asarray(catalog[field + "_fluxErr"])
        raise TaskError(f"it has neither {field}_instFlux and its error, nor {field}_flux and its error in "
                        "nJy, which loader.doCalibrate needs")


def findCentroid(schema: afwTable.Schema, centroidField: str) -> str:
    """Return the prefix of the centroid of a catalog: its slot, or the one given if there is none."""
    return "slot_Centroid" if "slot_Centroid_x" in schema else centroidField


def _boundError(error: np.ndarray) -> np.ndarray:
    """Return position errors, radians, none wider than half the sky, and NaN where they say nothing."""
    error = np.asarray(error, dtype=float)
    return np.where(isKnown(error), np.minimum(error, np.pi), np.nan)
