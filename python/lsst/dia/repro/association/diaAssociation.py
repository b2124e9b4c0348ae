# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Associate the DIASources of a survey into DIAObjects."""

from __future__ import annotations

__all__ = ["DiaAssociationTask", "DiaObjectMakerConfig", "readErrors"]

from collections.abc import Sequence
from typing import Any

import lsst.afw.table as afwTable
import lsst.pex.config as pexConfig
import numpy as np
from lsst.pipe.base import Struct, Task, TaskError

from ..configuredNames import findAbsent, refuseNoFlags
from ..differenceImages import DifferenceImagesConfig
from ..exposureHandle import ExposureHandle
from ..movedNames import timeMethod
from ..units import ARCSEC
from .associators import DiaSources, Memberships, associatorRegistry
from .dataIdColumns import readDataId
from .diaObjectAggregation import USUAL_FLAGS, ObjectAggregationTask
from .diaSourceCleaning import SourceCleaningTask
from .diaSourceLoader import DiaSourceLoaderTask
from .diaSourceMembers import makeMemberCatalog
from .sourceCatalogs import SourceCatalogs
from .tiles import SkyTile, concatenateTiles


class DiaObjectMakerConfig(DifferenceImagesConfig):
    """Options of the association of DIASources into DIAObjects."""

    loader = pexConfig.ConfigurableField(target=DiaSourceLoaderTask, doc="Reads the DIASource catalogs.")
    cleaning = pexConfig.ConfigurableField(target=SourceCleaningTask, doc="Rejects DIASources.")
    associator = associatorRegistry.makeField("Parts the DIASources into DIAObjects.", default="multiMatch")
    removeAmbiguous = pexConfig.Field(
        dtype=bool, default=True,
        doc="Drop DIAObjects that the associator found ambiguous? Their DIASources stay in reproDIASources, "
            "flagged and without a DIAObject.",
    )
    aggregation = pexConfig.ConfigurableField(target=ObjectAggregationTask, doc="Sums up DIASources.")
    tileLevel = pexConfig.RangeField(
        dtype=int, default=None, optional=True, min=0, max=14, inclusiveMax=True,
        doc="Associate tile by tile of the hierarchical triangular mesh of this level; all at once if None. "
            "Level 6 has tiles of about 1.5 degrees; each level halves them. The result is the same.",
    )
    tileHalo = pexConfig.RangeField(
        dtype=float, default=30.0, min=0.0, inclusiveMin=False,
        doc="How far around a tile to read DIASources (arcsec); widened where that is not enough.",
    )

    def validate(self) -> None:
        """Check options that depend on each other."""
        super().validate()
        if self.aggregation.doFluxes and not self.loader.doCalibrate:
            raise ValueError("aggregation.doFluxes needs loader.doCalibrate=True")


