# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Associate the DIASources of a survey into DIAObjects."""

__all__ = ["DiaObjectMakerConfig", "DiaObjectMakerTask"]

import lsst.afw.table as afwTable
import lsst.pex.config as pexConfig
import numpy as np
from lsst.pipe.base import Struct, TaskError

from .association import DiaSources, Partition, associatorRegistry
from .cmdLine import CmdLineTask, ConfigDatasetType, timeMethod
from .diaArgumentParser import DiaArgumentParser
from .diaSourceLoader import DiaSourceLoaderTask
from .diaTaskRunner import DiaTaskRunner
from .memberCatalog import makeMemberCatalog
from .objectAggregation import ObjectAggregationTask
from .sourceCleaning import SourceCleaningTask


class DiaObjectMakerConfig(pexConfig.Config):
    """Options of `DiaObjectMakerTask`."""

    coaddName = pexConfig.Field(
        dtype=str, default="deep",
        doc="Name of the coadd that the images were differenced with; the DIASources are "
            "<coaddName>Diff_diaSrc.",
    )
    loader = pexConfig.ConfigurableField(target=DiaSourceLoaderTask, doc="Reads the DIASource catalogs.")
    cleaning = pexConfig.ConfigurableField(target=SourceCleaningTask, doc="Rejects DIASources.")
    associator = associatorRegistry.makeField("Parts the DIASources into DIAObjects.", default="multiMatch")
    removeAmbiguous = pexConfig.Field(
        dtype=bool, default=True,
        doc="Drop DIAObjects that the associator found ambiguous? Their DIASources stay in reproDIASources, "
            "flagged and without a DIAObject.",
    )
    aggregation = pexConfig.ConfigurableField(target=ObjectAggregationTask, doc="Sums up DIASources.")

    @property
    def sourceDataset(self):
        """Name of the DIASource dataset (`str`)."""
        return self.coaddName + "Diff_diaSrc"

    @property
    def imageDataset(self):
        """Name of the difference image dataset (`str`)."""
        return self.coaddName + "Diff_differenceExp"

    def validate(self):
        """Check options that depend on each other."""
        super().validate()
        if self.aggregation.doFluxes and not self.loader.doCalibrate:
            raise ValueError("aggregation.doFluxes needs loader.doCalibrate=True")


class SurveyRef:
    """All the data of a run, as the one target of a task.

    Parameters
    ----------
    butler : `lsst.daf.persistence.Butler`
        Where to write.
    dataRefs : `list` [`lsst.daf.persistence.ButlerDataRef`]
        References to the data.
    """

    def __init__(self, butler, dataRefs):
        self.butler = butler
        self.dataRefs = dataRefs
        self.dataId = f"all {len(dataRefs)} given"

    def put(self, item, dataset):
        """Write a dataset of the whole survey."""
        self.butler.put(item, dataset)


class DiaObjectMakerRunner(DiaTaskRunner):
    """Runs `DiaObjectMakerTask` once, on all data at once."""

    @staticmethod
    def getTargetList(parsedCmd, **kwargs):
        """Return one target: the list of all data references."""
        refs = parsedCmd.id.refList
        return [(SurveyRef(parsedCmd.butler, refs), kwargs)] if refs else []


