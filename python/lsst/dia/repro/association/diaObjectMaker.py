# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Associate the DIASources of a survey into DIAObjects."""

__all__ = ["DiaObjectMakerConfig", "DiaObjectMakerTask"]

import lsst.afw.table as afwTable
import lsst.pex.config as pexConfig
import numpy as np
from lsst.pipe.base import Struct, TaskError

from ..commandLine.gen2Classes import CmdLineTask, timeMethod
from ..commandLine.overlay import datasetExists
from ..commandLine.surveyRef import SurveyRef
from ..commandLine.taskRunner import DiaTaskRunner
from ..differenceImages import DifferenceImagesConfig
from ..replacingFile import replacing
from ..units import ARCSEC
from .associationFigure import drawAssociation
from .associators import DiaSources, Partition, associatorRegistry
from .diaObjectAggregation import ObjectAggregationTask
from .diaObjectMakerParser import makeArgumentParser
from .diaSourceCleaning import SourceCleaningTask
from .diaSourceLoader import DiaSourceLoaderTask
from .diaSourceMembers import makeMemberCatalog
from .skyTile import SkyTile
from .tileResults import concatenateTiles


class DiaObjectMakerConfig(DifferenceImagesConfig):
    """Options of `DiaObjectMakerTask`."""

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

    def validate(self):
        """Check options that depend on each other."""
        super().validate()
        if self.aggregation.doFluxes and not self.loader.doCalibrate:
            raise ValueError("aggregation.doFluxes needs loader.doCalibrate=True")


class DiaObjectMakerRunner(DiaTaskRunner):
    """Runs `DiaObjectMakerTask` on all data at once, or once a tile."""

    @staticmethod
    def getTargetList(parsedCmd, **kwargs):
        """Return the targets: the whole survey, or the tiles asked for."""
        refs = parsedCmd.id.refList
        if not refs:
            return []
        return [(SurveyRef(parsedCmd.butler, refs, tile, parsedCmd.mergeTiles, parsedCmd.figure), kwargs)
                for tile in parsedCmd.tile or [None]]


