# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Sum up the DIASources of each DIAObject."""

from __future__ import annotations

__all__ = ["ObjectAggregationConfig", "ObjectAggregationTask", "USUAL_FLAGS"]

from typing import Any

import lsst.afw.table as afwTable
import lsst.pex.config as pexConfig
import numpy as np
from lsst.pipe.base import Task

from ..bands import BANDS
from ..catalogColumns import makeCatalog
from ..fluxStatistics import addFluxFields, fluxStatistics
from ..nameListField import NameListField
from ..segments import Segments, findRuns
from ..sky import toRaDec, toVectors
from .associators import Memberships

#: Flags that stacks set in DIASource catalogs, though not all do.
USUAL_FLAGS = (
    "base_PixelFlags_flag", "base_PixelFlags_flag_offimage", "base_PixelFlags_flag_edge",
    "base_PixelFlags_flag_interpolated", "base_PixelFlags_flag_saturated", "base_PixelFlags_flag_cr",
    "base_PixelFlags_flag_bad", "base_PixelFlags_flag_suspect", "base_PixelFlags_flag_interpolatedCenter",
    "base_PixelFlags_flag_saturatedCenter", "base_PixelFlags_flag_crCenter",
    "base_PixelFlags_flag_suspectCenter", "base_PsfFlux_flag", "base_SdssCentroid_flag",
)


class ObjectAggregationConfig(pexConfig.Config):
    """Options of `ObjectAggregationTask`."""

    flags = NameListField(
        default=list(USUAL_FLAGS),
        doc="Flags to sum up: a DIAObject has the OR of its DIASources under the flag's own name, and in "
            "<flag>_nSet how many of them set it. A flag that no catalog has stays unset if it is one of the "
            "defaults; any other is refused.",
    )
    bands = NameListField(
        default=list(BANDS),
        doc="Bands to count and average DIASources in: those of the filter labels of the images, or the "
            "filters of the data IDs where no image of a filter tells.",
    )
    doFluxes = pexConfig.Field(
        dtype=bool, default=False,
        doc="Add the flux statistics of Rubin's DiaObject table, per band, in nJy?",
    )


class ObjectAggregationTask(Task):
    """Make the catalog of DIAObjects from their DIASources."""

    ConfigClass = ObjectAggregationConfig
    _DefaultName = "objectAggregation"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.schema = self._makeSchema()

    def run(self, catalog: afwTable.SourceCatalog, memberships: Memberships, centroidFlag: str | None = None,
            fluxField: str = "base_PsfFlux", bands: np.ndarray | None = None) -> afwTable.SourceCatalog:
        """Sum up the sources of each object.

        Parameters
        ----------
        catalog : `lsst.afw.table.SourceCatalog`, (N,)
            DIASources as `DiaSourceLoaderTask` makes them.
        memberships : `Memberships`
            Which sources make up which of M objects.
        centroidFlag : `str`, optional
            Column that tells the sources with a bad centroid; they have no
            part in the position of an object that has others.
        fluxField : `str`, optional
            Prefix of the columns ``_flux`` and ``_fluxErr``, nJy.
        bands : `numpy.ndarray`, (N,), optional
            Band of each source, `str`; the filter of its data ID if not given.

        Returns
        -------
        objects : `lsst.afw.table.SourceCatalog`, (M,)
            The DIAObjects, sorted by id. Units are those of the schema.
        """
        groups = Segments(memberships.object)
        source = memberships.source
        objects = makeCatalog(self.schema, len(groups), afwTable.SourceCatalog)
        if len(groups):
            columns = {"id": catalog["id"][source[groups.starts]], "nDiaSources": groups.counts}
            columns.update(self._positions(catalog, source, groups, centroidFlag))
            columns.update(self._times(catalog, source, groups))
            columns.update(self._flags(catalog, source, groups))
            columns.update(self._bands(catalog, source, groups, fluxField,
                                       _filters(catalog) if bands is None else bands))
            # In afw a record is found by its id only where ids are in order.
            order = np.argsort(columns["id"], kind="stable")
            for name, values in columns.items():
                objects[name] = values[order]
        return objects

    def _makeSchema(self) -> afwTable.Schema:
        schema = afwTable.SourceTable.makeMinimalSchema()
        for name, doc in (("coord_raErr", "Error of coord_ra times cos(coord_dec)"),
                          ("coord_decErr", "Error of coord_dec")):
            schema.addField(name, type="F", units="rad", doc=doc)
        schema.addField("coord_ra_dec_Cov", type="F", units="rad^2",
                        doc="Covariance of coord_ra times cos(coord_dec), and coord_dec")
        schema.addField("nDiaSources", type="I", doc="Number of DIASources")
        schema.addField("firstDiaSourceMjdTai", type="D", units="d", doc="MJD (TAI) of the first DIASource")
        schema.addField("lastDiaSourceMjdTai", type="D", units="d", doc="MJD (TAI) of the last DIASource")
        for name in self.config.flags:
            schema.addField(name, type="Flag", doc="Set if any DIASource sets it")
            schema.addField(name + "_nSet", type="I", doc="Number of DIASources that set " + name)
        for band in self.config.bands:
            schema.addField(band + "_nDiaSources", type="I", doc="Number of DIASources in " + band)
            if self.config.doFluxes:
                addFluxFields(schema, band)
        return schema

    @staticmethod
    def _positions(catalog: afwTable.SourceCatalog, source: np.ndarray, groups: Segments,
                   centroidFlag: str | None) -> dict[str, np.ndarray]:
        """Return position and errors of each object.

        The position is the unit-vector mean of the members with a good
        centroid, or of all if none is good. Its covariance is that of the mean
        of independent errors; without them, the scatter of the members divided
        by their number.
        """
        good = np.ones(len(source), dtype=bool)
        if centroidFlag is not None:
            good = ~np.asarray(catalog[centroidFlag])[source]
        # A position from bad centroids is better than none, which would lose the object.
        used = good | ~groups.spread(groups.reduce(np.logical_or, good))
        ra, dec = catalog["coord_ra"][source], catalog["coord_dec"][source]
        weight = used.astype(float)
        mean = groups.reduce(np.add, toVectors(ra, dec)*weight[:, np.newaxis])
        meanRa, meanDec = toRaDec(mean)
        n = groups.reduce(np.add, weight)
        covariance = _formalCovariance(catalog, source, groups, weight, n)
        scatter = _scatterCovariance(ra, dec, groups, weight, n, meanRa, meanDec)
        # One member without errors makes the sum NaN; then the covariance, too, is that of the scatter.
        known = np.isfinite(covariance[0])
        raVar, decVar, cov = (np.where(known, a, b) for a, b in zip(covariance, scatter))
        return {"coord_ra": meanRa, "coord_dec": meanDec, "coord_raErr": np.sqrt(raVar),
                "coord_decErr": np.sqrt(decVar), "coord_ra_dec_Cov": cov}

    @staticmethod
    def _times(catalog: afwTable.SourceCatalog, source: np.ndarray,
               groups: Segments) -> dict[str, np.ndarray]:
        """Return the times of the first and last member."""
        mjd = catalog["midpointMjdTai"][source]
        # An exposure may lack its time; with fmin and fmax that does not hide the times of the others.
        return {"firstDiaSourceMjdTai": groups.reduce(np.fmin, mjd),
                "lastDiaSourceMjdTai": groups.reduce(np.fmax, mjd)}

    def _flags(self, catalog: afwTable.SourceCatalog, source: np.ndarray,
               groups: Segments) -> dict[str, np.ndarray]:
        """Return, for each flag, its OR and how many members set it."""
        columns = {}
        for name in self.config.flags:
            if name in catalog.schema:
                # As integers, for the sum of bools is their OR.
                nSet = groups.reduce(np.add, np.asarray(catalog[name])[source].astype(np.int32))
                columns[name], columns[name + "_nSet"] = nSet > 0, nSet
        return columns

    def _bands(self, catalog: afwTable.SourceCatalog, source: np.ndarray, groups: Segments,
               fluxField: str, bands: np.ndarray) -> dict[str, np.ndarray]:
        """Return numbers, and fluxes if asked for, of each band."""
        columns = {}
        bands = bands[source]
        for band in self.config.bands:
            inBand = bands == band
            columns[band + "_nDiaSources"] = groups.reduce(np.add, inBand.astype(np.int32))
            if self.config.doFluxes:
                rows = source[inBand]
                columns.update(fluxStatistics(
                    band + "_psf", groups.ids[inBand], len(groups), catalog["midpointMjdTai"][rows],
                    catalog[fluxField + "_flux"][rows], catalog[fluxField + "_fluxErr"][rows]))
        return columns


