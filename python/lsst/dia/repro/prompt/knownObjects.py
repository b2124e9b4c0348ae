# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""DIAObjects as they are in the database."""

from __future__ import annotations

__all__ = ["KnownObjects", "NearbyObjects"]

from typing import NamedTuple

import numpy as np


class NearbyObjects(NamedTuple):
    """Where DIAObjects of the database are.

    Attributes
    ----------
    id : `numpy.ndarray`, (N,)
        Ids, int64, increasing.
    ra, dec : `numpy.ndarray`, (N,)
        Positions, radians.
    validityStart : `numpy.ndarray`, (N,)
        When their latest version begins, MJD (TAI).
    """

    id: np.ndarray
    ra: np.ndarray
    dec: np.ndarray
    validityStart: np.ndarray

    def select(self, rows: np.ndarray) -> NearbyObjects:
        """Return some of them."""
        return NearbyObjects(*(column[rows] for column in self))


class KnownObjects(NamedTuple):
    """DIAObjects as they are in the database.

    Attributes
    ----------
    id : `numpy.ndarray`, (N,)
        Ids, int64, increasing.
    mean, variance : `numpy.ndarray`, (N, 3) and (N,)
        Where the associator finds them: unit vectors, and the variance of
        these along each axis, radians^2.
    sums : `numpy.ndarray`, (N,)
        Sums, of type `objectSums.SUMS`.
    validityStart : `numpy.ndarray`, (N,)
        When their latest version begins, MJD (TAI).
    """

    id: np.ndarray
    mean: np.ndarray
    variance: np.ndarray
    sums: np.ndarray
    validityStart: np.ndarray
