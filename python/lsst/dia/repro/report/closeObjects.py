# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Objects that are close to each other."""

from __future__ import annotations

__all__ = ["findClose"]

import numpy as np
from scipy.spatial import cKDTree

from ..sky import chord, separation, toVectors
from ..units import ARCSEC


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
        For each object the others within the radius, the nearest first: which
        it is, and its separation, arcsec.
    """
    close: list[list[tuple[int, float]]] = [[] for _ in ra]
    vectors = toVectors(ra, dec)
    rows = np.flatnonzero(np.isfinite(vectors).all(axis=1))
    pairs = rows[cKDTree(vectors[rows]).query_pairs(float(chord(radius)), output_type="ndarray")]
    angles = separation(vectors[pairs[:, 0]], vectors[pairs[:, 1]])/ARCSEC
    for (one, other), angle in zip(pairs.tolist(), angles.tolist()):
        close[one].append((other, angle))
        close[other].append((one, angle))
    return [sorted(each, key=lambda neighbour: neighbour[1]) for each in close]