class DiaObjectMakerTask(CmdLineTask):
    """Associate all DIASources of a survey into DIAObjects.

    Reads every DIASource catalog of the data IDs, rejects what is not fit,
    associates the rest, and writes ``reproDIAObjects`` (one row a DIAObject)
    and ``reproDIASources`` (one row a DIASource).
    """

    ConfigClass = DiaObjectMakerConfig
    RunnerClass = DiaObjectMakerRunner
    _DefaultName = "diaObjectMaker"
    canMultiprocess = False

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
            References to the DIASource catalogs.

        Returns
        -------
        result : `lsst.pipe.base.Struct`
            What `run` returns.

        Raises
        ------
        lsst.pipe.base.TaskError
            Raised, after the results are written, if a catalog could not be
            used; and before, if none could.
        """
        fluxField = self.config.loader.psfFluxField
        needed = self.cleaning.neededColumns(fluxField) + list(self.config.aggregation.flags)
        loaded = self.loader.run(survey.dataRefs, self.config.sourceDataset, self.config.imageDataset, needed)
        result = self.run(loaded.catalog)
        survey.put(result.diaSources, "reproDIASources")
        survey.put(result.diaObjects, "reproDIAObjects")
        if loaded.nFailed:
            raise TaskError(f"{loaded.nFailed} of {len(survey.dataRefs)} DIASource catalogs could not be "
                            "used; the DIAObjects are of the others")
        return result

    @timeMethod
    def run(self, catalog):
        """Associate DIASources into DIAObjects.

        Parameters
        ----------
        catalog : `lsst.afw.table.SourceCatalog`, (N,)
            DIASources as `DiaSourceLoaderTask` makes them.

        Returns
        -------
        result : `lsst.pipe.base.Struct`
            With these components:

            ``diaObjects``
                The DIAObjects, sorted by id (`lsst.afw.table.SourceCatalog`).
            ``diaSources``
                The DIASources, sorted by time, with the DIAObject of each (`lsst.afw.table.SourceCatalog`).
            ``association``
                What the associator returned for the accepted sources.
        """
        cleaned = self.cleaning.run(catalog, self.config.loader.psfFluxField)
        accepted = np.flatnonzero(cleaned.accepted)
        association = self.associator.run(self._makeSources(catalog, accepted))
        partition = association.partition
        kept = ~partition.ambiguous if self.config.removeAmbiguous else np.ones(len(partition), dtype=bool)
        diaObjects = self.aggregation.run(
            catalog, Partition(accepted[partition.source[kept]], partition.object[kept]),
            self.loader.centroidFlag(catalog.schema), self.config.loader.psfFluxField)
        objectIds = np.where(kept, catalog["id"][accepted[partition.firstSources()]][partition.object], 0)
        diaSources = makeMemberCatalog(catalog, accepted, association, objectIds)
        self._summarize(catalog, cleaned, association, diaObjects)
        return Struct(diaObjects=diaObjects, diaSources=diaSources, association=association)

    @staticmethod
    def _makeSources(catalog, accepted):
        """Return the columns of the accepted sources that association needs."""
        exposure = np.append(0, np.cumsum(np.diff(catalog["ccdExposureId"]) != 0))[:len(catalog)]
        error = np.sqrt(0.5*(np.square(catalog["coord_raErr"], dtype=float)
                             + np.square(catalog["coord_decErr"], dtype=float)))
        return DiaSources(catalog["id"][accepted], catalog["coord_ra"][accepted],
                          catalog["coord_dec"][accepted], exposure[accepted], error[accepted])

    def _summarize(self, catalog, cleaned, association, diaObjects):
        """Log what was done and put it into the metadata."""
        n = np.asarray(diaObjects["nDiaSources"])
        partition = association.partition
        separation = np.degrees(association.separation)*3600
        summary = {
            "nDiaSources": len(catalog),
            "nAccepted": int(cleaned.accepted.sum()),
            "nDiaObjects": len(diaObjects),
            "nSingles": int((n == 1).sum()),
            "nAmbiguousObjects": len(np.unique(partition.object[partition.ambiguous])),
            "nRivals": int(association.rival.sum()),
            "medianMembers": float(np.median(n)) if len(n) else 0.0,
            "maxMembers": int(n.max()) if len(n) else 0,
            "medianSeparation": float(np.median(separation)) if len(separation) else 0.0,
            "maxSeparation": float(separation.max()) if len(separation) else 0.0,
        }
        for reason, count in cleaned.nRejected.items():
            summary["nRejected_" + reason] = count
        for name, value in summary.items():
            self.metadata[name] = value
        self.log.info("%(nDiaSources)d DIASources in, %(nAccepted)d accepted; %(nDiaObjects)d DIAObjects, "
                      "%(nSingles)d with one DIASource, at most %(maxMembers)d; "
                      "%(nAmbiguousObjects)d ambiguous; %(nRivals)d DIASources near a second DIAObject; "
                      "separations %(medianSeparation).3f (median) to %(maxSeparation).3f arcsec", summary)

    def getSchemaCatalogs(self):
        """Return the schemas of the outputs that do not depend on the input."""
        return {"reproDIAObjects": afwTable.SourceCatalog(self.aggregation.schema)}

    @classmethod
    def _makeArgumentParser(cls):
        parser = DiaArgumentParser(name=cls._DefaultName)
        parser.addDataIds(ConfigDatasetType(name="sourceDataset"))
        return parser
