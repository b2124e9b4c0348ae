# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Makes forced plugins out of code that needs no reference."""

import numpy as np

from .forcedMeasurement import ForcedPlugin, ForcedPluginConfig
from .pluginRegistry import register
from .pluginsBase import BasePlugin, measuresCatalogs

__all__ = ["GenericPlugin"]

_HOME = "lsst.meas.base.wrappers"  # where v23 has them: stored configs name the module


class GenericPlugin(BasePlugin):
    """Code of a plugin that needs only image and centroid.

    Subclasses set ``ConfigClass`` and write `measure`; those that measure all sources at once
    write ``measureCatalog(measCat, exposure, centers)`` instead, which returns a list of `Failure`.
    `makeForcedPlugin` then makes the plugin.

    Parameters
    ----------
    config : `lsst.pex.config.Config`
        Configuration.
    name : `str`
        Name of the plugin, and prefix of its fields.
    schema : `lsst.afw.table.Schema`
        Gets the fields, of which the failure flag is the first.
    metadata : `lsst.daf.base.PropertySet`
        Metadata of the catalog.
    logName : `str`, optional
        Name of the log.
    """

    ConfigClass = None

    @classmethod
    def getExecutionOrder(cls):
        """Return when to run the plugin."""
        return 0

    def __init__(self, config, name, schema, metadata, logName=None):
        BasePlugin.__init__(self, config, name, logName=logName)
        self._failKey = schema.addField(name + "_flag", type="Flag", doc="Set for any fatal failure")

    def measure(self, measRecord, exposure, center):
        """Measure one source.

        Parameters
        ----------
        measRecord : `lsst.afw.table.SourceRecord`
            The source.
        exposure : `lsst.afw.image.Exposure`
            The image.
        center : `lsst.geom.Point2D`
            The centroid (pixels).

        Raises
        ------
        MeasurementError
            The measurement failed in a way that the plugin has a flag for.
        """
        if not measuresCatalogs(type(self)):
            raise NotImplementedError()
        catalog = type(measRecord.table).Catalog(measRecord.table)
        catalog.append(measRecord)
        for failure in self.measureCatalog(catalog, exposure, np.array([list(center)])):
            raise failure.error

    def measureN(self, measCat, exposure, refCat, refWcs):
        """Measure the members of a blend together."""
        raise NotImplementedError()

    def fail(self, measRecord, error=None):
        """Set the failure flag."""
        measRecord.set(self._failKey, True)

    @classmethod
    def makeForcedPlugin(cls, name):
        """Make and register the forced plugin.

        Parameters
        ----------
        name : `str`
            Name to register.

        Returns
        -------
        PluginClass : `type`
            The plugin class.
        """

        class ForcedFromGenericConfig(cls.ConfigClass, ForcedPluginConfig):
            __module__ = _HOME

        class ForcedFromGenericPlugin(_GenericCaller, ForcedPlugin):
            ConfigClass = ForcedFromGenericConfig
            GenericClass = cls

            def __init__(self, config, name, schemaMapper, metadata, logName=None):
                ForcedPlugin.__init__(self, config, name, schemaMapper, metadata, logName=logName)
                self._generic = cls(config, name, schemaMapper.editOutputSchema(), metadata)

        return _finishGeneric(ForcedFromGenericPlugin, cls, name)


class _GenericCaller:
    """Passes on calls of a plugin to its generic plugin, with the centroid that the slot has."""

    GenericClass = None

    def measure(self, measRecord, exposure, *refArgs):
        return self._generic.measure(measRecord, exposure, measRecord.getCentroid())

    def measureN(self, measCat, exposure, *refArgs):
        return self._generic.measureN(measCat, exposure, *refArgs)

    def fail(self, measRecord, error=None):
        self._generic.fail(measRecord, error)

    def failRows(self, measCat, rows, error):
        self._generic.failRows(measCat, rows, error)

    @classmethod
    def getExecutionOrder(cls):
        return cls.GenericClass.getExecutionOrder()


def _measureGenericCatalog(self, measCat, exposure, *refArgs):
    """Let the generic plugin measure all sources of a catalog."""
    slot = measCat.table.getCentroidSlot().getMeasKey()
    centers = np.stack([measCat[slot.getX()], measCat[slot.getY()]], axis=-1)
    return self._generic.measureCatalog(measCat, exposure, centers)


def _finishGeneric(PluginClass, GenericClass, name):
    if measuresCatalogs(GenericClass):
        PluginClass.measureCatalog = _measureGenericCatalog
    return register(name)(PluginClass)
