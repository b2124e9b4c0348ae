# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Read the DIASource catalogs of a survey into one catalog."""

from __future__ import annotations

__all__ = ["DiaSourceLoaderConfig", "DiaSourceLoaderTask"]

import fnmatch
from collections.abc import Iterable, Sequence
from typing import Any, Callable

import lsst.afw.table as afwTable
import lsst.pex.config as pexConfig
import numpy as np
from lsst.pipe.base import Struct, Task, TaskError

from ..catalogColumns import copyAliases
from ..exposureHandle import ExposureHandle
from ..localCalibration import calibrateFluxes, localCalibration
from ..nameListField import NameListField
from ..progress import trackProgress
from .dataIdColumns import addDataIdFields, repeatDataIds
from .tiles import findTiles, placeOnSky


class DiaSourceLoaderConfig(pexConfig.Config):
    """Options of `DiaSourceLoaderTask`."""

    copyColumns = NameListField(
        default=["parent", "flags_negative", "base_SdssCentroid_*", "base_PsfFlux_*", "base_PixelFlags_*",
                 "ip_diffim_forced_PsfFlux_*", "ip_diffim_ClassificationDipole_*", "totFlux*",
                 "refMatchId", "srcMatchId"],
        doc="Columns of the DIASource catalogs to keep in reproDIASources, as shell patterns; "
            "'*' keeps them all. Id and position are always kept, as is what other options need.",
    )
    centroidField = pexConfig.Field(
        dtype=str, default="base_SdssCentroid",
        doc="Centroid whose errors and flag are used where a catalog defines no centroid slot.",
    )
    psfFluxField = pexConfig.Field(
        dtype=str, default="base_PsfFlux",
        doc="Flux for the cut on signal-to-noise and for flux statistics.",
    )
    doCalibrate = pexConfig.Field(
        dtype=bool, default=False,
        doc="Add the flux in nJy, through the PhotoCalib of each difference image?",
    )


