# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The columns of DIASources that association needs."""

from __future__ import annotations

__all__ = ["DiaSources"]

from copy import copy

import numpy as np
from numpy.typing import ArrayLike

from ...sky import toVectors


class DiaSources:
    """DIASources of a survey, in canonical order, as columns.

    The canonical order is by time of the exposure, then exposure id, then
    source id. Associators depend on it and on nothing else, so that the order
    in which files or data IDs were given never matters.

    Parameters
    ----------
    id : `numpy.ndarray`, (N,)
        Source ids, int64, each one once.
    ra, dec : `numpy.ndarray`, (N,)
        ICRS position, radians, float64; finite.
    exposure : `numpy.ndarray`, (N,)
        Rank of the source's exposure in (time, exposure id), integer.
    error : `numpy.ndarray`, (N,), optional
        One-sigma error of the position along each axis, radians; NaN where it
        is not known.

    Raises
    ------
    ValueError
        Raised if the columns differ in length, are not in canonical order, or
        a position is not finite.
    """

    def __init__(self, id: ArrayLike, ra: ArrayLike, dec: ArrayLike, exposure: ArrayLike,
                 error: ArrayLike | None = None) -> None:
        self.id = np.asarray(id, dtype=np.int64)
        self.ra = np.asarray(ra, dtype=float)
        self.dec = np.asarray(dec, dtype=float)
        self.exposure = np.asarray(exposure)
        self.error = np.full(len(self.id), np.nan) if error is None else np.asarray(error, dtype=float)
        self._check()

    def __len__(self) -> int:
        return len(self.id)

    def vectors(self) -> np.ndarray:
        """Return the unit vectors of the positions.

        Returns
        -------
        vectors : `numpy.ndarray`, (N, 3)
            Unit vectors, made anew at each call, since they take more room
            than all the columns.
        """
        return toVectors(self.ra, self.dec)

    def select(self, rows: np.ndarray) -> DiaSources:
        """Return some of the sources.

        Parameters
        ----------
        rows : `numpy.ndarray`
            Which rows, increasing.

        Returns
        -------
        sources : `DiaSources`
            Their columns.
        """
        # What is selected of checked columns needs no check.
        selected = copy(self)
        for name, column in vars(self).items():
            setattr(selected, name, column[rows])
        return selected

    def _check(self) -> None:
        columns = {name: len(getattr(self, name)) for name in ("id", "ra", "dec", "exposure", "error")}
        if len(set(columns.values())) > 1:
            raise ValueError(f"DIASource columns differ in length: {columns}")
        if not (np.isfinite(self.ra).all() and np.isfinite(self.dec).all()):
            raise ValueError("DIASource positions must be finite; reject the others before association")
        step = np.diff(self.exposure)
        if (step < 0).any() or (np.diff(self.id)[step == 0] <= 0).any():
            raise ValueError("DIASources must be sorted by exposure, then id, and no source may come twice")
