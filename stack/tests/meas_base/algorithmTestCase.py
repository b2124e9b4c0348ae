# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Measurement tasks that run a plugin on simulated data."""

from testDataset import TestDataset

import lsst.daf.base
from lsst.meas.base import ForcedMeasurementTask, SingleFrameMeasurementTask

__all__ = ["AlgorithmTestCase"]

_FLUX_SLOTS = ("modelFlux", "apFlux", "psfFlux", "gaussianFlux")


class AlgorithmTestCase:
    """Mixin for test cases of plugins: makes tasks for data of `TestDataset`."""

    def makeSingleFrameMeasurementConfig(self, plugin=None, dependencies=()):
        """Make a config that runs a plugin with the true centroids and shapes.

        Parameters
        ----------
        plugin : `str`
            Name of the plugin.
        dependencies : iterable of `str`, optional
            Names of other plugins to run.

        Returns
        -------
        config : `SingleFrameMeasurementConfig`
            The config.
        """
        config = SingleFrameMeasurementTask.ConfigClass()
        config.slots.centroid = config.slots.shape = "truth"
        for slot in (*_FLUX_SLOTS, "calibFlux"):
            setattr(config.slots, slot, None)
        config.plugins.names = (plugin, *dependencies)
        return config

    def makeSingleFrameMeasurementTask(
        self, plugin=None, dependencies=(), config=None, schema=None, algMetadata=None
    ):
        """Make a single-frame measurement task.

        Parameters
        ----------
        plugin, dependencies
            See `makeSingleFrameMeasurementConfig`; ignored if there is a config.
        config : `SingleFrameMeasurementConfig`, optional
            Config.
        schema : `lsst.afw.table.Schema`, optional
            Schema; by default that of `TestDataset` without aliases.
        algMetadata : `lsst.daf.base.PropertyList`, optional
            Metadata of the plugins.

        Returns
        -------
        task : `SingleFrameMeasurementTask`
            The task.

        Raises
        ------
        ValueError
            There is neither plugin nor config.
        """
        if config is None:
            config = self.makeSingleFrameMeasurementConfig(_require(plugin), dependencies)
        if schema is None:
            schema = TestDataset.makeMinimalSchema()
            schema.setAliasMap(None)
        algMetadata = lsst.daf.base.PropertyList() if algMetadata is None else algMetadata
        return SingleFrameMeasurementTask(schema=schema, algMetadata=algMetadata, config=config)

    def makeForcedMeasurementConfig(self, plugin=None, dependencies=()):
        """Make a config that runs a plugin with the transformed centroids and shapes of the reference.

        Parameters
        ----------
        plugin : `str`
            Name of the plugin.
        dependencies : iterable of `str`, optional
            Names of other plugins to run.

        Returns
        -------
        config : `ForcedMeasurementConfig`
            The config.
        """
        config = ForcedMeasurementTask.ConfigClass()
        config.slots.centroid = "base_TransformedCentroid"
        config.slots.shape = "base_TransformedShape"
        for slot in _FLUX_SLOTS:
            setattr(config.slots, slot, None)
        config.plugins.names = (plugin, *dependencies, "base_TransformedCentroid", "base_TransformedShape")
        return config

    def makeForcedMeasurementTask(
        self, plugin=None, dependencies=(), config=None, refSchema=None, algMetadata=None
    ):
        """Make a forced measurement task.

        Parameters
        ----------
        plugin, dependencies
            See `makeForcedMeasurementConfig`; ignored if there is a config.
        config : `ForcedMeasurementConfig`, optional
            Config.
        refSchema : `lsst.afw.table.Schema`, optional
            Schema of the reference; by default that of `TestDataset`.
        algMetadata : `lsst.daf.base.PropertyList`, optional
            Metadata of the plugins.

        Returns
        -------
        task : `ForcedMeasurementTask`
            The task.

        Raises
        ------
        ValueError
            There is neither plugin nor config.
        """
        if config is None:
            config = self.makeForcedMeasurementConfig(_require(plugin), dependencies)
        refSchema = TestDataset.makeMinimalSchema() if refSchema is None else refSchema
        algMetadata = lsst.daf.base.PropertyList() if algMetadata is None else algMetadata
        return ForcedMeasurementTask(refSchema=refSchema, algMetadata=algMetadata, config=config)


def _require(plugin):
    if plugin is None:
        raise ValueError("Either plugin or config argument must not be None")
    return plugin
