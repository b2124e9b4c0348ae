# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Associate the DIASources of a survey into DIAObjects."""

from __future__ import annotations

__all__ = ["DiaAssociationTask", "DiaObjectMakerConfig"]

import functools
from collections.abc import Sequence
from typing import Any, Callable

import lsst.afw.table as afwTable
import lsst.pex.config as pexConfig
import numpy as np
from lsst.pipe.base import Struct, Task

from ..differenceImages import DifferenceImagesConfig
from ..exposureHandle import ExposureHandle
from ..timeMethod import timeMethod
from ..units import ARCSEC
from .associators import DiaSources, Memberships, associatorRegistry
from .diaObjectAggregation import ObjectAggregationTask
from .diaSourceCleaning import SourceCleaningTask
from .diaSourceLoader import DiaSourceLoaderTask
from .diaSourceMembers import makeMemberCatalog
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
            returns them, and ``failed``: data IDs with a catalog or image that
            could not be used (`list` [`dict`]).

        Raises
        ------
        lsst.pipe.base.TaskError
            Raised if no catalog can be used.
        """
        level = self.config.tileLevel
        if tile is not None:
            return self._runTile(exposures, SkyTile(level, tile))
        if level is None:
            return self._runAll(exposures)
        return concatenateTiles([self._runTile(exposures, SkyTile(level, index))
                                 for index in self.loader.findTiles(exposures, level)])

    @timeMethod
    def run(self, catalog: afwTable.SourceCatalog, tile: SkyTile | None = None,
            vectors: np.ndarray | None = None) -> Struct:
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
        """
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
            self.loader.centroidFlag(catalog.schema), self.config.loader.psfFluxField)
        # Named after its first source, an object has the same id whatever tiles the sky is cut into.
        firstId = catalog["id"][accepted[memberships.firstSources()]][memberships.object]
        # -1: the object is another tile's, which lists these sources. 0: it was dropped, and its sources are
        # listed without one.
        objectIds = np.where(taken, firstId, np.where(isKept, -1, 0))
        ownsSource = np.ones(len(catalog), dtype=bool) if tile is None else tile.owns(np.asarray(vectors))
        return Struct(
            diaObjects=diaObjects,
            diaSources=makeMemberCatalog(catalog, accepted, association, objectIds, ownsSource),
            nRejected={reason: int((isFaulty & ownsSource).sum())
                       for reason, isFaulty in cleaned.faults.items()},
            extent=0.0 if tile is None else _extent(tile, sources, association, isMine))

    def _runAll(self, exposures: Sequence[ExposureHandle]) -> Struct:
        """Associate all sources at once."""
        loaded = self._load(exposures)
        result = self.run(loaded.catalog)
        result.failed = loaded.failed
        return result

    def _runTile(self, exposures: Sequence[ExposureHandle], tile: SkyTile) -> Struct:
        """Associate what belongs to one tile."""
        halo = self.config.tileHalo*ARCSEC
        while True:
            loaded = self._load(exposures, functools.partial(tile.isWithin, margin=halo))
            result = self.run(loaded.catalog, tile, loaded.vectors)
            # Sources just outside the halo might have a part in this, too, if within reach of what has.
            # How far all that goes shows only when it is read.
            if result.extent + 2*self.associator.reach < halo:
                break
            halo *= 2
            self.log.info("Sources up to %.1f arcsec outside %s matter to it; reading %.1f arcsec around it",
                          result.extent/ARCSEC, tile, halo/ARCSEC)
        if not len(result.diaSources):
            self.log.warning("%s has no DIASources of these data; --listTiles tells which tiles do", tile)
        self.log.info("%s has %d DIAObjects", tile, len(result.diaObjects))
        result.failed = loaded.failed
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
        for name, value in summary.items():
            self.metadata[name] = value
        for reason, count in result.nRejected.items():
            self.metadata["nRejected_" + reason] = count
        self.log.info("DIASources: %(nDiaSources)d in, %(nRejected)d rejected, %(nAmbiguous)d of ambiguous "
                      "DIAObjects, %(nWithRival)d near a second DIAObject", summary)
        self.log.info("DIAObjects: %(nDiaObjects)d, of them %(nSingles)d with one DIASource; "
                      "%(medianMembers)g DIASources in the median, %(maxMembers)d at most; separations "
                      "%(medianSeparation).3f arcsec in the median, %(maxSeparation).3f at most", summary)

    def _load(self, exposures: Sequence[ExposureHandle],
              isWanted: Callable[[np.ndarray], np.ndarray] | None = None) -> Struct:
        """Read the sources of all exposures that are wanted."""
        needed = self.cleaning.neededColumns(self.config.loader.psfFluxField)
        return self.loader.run(exposures, self.config.sourceDataset, self.config.imageDataset,
                               needed + list(self.config.aggregation.flags), isWanted)

    @staticmethod
    def _makeSources(catalog: afwTable.SourceCatalog, accepted: np.ndarray) -> DiaSources:
        """Return the columns of the accepted sources that association needs."""
        # The loader sorts by exposure, so that numbers count up in order of time, as associators want it.
        exposure = np.append(0, np.cumsum(np.diff(catalog["ccdExposureId"]) != 0))[:len(catalog)]
        # Associators know one error, for both axes.
        error = np.sqrt(0.5*(np.square(catalog["coord_raErr"], dtype=float)
                             + np.square(catalog["coord_decErr"], dtype=float)))
        return DiaSources(catalog["id"][accepted], catalog["coord_ra"][accepted],
                          catalog["coord_dec"][accepted], exposure[accepted], error[accepted])


def _extent(tile: SkyTile, sources: DiaSources, association: Struct, isMine: np.ndarray) -> float:
    """Return how far outside a tile sources had to do with its objects, radians."""
    # Whole neighbourhoods, since sources that are not members may have decided who is.
    mine = association.neighborhoods[association.memberships.firstSources()[isMine]]
    involved = np.flatnonzero(np.isin(association.neighborhoods, mine))
    return float(max(0.0, -tile.depth(sources.select(involved).vectors()).min(initial=0.0)))
