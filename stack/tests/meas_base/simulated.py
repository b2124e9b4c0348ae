# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Measurement of simulated sources, their own references, as the tests set it up."""

import numpy as np
from testDataset import TestDataset

import lsst.afw.table as afwTable
import lsst.geom as geom
import lsst.meas.base as measBase

POINTS = [(40.3, 40.7), (120.0, 45.5), (45.2, 110.6), (118.9, 112.2)]


def makeDataset(positions=POINTS, flux=1e5, shapes=None, size=(160, 150), xy0=(-3, 7), **kwds):
    """Make data of some sources, without noise."""
    box = geom.Box2I(geom.Point2I(*xy0), geom.Extent2I(*size))
    dataset = TestDataset(box, **kwds)
    fluxes = np.broadcast_to(flux, len(positions))
    for index, (position, value) in enumerate(zip(positions, fluxes)):
        dataset.addSource(float(value), geom.Point2D(*position), None if shapes is None else shapes[index])
    return dataset


def makeTask(plugins, schema=None, edit=None):
    """Make a task that knows the true centroids and shapes: it copies them."""
    schema = TestDataset.makeMinimalSchema() if schema is None else schema
    config = measBase.ForcedMeasurementTask.ConfigClass()
    config.slots.centroid = config.slots.shape = "truth"
    config.plugins.names = list(plugins)
    minimal = afwTable.SourceTable.makeMinimalSchema().getNames()
    config.copyColumns = {name: name for name in schema.getOrderedNames() if name not in minimal}
    config.doReplaceWithNoise = False
    if edit is not None:
        edit(config)
    return measBase.ForcedMeasurementTask(schema, config=config)


def run(task, catalog, exposure):
    """Measure sources that are their own references."""
    task.run(catalog, exposure, catalog, exposure.getWcs(), exposureId=5)


def measure(dataset, plugins, noise=0.01, edit=None, editExposure=None, editCatalog=None, seed=1):
    """Measure all sources; return the catalog and the image."""
    task = makeTask(plugins, edit=edit)
    exposure, catalog = dataset.realize(noise, task.schema, randomSeed=seed)
    if editExposure is not None:
        editExposure(exposure)
    if editCatalog is not None:
        editCatalog(catalog)
    run(task, catalog, exposure)
    return catalog, exposure


def addFlag(name):
    """Return the schema of the truth with another flag."""
    schema = TestDataset.makeMinimalSchema()
    schema.addField(name, type="Flag", doc="for a test")
    return schema


def getColumns(catalog, prefix):
    """Return the columns of a plugin by name."""
    return {name: np.array(catalog[name]) for name in catalog.schema.getNames() if name.startswith(prefix)}


def copyOf(catalog):
    """Return a copy that shares nothing."""
    return afwTable.SourceCatalog(catalog.copy(deep=True))
