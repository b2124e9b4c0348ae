# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Runs plugins on sources, all at once or one by one."""

import contextlib

import lsst.pipe.base
import numpy as np
from lsst.utils.logging import VERBOSE, PeriodicLogger

from lsst.daf.base import PropertyList
from lsst.pex.exceptions import Exception as StackException

from ._measurementConfig import (
    BaseMeasurementConfig,
    BaseMeasurementPlugin,
    BaseMeasurementPluginConfig,
    SourceSlotConfig,
)
from ._rows import Failure
from .exceptions import FatalAlgorithmError, MeasurementError
from .noiseReplacer import DummyNoiseReplacer, NoiseReplacer
from .pluginRegistry import PluginMap
from .pluginsBase import measuresCatalogs

__all__ = (
    "BaseMeasurementConfig",
    "BaseMeasurementPlugin",
    "BaseMeasurementPluginConfig",
    "BaseMeasurementTask",
    "SourceSlotConfig",
)

for _Class in (BaseMeasurementConfig, BaseMeasurementPlugin, BaseMeasurementPluginConfig, SourceSlotConfig):
    # Stored configs name the module, and that has to be one of v23's.
    _Class.__module__ = __name__

FATAL_EXCEPTIONS = (MemoryError, FatalAlgorithmError, ImportError)
"""Errors that end the measurement, instead of being a source's, such as that a package is missing."""


