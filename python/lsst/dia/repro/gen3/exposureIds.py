# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The number of an exposure of a Gen3 repository, which the ids of its sources begin with."""

from __future__ import annotations

__all__ = ["makeIdFactory", "packExposureId"]

from lsst.afw.table import IdFactory
from lsst.daf.butler import DataCoordinate
from lsst.pipe.base import ObservationDimensionPacker, TaskError


def packExposureId(dataId: DataCoordinate) -> tuple[int, int]:
    """Return the number of an exposure, and how many bits ids have for it.

    Parameters
    ----------
    dataId : `lsst.daf.butler.DataCoordinate`
        Data ID with instrument, visit and detector, and the record of the
        instrument.

    Returns
    -------
    exposureId, nBits : `int`
        Visit times the number of detectors plus detector, as
        `lsst.pipe.base.ObservationDimensionPacker` has it, and the number of
        bits of the largest.

    Raises
    ------
    lsst.pipe.base.TaskError
        Raised if visit or detector are larger than the instrument says.
    """
    packer = ObservationDimensionPacker(dataId)
    try:
        return packer.pack(dataId), packer.maxBits
    except ValueError as error:
        raise TaskError(f"No exposure id for dataId={dict(dataId.required)}: {error}") from error


def makeIdFactory(dataId: DataCoordinate) -> IdFactory:
    """Return what makes the ids of the sources of an exposure.

    Parameters
    ----------
    dataId : `lsst.daf.butler.DataCoordinate`
        Data ID, as for `packExposureId`.

    Returns
    -------
    idFactory : `lsst.afw.table.IdFactory`
        Its ids have what the number of the exposure leaves of 64 bits for a
        running number.
    """
    exposureId, nBits = packExposureId(dataId)
    return IdFactory.makeSource(exposureId, 64 - nBits)
