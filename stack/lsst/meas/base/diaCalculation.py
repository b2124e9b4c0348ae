# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Summaries of the DIASources of each DIAObject, in pandas data frames that the caller brings."""

import lsst.pipe.base
import numpy as np
from lsst.utils.timer import timeMethod

from .catalogCalculation import (
    CatalogCalculationConfig,
    CatalogCalculationPlugin,
    CatalogCalculationPluginConfig,
    CatalogCalculationTask,
    CCContext,
)
from .pluginRegistry import PluginRegistry
from .pluginsBase import BasePlugin

__all__ = (
    "DiaObjectCalculationConfig",
    "DiaObjectCalculationPlugin",
    "DiaObjectCalculationPluginConfig",
    "DiaObjectCalculationTask",
)

_INDEX = ["diaObjectId", "filterName", "diaSourceId"]


class DiaObjectCalculationPluginConfig(CatalogCalculationPluginConfig):
    """Base of the configs of plugins that summarize DIASources."""


class DiaObjectCalculationPlugin(CatalogCalculationPlugin):
    """Base of plugins that summarize DIASources.

    Parameters
    ----------
    config : `DiaObjectCalculationPluginConfig`
        Configuration.
    name : `str`
        Name of the plugin.
    metadata : `lsst.daf.base.PropertySet`
        Metadata of the catalog.
    """

    ConfigClass = DiaObjectCalculationPluginConfig

    registry = PluginRegistry(DiaObjectCalculationPluginConfig)
    """Where subclasses are registered."""

    FLUX_MOMENTS_CALCULATED = 5.0
    """Order of plugins that need means of fluxes."""

    plugType = "single"
    """``"single"`` if `calculate` is called for each object, ``"multi"`` if for all at once."""

    inputCols = []
    """Columns of the objects that the plugin needs, without the name of the filter."""

    outputCols = []
    """Columns of the objects that the plugin makes, without the name of the filter."""

    needsFilter = True
    """Is `calculate` called for each filter?"""

    def __init__(self, config, name, metadata):
        BasePlugin.__init__(self, config, name)

    def calculate(self, diaObjects, diaSources, filterDiaSources=None, filterName=None, **kwargs):
        """Summarize.

        Parameters
        ----------
        diaObjects : `pandas.DataFrame`
            The objects, by ``diaObjectId``; gets the columns.
        diaObjectId : `int`
            Which object; only for plugins of type ``"single"``.
        diaSources : `pandas.DataFrame` or `pandas.core.groupby.DataFrameGroupBy`
            The sources of the object; or of all objects, grouped by object.
        filterDiaSources : like ``diaSources``, optional
            Those in one filter, if the plugin needs a filter.
        filterName : `str`, optional
            Name of the filter.
        **kwargs
            More arguments.
        """
        raise NotImplementedError()

    def fail(self, diaObject, columns, error=None):
        """Set columns to NaN.

        Parameters
        ----------
        diaObject : `dict` or `pandas.Series`
            An object.
        columns : iterable of `str`
            Names of the columns.
        error : `Exception`, optional
            What went wrong; not used.
        """
        for column in columns:
            diaObject[column] = np.nan


class DiaObjectCalculationConfig(CatalogCalculationConfig):
    """Config of `DiaObjectCalculationTask`."""

    plugins = DiaObjectCalculationPlugin.registry.makeField(
        multi=True,
        default=["ap_meanPosition", "ap_meanFlux"],
        doc="plugins to run, and their configuration",
    )


