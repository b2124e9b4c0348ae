# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Small difference images with known sources, made with the public API of the stack alone."""

import lsst.afw.image as afwImage
import lsst.afw.table as afwTable
import lsst.geom as geom
import numpy as np
from lsst.afw.detection import GaussianPsf
from lsst.afw.geom import makeCdMatrix, makeSkyWcs
from lsst.dia.repro.forced.forcedDiaMeasurement import ForcedDiaMeasurementTask, ForcedDiaPhotConfig
from lsst.meas.algorithms import CoaddPsf

X0, Y0, WIDTH, HEIGHT = 50, 30, 200, 180
SCALE, SIGMA, NOISE, CALIBRATION = 0.2, 2.0, 5.0, 3.0
#: The image lies on RA 0.
CRVAL = geom.SpherePoint(359.9999, -30.0, geom.degrees)


def makeExposure(sources=(), psf=None, noise=NOISE, calibrationErr=0.0, seed=1):
    """Make an image with sources (x, y, flux) of its PSF, and noise."""
    box = geom.Box2I(geom.Point2I(X0, Y0), geom.Extent2I(WIDTH, HEIGHT))
    exposure = afwImage.ExposureF(box)
    exposure.setWcs(makeSkyWcs(geom.Box2D(box).getCenter(), CRVAL, makeCdMatrix(SCALE*geom.arcseconds)))
    exposure.setPsf(psf or GaussianPsf(25, 25, SIGMA))
    exposure.setPhotoCalib(afwImage.PhotoCalib(CALIBRATION, calibrationErr))
    for x, y, flux in sources:
        addSource(exposure, x, y, flux)
    exposure.image.array[:] += np.random.RandomState(seed).normal(0.0, noise, (HEIGHT, WIDTH))
    exposure.variance.array[:] = noise**2
    return exposure


def addSource(exposure, x, y, flux):
    """Add a point source, also where only a part of it is on the image."""
    image = GaussianPsf(25, 25, SIGMA).computeImage(geom.Point2D(x, y))
    box = geom.Box2I(image.getBBox())
    box.clip(exposure.getBBox())
    exposure.image[box].array[:] += (flux*image[box].array).astype(np.float32)


def makeHalfPsf(exposure):
    """Make a PSF that fails right of the middle of the image: a coadd without inputs there."""
    schema = afwTable.ExposureTable.makeMinimalSchema()
    schema.addField("weight", type="D", doc="weight")
    catalog = afwTable.ExposureCatalog(schema)
    record = catalog.addNew()
    record.set("weight", 1.0)
    record.setPsf(GaussianPsf(25, 25, SIGMA))
    record.setWcs(exposure.getWcs())
    record.setBBox(geom.Box2I(geom.Point2I(X0 - 50, Y0 - 50), geom.Extent2I(50 + WIDTH//2, HEIGHT + 100)))
    return CoaddPsf(catalog, exposure.getWcs(), "weight")


def makeObjects(exposure, positions):
    """Make DIAObjects at pixel positions; ids count from 101."""
    x, y = np.array(positions, dtype=float).reshape(-1, 2).T.copy()
    objects = afwTable.SourceCatalog(afwTable.SourceTable.makeMinimalSchema())
    objects.resize(len(x))
    objects = objects.copy(deep=True)
    objects["id"] = np.arange(101, 101 + len(x))
    objects["coord_ra"], objects["coord_dec"] = exposure.getWcs().pixelToSkyArray(x, y)
    return objects


def makeConfig(**options):
    """Make a config with options, nested ones with __ for the dot."""
    config = ForcedDiaPhotConfig()
    for name, value in options.items():
        *parents, last = name.split("__")
        target = config
        for parent in parents:
            target = target[parent] if parent.startswith("base_") else getattr(target, parent)
        setattr(target, last, value)
    config.validate()
    return config


def measure(exposure, positions, exposureId=None, **options):
    """Run the task at pixel positions and return the forced catalog."""
    task = ForcedDiaMeasurementTask(config=makeConfig(**options))
    return task.run(exposure, makeObjects(exposure, positions), exposureId=exposureId).forcedSources
