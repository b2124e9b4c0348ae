# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Objects that are close to each other."""

from __future__ import annotations

__all__ = ["MAX_CLOSE", "findClose"]

import numpy as np
from scipy.spatial import cKDTree

from ..sky import chord, separation, toVectors
from ..units import ARCSEC

#: How many neighbours of an object are found, the nearest.
MAX_CLOSE = 50

#: Number of objects whose neighbours are looked for at once.
CHUNK = 20_000


def findClose(ra: np.ndarray, dec: np.ndarray, radius: float) -> list[list[tuple[int, float]]]:
    """Find the objects near each object.

    Parameters
    ----------
    ra, dec : `numpy.ndarray`, (N,)
        Positions, radians; one that is not finite is near nothing.
    radius : `float`
        Greatest separation, radians.

    Returns
    -------
    close : `list` [`list` [`tuple` [`int`, `float`]]]
        For each object the others within the radius, the nearest first and no
        more than `MAX_CLOSE`: which it is, and its separation, arcsec.
    """
    close: list[list[tuple[int, float]]] = [[] for _ in ra]
    vectors = toVectors(ra, dec)
    rows = np.flatnonzero(np.isfinite(vectors).all(axis=1))
    tree = cKDTree(vectors[rows])
    for first in range(0, len(rows), CHUNK):
        own = np.arange(first, min(first + CHUNK, len(rows)))
        # Each object is near itself, too.
        _, found = tree.query(vectors[rows[own]], MAX_CLOSE + 1, distance_upper_bound=float(chord(radius)))
        one, place = np.nonzero((found < len(rows)) & (found != own[:, np.newaxis]))
        one, other = rows[own[one]], rows[found[one, place]]
        angles = separation(vectors[one], vectors[other])/ARCSEC
        for each, *neighbour in zip(one.tolist(), other.tolist(), angles.tolist()):
            if len(close[each]) < MAX_CLOSE:
                close[each].append(tuple(neighbour))
    return close
