# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Pixels without data, whatever is stored in them."""

from __future__ import annotations

__all__ = ["withoutNoData"]

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from lsst.afw.image import ExposureF


@contextmanager
def withoutNoData(exposure: ExposureF) -> Iterator[None]:
    """Make the pixels that the mask says have NO_DATA not a number for a while.

    Stacks before August 2025 have left them so. Later ones put 0 there, and a
    source on such pixels would have a flux of zero with a small error.

    Parameters
    ----------
    exposure : `lsst.afw.image.ExposureF`
        The image; as before when the context is left.
    """
    if "NO_DATA" not in exposure.mask.getMaskPlaneDict():
        yield
        return
    pixels = exposure.image.array
    hasNone = (exposure.mask.array & exposure.mask.getPlaneBitMask("NO_DATA")) != 0
    hasNone &= np.isfinite(pixels)
    stored = pixels[hasNone]
    # An image that is right as it is may be one that cannot be written to.
    if len(stored):
        pixels[hasNone] = np.nan
    try:
        yield
    finally:
        if len(stored):
            pixels[hasNone] = stored
