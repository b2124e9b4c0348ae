# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The images of a survey, numbered as its light curves come to them."""

from __future__ import annotations

__all__ = ["SurveyImages", "nameImage"]

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa


class SurveyImages:
    """The images that light curves have measurements on.

    Parameters
    ----------
    dataIdKeys : sequence [`str`]
        The columns that make up a data ID.

    Attributes
    ----------
    dataIds : `list` [`dict`]
        Data ID of each image, by its number.
    bands : `list` [`str`]
        Its band, empty where none is known.
    mjds : `list` [`float`]
        Middle of the exposure, MJD (TAI).
    """

    def __init__(self, dataIdKeys: Sequence[str]) -> None:
        self.dataIds: list[dict[str, Any]] = []
        self.bands: list[str] = []
        self.mjds: list[float] = []
        self._dataIdKeys = dataIdKeys
        self._numbers: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self.dataIds)

    @property
    def columns(self) -> list[str]:
        """The columns of light curves that `number` needs (`list` [`str`])."""
        return ["ccdExposureId", *self._dataIdKeys, "band", "midpointMjdTai"]

    def find(self, ccdExposureId: int) -> int | None:
        """Return the number of the image of an id, `None` if it has none."""
        return self._numbers.get(ccdExposureId)

    def number(self, rows: pa.Table) -> np.ndarray:
        """Tell which images rows are on; those not seen before are added.

        Parameters
        ----------
        rows : `pyarrow.Table`, (N,)
            Rows of light curves, with `columns`.

        Returns
        -------
        numbers : `numpy.ndarray`, (N,)
            Number of the image of each row, `int32`.
        """
        ids, first, place = np.unique(rows["ccdExposureId"].to_numpy(), return_index=True,
                                      return_inverse=True)
        isNew = np.array([int(each) not in self._numbers for each in ids], dtype=bool)
        # Few rows are of images not seen before, and only their texts are decoded.
        for row in rows.select(self.columns).take(pa.array(np.sort(first[isNew]))).to_pylist():
            self._numbers[row["ccdExposureId"]] = len(self)
            self.dataIds.append({key: row[key] for key in self._dataIdKeys})
            self.bands.append(row["band"] or "")
            self.mjds.append(row["midpointMjdTai"])
        return np.array([self._numbers[int(each)] for each in ids], dtype=np.int32)[place]


def nameImage(dataId: Mapping[str, Any]) -> str:
    """Return a data ID as text."""
    return ", ".join(f"{key}={value}" for key, value in dataId.items())
