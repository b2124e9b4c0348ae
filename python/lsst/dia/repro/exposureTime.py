# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""When an exposure was taken."""

__all__ = ["readMidpointMjd"]

import math

from astropy.time import Time
from lsst.daf.base import DateTime


def readMidpointMjd(dataRef, imageDataset, log):
    """Return the time of the middle of an exposure.

    Parameters
    ----------
    dataRef : `lsst.daf.persistence.ButlerDataRef`
        Reference to the exposure.
    imageDataset : `str`
        Name of the difference image dataset, whose VisitInfo has the time.
    log : `logging.Logger`
        Told when the VisitInfo cannot be had.

    Returns
    -------
    mjd : `float`
        MJD (TAI) of the middle of the exposure, from the VisitInfo of the
        difference image. Without an image it is the ``taiObs`` of the
        registry, and NaN where that is missing too.
    """
    try:
        if dataRef.datasetExists(imageDataset):
            date = dataRef.get(imageDataset + "_visitInfo", immediate=True).getDate()
            if date.isValid():
                return date.get(DateTime.MJD, DateTime.TAI)
    except Exception as error:
        log.warning("Cannot read the time of %s for dataId=%s (%s); taking the registry's",
                    imageDataset, dict(dataRef.dataId), error)
    return _registryMjd(dataRef, imageDataset)


def _registryMjd(dataRef, imageDataset):
    """Return the MJD of ``taiObs``, NaN if the registry has none."""
    try:
        butler = dataRef.getButler()
        rows = butler.queryMetadata(imageDataset, ["taiObs"], dataId=dict(dataRef.dataId))
        return float(Time(rows[0], scale="tai").mjd)
    except Exception:
        # A registry may lack the column, and says so in its own ways.
        return math.nan
