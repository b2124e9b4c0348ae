# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Numbers for the sets of flags that occur."""

from __future__ import annotations

__all__ = ["FlagSets"]

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from ..lightCurves.arrowTables import fillNulls


class FlagSets:
    """The sets of flags that rows of light curves have, numbered as they come.

    Of many flags few sets occur, so that a number a row tells them all.

    Parameters
    ----------
    names : sequence [`str`]
        The flags, boolean columns.
    badFlags : sequence [`str`]
        Those that make a measurement unusable.

    Attributes
    ----------
    names : `list` [`str`]
        The flags.
    """

    def __init__(self, names: Sequence[str], badFlags: Sequence[str]) -> None:
        self.names = list(names)
        self._isBad = np.isin(self.names, list(badFlags))
        self._numbers: dict[bytes, int] = {}

    def number(self, rows: pa.Table) -> np.ndarray:
        """Tell the sets of some rows.

        Parameters
        ----------
        rows : `pyarrow.Table`, (N,)
            Rows with the columns `names`; a flag that is null is not set.

        Returns
        -------
        numbers : `numpy.ndarray`, (N,)
            Number of the set of each row, int32.
        """
        flags = np.zeros((len(rows), len(self.names)), dtype=bool)
        for column, name in enumerate(self.names):
            flags[:, column] = fillNulls(rows[name])
        packed = np.packbits(flags, axis=1)
        if not packed.size:
            packed = np.zeros((len(rows), 1), dtype=np.uint8)
        keys = packed.view(f"V{packed.shape[1]}")[:, 0]
        sets, place = np.unique(keys, return_inverse=True)
        numbers = [self._numbers.setdefault(each.tobytes(), len(self._numbers)) for each in sets]
        return np.array(numbers, dtype=np.int32)[place]

    def describe(self) -> list[dict[str, Any]]:
        """Return what is in the sets.

        Returns
        -------
        sets : `list` [`dict`]
            Of each set, by its number, ``flags``, their places in `names`, and
            ``isBad``.
        """
        described = []
        for key in self._numbers:
            isSet = np.unpackbits(np.frombuffer(key, dtype=np.uint8), count=len(self.names)).astype(bool)
            described.append({"flags": np.flatnonzero(isSet).tolist(),
                              "isBad": bool((isSet & self._isBad).any())})
        return described