class DiaAssociationTask(Task):
    """Associate DIASources into DIAObjects: all of a survey, or tile by tile.

    Reads the DIASource catalogs of all exposures, rejects what is not fit,
    associates the rest and sums it up.
    """

    ConfigClass = DiaObjectMakerConfig
    _DefaultName = "diaObjectMaker"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for name in ("loader", "cleaning", "associator", "aggregation"):
            self.makeSubtask(name)

    def runExposures(self, exposures: Sequence[ExposureHandle], tile: int | None = None) -> Struct:
        """Read the DIASources of exposures and associate them.

        Parameters
        ----------
        exposures : sequence [`ExposureHandle`]
            The exposures, sorted by time and exposure id.
        tile : `int`, optional
            Index of the one tile of ``tileLevel`` to work on. By default the
            whole sky is worked on, tile by tile if there is a ``tileLevel``.

        Returns
        -------
        result : `lsst.pipe.base.Struct`
            With ``diaObjects``, ``diaSources`` and ``nRejected``, as `run`
            returns them, ``failed``: data IDs with a catalog or image that
            could not be used (`list` [`dict`]), and of one tile ``halo``: how far around it
            DIASources were read, radians.

        Raises
        ------
        lsst.pipe.base.TaskError
            Raised if no catalog can be used, if sources of two exposures have
            one id, or if an option names a column that no catalog has.
        """
        return self.runCatalogs(self.openCatalogs(exposures), tile)

    def runCatalogs(self, catalogs: SourceCatalogs, tile: int | None = None) -> Struct:
        """Associate the DIASources of catalogs, which are kept open for more tiles.

        Parameters
        ----------
        catalogs : `SourceCatalogs`
            What `openCatalogs` returned.
        tile : `int`, optional
            Index of the one tile to work on.

        Returns
        -------
        result : `lsst.pipe.base.Struct`
            What `runExposures` returns.

        Raises
        ------
        lsst.pipe.base.TaskError
            Raised as by `runExposures`.
        """
        level = self.config.tileLevel
        if tile is not None:
            result = self._runTile(catalogs, SkyTile(level, tile))
        else:
            tiles = [] if level is None else self.findTiles(catalogs)
            # Without a source there is no tile, and still a table.
            result = (concatenateTiles([self._runTile(catalogs, SkyTile(level, index)) for index in tiles])
                      if tiles else self._run(catalogs))
            result.failed = list(catalogs.failed.values())
        catalogs.report(self.config.aggregation.bands)
        return result

    def findTiles(self, catalogs: SourceCatalogs) -> list[int]:
        """Return the indices of the tiles that may have DIAObjects or DIASources.

        A DIAObject is where its mean is, which lies within a radius of one of
        its members, but not always in a tile of one.

        Parameters
        ----------
        catalogs : `SourceCatalogs`
            What `openCatalogs` returned.

        Returns
        -------
        tiles : `list` [`int`]
            The indices, sorted.
        """
        return catalogs.findTiles(self.config.tileLevel, self.associator.radius)

    def openCatalogs(self, exposures: Sequence[ExposureHandle]) -> SourceCatalogs:
        """Return the DIASource catalogs of exposures, to be read when they are needed.

        Parameters
        ----------
        exposures : sequence [`ExposureHandle`]
            The exposures, sorted by time and exposure id.

        Returns
        -------
        catalogs : `SourceCatalogs`
            Nothing of them is read yet.
        """
        config = self.config
        return self.loader.open(
            exposures, config.sourceDataset, config.imageDataset,
            [*config.cleaning.badFlags, *config.aggregation.flags],
            {"cleaning.minSignalToNoise": self.cleaning.requiredColumns(config.loader.psfFluxField)})

    @timeMethod
    def run(self, catalog: afwTable.SourceCatalog, tile: SkyTile | None = None,
            vectors: np.ndarray | None = None, bands: np.ndarray | None = None) -> Struct:
        """Associate DIASources into DIAObjects.

        Parameters
        ----------
        catalog : `lsst.afw.table.SourceCatalog`, (N,)
            DIASources as `DiaSourceLoaderTask` makes them.
        tile : `SkyTile`, optional
            Return only what belongs to this tile; everything if `None`.
        vectors : `numpy.ndarray`, (N, 3), optional
            Unit vectors that say which tile each source belongs to; needed
            with a tile.
        bands : `numpy.ndarray`, (N,), optional
            Band of each source, `str`; its filter if not given.

        Returns
        -------
        result : `lsst.pipe.base.Struct`
            With these components:

            ``diaObjects``
                The DIAObjects, sorted by id (`lsst.afw.table.SourceCatalog`).
            ``diaSources``
                The DIASources, sorted by id, with the DIAObject of each
                (`lsst.afw.table.SourceCatalog`).
            ``nRejected``
                Number of DIASources rejected for each reason (`dict`
                [`str`, `int`]).
            ``extent``
                How far outside the tile there are sources that had to do with
                the DIAObjects returned, radians; 0 without a tile.

        Raises
        ------
        lsst.pipe.base.TaskError
            Raised if an option names a flag that the catalog lacks, or a
            DIAObject would have the id 0, which stands for none.
        """
        self._checkFlags(catalog.schema)
        cleaned = self.cleaning.run(catalog, self.config.loader.psfFluxField)
        accepted = np.flatnonzero(cleaned.accepted)
        sources = self._makeSources(catalog, accepted)
        association = self.associator.run(sources)
        memberships = association.memberships
        # An object belongs where its mean lies, with all its sources: one across an edge is not cut in two.
        isMine = np.ones(memberships.nObjects, dtype=bool) if tile is None else tile.owns(association.means)
        isKept = ~memberships.ambiguous | (not self.config.removeAmbiguous)
        taken = isKept & isMine[memberships.object]
        diaObjects = self.aggregation.run(
            catalog, Memberships.fromLinks(accepted[memberships.source[taken]], memberships.object[taken]),
            self.loader.centroidFlag(catalog.schema), self.config.loader.psfFluxField, bands)
        # Named after its first source, an object has the same id whatever tiles the sky is cut into.
        first = accepted[memberships.firstSources()][memberships.object]
        objectIds = np.where(taken, catalog["id"][first], 0)
        self._refuseIdOfNone(catalog, first[taken & (objectIds == 0)])
        ownsSource = np.ones(len(catalog), dtype=bool) if tile is None else tile.owns(np.asarray(vectors))
        return Struct(
            diaObjects=diaObjects,
            diaSources=makeMemberCatalog(catalog, accepted, association, objectIds, taken,
                                         isKept & ~taken, ownsSource),
            nRejected={reason: int((isFaulty & ownsSource).sum())
                       for reason, isFaulty in cleaned.faults.items()},
            extent=0.0 if tile is None else _extent(tile, sources, association, isMine))

    def _run(self, catalogs: SourceCatalogs, tile: SkyTile | None = None, margin: float = 0.0) -> Struct:
        """Associate all sources, or those in and around a tile."""
        loaded = catalogs.load(tile, margin)
        result = self.run(loaded.catalog, tile, loaded.vectors, loaded.bands)
        result.failed = loaded.failed
        return result

    def _runTile(self, catalogs: SourceCatalogs, tile: SkyTile) -> Struct:
        """Associate what belongs to one tile."""
        halo = self.config.tileHalo*ARCSEC
        while True:
            result = self._run(catalogs, tile, halo)
            # Sources just outside the halo might have a part in this, too, if within reach of what has.
            # How far all that goes shows only when it is read.
            if result.extent + 2*self.associator.reach < halo:
                break
            halo *= 2
            self.log.info("Sources up to %.1f arcsec outside %s matter to it; reading %.1f arcsec around it",
                          result.extent/ARCSEC, tile, halo/ARCSEC)
        self.log.info("%s has %d DIAObjects", tile, len(result.diaObjects))
        result.halo = halo
        return result

    def summarize(self, result: Struct) -> None:
        """Log what was done and put it into the metadata.

        Parameters
        ----------
        result : `lsst.pipe.base.Struct`
            What `runExposures` returns.
        """
        # A source of several ambiguous objects has a row for each, so that its id is counted once.
        members, sources = np.asarray(result.diaObjects["nDiaSources"]), result.diaSources
        separation = sources["separation"][sources["diaObjectId"] != 0]
        summary = {
            "nDiaSources": len(np.unique(sources["id"])),
            "nRejected": int(np.sum(sources["isRejected"])),
            "nDiaObjects": len(members),
            "nSingles": int((members == 1).sum()),
            "nAmbiguous": len(np.unique(sources["id"][sources["isAmbiguous"]])),
            "nWithRival": int(np.sum(sources["hasRival"])),
            "medianMembers": float(np.median(members)) if len(members) else 0.0,
            "maxMembers": int(members.max()) if len(members) else 0,
            "medianSeparation": float(np.median(separation)) if len(separation) else 0.0,
            "maxSeparation": float(separation.max()) if len(separation) else 0.0,
        }
        summary.update(self._diagnose(sources))
        for name, value in summary.items():
            self.metadata[name] = value
        for reason, count in result.nRejected.items():
            self.metadata["nRejected_" + reason] = count
        self.log.info("DIASources: %(nDiaSources)d in, %(nRejected)d rejected, %(nAmbiguous)d of ambiguous "
                      "DIAObjects, %(nWithRival)d near a second DIAObject", summary)
        self.log.info("DIAObjects: %(nDiaObjects)d, of them %(nSingles)d with one DIASource; "
                      "%(medianMembers)g DIASources in the median, %(maxMembers)d at most; separations "
                      "%(medianSeparation).3f arcsec in the median, %(maxSeparation).3f at most", summary)
        if not len(members) and summary["nDiaSources"]:
            reasons = ", ".join(f"{reason} {count}" for reason, count in result.nRejected.items() if count)
            self.log.warning("There are no DIAObjects, since all DIASources are rejected: %s", reasons)
        if "logLikelihood" in summary:
            self.log.info("Position errors: they allow more than the radius for %.1f %% of the DIASources; "
                          "logarithm of the likelihood of the partition %.1f",
                          100*summary["shareBeyondRadius"], summary["logLikelihood"])

    def _diagnose(self, diaSources: afwTable.SourceCatalog) -> dict[str, float]:
        """Return what the associator says of the association, from its table."""
        isTaken = ~np.asarray(diaSources["isRejected"])
        return self.associator.diagnose(
            readErrors(diaSources)[isTaken], np.asarray(diaSources["diaObjectId"])[isTaken],
            np.asarray(diaSources["separation"], dtype=float)[isTaken]*ARCSEC)

    def _checkFlags(self, schema: afwTable.Schema) -> None:
        """Refuse flags that must be mistyped; those of other stacks count as unset."""
        for option, names in (("cleaning.badFlags", self.config.cleaning.badFlags),
                              ("aggregation.flags", self.config.aggregation.flags)):
            findAbsent(option, names, USUAL_FLAGS, schema, self.config.sourceDataset)
            refuseNoFlags(option, names, schema,
                          lambda name: schema[name].asField().getTypeString() == "Flag")

    @staticmethod
    def _refuseIdOfNone(catalog: afwTable.SourceCatalog, rows: np.ndarray) -> None:
        """Stop if DIAObjects would have the id that stands for none, after a source in one of those rows."""
        if len(rows):
            raise TaskError(f"A DIAObject would have the id 0, which stands for no DIAObject, after the "
                            f"DIASource of dataId={readDataId(catalog[int(rows[0])])}: give the DIASources "
                            "other ids")

    @staticmethod
    def _makeSources(catalog: afwTable.SourceCatalog, accepted: np.ndarray) -> DiaSources:
        """Return the columns of the accepted sources that association needs."""
        # The loader sorts by exposure, so that numbers count up in order of time, as associators want it.
        exposure = np.append(0, np.cumsum(np.diff(catalog["ccdExposureId"]) != 0))[:len(catalog)]
        error = readErrors(catalog)
        return DiaSources(catalog["id"][accepted], catalog["coord_ra"][accepted],
                          catalog["coord_dec"][accepted], exposure[accepted], error[accepted])


def readErrors(catalog: afwTable.SourceCatalog) -> np.ndarray:
    """Return the position errors of DIASources, (N,), radians; NaN where they are not known."""
    # Associators know one error, for both axes.
    return np.sqrt(0.5*(np.square(catalog["coord_raErr"], dtype=float)
                        + np.square(catalog["coord_decErr"], dtype=float)))


def _extent(tile: SkyTile, sources: DiaSources, association: Struct, isMine: np.ndarray) -> float:
    """Return how far outside a tile sources had to do with its objects, radians."""
    # Whole neighbourhoods, since sources that are not members may have decided who is.
    mine = association.neighborhoods[association.memberships.firstSources()[isMine]]
    involved = np.flatnonzero(np.isin(association.neighborhoods, mine))
    return float(max(0.0, -tile.depth(sources.select(involved).vectors()).min(initial=0.0)))