class BaseMeasurementTask(lsst.pipe.base.Task):
    """Base of the measurement tasks.

    Parameters
    ----------
    algMetadata : `lsst.daf.base.PropertyList`, optional
        Plugins tell about themselves here; by default a new one.
    **kwargs
        Arguments of `lsst.pipe.base.Task`.

    Attributes
    ----------
    plugins, undeblendedPlugins : `PluginMap`
        The plugins.
    algMetadata : `lsst.daf.base.PropertyList`
        As given.
    """

    ConfigClass = BaseMeasurementConfig
    _DefaultName = "measurement"

    def __init__(self, algMetadata=None, config=None, name=None, parentTask=None, **kwargs):
        if config is None:
            config = self.ConfigClass() if parentTask is None else getattr(parentTask.config, name)
        with _unvalidated(config):
            super().__init__(config=config, name=name, parentTask=parentTask, **kwargs)
        self.plugins = PluginMap()
        self.undeblendedPlugins = PluginMap()
        self.algMetadata = PropertyList() if algMetadata is None else algMetadata

    def initializePlugins(self, **kwargs):
        """Make the plugins, which add their fields to the schema, in the order in which they run.

        Parameters
        ----------
        **kwargs
            Arguments of the plugins' constructors.
        """
        centroid = self.config.slots.centroid
        if centroid is not None:
            self.plugins[centroid] = None  # Whatever its order says, it runs first.
        for _, name, config, PluginClass in sorted(self.config.plugins.apply()):
            self.plugins[name] = self._makePlugin(PluginClass, config, name, **kwargs)
        if centroid is not None and self.plugins[centroid] is None:
            del self.plugins[centroid]
        for _, name, config, PluginClass in sorted(self.config.undeblended.apply()):
            self.undeblendedPlugins[name] = self._makePlugin(
                PluginClass, config, self.config.undeblendedPrefix + name, **kwargs
            )

    def _makePlugin(self, PluginClass, config, name, **kwargs):
        if getattr(PluginClass, "hasLogName", False):
            kwargs["logName"] = self.log.getChild(name).name
        return PluginClass(config, name, metadata=self.algMetadata, **kwargs)

    def _run(self, measCat, exposure, refArgs, beginOrder, endOrder, exposureId=None):
        """Run the plugins on all sources, with neighbors replaced by noise if so configured.

        Parameters
        ----------
        measCat, exposure, refArgs, beginOrder, endOrder
            See `_runPlugins`.
        exposureId : `int`, optional
            Seed of the noise.
        """
        replacer = DummyNoiseReplacer()
        if self.config.doReplaceWithNoise:
            refCat = refArgs[0]
            footprints = {
                id_: (parent, record.getFootprint())
                for id_, parent, record in zip(
                    refCat["id"].tolist(), refCat["parent"].tolist(), measCat
                )
            }
            replacer = NoiseReplacer(
                self.config.noiseReplacer, exposure, footprints, exposureId=exposureId, log=self.log
            )
            replacer.describe(measCat.getTable().getMetadata())
        self._runPlugins(replacer, measCat, exposure, refArgs, beginOrder, endOrder)

    def _runPlugins(self, replacer, measCat, exposure, refArgs, beginOrder, endOrder):
        """Run the plugins on all sources.

        Parameters
        ----------
        replacer : `NoiseReplacer` or `DummyNoiseReplacer`
            What puts sources back one by one; if it is a dummy, whole catalogs are measured at once.
        measCat, exposure, refArgs
            See `runPlugin`.
        beginOrder, endOrder : `float` or `None`
            Only plugins with ``beginOrder <= order < endOrder`` are run. Plugins for the undeblended
            image are run if there is no end.
        """
        families = _findFamilies(refArgs[0])
        if isinstance(replacer, DummyNoiseReplacer):
            for plugin in _selectOrder(self.plugins.iter(), beginOrder, endOrder):
                self.runPlugin(plugin, measCat, exposure, refArgs)
            for rows in families if any(self.plugins.iterN()) else ():
                self._callMeasureFamily(measCat, exposure, refArgs, rows, beginOrder, endOrder)
        else:
            progress = PeriodicLogger(self.log, self.config.loggingInterval, VERBOSE)
            for number, rows in enumerate(families, start=1):
                self._measureFamily(replacer, measCat, exposure, refArgs, rows, beginOrder, endOrder)
                progress.log("Measurement complete for %d parents and their children", number)
            replacer.end()
        if endOrder is None:
            for plugin in self.undeblendedPlugins.iter():
                self.runPlugin(plugin, measCat, exposure, refArgs)

    def _measureFamily(self, replacer, measCat, exposure, refArgs, rows, beginOrder, endOrder):
        """Measure the children of a parent one by one, then the parent, then both together."""
        refCat, refWcs = refArgs
        ids = refCat["id"]
        for row in [*rows[1:].tolist(), int(rows[0])]:
            replacer.insertSource(int(ids[row]))
            self.callMeasure(
                measCat[row], exposure, refCat[row], refWcs, beginOrder=beginOrder, endOrder=endOrder
            )
            if row != rows[0]:
                replacer.removeSource(int(ids[row]))
        self._callMeasureFamily(measCat, exposure, refArgs, rows, beginOrder, endOrder)
        replacer.removeSource(int(ids[rows[0]]))

    def _callMeasureFamily(self, measCat, exposure, refArgs, rows, beginOrder, endOrder):
        """Call ``measureN`` for a parent, and for its children together."""
        if not any(self.plugins.iterN()):
            return
        refCat, refWcs = refArgs
        for members in (rows[:1], rows[1:]):
            selected = np.zeros(len(measCat), dtype=bool)
            selected[members] = True
            self.callMeasureN(measCat[selected], exposure, refCat[selected], refWcs,
                              beginOrder=beginOrder, endOrder=endOrder)

    def runPlugin(self, plugin, measCat, exposure, refArgs):
        """Measure all sources of a catalog with one plugin.

        Parameters
        ----------
        plugin : `BaseMeasurementPlugin`
            The plugin. If it measures whole catalogs it does so, else one record at a time; also where the
            catalog is a selection of records, whose columns cannot be written.
        measCat : `lsst.afw.table.SourceCatalog`
            The sources.
        exposure : `lsst.afw.image.Exposure`
            The image.
        refArgs : `tuple`
            The reference catalog and its WCS.
        """
        if measuresCatalogs(type(plugin)) and measCat.isContiguous():
            self.doCatalogMeasurement(plugin, measCat, exposure, *refArgs)
        else:
            refCat, refWcs = refArgs
            for measRecord, refRecord in zip(measCat, refCat):
                self.doMeasurement(plugin, measRecord, exposure, refRecord, refWcs)

    def doCatalogMeasurement(self, plugin, measCat, *args):
        """Call ``measureCatalog`` of a plugin, and record failures.

        Parameters
        ----------
        plugin : `BaseMeasurementPlugin`
            The plugin.
        measCat : `lsst.afw.table.SourceCatalog`
            The sources.
        *args
            More arguments of ``measureCatalog``.

        Raises
        ------
        FatalAlgorithmError
            It failed by an error that the stack has no name for, which is a fault of the program or the
            system. In the original each source has its own, and is flagged.
        """
        try:
            failures = plugin.measureCatalog(measCat, *args)
        except FATAL_EXCEPTIONS:
            raise
        except StackException as error:
            failures = [Failure(np.arange(len(measCat)), error)]
        except Exception as error:
            raise FatalAlgorithmError(
                f"{plugin.name} failed on all {len(measCat)} sources: {type(error).__name__}: {error}"
            ) from error
        for failure in failures:
            log = self.log.getChild(plugin.name)
            if log.isEnabledFor(log.DEBUG):
                for row in failure.rows:
                    self._logFailure(plugin, "measure", f"record {measCat[int(row)].getId()}", failure.error)
            plugin.failRows(measCat, failure.rows, failure.error)

    def _logFailure(self, plugin, method, where, error):
        kind = "MeasurementError" if isinstance(error, MeasurementError) else "Exception"
        log = self.log.getChild(plugin.name)
        log.debug("%s in %s.%s on %s: %s", kind, plugin.name, method, where, error)

    def callMeasure(self, measRecord, *args, beginOrder=None, endOrder=None, **kwargs):
        """Measure one source with all plugins.

        Parameters
        ----------
        measRecord : `lsst.afw.table.SourceRecord`
            The source.
        *args, **kwargs
            More arguments of the plugins' ``measure``.
        beginOrder, endOrder : `float`, optional
            Only plugins with ``beginOrder <= order < endOrder`` are run.
        """
        for plugin in _selectOrder(self.plugins.iter(), beginOrder, endOrder):
            self.doMeasurement(plugin, measRecord, *args, **kwargs)

    def doMeasurement(self, plugin, measRecord, *args, **kwargs):
        """Measure one source with one plugin, and record failures.

        Parameters
        ----------
        plugin : `BaseMeasurementPlugin`
            The plugin.
        measRecord : `lsst.afw.table.SourceRecord`
            The source.
        *args, **kwargs
            More arguments of the plugin's ``measure``.
        """
        try:
            plugin.measure(measRecord, *args, **kwargs)
        except FATAL_EXCEPTIONS:
            raise
        except Exception as error:
            self._logFailure(plugin, "measure", f"record {measRecord.getId()}", error)
            plugin.fail(measRecord, error if isinstance(error, MeasurementError) else None)

    def callMeasureN(self, measCat, *args, beginOrder=None, endOrder=None, **kwargs):
        """Measure the members of a blend together with all plugins that can.

        Parameters
        ----------
        measCat : `lsst.afw.table.SourceCatalog`
            The members.
        *args, **kwargs
            More arguments of the plugins' ``measureN``.
        beginOrder, endOrder : `float`, optional
            Only plugins with ``beginOrder <= order < endOrder`` are run.
        """
        for plugin in _selectOrder(self.plugins.iterN(), beginOrder, endOrder):
            self.doMeasurementN(plugin, measCat, *args, **kwargs)

    def doMeasurementN(self, plugin, measCat, *args, **kwargs):
        """Measure the members of a blend together with one plugin, and record failures.

        Parameters
        ----------
        plugin : `BaseMeasurementPlugin`
            The plugin.
        measCat : `lsst.afw.table.SourceCatalog`
            The members.
        *args, **kwargs
            More arguments of the plugin's ``measureN``.
        """
        try:
            plugin.measureN(measCat, *args, **kwargs)
        except FATAL_EXCEPTIONS:
            raise
        except Exception as error:
            where = f"records {measCat[0].getId()}-{measCat[-1].getId()}" if len(measCat) else "no records"
            self._logFailure(plugin, "measureN", where, error)
            for measRecord in measCat:
                plugin.fail(measRecord, error if isinstance(error, MeasurementError) else None)


@contextlib.contextmanager
def _unvalidated(config):
    """Keep tasks from validating a config when they are made.

    Those of the original do not; a slot may stand for fields that no plugin makes.
    """
    object.__setattr__(config, "validate", lambda: None)
    try:
        yield
    finally:
        object.__delattr__(config, "validate")


def _findFamilies(catalog):
    """Yield the row numbers of each source without parent, followed by its children's."""
    ids, parents = catalog["id"], catalog["parent"]
    children = {}
    for row in np.flatnonzero(parents != 0):
        children.setdefault(parents[row], []).append(row)
    for row in np.flatnonzero(parents == 0):
        yield np.array([row, *children.get(ids[row], [])])


def _selectOrder(plugins, beginOrder, endOrder):
    for plugin in plugins:
        order = plugin.getExecutionOrder()
        if beginOrder is not None and order < beginOrder:
            continue
        if endOrder is not None and order >= endOrder:
            break
        yield plugin
