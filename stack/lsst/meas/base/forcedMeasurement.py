# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Measurement of sources at positions that another catalog gives."""

import lsst.pex.config
import numpy as np

from lsst.afw.table import IdFactory, SchemaMapper, SourceCatalog, SourceTable

from ._psfFootprints import attachPsfShapeFootprints
from .baseMeasurement import (
    BaseMeasurementConfig,
    BaseMeasurementPlugin,
    BaseMeasurementPluginConfig,
    BaseMeasurementTask,
)
from .pluginRegistry import PluginRegistry

__all__ = ("ForcedMeasurementConfig", "ForcedMeasurementTask", "ForcedPlugin", "ForcedPluginConfig")


class ForcedPluginConfig(BaseMeasurementPluginConfig):
    """Base of the configs of forced plugins."""


class ForcedPlugin(BaseMeasurementPlugin):
    """Base of forced plugins.

    Parameters
    ----------
    config : `ForcedPluginConfig`
        Configuration.
    name : `str`
        Name of the plugin, and prefix of its fields.
    schemaMapper : `lsst.afw.table.SchemaMapper`
        From the reference schema to the output schema; the latter gets the fields.
    metadata : `lsst.daf.base.PropertySet`
        Metadata of the catalog.
    logName : `str`, optional
        Name of the log.
    """

    registry = PluginRegistry(ForcedPluginConfig)
    """Where subclasses are registered."""

    ConfigClass = ForcedPluginConfig

    def __init__(self, config, name, schemaMapper, metadata, logName=None):
        super().__init__(config, name, logName=logName)

    def measure(self, measRecord, exposure, refRecord, refWcs):
        """Measure one source.

        Parameters
        ----------
        measRecord : `lsst.afw.table.SourceRecord`
            The source; the plugin's fields are filled.
        exposure : `lsst.afw.image.Exposure`
            The image.
        refRecord : `lsst.afw.table.SimpleRecord`
            The reference.
        refWcs : `lsst.afw.geom.SkyWcs`
            WCS of the pixel positions in the reference.
        """
        raise NotImplementedError()

    def measureN(self, measCat, exposure, refCat, refWcs):
        """Measure the members of a blend together.

        Parameters
        ----------
        measCat : `lsst.afw.table.SourceCatalog`
            The members; the plugin's fields are filled.
        exposure : `lsst.afw.image.Exposure`
            The image.
        refCat : `lsst.afw.table.SimpleCatalog`
            The references, row by row.
        refWcs : `lsst.afw.geom.SkyWcs`
            WCS of the pixel positions in the reference.
        """
        raise NotImplementedError()


class ForcedMeasurementConfig(BaseMeasurementConfig):
    """Config of `ForcedMeasurementTask`."""

    plugins = ForcedPlugin.registry.makeField(
        multi=True,
        default=[
            "base_PixelFlags",
            "base_TransformedCentroid",
            "base_SdssCentroid",
            "base_TransformedShape",
            "base_SdssShape",
            "base_GaussianFlux",
            "base_CircularApertureFlux",
            "base_PsfFlux",
            "base_LocalBackground",
        ],
        doc="plugins to run, and their configuration",
    )
    algorithms = property(lambda self: self.plugins, doc="old name of ``plugins``")
    undeblended = ForcedPlugin.registry.makeField(
        multi=True, default=[], doc="plugins to run without replacing neighbors"
    )
    copyColumns = lsst.pex.config.DictField(
        keytype=str,
        itemtype=str,
        doc="columns of the reference to copy, and their names in the output",
        default={
            "id": "objectId",
            "parent": "parentObjectId",
            "deblend_nChild": "deblend_nChild",
            "coord_ra": "coord_ra",
            "coord_dec": "coord_dec",
        },
    )
    checkUnitsParseStrict = lsst.pex.config.Field(
        dtype=str,
        default="raise",
        doc="what to do about units that Astropy cannot parse: raise, warn or silent",
    )
    loggingInterval = lsst.pex.config.Field(
        dtype=int, default=600, doc="interval between progress messages at level VERBOSE (seconds)"
    )

    def setDefaults(self):
        """Let the reference give centroid and shape, and leave the flux slots empty."""
        self.slots.centroid = "base_TransformedCentroid"
        self.slots.shape = "base_TransformedShape"
        self.slots.apFlux = None
        self.slots.modelFlux = None
        self.slots.psfFlux = None
        self.slots.gaussianFlux = None
        self.slots.calibFlux = None