def _formalCovariance(catalog: afwTable.SourceCatalog, source: np.ndarray, groups: Segments,
                      weight: np.ndarray, n: np.ndarray) -> list[np.ndarray]:
    """Return (raVar, decVar, cov) of the mean from the members' own errors."""
    # 0 times NaN is NaN: a member that is not used must not spoil the sum with the error it lacks.
    variances = [groups.reduce(np.add, weight*np.where(
        weight > 0, np.asarray(catalog[name], dtype=float)[source]**2, 0.0))/n**2
        for name in ("coord_raErr", "coord_decErr")]
    # Catalogs tell the errors along the axes, and not how they hang together.
    return variances + [np.zeros(len(n))]


def _scatterCovariance(ra: np.ndarray, dec: np.ndarray, groups: Segments, weight: np.ndarray, n: np.ndarray,
                       meanRa: np.ndarray, meanDec: np.ndarray) -> list[np.ndarray]:
    """Return (raVar, decVar, cov) of the mean from the members' scatter; NaN for one."""
    # On the tangent plane, since differences of ra go wrong at 0 and near the poles.
    ra0, dec0 = groups.spread(meanRa), groups.spread(meanDec)
    east = np.cos(dec)*np.sin(ra - ra0)
    north = np.sin(dec)*np.cos(dec0) - np.cos(dec)*np.sin(dec0)*np.cos(ra - ra0)
    with np.errstate(invalid="ignore", divide="ignore"):
        # Over n - 1 for the variance of one member, and over n for that of their mean.
        factor = np.where(n > 1, 1/(n*(n - 1)), np.nan)
    return [factor*groups.reduce(np.add, weight*product) for product in (east**2, north**2, east*north)]


def _filters(catalog: afwTable.SourceCatalog) -> np.ndarray:
    """Return the filter of each source, read once an exposure."""
    if "filter" not in catalog.schema or not len(catalog):
        return np.full(len(catalog), "")
    # afw has no columns of text: each value is read from a record, and all of an exposure are the same.
    key = catalog.schema["filter"].asKey()
    starts, stops = findRuns(catalog["ccdExposureId"])
    names = [catalog[int(start)].get(key) for start in starts]
    return np.repeat(names, stops - starts)