class DiaObjectMakerTask(CmdLineTask):
    """Associate all DIASources of a survey into DIAObjects.

    Reads every DIASource catalog of the data IDs, rejects what is not fit,
    associates the rest, and writes ``reproDIAObjects`` (one row a DIAObject)
    and ``reproDIASources`` (one row a DIASource).
    """

    ConfigClass = DiaObjectMakerConfig
    RunnerClass = DiaObjectMakerRunner
    _DefaultName = "diaObjectMaker"

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        for name in ("loader", "cleaning", "associator", "aggregation"):
            self.makeSubtask(name)

    @timeMethod
    def runDataRef(self, survey):
        """Read DIASources, associate them and write the DIAObjects.

        Parameters
        ----------
        survey : `SurveyRef`
            References to the DIASource catalogs, and the tile to work on.

        Returns
        -------
        result : `lsst.pipe.base.Struct`
            With ``diaObjects`` and ``diaSources``, as `run` returns them.

        Raises
        ------
        lsst.pipe.base.TaskError
            Raised, after the results are written, if a catalog or image could
            not be used; and before, if no catalog could.
        """
        exposures = self.loader.lookUp(survey.dataRefs, self.config.imageDataset)
        if survey.doMerge:
            result = self._mergeTiles(survey.butler, exposures)
        elif survey.tile is not None:
            result = self._runTile(exposures, SkyTile(self.config.tileLevel, survey.tile))
        elif self.config.tileLevel is not None:
            result = self._runAllTiles(exposures)
        else:
            result = self._runAll(exposures)
        survey.put(result.diaSources, "reproDIASources")
        survey.put(result.diaObjects, "reproDIAObjects")
        self._summarize(result)
        if survey.figure:
            with replacing(survey.figure) as stream:
                drawAssociation(result.diaObjects, result.diaSources, stream.name)
            self.log.info("Drew the DIAObjects into %s", survey.figure)
        if result.failed:
            raise TaskError(f"{len(result.failed)} of {len(exposures)} data IDs have a file that could not "
                            "be used; the DIAObjects are made without them")
        return result

    @timeMethod
    def run(self, catalog, tile=None, vectors=None):
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
        partition = association.partition
        isMine = np.ones(partition.nObjects, dtype=bool) if tile is None else tile.owns(association.means)
        isKept = ~partition.ambiguous | (not self.config.removeAmbiguous)
        taken = isKept & isMine[partition.object]
        diaObjects = self.aggregation.run(
            catalog, Partition.fromLinks(accepted[partition.source[taken]], partition.object[taken]),
            self.loader.centroidFlag(catalog.schema), self.config.loader.psfFluxField)
        firstId = catalog["id"][accepted[partition.firstSources()]][partition.object]
        objectIds = np.where(taken, firstId, np.where(isKept, -1, 0))
        ownsSource = np.ones(len(catalog), dtype=bool) if tile is None else tile.owns(vectors)
        return Struct(
            diaObjects=diaObjects,
            diaSources=makeMemberCatalog(catalog, accepted, association, objectIds, ownsSource),
            nRejected={reason: int((isFaulty & ownsSource).sum())
                       for reason, isFaulty in cleaned.faults.items()},
            extent=0.0 if tile is None else _extent(tile, sources, association, isMine))

    def _runAll(self, exposures):
        """Associate all sources at once."""
        loaded = self._load(exposures)
        result = self.run(loaded.catalog)
        result.failed = loaded.failed
        return result

    def _runAllTiles(self, exposures):
        """Associate tile by tile and put the results together."""
        results = [self._runTile(exposures, SkyTile(self.config.tileLevel, index))
                   for index in self.loader.findTiles(exposures, self.config.sourceDataset,
                                                      self.config.tileLevel)]
        return concatenateTiles(results)

    def _runTile(self, exposures, tile):
        """Associate what belongs to one tile."""
        halo = self.config.tileHalo*ARCSEC
        while True:
            loaded = self._load(exposures, lambda vectors, halo=halo: tile.depth(vectors) > -halo)
            result = self.run(loaded.catalog, tile, loaded.vectors)
            # Sources just outside the halo might have a part in this, too.
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

    def _mergeTiles(self, butler, exposures):
        """Read the results of all tiles and put them together."""
        tiles = self.loader.findTiles(exposures, self.config.sourceDataset, self.config.tileLevel)
        missing = [tile for tile in tiles if not datasetExists(butler, "reproDIAObjects_tile", tile=tile)]
        if missing:
            raise TaskError("These tiles are not done: {}; run them with --tile first"
                            .format(" ".join(map(str, missing))))
        return concatenateTiles([
            Struct(diaObjects=butler.get("reproDIAObjects_tile", tile=tile, immediate=True),
                   diaSources=butler.get("reproDIASources_tile", tile=tile, immediate=True),
                   nRejected={}, failed=[])
            for tile in tiles])

    def _load(self, exposures, isWanted=None):
        """Read the sources of all exposures that are wanted."""
        needed = self.cleaning.neededColumns(self.config.loader.psfFluxField)
        return self.loader.run(exposures, self.config.sourceDataset, self.config.imageDataset,
                               needed + list(self.config.aggregation.flags), isWanted)

    @staticmethod
    def _makeSources(catalog, accepted):
        """Return the columns of the accepted sources that association needs."""
        exposure = np.append(0, np.cumsum(np.diff(catalog["ccdExposureId"]) != 0))[:len(catalog)]
        error = np.sqrt(0.5*(np.square(catalog["coord_raErr"], dtype=float)
                             + np.square(catalog["coord_decErr"], dtype=float)))
        return DiaSources(catalog["id"][accepted], catalog["coord_ra"][accepted],
                          catalog["coord_dec"][accepted], exposure[accepted], error[accepted])

    def _summarize(self, result):
        """Log what was done and put it into the metadata."""
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

    def getSchemaCatalogs(self):
        """Return the schemas of the outputs that do not depend on the input."""
        return {"reproDIAObjects": afwTable.SourceCatalog(self.aggregation.schema)}

    @classmethod
    def _makeArgumentParser(cls):
        return makeArgumentParser(cls._DefaultName)


def _extent(tile, sources, association, isMine):
    """Return how far outside a tile sources had to do with its objects, radians."""
    mine = association.neighborhoods[association.partition.firstSources()[isMine]]
    involved = np.flatnonzero(np.isin(association.neighborhoods, mine))
    return float(max(0.0, -tile.depth(sources.select(involved).vectors()).min(initial=0.0)))
