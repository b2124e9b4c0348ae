# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Sort more records than memory holds."""

from __future__ import annotations

__all__ = ["SortedRuns"]

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from .runFile import Run, RunFile

#: Number of runs of about one size that are merged to a longer one.
FAN_IN = 256

#: Number of records that are in memory while runs are merged.
MERGE_ROWS = 50_000

#: Number of ranges whose places in the runs are found at a time.
RANGES = 256

#: Its multiples are spread evenly between whole numbers.
GOLDEN_RATIO = 0.5*(5**0.5 - 1)


class SortedRuns:
    """Records in scratch files, read back in order of an integer id.

    Each call of `append` writes a run of records that are in order. `groups`
    then takes ranges of ids one after the other, and of every run the slice in
    the range. As soon as there are many runs they are merged to one, those to
    a still longer one and so on: however many there were, few are left to be
    read together, and each record is written once for each power of `FAN_IN`.
    Memory does not grow with the number of records but for one id of some
    hundred that is remembered, to divide the records by.

    Parameters
    ----------
    directory : `str`
        Where to make the scratch files; whoever made it removes it.
    key : `str`
        Name of the id.
    """

    def __init__(self, directory: str, key: str) -> None:
        self._directory = directory
        self._key = key
        self._levels = [RunFile(directory, "", key)]
        self._nWritten = 0

    def __enter__(self) -> SortedRuns:
        return self

    def __exit__(self, *error: Any) -> None:
        for level in self._levels:
            level.close()

    def __len__(self) -> int:
        return sum(run.count for run in self._runs)

    @property
    def _runs(self) -> list[Run]:
        """The runs as they were added; what was merged came first (`list` [`Run`])."""
        return [run for level in reversed(self._levels) for run in level.runs]

    def append(self, records: np.ndarray) -> None:
        """Add a run.

        Parameters
        ----------
        records : `numpy.ndarray`
            Records with the id and any fields beside, in any order.
        """
        ids = records[self._key]
        if (ids[1:] < ids[:-1]).any():
            records = records[np.argsort(ids, kind="stable")]
        self._write(0, iter([records]), records.dtype, len(records))

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
        return _merge(self._runs, size, self._key)

    def _write(self, depth: int, parts: Iterator[np.ndarray], dtype: np.dtype, count: int) -> None:
        """Write a run, and merge those beside it if they are many."""
        if depth == len(self._levels):
            self._levels.append(RunFile(self._directory, str(depth), self._key))
        level = self._levels[depth]
        self._nWritten += 1
        level.append(parts, dtype, count, self._nWritten*GOLDEN_RATIO % 1)
        if len(level.runs) == FAN_IN:
            self._write(depth + 1, _merge(level.runs, MERGE_ROWS, self._key), _joinTypes(level.runs),
                        sum(run.count for run in level.runs))
            level.clear()


def _joinTypes(runs: Sequence[Run]) -> np.dtype:
    """Return the type of a record with the fields of all runs."""
    fields: dict[str, np.dtype] = {}
    for dtype in dict.fromkeys(run.dtype for run in runs):
        for name in dtype.names or ():
            fields[name] = np.promote_types(fields.get(name, dtype[name]), dtype[name])
    return np.dtype(list(fields.items()))


def _merge(runs: Sequence[Run], size: int, key: str) -> Iterator[np.ndarray]:
    """Yield the records of some runs; see `SortedRuns.groups`."""
    dtype = _joinTypes(runs)
    edges = _findEdges(runs, size)
    starts = np.zeros(len(runs), dtype=np.int64)
    # All ranges at once would take more memory than the records of one.
    for first in range(0, len(edges), RANGES):
        counts = np.stack([run.countUpTo(edges[first:first + RANGES], start)
                           for run, start in zip(runs, starts.tolist())], axis=-1)
        for stops in counts:
            # Edges come from samples; a range may turn out to be empty.
            if (stops > starts).any():
                yield _readRange(runs, starts, stops, dtype, key)
            starts = stops


def _findEdges(runs: Sequence[Run], size: int) -> np.ndarray:
    """Return the last id of every range."""
    if not runs:
        return np.zeros(0, dtype=np.int64)
    samples = np.concatenate([run.samples for run in runs])
    weights = np.repeat([run.step for run in runs], [len(run.samples) for run in runs])
    last = np.iinfo(samples.dtype).max
    if sum(run.count for run in runs) <= size:
        return np.array([last])
    order = np.argsort(samples, kind="stable")
    total = np.cumsum(weights[order])
    ends = np.searchsorted(total, np.arange(size, total[-1], size))
    # An id with more records than a range ends several of them, and must end one.
    return np.append(np.unique(samples[order][ends]), last)


def _readRange(runs: Sequence[Run], starts: np.ndarray, stops: np.ndarray, dtype: np.dtype,
               key: str) -> np.ndarray:
    """Read a slice of every run, and sort what they have."""
    records = np.empty(int((stops - starts).sum()), dtype=dtype)
    filled = 0
    for index in np.flatnonzero(stops > starts).tolist():
        part = records[filled:filled + int(stops[index] - starts[index])]
        runs[index].read(int(starts[index]), part)
        filled += len(part)
    # Stable, so that records of one id stay in the order of the runs.
    order = np.argsort(np.ascontiguousarray(records[key]), kind="stable")
    # As lumps of bytes, since NumPy would copy field by field.
    return records.view(np.dtype((np.void, dtype.itemsize)))[order].view(dtype)
