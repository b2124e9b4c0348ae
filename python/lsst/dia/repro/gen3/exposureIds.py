# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The number of an exposure of a Gen3 repository, which the ids of its sources begin with."""

from __future__ import annotations

__all__ = ["makeIdFactory", "packExposureId"]

from lsst.afw.table import IdFactory
from lsst.daf.butler import DataCoordinate
from lsst.pex.exceptions import InvalidParameterError
from lsst.pipe.base import ObservationDimensionPacker, TaskError


def packExposureId(dataId: DataCoordinate, **kwargs: int) -> tuple[int, int]:
    """Return the number of an exposure, and how many bits ids have for it.

    Parameters
    ----------
    dataId : `lsst.daf.butler.DataCoordinate`
        Data ID with the record of the instrument.
    **kwargs
        Visit and detector, if the data ID has not got them.

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
    packer = ObservationDimensionPacker(dataId, is_exposure=False)
    try:
        return packer.pack(dataId, **kwargs), packer.maxBits
    except ValueError as error:
        raise TaskError(f"No exposure id for dataId={ {**dataId.required, **kwargs} }: {error}") from error


def makeIdFactory(dataId: DataCoordinate, **kwargs: int) -> IdFactory:
    """Return what makes the ids of the sources of an exposure.

    Parameters
    ----------
    dataId : `lsst.daf.butler.DataCoordinate`
        Data ID with the record of the instrument.
    **kwargs
        Visit and detector, if the data ID has not got them.

    Returns
    -------
    idFactory : `lsst.afw.table.IdFactory`
        Its ids have what the number of the exposure leaves of 64 bits for a
        running number: for 13-digit visits and 256 detectors 8,191 of them.

    Raises
    ------
    lsst.pipe.base.TaskError
        Raised if the number would make ids negative: a visit of LSSTCam of a
        year after 4400.
    """
    exposureId, nBits = packExposureId(dataId, **kwargs)
    try:
        return IdFactory.makeSource(exposureId, 64 - nBits)
    except InvalidParameterError as error:
        raise TaskError(f"Exposure {exposureId} leaves no room for the ids of sources: {error}") from error
