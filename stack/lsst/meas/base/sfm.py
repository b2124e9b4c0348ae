# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Measurement of sources on the image that they were detected on."""

import lsst.pex.config

from .baseMeasurement import (
    BaseMeasurementConfig,
    BaseMeasurementPlugin,
    BaseMeasurementPluginConfig,
    BaseMeasurementTask,
)
from .pluginRegistry import PluginRegistry

__all__ = (
    "SingleFrameMeasurementConfig",
    "SingleFrameMeasurementTask",
    "SingleFramePlugin",
    "SingleFramePluginConfig",
)


class SingleFramePluginConfig(BaseMeasurementPluginConfig):
    """Base of the configs of single-frame plugins."""


class SingleFramePlugin(BaseMeasurementPlugin):
    """Base of single-frame plugins.

    Parameters
    ----------
    config : `SingleFramePluginConfig`
        Configuration.
    name : `str`
        Name of the plugin, and prefix of its fields.
    schema : `lsst.afw.table.Schema`
        Gets the fields.
    metadata : `lsst.daf.base.PropertySet`
        Metadata of the catalog.
    logName : `str`, optional
        Name of the log.
    """

    registry = PluginRegistry(SingleFramePluginConfig)
    """Where subclasses are registered."""

    ConfigClass = SingleFramePluginConfig

    def __init__(self, config, name, schema, metadata, logName=None, **kwds):
        super().__init__(config, name, logName=logName)

    def measure(self, measRecord, exposure):
        """Measure one source.

        Parameters
        ----------
        measRecord : `lsst.afw.table.SourceRecord`
            The source; the plugin's fields are filled.
        exposure : `lsst.afw.image.Exposure`
            The image.
        """
        raise NotImplementedError()

    def measureN(self, measCat, exposure):
        """Measure the members of a blend together.

        Parameters
        ----------
        measCat : `lsst.afw.table.SourceCatalog`
            The members; the plugin's fields are filled.
        exposure : `lsst.afw.image.Exposure`
            The image.
        """
        raise NotImplementedError()


class SingleFrameMeasurementConfig(BaseMeasurementConfig):
    """Config of `SingleFrameMeasurementTask`."""

    plugins = SingleFramePlugin.registry.makeField(
        multi=True,
        default=[
            "base_PixelFlags",
            "base_SdssCentroid",
            "base_NaiveCentroid",
            "base_SdssShape",
            "base_GaussianFlux",
            "base_PsfFlux",
            "base_CircularApertureFlux",
            "base_SkyCoord",
            "base_Variance",
            "base_Blendedness",
            "base_LocalBackground",
        ],
        doc="plugins to run, and their configuration",
    )
    algorithms = property(lambda self: self.plugins, doc="old name of ``plugins``")
    undeblended = SingleFramePlugin.registry.makeField(
        multi=True, default=[], doc="plugins to run without replacing neighbors"
    )
    loggingInterval = lsst.pex.config.Field(
        dtype=int, default=600, doc="interval between progress messages at level VERBOSE (seconds)"
    )


class SingleFrameMeasurementTask(BaseMeasurementTask):
    """Measures sources on the image that they were detected on.

    Parameters
    ----------
    schema : `lsst.afw.table.Schema`
        Gets the fields of the plugins.
    algMetadata : `lsst.daf.base.PropertyList`, optional
        Plugins tell about themselves here.
    **kwds
        Arguments of `lsst.pipe.base.Task`.

    Attributes
    ----------
    doBlendedness : `bool`
        Is the plugin ``base_Blendedness`` run?
    blendPlugin : `SingleFramePlugin`
        That plugin, if it is.
    """

    ConfigClass = SingleFrameMeasurementConfig

    def __init__(self, schema, algMetadata=None, **kwds):
        super().__init__(algMetadata=algMetadata, **kwds)
        self.schema = schema
        self.config.slots.setupSchema(self.schema)
        self.initializePlugins(schema=self.schema)
        self.doBlendedness = "base_Blendedness" in self.plugins
        if self.doBlendedness:
            self.blendPlugin = self.plugins["base_Blendedness"]

    def run(self, measCat, exposure, noiseImage=None, exposureId=None, beginOrder=None, endOrder=None):
        """Measure the sources.

        Parameters
        ----------
        measCat : `lsst.afw.table.SourceCatalog`
            The sources, with footprints; the plugins' fields are filled.
        exposure : `lsst.afw.image.Exposure`
            The image.
        noiseImage : `lsst.afw.image.ImageF`, optional
            Noise to replace neighbors with.
        exposureId : `int`, optional
            Seed of the noise.
        beginOrder, endOrder : `float`, optional
            Only plugins with ``beginOrder <= order < endOrder`` are run.
        """
        assert measCat.getSchema().contains(self.schema)
        nParents = int((measCat["parent"] == 0).sum()) if len(measCat) else 0
        self.log.info(
            "Measuring %d sources (%d parents, %d children)", len(measCat), nParents, len(measCat) - nParents
        )
        self._run(measCat, exposure, (), beginOrder, endOrder, exposureId, noiseImage)

    def runPlugins(self, noiseReplacer, measCat, exposure, beginOrder=None, endOrder=None):
        """Measure the sources, with a given way of putting them back one by one.

        Parameters
        ----------
        noiseReplacer : `NoiseReplacer` or `DummyNoiseReplacer`
            Has replaced the sources by noise; or has not.
        measCat, exposure, beginOrder, endOrder
            See `run`.
        """
        self._runPlugins(noiseReplacer, measCat, exposure, (), beginOrder, endOrder)

    def _runPlugins(self, replacer, measCat, exposure, refArgs, beginOrder, endOrder):
        super()._runPlugins(replacer, measCat, exposure, refArgs, beginOrder, endOrder)
        if self.doBlendedness:
            self.blendPlugin.cpp.measureParentCatalog(exposure.getMaskedImage(), measCat)

    def _finishMeasuring(self, measCat, exposure):
        if self.doBlendedness:
            self.blendPlugin.cpp.measureChildCatalog(exposure.getMaskedImage(), measCat)

    def measure(self, measCat, exposure):
        """Measure the sources; old name of `run`."""
        self.run(measCat, exposure)
