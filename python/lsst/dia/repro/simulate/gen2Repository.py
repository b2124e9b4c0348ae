# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Write a simulated survey as a Gen2 repository, with the truth beside it."""

from __future__ import annotations

__all__ = ["makeRepository", "simulateRepository"]

import errno
import os
import sqlite3
from collections.abc import Sequence
from logging import Logger
from typing import Any

import lsst.afw.table as afwTable
from astropy.table import vstack
from astropy.time import Time, TimeDelta
from lsst.daf.persistence import Butler

from ..commandLine.overlay import installOverlay
from ..completeFile import makeScratchDirectory
from ..progress import trackProgress
from .imageStorage import writeExposure
from .simulatedSurvey import SENSORS, SimulatedSurvey
from .visitPlan import Sensor

_REGISTRY = """
CREATE TABLE raw (id INTEGER PRIMARY KEY AUTOINCREMENT, visit INT, filter TEXT, snap INT, raft TEXT,
                  sensor TEXT, channel TEXT, taiObs TEXT, expTime DOUBLE);
CREATE TABLE raw_skyTile (id INTEGER, skyTile INTEGER);
CREATE TABLE raw_visit (visit INT, filter TEXT, taiObs TEXT, expTime DOUBLE, UNIQUE(visit));
"""

_MAPPER = "lsst.obs.lsstSim.LsstSimMapper"

#: Seconds.
_EXPOSURE_TIME = 30.0


def makeRepository(root: str, visits: Sequence[tuple[int, str, float]],
                   sensors: Sequence[Sensor] = SENSORS) -> Butler:
    """Make a repository of LsstSim without any data.

    Parameters
    ----------
    root : `str`
        Its directory, which is there.
    visits : `list` [`tuple` [`int`, `str`, `float`]]
        Number, filter and time, MJD (TAI), of each visit.
    sensors : `list` [`Sensor`], optional
        What each visit takes images with.

    Returns
    -------
    butler : `lsst.daf.persistence.Butler`
        Butler of the repository.
    """
    with open(os.path.join(root, "_mapper"), "w") as stream:
        stream.write(_MAPPER + "\n")
    path = os.path.join(root, "registry.sqlite3")
    try:
        _writeRegistry(path, visits, sensors)
    except sqlite3.OperationalError as error:
        raise OSError(errno.EIO, str(error), path) from error
    installOverlay(root)
    return Butler(root)


def _writeRegistry(path: str, visits: Sequence[tuple[int, str, float]], sensors: Sequence[Sensor]) -> None:
    """Write the registry of `makeRepository`."""
    registry = sqlite3.connect(path)
    with registry:
        registry.executescript(_REGISTRY)
        for number, band, mjd in visits:
            row = (number, band, _describeBegin(mjd), _EXPOSURE_TIME)
            registry.execute("INSERT INTO raw_visit VALUES (?, ?, ?, ?)", row)
            registry.executemany(
                "INSERT INTO raw (visit, filter, snap, raft, sensor, channel, taiObs, expTime) "
                "VALUES (?, ?, 0, ?, ?, '0,0', ?, ?)",
                [row[:2] + (sensor.raft, sensor.sensor) + row[2:] for sensor in sensors])
    registry.close()


def _describeBegin(mjd: float) -> str:
    """Return the ``taiObs`` of an exposure by its middle, MJD (TAI), as obs_lsstSim has it.

    That is UTC, and when the exposure begins.
    """
    begin = Time(mjd, format="mjd", scale="tai") - TimeDelta(0.5*_EXPOSURE_TIME, format="sec")
    return begin.utc.isot


def simulateRepository(root: str, log: Logger, **options: Any) -> None:
    """Simulate a survey and write it.

    Parameters
    ----------
    root : `str`
        Directory of the repository; it must not exist or be empty.
    log : `logging.Logger`
        Where to log.
    **options
        Arguments of `SimulatedSurvey`.

    Raises
    ------
    FileExistsError
        Raised if the directory has files in it.

    Notes
    -----
    What was put in is in ``truth/objects.ecsv`` (a row an object; position at
    the middle of the survey) and ``truth/fluxes.ecsv`` (a row for each object
    on or near an image: position, flux in nJy, the error of a flux on blank
    sky, whether there is data, away from the edge, and the image's kind of PSF
    and recipe of storage).
    """
    if os.path.exists(root) and os.listdir(root):
        raise FileExistsError(f"{root} is not empty; give a new directory")
    survey = SimulatedSurvey(**options)
    # An interrupted simulation is not to pass for a survey of fewer images.
    directory, name = os.path.split(os.path.abspath(root))
    os.makedirs(directory, exist_ok=True)
    with makeScratchDirectory(directory, name) as scratch:
        partial = os.path.join(scratch, name)
        _writeSurvey(survey, partial, log)
        os.replace(partial, root)
    log.info("Wrote %d difference images to %s", len(survey.plan), root)


def _writeSurvey(survey: SimulatedSurvey, root: str, log: Logger) -> None:
    """Write the repository of a survey, and the truth."""
    os.makedirs(os.path.join(root, "truth"))
    butler = makeRepository(root, [(visit.number, visit.band, visit.mjd) for visit in survey.visits])
    butler.put(afwTable.SourceCatalog(survey.schema), "deepDiff_diaSrc_schema")
    truth = []
    for visit, sensor in trackProgress(survey.plan, log, "Simulating difference images"):
        image = survey.makeImage(visit, sensor)
        path = butler.getUri("deepDiff_differenceExp", image.dataId, write=True)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        writeExposure(image.exposure, path, image.storage, 1 + image.expId % 10000)
        butler.put(image.diaSources, "deepDiff_diaSrc", image.dataId)
        truth.append(image.truth)
    survey.sky.toTable().write(os.path.join(root, "truth", "objects.ecsv"))
    vstack(truth).write(os.path.join(root, "truth", "fluxes.ecsv"))
