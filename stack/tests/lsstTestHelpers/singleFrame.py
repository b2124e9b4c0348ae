# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Single-frame measurement as LSST's tests ask for it: the slice's forced plugins, run on sources that
are their own references.
"""

from types import SimpleNamespace

from lsst.meas.base import (
    BaseMeasurementConfig,
    BaseMeasurementPlugin,
    BaseMeasurementPluginConfig,
    BaseMeasurementTask,
    ForcedPlugin,
    PluginRegistry,
    wrapForcedAlgorithm,
)
from lsst.meas.base.pluginsBase import measuresCatalogs

NEED_REFERENCES = ("base_TransformedCentroid", "base_TransformedCentroidFromCoord", "base_TransformedShape")
"""Plugins that only copy what the reference says."""


class SingleFramePluginConfig(BaseMeasurementPluginConfig):
    """Base of the configs of single-frame plugins."""


class SingleFramePlugin(BaseMeasurementPlugin):
    """Base of single-frame plugins, those that tests make among them."""

    registry = PluginRegistry(BaseMeasurementPluginConfig)
    ConfigClass = SingleFramePluginConfig

    def __init__(self, config, name, schema, metadata, logName=None, **kwds):
        super().__init__(config, name, logName=logName)


class ForcedCaller(SingleFramePlugin):
    """Passes on all calls to a forced plugin."""

    ForcedClass = None

    def __init__(self, config, name, schema, metadata, logName=None):
        super().__init__(config, name, schema, metadata, logName=logName)
        mapper = SimpleNamespace(editOutputSchema=lambda: schema)
        logs = {"logName": logName} if getattr(self, "hasLogName", False) else {}
        self.forced = self.ForcedClass(config, name, mapper, metadata, **logs)

    def __getattr__(self, name):
        """Return what the forced plugin has, such as ``cpp``."""
        return getattr(self.__dict__["forced"], name)

    def measure(self, measRecord, exposure):
        """Measure one source."""
        self.forced.measure(measRecord, exposure, measRecord, exposure.getWcs())

    def measureN(self, measCat, exposure):
        """Measure the members of a blend together."""
        self.forced.measureN(measCat, exposure, measCat, exposure.getWcs())

    def fail(self, measRecord, error=None):
        """Set the flags of one source."""
        self.forced.fail(measRecord, error)

    def failRows(self, measCat, rows, error):
        """Set the flags of several sources."""
        self.forced.failRows(measCat, rows, error)


def measureCatalog(self, measCat, exposure):
    """Measure all sources at once; only callers of plugins that do have it."""
    return self.forced.measureCatalog(measCat, exposure, measCat, exposure.getWcs())


def registerSingleFrame(name, Forced):
    """Register a forced plugin as a single-frame plugin too, and return that."""
    members = {
        "ForcedClass": Forced,
        "ConfigClass": Forced.ConfigClass,
        "hasLogName": getattr(Forced, "hasLogName", False),
        "getExecutionOrder": staticmethod(Forced.getExecutionOrder),
    }
    if measuresCatalogs(Forced):
        members["measureCatalog"] = measureCatalog
    PluginClass = type("SingleFrame" + Forced.__name__, (ForcedCaller,), members)
    SingleFramePlugin.registry.register(name, PluginClass)
    return PluginClass


for _name, _entry in ForcedPlugin.registry.items():
    if _name not in NEED_REFERENCES:
        registerSingleFrame(_name, _entry.PluginClass)


def wrapSimpleAlgorithm(AlgClass, executionOrder, name, **kwds):
    """Make and register a single-frame and a forced plugin around an algorithm."""
    Forced = wrapForcedAlgorithm(AlgClass, executionOrder, name=name, needsSchemaOnly=True, **kwds)
    return registerSingleFrame(name, Forced), Forced


class SingleFrameMeasurementConfig(BaseMeasurementConfig):
    """Config of `SingleFrameMeasurementTask`, with v23's defaults as far as the slice has the plugins."""

    plugins = SingleFramePlugin.registry.makeField(
        multi=True,
        default=["base_PixelFlags", "base_SdssCentroid", "base_NaiveCentroid", "base_SdssShape",
                 "base_GaussianFlux", "base_PsfFlux", "base_CircularApertureFlux", "base_Variance",
                 "base_Blendedness", "base_LocalBackground"],
        doc="plugins to run, and their configuration",
    )
    algorithms = property(lambda self: self.plugins)
    undeblended = SingleFramePlugin.registry.makeField(
        multi=True, default=[], doc="plugins to run without replacing neighbors"
    )
    loggingInterval = 600


class SingleFrameMeasurementTask(BaseMeasurementTask):
    """The slice's runner of plugins, which leaves out the references where it calls them."""

    ConfigClass = SingleFrameMeasurementConfig

    def __init__(self, schema, algMetadata=None, **kwds):
        super().__init__(algMetadata=algMetadata, **kwds)
        self.schema = schema
        self.config.slots.setupSchema(schema)
        self.initializePlugins(schema=schema)

    def run(self, measCat, exposure, noiseImage=None, exposureId=None, beginOrder=None, endOrder=None):
        """Measure the sources."""
        self._run(measCat, exposure, (measCat, exposure.getWcs()), beginOrder, endOrder, exposureId)

    def measure(self, measCat, exposure):
        """Measure the sources; old name of `run`."""
        self.run(measCat, exposure)

    def runPlugins(self, noiseReplacer, measCat, exposure, beginOrder=None, endOrder=None):
        """Measure the sources, with a given way of putting them back one by one."""
        references = (measCat, exposure.getWcs())
        self._runPlugins(noiseReplacer, measCat, exposure, references, beginOrder, endOrder)

    def doCatalogMeasurement(self, plugin, measCat, exposure, *references):
        """Measure all sources with one plugin."""
        super().doCatalogMeasurement(plugin, measCat, exposure)

    def doMeasurement(self, plugin, measRecord, exposure, *references):
        """Measure one source with one plugin."""
        super().doMeasurement(plugin, measRecord, exposure)

    def doMeasurementN(self, plugin, measCat, exposure, *references):
        """Measure the members of a blend together with one plugin."""
        super().doMeasurementN(plugin, measCat, exposure)
