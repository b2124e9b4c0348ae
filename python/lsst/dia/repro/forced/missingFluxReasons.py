# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Why rows of a forced catalog have no flux."""

from __future__ import annotations

__all__ = ["Reason", "describeReasons", "findFluxName", "findReasons", "flagUnmeasured"]

import enum

import numpy as np
from lsst.afw.image import ExposureF
from lsst.afw.table import Schema, SourceCatalog

from .psfStamps import PsfStamp, PsfStamps

#: No plugin's own: stacks since 2025 say with it that the PSF is not valid at a position.
PSF_FLAG = "base_InvalidPsf_flag"


class Reason(enum.IntEnum):
    """Why a row has no flux: the column ``reason`` of ``forcedDIASource``.

    The numbers are stored in files: they never change, and a new reason gets
    a new number. If several apply the first in this list is given.
    """

    #: There is a flux with an error, both finite, and the error is not zero.
    MEASURED = 0
    #: The position is off the image or outside the polygon of its valid pixels.
    OFF_IMAGE = 1
    #: The pixel at the position has NO_DATA, or all pixels of the fit have it or are not finite.
    NO_DATA = 2
    #: The PSF cannot be evaluated at the position.
    PSF_FAILED = 3
    #: A pixel of the fit is not finite in flux or variance or has NO_DATA, or the variances make the square
    #: of the error negative.
    NON_FINITE_PIXELS = 4
    #: Too little of the PSF is on good pixels to measure.
    TOO_FEW_GOOD_PIXELS = 5
    #: The measurement failed in any other way.
    FAILED = 6
    #: The error of the flux is zero, as where the variances are.
    NO_ERROR = 7
    #: The calibration at the position is not a positive number, or its error, if asked for, none at all.
    BAD_CALIBRATION = 8
    #: The image cannot be read; only Level 1 has rows then, for it knows of the object otherwise.
    IMAGE_UNREAD = 9

    @property
    def label(self) -> str:
        """Name as the documentation has it, such as ``offImage`` (`str`)."""
        first, *others = self.name.lower().split("_")
        return first + "".join(word.capitalize() for word in others)


def describeReasons(reasons: np.ndarray) -> str:
    """Say how many objects of an image were measured, and why the others were not.

    Parameters
    ----------
    reasons : `numpy.ndarray`, (n,)
        The column ``reason``.

    Returns
    -------
    text : `str`
        Such as ``Measured 7 of 10 DIAObjects (2 offImage, 1 noData)``.
    """
    counts = {reason: int((reasons == reason).sum()) for reason in Reason}
    text = f"Measured {counts.pop(Reason.MEASURED)} of {len(reasons)} DIAObjects"
    others = ", ".join(f"{count} {reason.label}" for reason, count in counts.items() if count)
    return f"{text} ({others})" if others else text


def findFluxName(schema: Schema, slot: str | None) -> str | None:
    """Find the flux that the column ``reason`` is about.

    Parameters
    ----------
    schema : `lsst.afw.table.Schema`
        Schema of the forced catalog.
    slot : `str` or `None`
        Name of the flux that is preferred.

    Returns
    -------
    name : `str` or `None`
        Name without ``_instFlux``: the slot, else base_PsfFlux, else the
        first of all fluxes with an error.
    """
    fields = set(schema.getNames())
    names = [field[:-len("_instFlux")] for field in sorted(fields)
             if field.endswith("_instFlux") and field + "Err" in fields]
    return next((name for name in (slot, "base_PsfFlux", *names) if name in names), None)


