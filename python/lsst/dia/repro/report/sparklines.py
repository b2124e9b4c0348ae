# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Light curves in a few characters each, for the rows of a table."""

from __future__ import annotations

__all__ = ["makeSparklines"]

import numpy as np

#: Number of intervals of time.
BINS = 32

#: What the levels are counted from; the last level is that of ``LEVELS``.
FIRST = ord("0")
LEVELS = 60

#: Where there is no flux.
NOTHING = ord("~")


def makeSparklines(owner: np.ndarray, nObjects: int, phase: np.ndarray, flux: np.ndarray,
                   fluxErr: np.ndarray) -> list[str]:
    """Draw light curves with characters.

    Parameters
    ----------
    owner : `numpy.ndarray`, (N,)
        Object, 0 to M - 1, of each flux.
    nObjects : `int`
        Number M of objects.
    phase : `numpy.ndarray`, (N,)
        When in the survey each flux was measured, from 0 to 1.
    flux, fluxErr : `numpy.ndarray`, (N,)
        Fluxes and their errors, finite, in one unit.

    Returns
    -------
    lines : `list` [`str`]
        For each object the level of zero, then the level of the weighted mean
        of each of `BINS` intervals: characters from "0" to "l", from the least
        to the greatest of these, zero among them; "~" where there is none.
    """
    place = owner*BINS + np.minimum((phase*BINS).astype(int), BINS - 1)
    with np.errstate(over="ignore"):
        weight = fluxErr**-2.0
    total, weighted = (np.bincount(place, values, nObjects*BINS).reshape(nObjects, BINS)
                       for values in (weight, weight*flux))
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.hstack([np.zeros((nObjects, 1)), weighted/total])
        low, high = np.nanmin(mean, axis=1), np.nanmax(mean, axis=1)
        level = (mean - low[:, np.newaxis])/(high - low)[:, np.newaxis]
    codes = np.where(np.isfinite(level), FIRST + np.round(LEVELS*np.nan_to_num(level)), NOTHING)
    return [line.tobytes().decode("ascii") for line in codes.astype(np.uint8)]
