# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""An exposure as the database knows it."""

from __future__ import annotations

__all__ = ["ProcessedExposure"]

from typing import Any, NamedTuple

from ..skyPositions import SkyCircle


class ProcessedExposure(NamedTuple):
    """An exposure as the database knows it.

    Attributes
    ----------
    ccdExposureId, visit, detector : `int`
        Its numbers.
    midpointMjdTai : `float`
        Middle of the exposure, MJD (TAI).
    band : `str`
        Its band.
    dataId : `dict`
        Its data ID.
    circle : `SkyCircle` or `None`
        Circle around it, radians; `None` without an image.
    """

    ccdExposureId: int
    visit: int
    detector: int
    midpointMjdTai: float
    band: str
    dataId: dict[str, Any]
    circle: SkyCircle | None
