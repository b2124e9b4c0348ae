# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Simulate a survey: its difference images, the DIASources on them, and the truth."""

from __future__ import annotations

__all__ = ["SENSORS", "SimulatedImage", "SimulatedSurvey"]

from typing import Any, NamedTuple

import lsst.afw.table as afwTable
import lsst.geom as geom
import numpy as np
from astropy.table import Table
from lsst.afw.geom import SkyWcs
from lsst.afw.image import ExposureF

from ..units import ARCSEC_PER_DEGREE
from .detection import detect, makeDiaSourceSchema
from .differenceImage import PIXEL_SCALE, makeDifferenceImage
from .imageStorage import STORAGES
from .psfs import PSF_KINDS
from .simulatedSky import SimulatedSky
from .visitPlan import Sensor, Visit, planVisits

#: What each visit takes images with.
SENSORS = (Sensor("2,2", "1,1", 0, 0), Sensor("2,2", "1,2", 0, 1))

#: First and last day, MJD (TAI).
SPAN = (59580.2, 59640.2)

#: How far a PSF may reach into an image from outside, pixels.
REACH = 25


class SimulatedImage(NamedTuple):
    """A difference image, the sources found on it, and what was put in."""

    dataId: dict[str, Any]
    """Data ID, with the names of LsstSim."""
    expId: int
    """The ccdExposureId."""
    exposure: ExposureF
    """The image."""
    diaSources: afwTable.SourceCatalog
    """What a matched filter finds on it."""
    storage: str
    """Recipe to store it with, one of `STORAGES`."""
    truth: Table
    """A row for each object on or near the image."""


class SimulatedSurvey:
    """A survey of a square field. The visits take the kinds of PSF and the recipes of storage in turn.

    Parameters
    ----------
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

    Attributes
    ----------
    visits : `list` [`Visit`]
        The visits, in order of time.
    plan : `list` [`tuple` [`Visit`, `Sensor`]]
        The images, in the order to make them in.
    sky : `SimulatedSky`
        The objects.
    schema : `lsst.afw.table.Schema`
        Schema of the DIASources.
    """

    def __init__(self, seed: int = 1, nVisits: int = 15, nObjects: int = 120, size: int = 600,
                 ra: float = 53.0, dec: float = -27.44) -> None:
        self._rng = np.random.default_rng(seed)
        self._size = size
        self.visits = planVisits(self._rng, ra, dec, nVisits, SPAN)
        width = size*PIXEL_SCALE/ARCSEC_PER_DEGREE
        # The field has two sensors, one above the other.
        self.sky = SimulatedSky(self._rng, ra, dec + 0.5*width, 2*width, nObjects, SPAN)
        self.plan = [(visit, sensor) for visit in self.visits for sensor in SENSORS]
        self.schema = makeDiaSourceSchema()

    def makeImage(self, visit: Visit, sensor: Sensor) -> SimulatedImage:
        """Make one image with its sources and its truth.

        Parameters
        ----------
        visit : `Visit`
            What the exposure is like.
        sensor : `Sensor`
            Which part of the focal plane it is.

        Returns
        -------
        image : `SimulatedImage`
            The image. It depends on those made before, since random numbers
            are taken in turn.
        """
        ra, dec = self.sky.position(visit.mjd)
        near = np.zeros(len(ra), dtype=bool)

        def sources(wcs: SkyWcs) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
            x, y = wcs.skyToPixelArray(np.radians(ra), np.radians(dec))
            near[:] = (np.minimum(x, y) > -REACH) & (np.maximum(x, y) < self._size + REACH)
            return x[near], y[near], self.sky.flux(visit.mjd, visit.band)[near]

        psfKind = PSF_KINDS[visit.number % len(PSF_KINDS)]
        storage = STORAGES[visit.number % len(STORAGES)]
        exposure, x, y, instFlux = makeDifferenceImage(self._rng, visit, sensor, self._size, psfKind, sources)
        expId = sensor.exposureId(visit.number)
        diaSources = detect(exposure, self.schema, afwTable.IdFactory.makeSource(expId, 64 - 41))
        dataId = {"visit": visit.number, "filter": visit.band, "raft": sensor.raft, "sensor": sensor.sensor}
        n, row = len(x), np.flatnonzero(near)
        skyErr = _skyError(exposure)*visit.nanojanskyPerCount
        truth = Table(
            {"visit": np.full(n, visit.number), "raft": [sensor.raft]*n, "sensor": [sensor.sensor]*n,
             "filter": [visit.band]*n, "mjd": np.full(n, visit.mjd), "id": row + 1, "x": x, "y": y,
             "ra": ra[row], "dec": dec[row], "flux": instFlux*visit.nanojanskyPerCount,
             "skyErr": np.full(n, skyErr), "hasData": _hasData(exposure, x, y), "psf": [psfKind]*n,
             "storage": [storage]*n},
            units={"mjd": "d", "x": "pix", "y": "pix", "ra": "deg", "dec": "deg", "flux": "nJy",
                   "skyErr": "nJy"},
            dtype=[int, "U5", "U5", "U5", float, int] + [float]*6 + [bool, "U14", "U13"])
        return SimulatedImage(dataId, expId, exposure, diaSources, storage, truth)


def _hasData(exposure: ExposureF, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Tell the positions that lie on a pixel with data, away from the edge."""
    mask = exposure.mask
    height, width = mask.array.shape
    column, row = np.rint(x).astype(int), np.rint(y).astype(int)
    inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
    bad = mask.getPlaneBitMask(["NO_DATA", "EDGE"])
    inside[inside] = (mask.array[row[inside], column[inside]] & bad) == 0
    return inside


def _skyError(exposure: ExposureF) -> float:
    """Return the error of a PSF flux on blank sky, counts."""
    phi = exposure.getPsf().computeKernelImage(geom.Box2D(exposure.getBBox()).getCenter()).array
    return float(np.sqrt(np.nanmedian(exposure.variance.array)/np.sum(phi**2)))