class ForcedMeasurementTask(BaseMeasurementTask):
    """Measures sources at positions that another catalog gives.

    Call `generateMeasCat`, attach footprints (`attachPsfShapeFootprints` or
    `attachTransformedFootprints`), then `run`.

    Parameters
    ----------
    refSchema : `lsst.afw.table.Schema`
        Schema of the reference catalog.
    algMetadata : `lsst.daf.base.PropertyList`, optional
        Plugins tell about themselves here.
    **kwds
        Arguments of `lsst.pipe.base.Task`.

    Attributes
    ----------
    mapper : `lsst.afw.table.SchemaMapper`
        From the reference to the output: ``config.copyColumns`` and the fields of the plugins.
    schema : `lsst.afw.table.Schema`
        Schema of the output.
    """

    ConfigClass = ForcedMeasurementConfig

    def __init__(self, refSchema, algMetadata=None, **kwds):
        super().__init__(algMetadata=algMetadata, **kwds)
        self.mapper = SchemaMapper(refSchema)
        self.mapper.addMinimalSchema(SourceTable.makeMinimalSchema(), False)
        self.config.slots.setupSchema(self.mapper.editOutputSchema())
        for refName, targetName in self.config.copyColumns.items():
            self.mapper.addMapping(refSchema.find(refName).key, targetName)
        self.config.slots.setupSchema(self.mapper.editOutputSchema())
        self.initializePlugins(schemaMapper=self.mapper)
        self.schema = self.mapper.getOutputSchema()
        self.schema.checkUnits(parse_strict=self.config.checkUnitsParseStrict)

    def run(self, measCat, exposure, refCat, refWcs, exposureId=None, beginOrder=None, endOrder=None):
        """Measure the sources.

        Parameters
        ----------
        measCat : `lsst.afw.table.SourceCatalog`
            The sources, with footprints; the plugins' fields are filled.
        exposure : `lsst.afw.image.Exposure`
            The image.
        refCat : `lsst.afw.table.SourceCatalog`
            The references, row by row.
        refWcs : `lsst.afw.geom.SkyWcs`
            WCS of the pixel positions in the reference.
        exposureId : `int`, optional
            Seed of the noise.
        beginOrder, endOrder : `float`, optional
            Only plugins with ``beginOrder <= order < endOrder`` are run.

        Raises
        ------
        RuntimeError
            The reference catalog contains a child but not its parent.
        """
        _checkParents(refCat)
        self.log.info(
            "Performing forced measurement on %d source%s", len(refCat), "" if len(refCat) == 1 else "s"
        )
        self._run(measCat, exposure, (refCat, refWcs), beginOrder, endOrder, exposureId)

    def generateMeasCat(self, exposure, refCat, refWcs, idFactory=None):
        """Make the output catalog, without footprints.

        Parameters
        ----------
        exposure : `lsst.afw.image.Exposure`
            The image (not used).
        refCat : `lsst.afw.table.SourceCatalog`
            The references.
        refWcs : `lsst.afw.geom.SkyWcs`
            WCS of the reference (not used).
        idFactory : `lsst.afw.table.IdFactory`, optional
            Makes the IDs of the sources; by default they count from 1.

        Returns
        -------
        measCat : `lsst.afw.table.SourceCatalog`
            A source for each reference, with ``config.copyColumns`` copied.
        """
        table = SourceTable.make(self.schema, IdFactory.makeSimple() if idFactory is None else idFactory)
        measCat = SourceCatalog(table)
        measCat.table.setMetadata(self.algMetadata)
        measCat.extend(refCat, mapper=self.mapper)
        return measCat

    def attachTransformedFootprints(self, sources, refCat, exposure, refWcs):
        """Give the sources the footprints of the references, transformed to the image.

        Parameters
        ----------
        sources : `lsst.afw.table.SourceCatalog`
            The sources.
        refCat : `lsst.afw.table.SourceCatalog`
            The references, row by row, with footprints.
        exposure : `lsst.afw.image.Exposure`
            The image.
        refWcs : `lsst.afw.geom.SkyWcs`
            WCS of the footprints of the references.
        """
        exposureWcs = exposure.getWcs()
        region = exposure.getBBox()
        for source, reference in zip(sources, refCat):
            source.setFootprint(reference.getFootprint().transform(refWcs, exposureWcs, region))

    def attachPsfShapeFootprints(self, sources, exposure, scaling=3):
        """Give the sources elliptical footprints of the shape of the PSF.

        Parameters
        ----------
        sources : `lsst.afw.table.SourceCatalog`
            The sources; their sky positions must be on the image.
        exposure : `lsst.afw.image.Exposure`
            The image, with PSF and WCS.
        scaling : `int`, optional
            Radius of the footprint in units of the PSF's (square root of its moments).

        Raises
        ------
        RuntimeError
            The image has no PSF.
        """
        attachPsfShapeFootprints(sources, exposure, scaling)


def _checkParents(refCat):
    """Raise if a chain of parents leads out of the catalog."""
    if len(refCat) == 0:
        return
    ids, parents = refCat["id"], refCat["parent"]
    chained = parents[(ids > 0) & (parents > 0)]
    if not np.isin(chained, ids).all():
        raise RuntimeError(
            "Reference catalog contains a child for which at least one parent in its parent chain is not in "
            "the catalog."
        )
