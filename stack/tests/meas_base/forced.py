# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Forced measurement as the tests set it up."""

import numpy as np

import lsst.afw.image as afwImage
import lsst.afw.table as afwTable
import lsst.geom as geom
import lsst.meas.base as measBase
from lsst.afw.detection import GaussianPsf
from lsst.afw.geom import makeSkyWcs

DIA_PLUGINS = (
    "base_PixelFlags",
    "base_TransformedCentroidFromCoord",
    "base_PsfFlux",
    "base_LocalBackground",
    "base_LocalPhotoCalib",
    "base_LocalWcs",
)
MORE_PLUGINS = ("base_CircularApertureFlux", "base_SdssShape", "base_GaussianFlux")
SCHEMA = afwTable.SourceTable.makeMinimalSchema()


def makeTask(plugins=DIA_PLUGINS, edit=None):
    """Make a task with the settings of Rubin's difference images."""
    config = measBase.ForcedMeasurementTask.ConfigClass()
    config.plugins.names = list(plugins)
    config.slots.centroid = "base_TransformedCentroidFromCoord"
    config.slots.psfFlux = "base_PsfFlux" if "base_PsfFlux" in plugins else None
    config.slots.shape = "base_SdssShape" if "base_SdssShape" in plugins else None
    config.doReplaceWithNoise = False
    config.copyColumns = {"id": "diaObjectId", "coord_ra": "coord_ra", "coord_dec": "coord_dec"}
    if edit is not None:
        edit(config)
    return measBase.ForcedMeasurementTask(SCHEMA, config=config)


def makeReferences(ids, ra, dec):
    """Make a reference catalog (radians)."""
    catalog = afwTable.SourceCatalog(SCHEMA)
    catalog.resize(len(ids))
    catalog["id"], catalog["coord_ra"], catalog["coord_dec"] = ids, ra, dec
    return catalog


def measure(task, exposure, references):
    """Measure references on an image."""
    wcs = exposure.getWcs()
    catalog = task.generateMeasCat(exposure, references, wcs)
    task.attachPsfShapeFootprints(catalog, exposure)
    task.run(catalog, exposure, references, wcs)
    return catalog


def makeExposure(width=120, height=100, x0=30, y0=-20, sigma=2.0, seed=1):
    """Make an image of noise of variance 4."""
    box = geom.Box2I(geom.Point2I(x0, y0), geom.Extent2I(width, height))
    exposure = afwImage.ExposureF(box)
    exposure.image.array[:] = np.random.default_rng(seed).normal(0, 2, (height, width))
    exposure.variance.array[:] = 4.0
    exposure.setPsf(GaussianPsf(21, 21, sigma))
    crpix = geom.Point2D(x0 + width / 2, y0 + height / 2)
    cd = np.diag([-0.2 / 3600, 0.2 / 3600])
    exposure.setWcs(makeSkyWcs(crpix, geom.SpherePoint(0.001, -30.0, geom.degrees), cd))
    exposure.setPhotoCalib(afwImage.PhotoCalib(2.5, 0.01))
    return exposure


def measureAt(task, exposure, x, y):
    """Measure at pixel positions."""
    ra, dec = exposure.getWcs().pixelToSkyArray(np.asarray(x, float), np.asarray(y, float))
    return measure(task, exposure, makeReferences(np.arange(len(ra)) + 1, ra, dec))
