# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Whether the database is of the survey at hand: exposures of two surveys can have the same numbers."""

from __future__ import annotations

__all__ = ["requireSameExposures"]

from collections.abc import Iterable, Sequence

import numpy as np
from lsst.geom import Box2D
from lsst.pipe.base import TaskError

from ..exposureHandle import ExposureHandle
from ..forced.imageCoverage import coverWithCircle
from ..sky import separation, toVectors
from ..skyPositions import SkyCircle
from .processedExposure import ProcessedExposure
from .promptDatabase import PromptDatabase

#: Times of one exposure differ by no more (s): that of an image, and that of a registry which takes TAI for
#: UTC or the begin for the middle.
TIME_TOLERANCE = 60.0


def requireSameExposures(database: PromptDatabase,
                         exposures: Sequence[ExposureHandle]) -> dict[int, ProcessedExposure]:
    """Refuse a database of another survey, as far as what it has of exposures tells.

    Parameters
    ----------
    database : `PromptDatabase`
        The database.
    exposures : sequence [`ExposureHandle`]
        The exposures at hand; those that the database has not are not looked at.

    Returns
    -------
    done : `dict` [`int`, `ProcessedExposure`]
        Those that the database has, by their numbers.

    Raises
    ------
    lsst.pipe.base.TaskError
        Raised if an exposure of the database is of another time or place than
        the one at hand that has its number.
    """
    done = database.findDone([exposure.ccdExposureId for exposure in exposures])
    pairs = [(exposure, done[exposure.ccdExposureId]) for exposure in exposures
             if exposure.ccdExposureId in done]
    difference = _compareTimes(pairs) or _comparePlaces(pairs)
    if difference:
        raise TaskError(f"The database {database.place} has other exposures of these numbers, {difference}: "
                        "is it that of another survey?")
    return done


def _compareTimes(pairs: Iterable[tuple[ExposureHandle, ProcessedExposure]]) -> str:
    """Name an exposure of another time; empty if there is none."""
    for exposure, stored in pairs:
        # One without a time, NaN, tells nothing.
        if abs(exposure.mjd - stored.midpointMjdTai)*86400 > TIME_TOLERANCE:
            return (f"its {stored.ccdExposureId} is of MJD {stored.midpointMjdTai:.5f}, and "
                    f"dataId={exposure.dataId} of MJD {exposure.mjd:.5f}")
    return ""


def _comparePlaces(pairs: Iterable[tuple[ExposureHandle, ProcessedExposure]]) -> str:
    """Say where an exposure of another place lies; empty if it is where it was.

    One image is enough, since all are elsewhere in a survey that differs in
    its place alone, and reading headers takes longer than all else here.
    """
    for exposure, stored in pairs:
        now = None if stored.circle is None else _findCircle(exposure)
        if now is None or stored.circle is None:
            continue
        if _isSamePlace(now, stored.circle):
            return ""
        return (f"its {stored.ccdExposureId} is at {_describe(stored.circle)}, and "
                f"dataId={exposure.dataId} at {_describe(now)}")
    return ""


def _findCircle(exposure: ExposureHandle) -> SkyCircle | None:
    """Return a circle around an image, `None` if it is not known."""
    try:
        box, wcs = (exposure.readBBox(), exposure.readWcs()) if exposure.hasImage() else (None, None)
        return None if box is None or wcs is None else coverWithCircle(wcs, Box2D(box))
    except Exception:
        # What cannot be read tells nothing, and has been warned of when its time was looked up.
        return None


def _isSamePlace(circle: SkyCircle, stored: SkyCircle) -> bool:
    """Tell whether the center is within the stored circle, as it is after any new calibration."""
    centers = (toVectors(np.array([each.ra]), np.array([each.dec])) for each in (circle, stored))
    return bool(separation(*centers)[0] <= stored.radius)


def _describe(circle: SkyCircle) -> str:
    ra, dec, _ = np.degrees(circle)
    return f"ra {ra:.4f}, dec {dec:.4f}"
