# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""When an exposure was taken."""

__all__ = ["readMidpointMjds", "sortByTime"]

import math

import numpy as np
from astropy.time import Time
from lsst.daf.base import DateTime
from lsst.pipe.base import Struct

from ..progress import trackProgress
from .readError import describeReadError


def sortByTime(dataRefs, imageDataset, log):
    """Look up when exposures were taken, and sort them.

    Parameters
    ----------
    dataRefs : `list` [`lsst.daf.persistence.ButlerDataRef`]
        References to the exposures.
    imageDataset : `str`
        Name of the difference image dataset.
    log : `logging.Logger`
        Told of times that cannot be had, and of the progress.

    Returns
    -------
    exposures : `list` [`lsst.pipe.base.Struct`]
        With ``dataRef``, ``ccdExposureId`` and ``mjd``, sorted by time and
        exposure id.
    """
    exposures = [Struct(dataRef=ref, ccdExposureId=int(ref.get("ccdExposureId", immediate=True)), mjd=mjd)
                 for ref, mjd in zip(dataRefs, readMidpointMjds(dataRefs, imageDataset, log))]
    untimed = sum(not np.isfinite(exposure.mjd) for exposure in exposures)
    if untimed:
        log.warning("%d of %d exposures have no time; they come after the others, by exposure id",
                    untimed, len(exposures))
    return sorted(exposures, key=lambda e: (not np.isfinite(e.mjd), np.nan_to_num(e.mjd), e.ccdExposureId))


def readMidpointMjds(dataRefs, imageDataset, log):
    """Return the times of the middle of exposures.

    Parameters
    ----------
    dataRefs : `list` [`lsst.daf.persistence.ButlerDataRef`]
        References to the exposures.
    imageDataset : `str`
        Name of the difference image dataset, whose VisitInfo has the time.
    log : `logging.Logger`
        Told when a VisitInfo cannot be had, and of the progress.

    Returns
    -------
    mjd : `list` [`float`]
        MJD (TAI) of the middle of each exposure, from the VisitInfo of its
        difference image. Without an image it is that of another image of the
        visit; else the ``taiObs`` of the registry, and NaN where that is
        missing too.
    """
    known = [_imageMjd(ref, imageDataset, log)
             for ref in trackProgress(dataRefs, log, "Looking up exposures")]
    visits = [ref.dataId.get("visit") for ref in dataRefs]
    ofVisit = {visit: mjd for visit, mjd in zip(visits, known) if mjd is not None and visit is not None}
    times = []
    for ref, visit, mjd in zip(dataRefs, visits, known):
        if mjd is None:
            mjd = ofVisit[visit] if visit in ofVisit else _registryMjd(ref, imageDataset)
        times.append(mjd)
    return times


def _imageMjd(dataRef, imageDataset, log):
    """Return the MJD of a difference image, `None` if it cannot be had."""
    try:
        if dataRef.datasetExists(imageDataset):
            date = dataRef.get(imageDataset + "_visitInfo", immediate=True).getDate()
            if date.isValid():
                return date.get(DateTime.MJD, DateTime.TAI)
    except Exception as error:
        log.warning("Cannot read the time of %s for dataId=%s: %s", imageDataset, dict(dataRef.dataId),
                    describeReadError(error, dataRef, imageDataset))
    return None


def _registryMjd(dataRef, imageDataset):
    """Return the MJD of ``taiObs``, NaN if the registry has none."""
    try:
        butler = dataRef.getButler()
        rows = butler.queryMetadata(imageDataset, ["taiObs"], dataId=dict(dataRef.dataId))
        return float(Time(rows[0], scale="tai").mjd)
    except Exception:
        # A registry may lack the column, and says so in its own ways.
        return math.nan
