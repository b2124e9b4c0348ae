# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The number of an exposure, which the ids of its sources begin with."""

from __future__ import annotations

__all__ = ["readExposureId"]

from lsst.daf.persistence import ButlerDataRef
from lsst.pipe.base import TaskError


def readExposureId(dataRef: ButlerDataRef) -> tuple[int, int]:
    """Return the number of an exposure, and how many bits ids have for it.

    Parameters
    ----------
    dataRef : `lsst.daf.persistence.ButlerDataRef`
        Reference to the exposure.

    Returns
    -------
    exposureId, nBits : `int`
        The ``ccdExposureId``, and its number of bits.

    Raises
    ------
    lsst.pipe.base.TaskError
        Raised if the number does not fit, since the visit is too large.
    """
    exposureId, nBits = (int(dataRef.get(name, immediate=True))
                         for name in ("ccdExposureId", "ccdExposureId_bits"))
    if not 0 <= exposureId < 1 << nBits:
        raise TaskError(f"The ccdExposureId of dataId={dict(dataRef.dataId)} is {exposureId}, which does not "
                        f"fit into the {nBits} bits that ids have for it: the visit is too large")
    return exposureId, nBits
