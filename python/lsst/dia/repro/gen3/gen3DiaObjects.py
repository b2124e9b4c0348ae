# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The positions of the DIAObjects of a Gen3 repository, read once a process."""

from __future__ import annotations

__all__ = ["readDiaObjects"]

from collections.abc import Sequence
from uuid import UUID

import numpy as np
from lsst.daf.butler import DeferredDatasetHandle
from lsst.pipe.base import TaskError

from ..skyPositions import SkyPositions

#: The datasets read last, and what they have: quanta in one process are of the same ones.
_last: tuple[frozenset[UUID], SkyPositions] | None = None


def readDiaObjects(tables: Sequence[DeferredDatasetHandle]) -> SkyPositions:
    """Read where DIAObjects are, or return what was read before.

    Parameters
    ----------
    tables : sequence [`lsst.daf.butler.DeferredDatasetHandle`]
        Read the tables of some tiles, or the one of all.

    Returns
    -------
    positions : `SkyPositions`
        All positions, sorted by id.

    Raises
    ------
    lsst.pipe.base.TaskError
        Raised if two tables have a DIAObject of one id.
    """
    global _last
    key = frozenset(table.ref.id for table in tables)
    if _last is None or _last[0] != key:
        parts = [SkyPositions.fromCatalog(table.get()) for table in tables]
        ids, ra, dec = (np.concatenate([np.zeros(0, dtype), *(getattr(part, name) for part in parts)])
                        for name, dtype in (("id", np.int64), ("ra", float), ("dec", float)))
        order = np.argsort(ids, kind="stable")
        if (np.diff(ids[order]) == 0).any():
            raise TaskError("A DIAObject is in the tables of two tiles, which are of different runs: make "
                            "all tiles again")
        positions = SkyPositions(ids[order], ra[order], dec[order])
        positions.buildIndex()
        _last = key, positions
    return _last[1]
