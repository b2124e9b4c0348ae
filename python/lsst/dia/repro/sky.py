# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Unit vectors and small separations on the sphere."""

from __future__ import annotations

__all__ = ["chord", "separation", "toRaDec", "toVectors"]

import numpy as np


def toVectors(ra: np.ndarray, dec: np.ndarray) -> np.ndarray:
    """Turn sky positions into unit vectors.

    Parameters
    ----------
    ra, dec : `numpy.ndarray`, (N,)
        Right ascension and declination, radians.

    Returns
    -------
    vectors : `numpy.ndarray`, (N, 3)
        Cartesian unit vectors, float64; NaN where a position is not finite.
    """
    # The cosine of infinity is NaN, of which NumPy would warn.
    with np.errstate(invalid="ignore"):
        cosDec = np.cos(dec)
        return np.stack([cosDec*np.cos(ra), cosDec*np.sin(ra), np.sin(dec)], axis=-1)


def toRaDec(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Turn vectors of any length into sky positions.

    Parameters
    ----------
    vectors : `numpy.ndarray`, (N, 3)
        Cartesian vectors; a null or NaN vector gives NaN.

    Returns
    -------
    ra, dec : `numpy.ndarray`, (N,)
        Right ascension in [0, 2 pi) and declination, radians, float64.
    """
    x, y, z = np.moveaxis(np.asarray(vectors, dtype=float), -1, 0)
    ra = np.arctan2(y, x)
    ra = np.where(ra < 0, ra + 2*np.pi, ra)
    # Adding 2 pi to a tiny negative angle rounds to 2 pi itself.
    ra = np.where(ra >= 2*np.pi, 0.0, ra)
    dec = np.arctan2(z, np.hypot(x, y))
    isNull = (x == 0) & (y == 0) & (z == 0)
    return np.where(isNull, np.nan, ra), np.where(isNull, np.nan, dec)


def chord(angle: float) -> float:
    """Return the length of the chord that spans an angle.

    Parameters
    ----------
    angle : `float`
        Angle, radians.

    Returns
    -------
    length : `float`
        2 sin(angle / 2), dimensionless.
    """
    return 2*np.sin(0.5*np.minimum(angle, np.pi))


def separation(vectors1: np.ndarray, vectors2: np.ndarray) -> np.ndarray:
    """Return the angle between unit vectors, row by row.

    Parameters
    ----------
    vectors1, vectors2 : `numpy.ndarray`, (N, 3)
        Unit vectors.

    Returns
    -------
    angle : `numpy.ndarray`, (N,)
        Great-circle separation, radians; accurate for small angles, since it
        is derived from the chord.
    """
    length = np.sqrt(np.sum((vectors1 - vectors2)**2, axis=-1))
    return 2*np.arcsin(np.minimum(0.5*length, 1.0))
