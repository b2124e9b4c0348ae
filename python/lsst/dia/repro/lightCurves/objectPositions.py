# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Tell the rows of an object that were measured at another position."""

from __future__ import annotations

__all__ = ["findMoved", "firstRows", "isAnywhereElse"]

import numpy as np

from ..segments import findRuns

#: What rounding may change of a coordinate, degrees; 4 microarcseconds.
ROUNDING = 1e-9


def firstRows(ids: np.ndarray) -> np.ndarray:
    """Return the first row of the id of each row.

    Parameters
    ----------
    ids : `numpy.ndarray`, (N,)
        Ids, sorted.

    Returns
    -------
    rows : `numpy.ndarray`, (N,)
        Indices.
    """
    starts, stops = findRuns(ids)
    return np.repeat(starts, stops - starts)


def findMoved(ids: np.ndarray, ra: np.ndarray, dec: np.ndarray) -> np.ndarray:
    """Tell the rows that are not at the position of the first row of their id.

    Parameters
    ----------
    ids : `numpy.ndarray`, (N,)
        Ids, sorted.
    ra, dec : `numpy.ndarray`, (N,)
        Positions, degrees. One that is not finite is at its own like only.

    Returns
    -------
    isMoved : `numpy.ndarray`, (N,)
        Whether a coordinate differs by more than rounding does, bool.
    """
    # Nearly always all is equal to the last bit.
    if not ((ids[1:] == ids[:-1]) & ((ra[1:] != ra[:-1]) | (dec[1:] != dec[:-1]))).any():
        return np.zeros(len(ids), dtype=bool)
    first = firstRows(ids)
    return isAnywhereElse(ra, dec, ra[first], dec[first])


def isAnywhereElse(ra: np.ndarray, dec: np.ndarray, otherRa: np.ndarray, otherDec: np.ndarray) -> np.ndarray:
    """Tell where positions differ by more than rounding does.

    Parameters
    ----------
    ra, dec, otherRa, otherDec : `numpy.ndarray`, (N,)
        The positions, degrees.

    Returns
    -------
    differs : `numpy.ndarray`, (N,)
        Whether a coordinate does, bool.
    """
    return _differ(ra, otherRa, 360.0) | _differ(dec, otherDec)


def _differ(values: np.ndarray, others: np.ndarray, period: float | None = None) -> np.ndarray:
    """Tell where two coordinates differ by more than rounding does."""
    with np.errstate(invalid="ignore"):
        distance = np.abs(values - others)
        if period is not None:
            distance = np.minimum(distance, np.abs(period - distance))
        isSame = (distance <= ROUNDING) | (values == others) | (np.isnan(values) & np.isnan(others))
    return ~isSame
