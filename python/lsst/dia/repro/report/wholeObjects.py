# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Rows of light curves, some whole objects at a time."""

from __future__ import annotations

__all__ = ["splitByObject"]

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa

from ..segments import findRuns, splitByGroup


def splitByObject(rowGroups: Iterable[pa.Table], size: int) -> Iterator[pa.Table]:
    """Divide rows so that no object is in two parts.

    Parameters
    ----------
    rowGroups : iterable [`pyarrow.Table`]
        Rows sorted by object, in groups that objects may go across.
    size : `int`
        About how many rows to have at once.

    Yields
    ------
    rows : `pyarrow.Table`
        All rows of some objects.
    """
    left: list[pa.Table] = []
    for group in rowGroups:
        rows = pa.concat_tables([*left, group])
        starts, stops = findRuns(rows["diaObjectId"].to_numpy())
        # The last object may go on in the next group.
        end = int(starts[-1]) if len(starts) else 0
        number = np.repeat(np.arange(len(starts)), stops - starts)
        for part, _ in splitByGroup(number[:end], size) if end else ():
            yield rows.slice(part[0], len(part))
        left = [rows.slice(end)]
    yield from left
