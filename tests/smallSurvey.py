# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""A survey of many small images, to see how runs go and not how well they measure."""

import pathlib

import lsst.afw.image as afwImage
import lsst.afw.table as afwTable
import lsst.geom as geom
import numpy as np
from lsst.afw.detection import GaussianPsf
from lsst.afw.geom import makeSkyWcs
from lsst.daf.base import DateTime
from lsst.dia.repro.catalogColumns import makeCatalog
from lsst.dia.repro.movedNames import setFilterLabel
from lsst.dia.repro.simulate.gen2Repository import makeRepository
from lsst.dia.repro.simulate.simulatedSurvey import SENSORS

#: First day, MJD (TAI), and where the images lie, degrees.
FIRST_DAY, RA, DEC = 59580.0, 53.0, -27.44

#: Degrees a pixel.
SCALE = 0.2/3600


def makeSmallSurvey(root, nImages, size=100, nObjects=30):
    """Write a repository of images of noise, with DIASource catalogs and DIAObjects.

    Parameters
    ----------
    root : `str`
        Directory of the repository; it is made.
    nImages : `int`
        Number of images, an even number; two a visit.
    size : `int`, optional
        Width and height of the images, pixels.
    nObjects : `int`, optional
        Number of DIAObjects on each sensor.

    Returns
    -------
    paths : `list` [`pathlib.Path`]
        The images.
    """
    pathlib.Path(root).mkdir(parents=True)
    visits = [(number, "r", FIRST_DAY + 0.01*number) for number in range(1, nImages//2 + 1)]
    butler = makeRepository(str(root), visits)
    rng = np.random.default_rng(1)
    ids = np.arange(1, len(SENSORS)*nObjects + 1)
    objects = makeObjects(butler, rng, ids, size)
    paths = []
    for number, band, mjd in visits:
        for sensor, mine in zip(SENSORS, np.split(ids, len(SENSORS))):
            dataId = {"visit": number, "filter": band, "raft": sensor.raft, "sensor": sensor.sensor}
            exposure = makeImage(rng, size, sensor, band, mjd, sensor.exposureId(number))
            butler.put(exposure, "deepDiff_differenceExp", dataId)
            sources = objects[np.isin(objects["id"], mine)].copy(deep=True)
            sources["id"] = (sensor.exposureId(number) << 23) + np.arange(len(sources))
            butler.put(sources, "deepDiff_diaSrc", dataId)
            paths.append(pathlib.Path(butler.getUri("deepDiff_differenceExp", dataId)))
    return paths


def makeObjects(butler, rng, ids, size):
    """Write DIAObjects at random places of each sensor, and return them."""
    objects = makeCatalog(afwTable.SourceTable.makeMinimalSchema(), len(ids), afwTable.SourceCatalog)
    objects["id"] = ids
    for sensor, mine in zip(SENSORS, np.split(ids, len(SENSORS))):
        x, y = rng.uniform(5, size - 5, (2, len(mine)))
        objects["coord_ra"][mine - 1], objects["coord_dec"][mine - 1] = makeWcs(size, sensor).pixelToSkyArray(
            x, y)
    butler.put(objects, "reproDIAObjects")
    return objects


def makeWcs(size, sensor):
    """Return the WCS of a sensor."""
    center = geom.SpherePoint(RA, DEC + 1.2*size*SCALE*SENSORS.index(sensor), geom.degrees)
    return makeSkyWcs(geom.Point2D(size/2, size/2), center, np.diag([-SCALE, SCALE]))


def makeImage(rng, size, sensor, band, mjd, exposureId):
    """Return an image of noise."""
    exposure = afwImage.ExposureF(size, size)
    exposure.image.array[:] = rng.normal(0, 10, (size, size))
    exposure.variance.array[:] = 100
    exposure.setPsf(GaussianPsf(21, 21, 2.0))
    exposure.setWcs(makeWcs(size, sensor))
    exposure.setPhotoCalib(afwImage.PhotoCalib(57.5))
    setFilterLabel(exposure, afwImage.FilterLabel(band=band, physical=band))
    exposure.getInfo().setVisitInfo(afwImage.VisitInfo(
        exposureId=exposureId, exposureTime=30.0, date=DateTime(mjd, DateTime.MJD, DateTime.TAI)))
    return exposure