class DiaSourceLoaderTask(Task):
    """Read DIASource catalogs, in order of time, into one with their data IDs.

    Only the columns asked for are read; footprints are not.
    """

    ConfigClass = DiaSourceLoaderConfig
    _DefaultName = "diaSourceLoader"

    def run(self, exposures: Sequence[ExposureHandle], sourceDataset: str, imageDataset: str,
            needed: Iterable[str] = (),
            isWanted: Callable[[np.ndarray], np.ndarray] | None = None) -> Struct:
        """Read the catalogs.

        Parameters
        ----------
        exposures : sequence [`ExposureHandle`]
            The exposures, sorted by time and exposure id.
        sourceDataset, imageDataset : `str`
            What catalogs and difference images are called in messages.
        needed : iterable [`str`], optional
            Columns to keep beside ``copyColumns``, if a catalog has them.
        isWanted : `callable`, optional
            Given unit vectors, (N, 3), tells which sources are wanted, bool;
            all if `None`. A catalog with any of them is read whole.

        Returns
        -------
        result : `lsst.pipe.base.Struct`
            With these components:

            ``catalog``
                The DIASources (`lsst.afw.table.SourceCatalog`), sorted by
                time, exposure id and source id, with a column for each key
                of the data ID, ``ccdExposureId``, ``midpointMjdTai``,
                ``coord_raErr`` and ``coord_decErr``.
            ``vectors``
                Unit vector of each source, or that of the mean of its catalog
                if its position is not finite, (N, 3).
            ``failed``
                Data IDs with a catalog that could not be used, or an image
                that could not be read (`list` [`dict`]); each is logged.

        Raises
        ------
        lsst.pipe.base.TaskError
            Raised if no catalog can be used.
        """
        fields = self._expectedFields(exposures, needed)
        columns: list[dict[str, Any]] = []
        failed: list[dict] = []
        for exposure in trackProgress(exposures, self.log, "Reading DIASource catalogs"):
            try:
                catalog = exposure.readSources()
                if fields is None:
                    fields = self._selectFields(catalog.schema, needed)
                columns.append(self._readColumns(catalog, exposure, fields, imageDataset, isWanted, failed))
            except Exception as error:
                failed.append(dict(exposure.dataId))
                self.log.error("Cannot use %s of dataId=%s: %s", sourceDataset, failed[-1],
                               exposure.describeError(error, sourceDataset))
        if not columns:
            raise TaskError(f"None of the {len(exposures)} {sourceDataset} catalogs can be used")
        catalog, vectors = self._concatenate(fields, exposures, columns)
        return Struct(catalog=catalog, vectors=vectors, failed=failed)

    def findTiles(self, exposures: Sequence[ExposureHandle], level: int) -> list[int]:
        """Return the tiles of the sky that have sources or may have.

        Parameters
        ----------
        exposures : sequence [`ExposureHandle`]
            The exposures, sorted by time and exposure id.
        level : `int`
            Level of the mesh.

        Returns
        -------
        tiles : `list` [`int`]
            Indices of the tiles, sorted.
        """
        tiles = set()
        for exposure in trackProgress(exposures, self.log, "Finding tiles"):
            try:
                vectors = placeOnSky(exposure.readSources())
            except Exception as error:
                # Association will report it; here it only has no tiles.
                self.log.debug("No tiles of %s: %s", exposure.dataId, error)
                continue
            tiles |= findTiles(level, vectors)
        return sorted(tiles)

    def _expectedFields(self, exposures: Sequence[ExposureHandle],
                        needed: Iterable[str]) -> afwTable.Schema | None:
        """Return the schema of what is kept, `None` if the catalogs' schema is not stored."""
        schema = exposures[0].readSchema() if exposures else None
        return None if schema is None else self._selectFields(schema, needed)

    def _selectFields(self, schema: afwTable.Schema, needed: Iterable[str]) -> afwTable.Schema:
        """Return the schema of what is kept of each catalog."""
        patterns = list(self.config.copyColumns) + list(needed)
        if self.config.doCalibrate:
            patterns += [self.config.psfFluxField + "_instFlux*"]
        fields = afwTable.SourceTable.makeMinimalSchema()
        for item in schema:
            name = item.field.getName()
            if name not in fields and any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns):
                fields.addField(item.field)
        copyAliases(fields, schema)
        return fields

    def _readColumns(self, catalog: afwTable.SourceCatalog, exposure: ExposureHandle,
                     fields: afwTable.Schema, imageDataset: str,
                     isWanted: Callable[[np.ndarray], np.ndarray] | None,
                     failed: list[dict]) -> dict[str, Any]:
        """Return a dict of the columns of one catalog, sorted by id; add images to ``failed``."""
        missing = [name for name in fields.getNames() if name not in catalog.schema]
        if missing:
            raise TaskError("it has no column {}".format(", ".join(sorted(missing))))
        ids = np.array(catalog["id"])
        if len(np.unique(ids)) < len(ids):
            raise TaskError("the column id has the same value twice")
        vectors = placeOnSky(catalog)
        rows = np.argsort(ids)
        if isWanted is not None and not isWanted(vectors).any():
            rows = rows[:0]
        columns = {"exposure": exposure, "vectors": vectors[rows]}
        if not len(rows):
            return columns
        for name in fields.getNames():
            columns[name] = np.array(catalog[name])[rows]
        if self.config.doCalibrate:
            flux, fluxErr = self._calibrate(catalog, exposure)
            columns[self.config.psfFluxField + "_flux"] = flux[rows]
            columns[self.config.psfFluxField + "_fluxErr"] = fluxErr[rows]
        if "coord_raErr" not in columns:
            columns["coord_raErr"] = columns["coord_decErr"] = self._skyError(
                catalog, exposure, imageDataset, failed)[rows]
        return columns

    def _skyError(self, catalog: afwTable.SourceCatalog, exposure: ExposureHandle, imageDataset: str,
                  failed: list[dict]) -> np.ndarray:
        """Return the one-sigma position error along each axis, radians.

        It is the root mean square of the centroid's errors in x and y times
        the pixel scale at the image's pixel origin; NaN without them.
        """
        names = [self._centroid(catalog.schema) + suffix for suffix in ("_xErr", "_yErr")]
        unknown = np.full(len(catalog), np.nan)
        if not all(name in catalog.schema for name in names):
            return unknown
        xErr, yErr = (np.asarray(catalog[name], dtype=float) for name in names)
        # No image is opened to convert errors that are not there.
        if not (np.isfinite(xErr).any() and exposure.hasImage()):
            return unknown
        try:
            wcs = exposure.readWcs()
        except Exception as error:
            failed.append(dict(exposure.dataId))
            self.log.error("No position errors for dataId=%s, since the WCS of %s cannot be read: %s",
                           failed[-1], imageDataset, exposure.describeError(error, imageDataset))
            return unknown
        if wcs is None:
            self.log.warning("No position errors for dataId=%s, since its %s has no WCS",
                             dict(exposure.dataId), imageDataset)
            return unknown
        return np.sqrt(0.5*(xErr**2 + yErr**2))*wcs.getPixelScale().asRadians()

    def _centroid(self, schema: afwTable.Schema) -> str:
        """Return the name of the centroid field of a catalog."""
        return "slot_Centroid" if "slot_Centroid_x" in schema else self.config.centroidField

    def centroidFlag(self, schema: afwTable.Schema) -> str | None:
        """Return the name of the flag that tells a bad centroid.

        Parameters
        ----------
        schema : `lsst.afw.table.Schema`
            Schema of a catalog.

        Returns
        -------
        name : `str` or `None`
            Name of the column, `None` if there is none.
        """
        name = self._centroid(schema) + "_flag"
        return name if name in schema else None

    def _calibrate(self, catalog: afwTable.SourceCatalog,
                   exposure: ExposureHandle) -> tuple[np.ndarray, np.ndarray]:
        """Return flux and error in nJy, by the calibration of the difference image."""
        field = self.config.psfFluxField
        return calibrateFluxes(catalog, field, localCalibration(exposure.readPhotoCalib(), catalog, field))

    def _concatenate(self, fields: afwTable.Schema, exposures: Sequence[ExposureHandle],
                     columns: list[dict[str, Any]]) -> tuple[afwTable.SourceCatalog, np.ndarray]:
        """Make one catalog of all columns and data IDs."""
        schema = afwTable.Schema(fields)
        # Sized for all exposures, so that the tiles of a survey have one schema.
        keys = addDataIdFields(schema, [dict(exposure.dataId) for exposure in exposures])
        self._addFields(schema)
        counts = [len(one["vectors"]) for one in columns]
        used = [one["exposure"] for one in columns]
        catalog = repeatDataIds(schema, keys, [dict(e.dataId) for e in used], counts)
        catalog["ccdExposureId"] = np.repeat([exposure.ccdExposureId for exposure in used], counts)
        catalog["midpointMjdTai"] = np.repeat([exposure.mjd for exposure in used], counts)
        # An exposure without a wanted source has no columns; all others have the same.
        filled = [one for one in columns if len(one["vectors"])]
        for name in (set(filled[0]) - {"exposure", "vectors"}) if filled else ():
            catalog[name] = np.concatenate([one[name] for one in filled])
        return catalog, np.concatenate([one["vectors"] for one in columns])

    def _addFields(self, schema: afwTable.Schema) -> None:
        """Add the fields that the catalogs do not bring along."""
        schema.addField("ccdExposureId", type="L", doc="Id of the exposure that the source was found on")
        schema.addField("midpointMjdTai", type="D", units="d", doc="Middle of the exposure, MJD (TAI)")
        if "coord_raErr" not in schema:
            schema.addField("coord_raErr", type="F", units="rad",
                            doc="Error of coord_ra times cos(coord_dec)")
            schema.addField("coord_decErr", type="F", units="rad", doc="Error of coord_dec")
        if self.config.doCalibrate:
            field = self.config.psfFluxField
            schema.addField(field + "_flux", type="D", units="nJy", doc="Point-source flux")
            schema.addField(field + "_fluxErr", type="D", units="nJy", doc="Error of the point-source flux")
