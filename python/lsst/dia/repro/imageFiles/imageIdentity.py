# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Which image a file has, by what is in it and not by its name."""

from __future__ import annotations

__all__ = ["ImageIdentity", "identify", "makeIdFactory", "readDataId"]

import math
from typing import Any, NamedTuple

from lsst.afw.image import ExposureF, ExposureFitsReader, VisitInfo
from lsst.afw.table import IdFactory
from lsst.daf.base import DateTime, PropertyList
from lsst.pipe.base import TaskError

from ..movedNames import getFilterLabel
from .rubinImages import CARD, isRubinImage, readRubinImage

#: Detector of an image that does not tell.
NO_DETECTOR = -1

#: Bits of an id of a source that the number of its image has, as in v23, and the most that it may have.
IMAGE_BITS, MAX_IMAGE_BITS = 41, 50

#: Bits of the number of a detector, where that of the image is made of visit and detector.
DETECTOR_BITS = 9


class ImageIdentity(NamedTuple):
    """Which image it is.

    Attributes
    ----------
    dataId : `dict`
        ``visit`` and ``detector``, and ``instrument`` where the image tells.
    exposureId : `int`
        Number of the image, one for each data ID.
    mjd : `float`
        Middle of the exposure, MJD (TAI); NaN if it does not tell.
    band : `str`
        The band, such as ``r``; empty if it does not tell.
    """

    dataId: dict[str, Any]
    exposureId: int
    mjd: float
    band: str


def identify(exposure: ExposureF) -> ImageIdentity:
    """Find out which image it is.

    Parameters
    ----------
    exposure : `lsst.afw.image.ExposureF`
        An image as it was read. Its data ID is that of the butler's cards in
        the header. Without them the visit is the ``id`` of its VisitInfo, or
        else the ``exposureId`` that v23 had, and the detector the id of its
        Detector, or else -1. The number of the image is that of its
        ExposureInfo, or else the ``exposureId``, or made of visit and detector.

    Returns
    -------
    identity : `ImageIdentity`
        Which image it is.

    Raises
    ------
    lsst.pipe.base.TaskError
        Raised if nothing tells the visit, or what does is out of range.
    """
    metadata, visitInfo = exposure.getMetadata(), exposure.getInfo().getVisitInfo()
    oldId = _findOldId(visitInfo)
    visit = _readNumber(metadata, "VISIT") or (visitInfo.getId() if visitInfo is not None else 0) or oldId
    if not visit:
        raise TaskError(f"it does not tell its visit: there is no {CARD.format('VISIT')} in the header, and "
                        "no id in a VisitInfo")
    detector = _readNumber(metadata, "DETECTOR")
    if detector is None:
        detector = NO_DETECTOR if exposure.getDetector() is None else exposure.getDetector().getId()
    if not (0 < visit < 1 << MAX_IMAGE_BITS - DETECTOR_BITS and NO_DETECTOR <= detector < 1 << DETECTOR_BITS):
        raise TaskError(f"visit {visit} and detector {detector} are no numbers of an image")
    dataId: dict[str, Any] = {"visit": visit, "detector": detector}
    instrument = _read(metadata, "INSTRUMENT") or (
        "" if visitInfo is None else visitInfo.getInstrumentLabel())
    if instrument:
        dataId["instrument"] = str(instrument)
    exposureId = _findOwnId(exposure) or oldId or (visit << DETECTOR_BITS) + max(detector, 0)
    return ImageIdentity(dataId, exposureId, _findMjd(visitInfo), _findBand(exposure))


def readDataId(path: str) -> dict[str, Any]:
    """Find out which image a file has, without reading the image.

    Parameters
    ----------
    path : `str`
        The file.

    Returns
    -------
    dataId : `dict`
        That of `ImageIdentity`.

    Raises
    ------
    Exception
        Raised if it cannot be read, or does not tell.
    """
    if isRubinImage(path):
        # The pixels take longest, but what else it has does not come without the package's reading them.
        return identify(readRubinImage(path)).dataId
    reader, exposure = ExposureFitsReader(path), ExposureF()
    exposure.setMetadata(reader.readMetadata())
    exposure.getInfo().setVisitInfo(reader.readVisitInfo())
    exposure.setDetector(reader.readDetector())
    return identify(exposure).dataId


def makeIdFactory(exposureId: int) -> IdFactory:
    """Return what makes the ids of the sources of an image.

    Parameters
    ----------
    exposureId : `int`
        Number of the image.

    Returns
    -------
    idFactory : `lsst.afw.table.IdFactory`
        Its ids are those of v23's commands; only for a number that is too
        large for that it leaves less room for the running number.

    Raises
    ------
    lsst.pipe.base.TaskError
        Raised if the number of the image is too large even so.
    """
    # The sign takes a bit.
    if 0 <= exposureId < 1 << IMAGE_BITS - 1:
        return IdFactory.makeSource(exposureId, 64 - IMAGE_BITS)
    if 0 <= exposureId < 1 << MAX_IMAGE_BITS:
        return IdFactory.makeSource(exposureId, 63 - MAX_IMAGE_BITS)
    raise TaskError(f"its number {exposureId} leaves no room for its sources in ids of 64 bits")


def _read(metadata: PropertyList, name: str) -> Any:
    """Return what a card of the butler has, `None` without it."""
    card = CARD.format(name)
    return metadata.getScalar(card) if metadata.exists(card) else None


def _readNumber(metadata: PropertyList, name: str) -> int | None:
    """Return the number that a card of the butler has, `None` without it."""
    value = _read(metadata, name)
    try:
        return None if value is None else int(value)
    except ValueError as error:
        raise TaskError(f"{CARD.format(name)} in its header is {value!r}, which is no number") from error


def _findOldId(visitInfo: VisitInfo | None) -> int:
    """Return the number that v23 had in a VisitInfo, zero if there is none."""
    # A current stack has not got it.
    return visitInfo.getExposureId() if visitInfo is not None and hasattr(visitInfo, "getExposureId") else 0


def _findOwnId(exposure: ExposureF) -> int:
    """Return the number of the image itself, zero if there is none."""
    # Early versions of v23 have not got it.
    info = exposure.getInfo()
    return (info.getId() if hasattr(info, "getId") else None) or 0


def _findMjd(visitInfo: VisitInfo | None) -> float:
    """Return the middle of the exposure, NaN if it is not known."""
    if visitInfo is None or not visitInfo.getDate().isValid():
        return math.nan
    return float(visitInfo.getDate().get(DateTime.MJD, DateTime.TAI))


def _findBand(exposure: ExposureF) -> str:
    """Return the band of an image."""
    band = _read(exposure.getMetadata(), "BAND")
    if band:
        return str(band)
    label = getFilterLabel(exposure)
    return label.bandLabel if label is not None and label.hasBandLabel() else ""
