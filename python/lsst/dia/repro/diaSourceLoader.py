# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Read the DIASource catalogs of a survey into one catalog."""

__all__ = ["DiaSourceLoaderConfig", "DiaSourceLoaderTask"]

import fnmatch

import lsst.afw.table as afwTable
import lsst.pex.config as pexConfig
import numpy as np
from lsst.pipe.base import Struct, Task, TaskError

from .columns import aliasesOf, makeCatalog, repeatRecord
from .exposureTime import readMidpointMjd
from .progress import trackProgress

ARCSEC = np.pi/180/3600


class DiaSourceLoaderConfig(pexConfig.Config):
    """Options of `DiaSourceLoaderTask`."""

    copyColumns = pexConfig.ListField(
        dtype=str,
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

    def run(self, dataRefs, sourceDataset, imageDataset, needed=()):
        """Read the catalogs.

        Parameters
        ----------
        dataRefs : `list` [`lsst.daf.persistence.ButlerDataRef`]
            References to the catalogs.
        sourceDataset, imageDataset : `str`
            Names of the datasets of the DIASources and of the difference
            images.
        needed : iterable [`str`], optional
            Columns to keep beside ``copyColumns``, if a catalog has them.

        Returns
        -------
        result : `lsst.pipe.base.Struct`
            With these components:

            ``catalog``
                The DIASources (`lsst.afw.table.SourceCatalog`), sorted by
                time, exposure id and source id, with a column for each key
                of the data ID, ``ccdExposureId``, ``midpointMjdTai``,
                ``coord_raErr`` and ``coord_decErr``.
            ``nFailed``
                Number of catalogs that could not be used (`int`); each is
                logged with its data ID.

        Raises
        ------
        lsst.pipe.base.TaskError
            Raised if no catalog can be used.
        """
        exposures = self._sortExposures(dataRefs, imageDataset)
        loaded = []
        fields = None
        for exposure in trackProgress(exposures, self.log, "Reading DIASource catalogs"):
            try:
                catalog = exposure.dataRef.get(sourceDataset, immediate=True,
                                               flags=afwTable.SOURCE_IO_NO_FOOTPRINTS)
                if fields is None:
                    fields = self._selectFields(catalog.schema, needed)
                exposure.columns = self._readColumns(catalog, exposure, fields, imageDataset)
                loaded.append(exposure)
            except Exception as error:
                self.log.error("Cannot use %s of dataId=%s: %s",
                               sourceDataset, dict(exposure.dataRef.dataId), error)
        if not loaded:
            raise TaskError(f"None of the {len(exposures)} {sourceDataset} catalogs can be used")
        return Struct(catalog=self._concatenate(fields, loaded), nFailed=len(exposures) - len(loaded))

    def _sortExposures(self, dataRefs, imageDataset):
        """Return what is known of each exposure, sorted by time and id."""
        exposures = [Struct(dataRef=ref, ccdExposureId=int(ref.get("ccdExposureId", immediate=True)),
                            mjd=readMidpointMjd(ref, imageDataset, self.log))
                     for ref in trackProgress(dataRefs, self.log, "Looking up exposures")]
        untimed = [exposure for exposure in exposures if not np.isfinite(exposure.mjd)]
        if untimed:
            self.log.warning("%d of %d exposures have no time; they come after the others, by exposure id",
                             len(untimed), len(exposures))
        return sorted(exposures, key=lambda e: (not np.isfinite(e.mjd), e.mjd if np.isfinite(e.mjd) else 0.0,
                                                e.ccdExposureId))

    def _selectFields(self, schema, needed):
        """Return the schema of what is kept of each catalog."""
        patterns = list(self.config.copyColumns) + list(needed)
        if self.config.doCalibrate:
            patterns += [self.config.psfFluxField + "_instFlux*"]
        fields = afwTable.SourceTable.makeMinimalSchema()
        for item in schema:
            name = item.field.getName()
            if name not in fields and any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns):
                fields.addField(item.field)
        aliasesOf(fields, schema)
        return fields

    def _readColumns(self, catalog, exposure, fields, imageDataset):
        """Return a dict of the columns of one catalog, sorted by id."""
        missing = [name for name in fields.getNames() if name not in catalog.schema]
        if missing:
            raise TaskError("it has no column {}".format(", ".join(sorted(missing))))
        order = np.argsort(catalog["id"], kind="stable")
        columns = {name: np.array(catalog[name])[order] for name in fields.getNames()}
        if (np.diff(columns["id"]) == 0).any():
            raise TaskError("the column id has the same value twice")
        if len(catalog):
            error = self._skyError(catalog, exposure.dataRef, imageDataset)[order]
            columns.setdefault("coord_raErr", error)
            columns.setdefault("coord_decErr", error)
        if self.config.doCalibrate and len(catalog):
            flux, fluxErr = self._calibrate(catalog, exposure.dataRef, imageDataset)
            columns[self.config.psfFluxField + "_flux"] = flux[order]
            columns[self.config.psfFluxField + "_fluxErr"] = fluxErr[order]
        return columns

    def _skyError(self, catalog, dataRef, imageDataset):
        """Return the one-sigma position error along each axis, radians.

        It is the root mean square of the centroid's errors in x and y times
        the pixel scale at the image's pixel origin; NaN without them.
        """
        names = [self._centroid(catalog.schema) + suffix for suffix in ("_xErr", "_yErr")]
        unknown = np.full(len(catalog), np.nan)
        if not all(name in catalog.schema for name in names):
            return unknown
        xErr, yErr = (np.asarray(catalog[name], dtype=float) for name in names)
        if not (np.isfinite(xErr).any() and dataRef.datasetExists(imageDataset)):
            return unknown
        wcs = dataRef.get(imageDataset + "_wcs", immediate=True)
        return np.sqrt(0.5*(xErr**2 + yErr**2))*wcs.getPixelScale().asRadians()

    def _centroid(self, schema):
        """Return the name of the centroid field of a catalog."""
        return "slot_Centroid" if "slot_Centroid_x" in schema else self.config.centroidField

    def centroidFlag(self, schema):
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

    def _calibrate(self, catalog, dataRef, imageDataset):
        """Return flux and error in nJy; the calibration's own error is left out."""
        photoCalib = dataRef.get(imageDataset + "_photoCalib", immediate=True)
        field = self.config.psfFluxField
        flux = photoCalib.instFluxToNanojansky(catalog, field)[:, 0]
        instFlux = np.asarray(catalog[field + "_instFlux"])
        with np.errstate(invalid="ignore", divide="ignore"):
            scale = np.where(instFlux == 0, photoCalib.getCalibrationMean(), flux/instFlux)
        return flux, np.asarray(catalog[field + "_instFluxErr"])*scale

    def _concatenate(self, fields, exposures):
        """Make one catalog of all columns and data IDs."""
        schema = afwTable.Schema(fields)
        dataIds = [dict(exposure.dataRef.dataId) for exposure in exposures]
        keys = self._addDataIdFields(schema, dataIds)
        schema.addField("ccdExposureId", type="L", doc="Id of the exposure that the source was found on")
        schema.addField("midpointMjdTai", type="D", units="d", doc="Middle of the exposure, MJD (TAI)")
        for name, doc in (("coord_raErr", "Error of coord_ra times cos(coord_dec)"),
                          ("coord_decErr", "Error of coord_dec")):
            if name not in schema:
                schema.addField(name, type="F", units="rad", doc=doc)
        if self.config.doCalibrate:
            schema.addField(self.config.psfFluxField + "_flux", type="D", units="nJy",
                            doc="Point-source flux")
            schema.addField(self.config.psfFluxField + "_fluxErr", type="D", units="nJy",
                            doc="Error of the point-source flux")
        counts = [len(exposure.columns["id"]) for exposure in exposures]
        catalog = self._repeatDataIds(schema, keys, dataIds, counts)
        catalog["ccdExposureId"] = np.repeat([exposure.ccdExposureId for exposure in exposures], counts)
        catalog["midpointMjdTai"] = np.repeat([exposure.mjd for exposure in exposures], counts)
        for name in sorted(set().union(*(exposure.columns for exposure in exposures))):
            catalog[name] = np.concatenate([e.columns[name] for e in exposures if len(e.columns["id"])])
        return catalog

    @staticmethod
    def _addDataIdFields(schema, dataIds):
        """Add a field for each key of the data IDs; return their keys by name."""
        keys = {}
        for name in sorted(set().union(*dataIds)):
            values = [dataId[name] for dataId in dataIds if name in dataId]
            doc = f"Data ID of the exposure: {name}"
            if all(isinstance(value, str) for value in values):
                size = max(1, max(len(value) for value in values))
                keys[name] = schema.addField(name, type="String", size=size, doc=doc)
            else:
                keys[name] = schema.addField(name, type="L", doc=doc)
        return keys

    @staticmethod
    def _repeatDataIds(schema, keys, dataIds, counts):
        """Make the catalog with nothing but the data IDs filled in."""
        catalog = afwTable.SourceCatalog(schema)
        catalog.reserve(int(sum(counts)))
        template = makeCatalog(schema, 1, afwTable.SourceCatalog)[0]
        for dataId, count in zip(dataIds, counts):
            for name, key in keys.items():
                if name in dataId:
                    template.set(key, dataId[name])
            repeatRecord(catalog, template, count)
        return catalog.copy(deep=True)
