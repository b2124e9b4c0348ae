# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Look up rows by their ids."""

from __future__ import annotations

__all__ = ["findRows"]

import numpy as np


def findRows(ids: np.ndarray, wanted: np.ndarray, order: np.ndarray | None = None) -> np.ndarray:
    """Find the rows that have some ids.

    Parameters
    ----------
    ids : `numpy.ndarray`, (N,)
        Id of each row, integer; those that are looked up come once.
    wanted : `numpy.ndarray`, (n,)
        The ids to look up.
    order : `numpy.ndarray`, (N,), optional
        Rows in order of their ids, if they are looked up more than once.

    Returns
    -------
    rows : `numpy.ndarray`, (n,)
        The row of each, -1 where there is none.
    """
    if not len(ids):
        return np.full(len(wanted), -1)
    if order is None:
        order = np.argsort(ids, kind="stable")
    # What is beyond the last would be looked up outside the array.
    rows = order[np.minimum(np.searchsorted(ids, wanted, sorter=order), len(ids) - 1)]
    return np.where(ids[rows] == wanted, rows, -1)