def flagUnmeasured(forced: SourceCatalog, isInside: np.ndarray, wasRun: np.ndarray, x: np.ndarray,
                   y: np.ndarray) -> None:
    """Set the flags of the rows that no plugin saw, and say where they are.

    Parameters
    ----------
    forced : `lsst.afw.table.SourceCatalog`
        Measurements, contiguous; failure flags and centroids are changed.
    isInside, wasRun : `numpy.ndarray`, (n,)
        Whether each row is on the image and was measured, bool.
    x, y : `numpy.ndarray`, (n,)
        Pixel positions.
    """
    if wasRun.all():
        return
    for name in forced.schema.getNames():
        if name.endswith("_flag") and name != PSF_FLAG:
            forced[name] = np.array(forced[name]) | ~wasRun
        elif name == "base_PixelFlags_flag_offimage":
            forced[name] = np.array(forced[name]) | ~isInside
    for name, values in (("slot_Centroid_x", x), ("slot_Centroid_y", y)):
        if name in forced.schema:
            forced[name] = np.where(wasRun, forced[name], values)


def findReasons(exposure: ExposureF, x: np.ndarray, y: np.ndarray, isInside: np.ndarray,
                isMeasured: np.ndarray, stamps: PsfStamps | None, nPixels: np.ndarray | None,
                unmeasured: Reason) -> np.ndarray:
    """Find out why sources have no flux.

    Only those without are looked at, so that this costs nothing where all is well.

    Parameters
    ----------
    exposure : `lsst.afw.image.Exposure`
        The image.
    x, y : `numpy.ndarray`, (n,)
        Pixel positions.
    isInside : `numpy.ndarray`, (n,)
        Whether each source is on the image, bool.
    isMeasured : `numpy.ndarray`, (n,)
        Whether it has a flux, bool.
    stamps : `PsfStamps` or `None`
        The PSF and the pixels under it; `None` if the image has no PSF.
    nPixels : `numpy.ndarray`, (n,) or `None`
        Number of pixels that base_PsfFlux used, if it was run. It tells without a second
        look that there is a PSF, and that the pixels must be to blame.
    unmeasured : `Reason`
        What pixels that are not finite lead to.

    Returns
    -------
    reasons : `numpy.ndarray`, (n,)
        The reasons, `int32`.
    """
    reasons = np.full(len(x), int(Reason.MEASURED), dtype=np.int32)
    reasons[~isInside] = Reason.OFF_IMAGE
    missing = np.flatnonzero(isInside & ~isMeasured)
    isFinite, noData = _lookAtPixels(exposure, x[missing], y[missing])
    # With pixels left out, their number would have to be looked at, too.
    wasFitted = np.zeros(len(missing), dtype=bool)
    if nPixels is not None and unmeasured == Reason.NON_FINITE_PIXELS:
        wasFitted = nPixels[missing] > 0
    reasons[missing[isFinite & wasFitted]] = unmeasured
    for i in missing[~(isFinite & wasFitted) & ~noData]:
        reasons[i] = _explain(stamps.at(x[i], y[i]) if stamps else None, unmeasured)
    reasons[missing[noData]] = Reason.NO_DATA
    return reasons


def _explain(stamp: PsfStamp | None, unmeasured: Reason) -> Reason:
    """Return the reason for a source on the image whose own pixel has data."""
    if stamp is None:
        return Reason.PSF_FAILED
    if not stamp.isFinite.any():
        return Reason.NO_DATA
    if not stamp.isUsable.any():
        return Reason.TOO_FEW_GOOD_PIXELS
    isGood = stamp.isUsable & stamp.isFinite
    if stamp.psf[isGood]**2 @ stamp.variance[isGood] < 0.0:
        return Reason.NON_FINITE_PIXELS
    return Reason.FAILED if isGood[stamp.isUsable].all() else unmeasured


def _lookAtPixels(exposure: ExposureF, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Tell of the pixels at some positions whether they are finite, and whether the mask says NO_DATA."""
    xy0 = exposure.getXY0()
    pixels = (np.floor(y + 0.5).astype(int) - xy0.getY(), np.floor(x + 0.5).astype(int) - xy0.getX())
    isFinite = np.isfinite(exposure.image.array[pixels]) & np.isfinite(exposure.variance.array[pixels])
    if "NO_DATA" not in exposure.mask.getMaskPlaneDict():
        return isFinite, np.zeros(len(x), dtype=bool)
    return isFinite, (exposure.mask.array[pixels] & exposure.mask.getPlaneBitMask("NO_DATA")) != 0
