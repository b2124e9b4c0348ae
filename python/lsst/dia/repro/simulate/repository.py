# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Write a simulated survey as a Gen2 repository."""

__all__ = ["simulateRepository"]

import os
import sqlite3

import lsst.afw.table as afwTable
import lsst.geom as geom
import numpy as np
from astropy.table import Table, vstack
from astropy.time import Time
from lsst.daf.persistence import Butler

from ..commandLine.overlay import installOverlay
from ..progress import trackProgress
from ..units import ARCSEC_PER_DEGREE
from .detection import detect, makeDiaSourceSchema
from .difference import PIXEL_SCALE, makeDifference
from .psfs import PSF_KINDS
from .simulatedSky import Sky
from .storage import STORAGES, writeExposure
from .survey import Sensor, planVisits

MAPPER = "lsst.obs.lsstSim.LsstSimMapper"
SENSORS = (Sensor("2,2", "1,1", 0, 0), Sensor("2,2", "1,2", 0, 1))
MJD = (59580.2, 59640.2)

_REGISTRY = """
CREATE TABLE raw (id INTEGER PRIMARY KEY AUTOINCREMENT, visit INT, filter TEXT, snap INT, raft TEXT,
                  sensor TEXT, channel TEXT, taiObs TEXT, expTime DOUBLE);
CREATE TABLE raw_skyTile (id INTEGER, skyTile INTEGER);
CREATE TABLE raw_visit (visit INT, filter TEXT, taiObs TEXT, expTime DOUBLE, UNIQUE(visit));
"""


def simulateRepository(root, log, seed=1, nVisits=15, nObjects=120, size=600, ra=53.0, dec=-27.44):
    """Simulate a survey and write it.

    Parameters
    ----------
    root : `str`
        Directory of the repository; it must not exist or be empty.
    log : `logging.Logger`
        Where to log.
    seed : `int`, optional
        The same seed gives the same survey.
    nVisits : `int`, optional
        Number of visits; each has two sensors.
    nObjects : `int`, optional
        Number of variables, transients and moving objects.
    size : `int`, optional
        Width and height of the images, pixels of 0.2 arcsec.
    ra, dec : `float`, optional
        Centre of the field, degrees.

    Raises
    ------
    FileExistsError
        Raised if the directory has files in it.

    Notes
    -----
    The visits take the kinds of PSF and the recipes of storage in turn.

    What was put in is in ``truth/objects.ecsv`` (a row an object; position at
    the middle of the survey) and ``truth/fluxes.ecsv`` (a row for each object
    on or near an image: position, flux in nJy, the error of a flux on blank
    sky, whether there is data, away from the edge, and the image's kind of PSF
    and recipe of storage).
    """
    if os.path.exists(root) and os.listdir(root):
        raise FileExistsError(f"{root} is not empty; give a new directory")
    os.makedirs(os.path.join(root, "truth"), exist_ok=True)
    rng = np.random.default_rng(seed)
    visits = planVisits(rng, ra, dec, nVisits, MJD)
    width = size*PIXEL_SCALE/ARCSEC_PER_DEGREE
    sky = Sky(rng, ra, dec + 0.5*width, 2*width, nObjects, MJD)
    butler = _makeRepository(root, visits)
    schema = makeDiaSourceSchema()
    butler.put(afwTable.SourceCatalog(schema), "deepDiff_diaSrc_schema")
    images = [(visit, sensor) for visit in visits for sensor in SENSORS]
    truth = [_simulateImage(rng, butler, schema, sky, visit, sensor, size)
             for visit, sensor in trackProgress(images, log, "Simulating difference images")]
    Table({"id": np.arange(1, nObjects + 1), "kind": sky.kind, "ra": sky.ra, "dec": sky.dec,
           "peak": sky.peak}, units={"ra": "deg", "dec": "deg", "peak": "nJy"}).write(
               os.path.join(root, "truth", "objects.ecsv"))
    vstack(truth).write(os.path.join(root, "truth", "fluxes.ecsv"))
    log.info("Wrote %d difference images to %s", len(images), root)


