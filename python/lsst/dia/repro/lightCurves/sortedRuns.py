# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Sort more records than memory holds."""

from __future__ import annotations

__all__ = ["SortedRuns"]

import os
from collections.abc import Iterator
from io import FileIO
from typing import Any

import numpy as np

#: Number of ids that are remembered of each run, to divide the records by.
SAMPLES = 1000


class SortedRuns:
    """Records in a scratch file, read back in order of an integer id.

    Each call of `append` writes a run of records that are in order. `groups`
    then takes ranges of ids one after the other, and of every run the slice in
    the range.

    Parameters
    ----------
    directory : `str`
        Where to make the scratch files; whoever made it removes it.
    key : `str`
        Name of the id.
    """

    def __init__(self, directory: str, key: str) -> None:
        self._key = key
        self._dtypes: list[np.dtype] = []
        self._counts: list[int] = []
        self._offsets: list[int] = []
        self._samples: list[np.ndarray] = []
        self._weights: list[np.ndarray] = []
        # Whole arrays go to and fro, so that buffers would only copy.
        self._rows = open(os.path.join(directory, "rows"), "w+b", buffering=0)
        # Ids are written twice, so that ranges are found without reading whole records.
        self._ids = open(os.path.join(directory, "ids"), "w+b", buffering=0)

    def __enter__(self) -> SortedRuns:
        return self

    def __exit__(self, *error: Any) -> None:
        self._rows.close()
        self._ids.close()

    def __len__(self) -> int:
        return sum(self._counts)

    @property
    def dtype(self) -> np.dtype:
        """Type of a record with the fields of all runs (`numpy.dtype`)."""
        fields: dict[str, np.dtype] = {}
        for dtype in dict.fromkeys(self._dtypes):
            for name in dtype.names or ():
                fields[name] = np.promote_types(fields.get(name, dtype[name]), dtype[name])
        return np.dtype(list(fields.items()))

    def append(self, records: np.ndarray) -> None:
        """Add a run.

        Parameters
        ----------
        records : `numpy.ndarray`
            Records with the id and any fields beside, in any order.
        """
        ids = np.ascontiguousarray(records[self._key])
        if (ids[1:] < ids[:-1]).any():
            order = np.argsort(ids, kind="stable")
            ids, records = ids[order], records[order]
        self._dtypes.append(records.dtype)
        self._counts.append(len(records))
        self._offsets.append(self._rows.tell())
        _write(self._rows, records)
        _write(self._ids, ids)
        step = max(1, len(ids)//SAMPLES)
        self._samples.append(ids[::step].copy())
        # Each sample stands for the records up to the next one.
        self._weights.append(np.full(len(self._samples[-1]), step))

    def groups(self, size: int) -> Iterator[np.ndarray]:
        """Read all records, a range of ids at a time.

        Parameters
        ----------
        size : `int`
            About how many records to read at once. All records of one id come
            together.

        Yields
        ------
        records : `numpy.ndarray`
            Records sorted by id, and by run within one. Fields that a run
            lacks are zero.
        """
        dtype = self.dtype
        bounds = self._findBounds(self._findEdges(size))
        for starts, stops in zip(bounds[:-1], bounds[1:]):
            yield self._readRange(starts, stops, dtype)

    def _readRange(self, starts: np.ndarray, stops: np.ndarray, dtype: np.dtype) -> np.ndarray:
        """Read a slice of every run, and sort what they have."""
        records = np.empty(int((stops - starts).sum()), dtype=dtype)
        filled = 0
        for run in np.flatnonzero(stops > starts):
            part = records[filled:filled + stops[run] - starts[run]]
            self._readRun(int(run), int(starts[run]), part)
            filled += len(part)
        # Stable, so that records of one id stay in the order of the runs.
        order = np.argsort(np.ascontiguousarray(records[self._key]), kind="stable")
        # As lumps of bytes, since NumPy would copy field by field.
        return records.view(np.dtype((np.void, dtype.itemsize)))[order].view(dtype)

    def _findEdges(self, size: int) -> np.ndarray:
        """Return the last id of every range but the last."""
        if len(self) <= size:
            return np.zeros(0, dtype=np.int64)
        samples, weights = np.concatenate(self._samples), np.concatenate(self._weights)
        order = np.argsort(samples, kind="stable")
        total = np.cumsum(weights[order])
        # An id with more records than a range ends several of them, and must end one.
        return np.unique(samples[order][np.searchsorted(total, np.arange(size, total[-1], size))])

    def _findBounds(self, edges: np.ndarray) -> np.ndarray:
        """Return where each range begins in each run, (ranges + 1, runs)."""
        bounds = np.zeros((len(edges) + 2, len(self._counts)), dtype=np.int64)
        self._ids.seek(0)
        for run, count in enumerate(self._counts):
            ids = np.empty(count, dtype=self._dtypes[run][self._key])
            _read(self._ids, ids)
            # To the right of an edge, since all records of that id belong to the range it ends.
            bounds[1:-1, run] = np.searchsorted(ids, edges, side="right")
            bounds[-1, run] = count
        # Edges come from samples; a range that turns out to be empty is left out.
        return bounds[np.append(True, (np.diff(bounds, axis=0) > 0).any(axis=1))]

    def _readRun(self, run: int, start: int, part: np.ndarray) -> None:
        """Fill a slice of the records of a range with those of a run."""
        dtype = self._dtypes[run]
        self._rows.seek(self._offsets[run] + start*dtype.itemsize)
        if dtype == part.dtype:
            _read(self._rows, part)
            return
        records = np.empty(len(part), dtype=dtype)
        _read(self._rows, records)
        for name in part.dtype.names or ():
            part[name] = records[name] if name in (dtype.names or ()) else np.zeros((), part.dtype[name])


def _write(stream: FileIO, array: np.ndarray) -> None:
    """Write all of an array."""
    # Without a buffer the system may take less than it is given.
    left = np.ascontiguousarray(array).view(np.uint8).reshape(-1).data
    while len(left):
        left = left[stream.write(left):]


def _read(stream: FileIO, array: np.ndarray) -> None:
    """Fill a contiguous array."""
    left = array.view(np.uint8).reshape(-1).data
    while len(left):
        # Nor need it give as much as is asked for.
        count = stream.readinto(left)
        if not count:
            raise OSError(f"{stream.name} is shorter than what was written to it")
        left = left[count:]
