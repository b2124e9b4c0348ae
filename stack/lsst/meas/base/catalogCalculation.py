# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Calculations with a catalog that has been measured: they need no pixels."""

import collections

import lsst.pex.config
import lsst.pipe.base
from lsst.utils.timer import timeMethod

from lsst.daf.base import PropertyList

from .baseMeasurement import FATAL_EXCEPTIONS
from .exceptions import MeasurementError
from .pluginRegistry import PluginMap, PluginRegistry
from .pluginsBase import BasePlugin, BasePluginConfig, measuresCatalogs

__all__ = (
    "CatalogCalculationConfig",
    "CatalogCalculationPlugin",
    "CatalogCalculationPluginConfig",
    "CatalogCalculationTask",
)


class CatalogCalculationPluginConfig(BasePluginConfig):
    """Base of the configs of catalog calculation plugins."""


class CatalogCalculationPlugin(BasePlugin):
    """Base of catalog calculation plugins.

    Parameters
    ----------
    config : `CatalogCalculationPluginConfig`
        Configuration.
    name : `str`
        Name of the plugin, and prefix of its fields.
    schema : `lsst.afw.table.Schema`
        Gets the fields.
    metadata : `lsst.daf.base.PropertySet`
        Metadata of the catalog.

    Notes
    -----
    A plugin of type ``"single"`` may have a method ``calculateCatalog`` beside `calculate`: it does
    the same for all sources of a catalog at once.
    """

    ConfigClass = CatalogCalculationPluginConfig

    registry = PluginRegistry(CatalogCalculationPluginConfig)
    """Where subclasses are registered."""

    plugType = "single"
    """``"single"`` if `calculate` and `fail` take a record, ``"multi"`` if they take a catalog."""

    def __init__(self, config, name, schema, metadata):
        super().__init__(config, name)

    @classmethod
    def getExecutionOrder(cls):
        """Return when to run the plugin: not before `BasePlugin.DEFAULT_CATALOGCALCULATION`."""
        raise NotImplementedError()

    def calculate(self, cat, **kwargs):
        """Calculate.

        Parameters
        ----------
        cat : `lsst.afw.table.SourceRecord` or `lsst.afw.table.SourceCatalog`
            What to calculate with (see `plugType`); changed in place.
        **kwargs
            More arguments.
        """
        raise NotImplementedError()


class CCContext:
    """Context of a call of a plugin: lets the plugin handle a `MeasurementError`, and logs other errors.

    Parameters
    ----------
    plugin : `CatalogCalculationPlugin`
        The plugin that is called.
    cat : `lsst.afw.table.SourceRecord` or `lsst.afw.table.SourceCatalog`
        What it is called with.
    log : `logging.Logger`
        Log for warnings.
    """

    def __init__(self, plugin, cat, log):
        self.plugin, self.cat, self.log = plugin, cat, log

    def __enter__(self):
        return None

    def __exit__(self, kind, error, traceback):
        if kind is None:
            return True
        if not issubclass(kind, Exception) or issubclass(kind, FATAL_EXCEPTIONS):
            return False
        if issubclass(kind, MeasurementError):
            self.plugin.fail(self.cat, error)
        else:
            self.log.warning("Error in %s.calculate: %s", self.plugin.name, error)
        return True


class CatalogCalculationConfig(lsst.pex.config.Config):
    """Config of `CatalogCalculationTask`."""

    plugins = CatalogCalculationPlugin.registry.makeField(
        multi=True,
        default=["base_ClassificationExtendedness", "base_FootprintArea"],
        doc="plugins to run, and their configuration",
    )


_RunLevel = collections.namedtuple("_RunLevel", "single multi")


class CatalogCalculationTask(lsst.pipe.base.Task):
    """Runs plugins that calculate with a catalog of sources.

    Parameters
    ----------
    schema : `lsst.afw.table.Schema`
        Gets the fields of the plugins.
    plugMetadata : `lsst.daf.base.PropertyList`, optional
        Plugins tell about themselves here; by default a new one.
    **kwargs
        Arguments of `lsst.pipe.base.Task`.

    Attributes
    ----------
    plugins : `PluginMap`
        The plugins.
    executionDict : `dict` [`float`, `tuple`]
        The plugins by execution order: those for records (``single``), and for catalogs (``multi``).

    Raises
    ------
    ValueError
        A plugin wants to run before the measurements are complete.
    """

    ConfigClass = CatalogCalculationConfig
    _DefaultName = "catalogCalculation"

    def __init__(self, schema, plugMetadata=None, **kwargs):
        super().__init__(**kwargs)
        self.schema = schema
        self._prepare(plugMetadata)

    def _prepare(self, plugMetadata):
        self.plugMetadata = PropertyList() if plugMetadata is None else plugMetadata
        self.plugins = PluginMap()
        self.initializePlugins()

    def initializePlugins(self):
        """Make the plugins, in the order in which they run."""
        self.executionDict = {}
        for order, name, config, PluginClass in sorted(self.config.plugins.apply()):
            if order < BasePlugin.DEFAULT_CATALOGCALCULATION:
                raise ValueError(
                    f"{PluginClass} has an execution order less than the minimum for an catalogCalculation "
                    f"plugin. Value {order} : Minimum {BasePlugin.DEFAULT_CATALOGCALCULATION}"
                )
            plugin = self.plugins[name] = self._makePlugin(PluginClass, config, name)
            level = self.executionDict.setdefault(order, _RunLevel([], []))
            getattr(level, plugin.plugType).append(plugin)

    def _makePlugin(self, PluginClass, config, name):
        return PluginClass(config, name, self.schema, metadata=self.plugMetadata)

    @timeMethod
    def run(self, measCat):
        """Run the plugins.

        Parameters
        ----------
        measCat : `lsst.afw.table.SourceCatalog`
            The sources, measured; changed in place.
        """
        self.callCompute(measCat)

    def callCompute(self, catalog):
        """Run the plugins; see `run`."""
        for order in sorted(self.executionDict):
            for plugin in self.executionDict[order].multi:
                with CCContext(plugin, catalog, self.log):
                    plugin.calculate(catalog)
            for plugin in self.executionDict[order].single:
                self._callSingle(plugin, catalog)

    def _callSingle(self, plugin, catalog):
        if measuresCatalogs(type(plugin), "calculateCatalog", "calculate"):
            plugin.calculateCatalog(catalog)
            return
        for record in catalog:
            with CCContext(plugin, record, self.log):
                plugin.calculate(record)
