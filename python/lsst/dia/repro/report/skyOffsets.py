# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Positions on the sky as places on a flat map."""

from __future__ import annotations

__all__ = ["SkyOffsets"]

import numpy as np

from ..sky import toRaDec, toVectors


class SkyOffsets:
    """Azimuthal equal-area projection about the mean of positions.

    Neither RA 0 nor the poles are special, and equal areas of the sky are
    equal areas of the map.

    Parameters
    ----------
    ra, dec : `numpy.ndarray`, (N,)
        The positions to put in the middle, degrees; those that are not finite
        do not count.

    Attributes
    ----------
    ra, dec : `float`
        The center, degrees; zeros where the positions have no mean.
    """

    def __init__(self, ra: np.ndarray, dec: np.ndarray) -> None:
        vectors = toVectors(np.radians(ra), np.radians(dec))
        total = vectors[np.isfinite(vectors).all(axis=1)].sum(axis=0)
        centerRa, centerDec = toRaDec(total if np.linalg.norm(total) > 1e-9 else np.array([1.0, 0.0, 0.0]))
        self.ra, self.dec = float(np.degrees(centerRa)), float(np.degrees(centerDec))
        self._axes = np.array([
            [-np.sin(centerRa), np.cos(centerRa), 0.0],
            [-np.sin(centerDec)*np.cos(centerRa), -np.sin(centerDec)*np.sin(centerRa), np.cos(centerDec)],
            toVectors(centerRa, centerDec)])

    def project(self, ra: np.ndarray, dec: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Find the places of positions on the map.

        Parameters
        ----------
        ra, dec : `numpy.ndarray`, (n,)
            Positions, degrees.

        Returns
        -------
        east, north : `numpy.ndarray`, (n,)
            Offsets from the center, degrees near it; NaN for positions that
            are not finite.
        """
        east, north, toward = np.moveaxis(toVectors(np.radians(ra), np.radians(dec)) @ self._axes.T, -1, 0)
        # The point opposite to the center is all of the rim; rounding must not take it beyond.
        scale = np.degrees(np.sqrt(2/np.maximum(1 + toward, 1e-12)))
        return scale*east, scale*north