class DiaObjectCalculationTask(CatalogCalculationTask):
    """Runs plugins that summarize the DIASources of each DIAObject.

    Parameters
    ----------
    plugMetadata : `lsst.daf.base.PropertyList`, optional
        Plugins tell about themselves here; by default a new one.
    **kwargs
        Arguments of `lsst.pipe.base.Task`.

    Attributes
    ----------
    outputCols : `list` of `str`
        Columns that the plugins make.

    Raises
    ------
    ValueError
        Two plugins make the same column, or one needs a column that none before it makes.
    """

    ConfigClass = DiaObjectCalculationConfig
    _DefaultName = "diaObjectCalculation"

    def __init__(self, plugMetadata=None, **kwargs):
        lsst.pipe.base.Task.__init__(self, **kwargs)
        self.outputCols = []
        self._prepare(plugMetadata)

    def _makePlugin(self, PluginClass, config, name):
        plugin = PluginClass(config, name, metadata=self.plugMetadata)
        order = plugin.getExecutionOrder()
        for column in plugin.inputCols:
            if column not in self.outputCols:
                raise ValueError(
                    f"Plugin, {name} with execution order {order} requires DiaObject column {column} to "
                    "exist. Check the execution order of the plugin and make sure it runs after a plugin "
                    "creating the column is run."
                )
        for column in plugin.outputCols:
            if column in self.outputCols:
                raise ValueError(
                    f"Plugin, {name} with execution order {order} is attempting to output a column "
                    f"{column}, however the column is already being produced by another plugin. Check other "
                    "plugins for collisions with this one."
                )
            self.outputCols.append(column)
        return plugin

    @timeMethod
    def run(self, diaObjectCat, diaSourceCat, updatedDiaObjectIds, filterNames):
        """Summarize.

        Parameters
        ----------
        diaObjectCat : `pandas.DataFrame`
            All objects, with a column ``diaObjectId``; changed in place, indexed by it.
        diaSourceCat : `pandas.DataFrame`
            Sources, with columns ``diaObjectId``, ``filterName``, ``diaSourceId``; indexed by these in place.
        updatedDiaObjectIds : `numpy.ndarray`
            IDs of the objects to summarize.
        filterNames : iterable of `str`
            Filters.

        Returns
        -------
        result : `lsst.pipe.base.Struct`
            - ``diaObjectCat`` : `pandas.DataFrame`, all objects; columns that it had are updated.
            - ``updatedDiaObjects`` : `pandas.DataFrame`, the objects of ``updatedDiaObjectIds``, with all
              columns.

        Raises
        ------
        KeyError
            There is no such object, or it has no sources.
        """
        if diaObjectCat.index.name != "diaObjectId":
            if diaObjectCat.index.name is not None:
                self.log.warning(
                    "Input diaObjectCat is indexed on column(s) incompatible with this task. Should be "
                    "indexed on 'diaObjectId'. Trying to set index regardless"
                )
            diaObjectCat.index = diaObjectCat.set_index("diaObjectId", drop=False).index
        if list(diaSourceCat.index.names) != _INDEX:
            for name in set(_INDEX).intersection(diaSourceCat.index.names).difference(diaSourceCat.columns):
                diaSourceCat[name] = diaSourceCat.index.get_level_values(name)
            diaSourceCat.index = diaSourceCat.set_index(_INDEX, drop=False).index
        return self.callCompute(diaObjectCat, diaSourceCat, updatedDiaObjectIds, filterNames)

    @timeMethod
    def callCompute(self, diaObjectCat, diaSourceCat, updatedDiaObjectIds, filterNames):
        """Run the plugins; see `run`, which sets the indexes first."""
        objects = diaObjectCat.loc[updatedDiaObjectIds, :].copy()
        sources = diaSourceCat.loc[updatedDiaObjectIds, :]
        self.log.info("Calculating summary stats for %i DiaObjects", len(objects))
        self._callPlugins(objects, sources, None, None)
        for filterName in filterNames:
            inFilter = sources[sources.index.get_level_values("filterName") == filterName]
            if len(inFilter):
                self._callPlugins(objects, sources, inFilter, filterName)
            else:
                self.log.warning("No DiaSource data with filter=%s. Continuing...", filterName)
        isUpdated = diaObjectCat.index.isin(updatedDiaObjectIds)
        for column in diaObjectCat.columns.intersection(objects.columns):
            diaObjectCat[column] = diaObjectCat[column].where(~isUpdated, objects[column])
        return lsst.pipe.base.Struct(diaObjectCat=diaObjectCat, updatedDiaObjects=objects)

    def _callPlugins(self, objects, sources, inFilter, filterName):
        """Run the plugins that need a filter; or the others, if there is none."""
        grouped = sources.groupby(level=0)
        arguments = {"diaObjects": objects, "filterName": filterName}
        groupedInFilter = None if inFilter is None else inFilter.groupby(level=0)
        for order in sorted(self.executionDict):
            level = self.executionDict[order]
            for plugin in level.single:
                if plugin.needsFilter == (filterName is not None):
                    self._callSingle(plugin, sources, inFilter, arguments)
            for plugin in level.multi:
                if plugin.needsFilter == (filterName is not None):
                    with CCContext(plugin, objects, self.log):
                        plugin.calculate(diaSources=grouped, filterDiaSources=groupedInFilter, **arguments)

    def _callSingle(self, plugin, sources, inFilter, arguments):
        for diaObjectId in arguments["diaObjects"].index:
            chosen = None
            if inFilter is not None:
                if diaObjectId not in inFilter.index.get_level_values(0):
                    self.log.warning(
                        "DiaObjectId=%s has no DiaSources for filter=%s. Continuing...",
                        diaObjectId,
                        arguments["filterName"],
                    )
                    continue
                chosen = inFilter.loc[diaObjectId].loc[arguments["filterName"]]
            with CCContext(plugin, diaObjectId, self.log):
                plugin.calculate(
                    diaObjectId=diaObjectId,
                    diaSources=sources.loc[diaObjectId],
                    filterDiaSources=chosen,
                    **arguments,
                )
