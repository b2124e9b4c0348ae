# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Difference images in the format of ``lsst.images``, in which Rubin publishes them since DP2, as exposures.

That package is an extra, ``dia-repro[images]``; it needs Python 3.12 or later.
"""

from __future__ import annotations

__all__ = ["CALIBRATED", "CARD", "isRubinImage", "readRubinBox", "readRubinImage", "readRubinPixels",
           "toExposure"]

import contextlib
import gzip
import logging
import re
from collections.abc import Iterator, Mapping
from typing import Any

import astshim
import numpy as np
from lsst.afw.geom import SkyWcs
from lsst.afw.image import ExposureF, FilterLabel, PhotoCalib, VisitInfo
from lsst.daf.base import DateTime
from lsst.geom import Box2I, Extent2I, Point2I
from lsst.pipe.base import TaskError

from ..describeError import describeError
from ..movedNames import setFilterLabel

#: What the header of a FITS file in this format has, among its first cards.
FITS_MARK, FITS_BEGIN, FITS_END = b"DATAMODL= 'https://images.lsst.io/schemas/", b"SIMPLE  =", 2880

GZIP_BEGIN = b"\x1f\x8b"

#: Unit of pixels that need no calibration.
CALIBRATED = "nJy"

#: The cards in which Rubin's files have their data ID, as the butler wrote it.
CARD = "LSST BUTLER DATAID {}"

#: Texts in the description of a PSF: words, and how galsim writes an interpolant. Piff evaluates some.
SAFE_TEXT = re.compile(r"[\w .+-]*|galsim\.[A-Z][A-Za-z]*\((\d{1,2}(, ?(True|False))?)?"
                       r"(,? ?gsparams=galsim\.GSParams\([\d.,e+-]*\))?\)")

INSTALL = "pip install 'dia-repro[images]', with Python 3.12 or later, brings what reads it"

log = logging.getLogger(__name__)


def isRubinImage(path: str) -> bool:
    """Tell whether a file is in the format of ``lsst.images``, by how it begins.

    Parameters
    ----------
    path : `str`
        The file.

    Returns
    -------
    isRubin : `bool`
        `False` for exposures of ``lsst.afw.image``, and for what is neither
        or cannot be read.
    """
    return _findFormat(path) is not None


def _findFormat(path: str) -> str | None:
    """Return what ``lsst.images`` calls the format of a file, `None` if it is not one of its own."""
    try:
        with open(path, "rb") as file:
            begin = file.read(FITS_END)
        if begin.startswith(GZIP_BEGIN):
            with gzip.open(path) as file:
                begin = file.read(FITS_END)
    except (OSError, EOFError):
        return None
    if begin.startswith(FITS_BEGIN):
        return "fits" if FITS_MARK in begin else None
    if begin.startswith(b"\x89HDF\r\n\x1a\n"):
        return "ndf"
    return "json" if begin.lstrip().startswith(b"{") else None


def readRubinImage(path: str) -> ExposureF:
    """Read a difference image in the format of ``lsst.images``.

    Parameters
    ----------
    path : `str`
        The file: FITS, JSON, or with h5py installed HDF5.

    Returns
    -------
    exposure : `lsst.afw.image.ExposureF`
        The image; see `toExposure`.

    Raises
    ------
    lsst.pipe.base.TaskError
        Raised if it cannot be read; the message does not name the file.
    """
    with _openImage(path) as reader:
        _checkTexts(getattr(reader.get_tree(), "psf", None))
        image = reader.read()
    return toExposure(image)


def readRubinBox(path: str) -> Box2I:
    """Read the bounding box of an image; see `readRubinImage`."""
    with _openImage(path) as reader:
        return _toBox(reader.get_component("bbox"))


def readRubinPixels(path: str, box: Box2I) -> np.ndarray:
    """Read a part of the pixels of an image.

    Parameters
    ----------
    path : `str`
        The file; see `readRubinImage`.
    box : `lsst.geom.Box2I`
        The part, all of it on the image.

    Returns
    -------
    pixels : `numpy.ndarray`, (height, width)
        The pixels, in their own unit.

    Raises
    ------
    lsst.pipe.base.TaskError
        Raised if they cannot be read.
    """
    with _openImage(path) as reader:
        from lsst.images import Box

        part = Box.factory[box.getMinY():box.getMaxY() + 1, box.getMinX():box.getMaxX() + 1]
        return np.array(reader.get_component("image", bbox=part).array)


@contextlib.contextmanager
def _openImage(path: str) -> Iterator[Any]:
    """Open an image; what is wrong with it and with the package becomes `TaskError`."""
    try:
        from lsst.images import DifferenceImage
        from lsst.images.serialization import open_archive
    except ImportError as error:
        raise TaskError(f"it is in the format of lsst.images: {INSTALL} ({describeError(error)})") from error
    try:
        with open_archive(path, DifferenceImage, format=_findFormat(path)) as reader:
            yield reader
    except TaskError:
        raise
    except Exception as error:
        # What is wrong with a file comes in many kinds.
        raise TaskError(f"it cannot be read: {describeError(error)}") from error


def _checkTexts(psf: Any) -> None:
    """Raise if the description of a PSF has texts that would run."""
    for text in _iterateTexts(getattr(psf, "piff", None)):
        if not SAFE_TEXT.fullmatch(text):
            raise TaskError(f"its PSF has {text[:80]!r}, which may be a program and is not read")


def _iterateTexts(piff: Any) -> Iterator[str]:
    """Yield the texts of what ``lsst.images`` stores for an object of Piff."""
    if piff is None:
        return
    for struct in piff.structs.values():
        for value in struct.values():
            yield from (text for text in (value if isinstance(value, list) else [value])
                        if isinstance(text, str))
    for part in piff.objects.values():
        yield from _iterateTexts(part)


def toExposure(image: Any) -> ExposureF:
    """Make an exposure of a difference image.

    Parameters
    ----------
    image : `lsst.images.DifferenceImage`
        The image.

    Returns
    -------
    exposure : `lsst.afw.image.ExposureF`
        A copy of its pixels, and mask planes by the names that they have in
        ``lsst.afw``; PSF, WCS, valid polygon, PhotoCalib, filter, the middle
        of the exposure (TAI) and the id. The data ID is in the header, as the
        butler puts it there. What is missing is left out: a PSF with a warning.

    Raises
    ------
    lsst.pipe.base.TaskError
        Raised if its pixels are in no unit of flux.
    """
    from lsst.images import Polygon

    exposure = ExposureF(_toBox(image.bbox))
    exposure.image.array[:] = image.image.array
    exposure.variance.array[:] = image.variance.array
    _copyMask(image.mask, exposure)
    exposure.setPhotoCalib(_makePhotoCalib(image.unit))
    exposure.setPsf(_makePsf(image))
    if image.sky_projection is not None:
        exposure.setWcs(_makeWcs(image.sky_projection))
    if isinstance(image.bounds, Polygon):
        exposure.getInfo().setValidPolygon(image.bounds.to_legacy())
    setFilterLabel(exposure, FilterLabel(band=image.band, physical=image.obs_info.physical_filter))
    _copyIdentity(image, exposure)
    return exposure


def _toBox(box: Any) -> Box2I:
    """Return a bounding box of ``lsst.images`` as one of ``lsst.geom``."""
    return Box2I(Point2I(box.x.start, box.y.start), Extent2I(box.x.size, box.y.size))


def _copyMask(mask: Any, exposure: ExposureF) -> None:
    """Copy mask planes, which have other names than in ``lsst.afw``, and bits of their own in every file."""
    from lsst.images import get_legacy_difference_image_mask_planes

    names = {plane.name: name for name, plane in get_legacy_difference_image_mask_planes().items()}
    for name in mask.schema.names:
        bit = exposure.mask.addMaskPlane(names.get(name, name))
        exposure.mask.array[mask.get(name)] |= 1 << bit


def _makePhotoCalib(unit: Any) -> PhotoCalib:
    """Return what makes nanojansky of pixels."""
    try:
        scale = float(unit.to(CALIBRATED))
    except Exception as error:
        # A unit that is none of flux, or none at all; astropy has several errors for these.
        raise TaskError(f"its pixels are in {unit or 'no unit'}, and not in {CALIBRATED} or another unit of "
                        "flux") from error
    return PhotoCalib(scale)


def _makePsf(image: Any) -> Any:
    """Return the PSF of an image, `None` if there is none that can be used."""
    try:
        return image.psf.to_legacy()
    except Exception as error:
        # What could not be read is raised here.
        log.warning("The PSF of visit %s, detector %s cannot be used: %s", *_findNumbers(image),
                    describeError(error))
        return None


def _makeWcs(projection: Any) -> SkyWcs:
    """Return the WCS that maps as the projection of an image does."""
    mapping = astshim.Mapping.fromString(projection.show())
    if isinstance(mapping, astshim.FrameSet):
        mapping = mapping.getMapping()
    frames = astshim.FrameDict(astshim.Frame(2, "Domain=PIXELS"), mapping, astshim.Frame(2, "Domain=IWC"))
    frames.addFrame("IWC", astshim.UnitMap(2), astshim.SkyFrame("System=ICRS"))
    return SkyWcs(frames)


def _findNumbers(image: Any) -> tuple[int | None, int | None]:
    """Return visit and detector."""
    frame = getattr(image.sky_projection, "pixel_frame", None)
    info = image.obs_info
    return (getattr(frame, "visit", None) or info.exposure_id,
            getattr(frame, "detector", None) if hasattr(frame, "detector") else info.detector_num)


def _copyIdentity(image: Any, exposure: ExposureF) -> None:
    """Set date and numbers of an image, and the cards that tell its data ID."""
    info, (visit, detector) = image.obs_info, _findNumbers(image)
    values: dict[str, Any] = {"id": visit or 0, "instrumentLabel": info.instrument or ""}
    if info.exposure_time is not None:
        values["exposureTime"] = float(info.exposure_time.to_value("s"))
    if info.datetime_begin is not None and info.datetime_end is not None:
        middle = info.datetime_begin + 0.5*(info.datetime_end - info.datetime_begin)
        values["date"] = DateTime(float(middle.tai.mjd), DateTime.MJD, DateTime.TAI)
    exposure.getInfo().setVisitInfo(VisitInfo(**values))
    if _hasId(image.metadata):
        exposure.getInfo().setId(int(image.metadata["id"]))
    cards = {"INSTRUMENT": info.instrument, "VISIT": visit, "DETECTOR": detector, "BAND": image.band}
    for name, value in cards.items():
        if value is not None:
            exposure.getMetadata().set(CARD.format(name), value)


def _hasId(metadata: Mapping[str, Any]) -> bool:
    return isinstance(metadata.get("id"), int) and metadata["id"] > 0