def _makeRepository(root, visits):
    """Write registry and mapper, and return a butler."""
    with open(os.path.join(root, "_mapper"), "w") as stream:
        stream.write(MAPPER + "\n")
    registry = sqlite3.connect(os.path.join(root, "registry.sqlite3"))
    with registry:
        registry.executescript(_REGISTRY)
        for visit in visits:
            row = (visit.number, visit.band, Time(visit.mjd, format="mjd", scale="tai").isot, 30.0)
            registry.execute("INSERT INTO raw_visit VALUES (?, ?, ?, ?)", row)
            registry.executemany(
                "INSERT INTO raw (visit, filter, snap, raft, sensor, channel, taiObs, expTime) "
                "VALUES (?, ?, 0, ?, ?, '0,0', ?, ?)",
                [row[:2] + (sensor.raft, sensor.sensor) + row[2:] for sensor in SENSORS])
    registry.close()
    installOverlay(root)
    return Butler(root)


def _simulateImage(rng, butler, schema, sky, visit, sensor, size):
    """Write one difference image with its sources; return its truth table."""
    ids = []
    ra, dec = sky.position(visit.mjd)

    def sources(wcs):
        x, y = wcs.skyToPixelArray(np.radians(ra), np.radians(dec))
        # A PSF may reach into the image from outside.
        near = (np.minimum(x, y) > -25) & (np.maximum(x, y) < size + 25)
        ids.extend(np.flatnonzero(near) + 1)
        return x[near], y[near], sky.flux(visit.mjd, visit.band)[near]

    psfKind = PSF_KINDS[visit.number % len(PSF_KINDS)]
    exposure, x, y, instFlux = makeDifference(rng, visit, sensor, size, psfKind, sources)
    expId = sensor.exposureId(visit.number)
    diaSources = detect(exposure, schema, afwTable.IdFactory.makeSource(expId, 64 - 41))
    dataId = {"visit": visit.number, "filter": visit.band, "raft": sensor.raft, "sensor": sensor.sensor}
    storage = STORAGES[visit.number % len(STORAGES)]
    writeExposure(butler, exposure, "deepDiff_differenceExp", dataId, storage, 1 + expId % 10000)
    butler.put(diaSources, "deepDiff_diaSrc", dataId)
    n = len(x)
    row = np.array(ids, dtype=int) - 1
    return Table({"visit": np.full(n, visit.number), "raft": [sensor.raft]*n, "sensor": [sensor.sensor]*n,
                  "filter": [visit.band]*n, "mjd": np.full(n, visit.mjd), "id": row + 1,
                  "x": x, "y": y, "ra": ra[row], "dec": dec[row], "flux": instFlux*visit.nanojanskyPerCount,
                  "skyErr": np.full(n, _skyError(exposure)*visit.nanojanskyPerCount),
                  "hasData": _hasData(exposure, x, y), "psf": [psfKind]*n, "storage": [storage]*n},
                 units={"mjd": "d", "x": "pix", "y": "pix", "ra": "deg", "dec": "deg", "flux": "nJy",
                        "skyErr": "nJy"},
                 dtype=[int, "U5", "U5", "U5", float, int] + [float]*6 + [bool, "U14", "U13"])


def _hasData(exposure, x, y):
    """Tell the positions that lie on a pixel with data, away from the edge."""
    mask = exposure.mask
    height, width = mask.array.shape
    column, row = np.rint(x).astype(int), np.rint(y).astype(int)
    inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
    bad = mask.getPlaneBitMask(["NO_DATA", "EDGE"])
    inside[inside] = (mask.array[row[inside], column[inside]] & bad) == 0
    return inside


def _skyError(exposure):
    """Return the error of a PSF flux on blank sky, counts."""
    phi = exposure.getPsf().computeKernelImage(geom.Box2D(exposure.getBBox()).getCenter()).array
    return float(np.sqrt(np.nanmedian(exposure.variance.array)/np.sum(phi**2)))
