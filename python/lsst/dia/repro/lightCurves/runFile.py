# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Runs of sorted records in a file."""

from __future__ import annotations

__all__ = ["Run", "RunFile"]

import os
from collections.abc import Iterable
from io import FileIO

import numpy as np

#: Number of ids that are read at a time.
BLOCK = 16_384

#: Least number of ids that are remembered of a run, unless it is shorter.
SAMPLES = 1000

#: Most records that one remembered id stands for.
STEP = 1000


class RunFile:
    """Files that runs are written to one after the other.

    Parameters
    ----------
    directory : `str`
        Where to make the files; whoever made it removes it.
    name : `str`
        What to add to their names.
    key : `str`
        Name of the id that the records are sorted by.

    Attributes
    ----------
    runs : `list` [`Run`]
        The runs.
    """

    def __init__(self, directory: str, name: str, key: str) -> None:
        self.runs: list[Run] = []
        self.key = key
        # Whole arrays go to and fro, so that buffers would only copy.
        self._rows = open(os.path.join(directory, "rows" + name), "w+b", buffering=0)
        # Ids are written twice, so that ranges are found without reading whole records.
        self._ids = open(os.path.join(directory, "ids" + name), "w+b", buffering=0)

    def close(self) -> None:
        """Close the files."""
        self._rows.close()
        self._ids.close()

    def clear(self) -> None:
        """Forget all runs, and give their space back."""
        self.runs = []
        for stream in (self._rows, self._ids):
            stream.seek(0)
            stream.truncate()

    def append(self, parts: Iterable[np.ndarray], dtype: np.dtype, count: int, phase: float) -> None:
        """Write a run.

        Parameters
        ----------
        parts : iterable [`numpy.ndarray`]
            The records in order, some at a time.
        dtype : `numpy.dtype`
            Their type.
        count : `int`
            How many they are in all.
        phase : `float`
            Where between 0 and 1 to begin with the ids that are remembered.
            It should differ from run to run: the ids of many images are the
            same, and those remembered of all should not be.
        """
        step = min(max(1, count//SAMPLES), STEP)
        begin = int(phase*step)
        rowStart, idStart, written = self._rows.seek(0, os.SEEK_END), self._ids.seek(0, os.SEEK_END), 0
        samples = [np.zeros(0, dtype=dtype[self.key])]
        for part in parts:
            ids = np.ascontiguousarray(part[self.key])
            _write(self._rows, part)
            _write(self._ids, ids)
            samples.append(ids[(begin - written) % step::step].copy())
            written += len(part)
        self.runs.append(Run(self, dtype, written, rowStart, idStart, np.concatenate(samples), step))

    def readRows(self, offset: int, rows: np.ndarray) -> None:
        """Fill an array with the records at an offset, bytes."""
        self._rows.seek(offset)
        _read(self._rows, rows)

    def readIds(self, offset: int, ids: np.ndarray) -> None:
        """Fill an array with the ids at an offset, bytes."""
        self._ids.seek(offset)
        _read(self._ids, ids)


class Run:
    """Records in order of an id, in a file.

    Attributes
    ----------
    dtype : `numpy.dtype`
        Type of the records.
    count : `int`
        Number of records.
    samples : `numpy.ndarray`
        Some of the ids, evenly spread.
    step : `int`
        Number of records that each of them stands for.
    """

    def __init__(self, file: RunFile, dtype: np.dtype, count: int, rowStart: int, idStart: int,
                 samples: np.ndarray, step: int) -> None:
        self._file = file
        self.dtype = dtype
        self.count = count
        self._rowStart = rowStart
        self._idStart = idStart
        self.samples = samples
        self.step = step

    def countUpTo(self, edges: np.ndarray, start: int) -> np.ndarray:
        """Count the records whose id is no greater than some edges.

        Parameters
        ----------
        edges : `numpy.ndarray`, (n,)
            Ids, sorted.
        start : `int`
            A number of records whose ids are known to be no greater than any.

        Returns
        -------
        counts : `numpy.ndarray`, (n,)
            Number of records, int64. The ids are read in order, a few at a
            time, and no further than the last edge.
        """
        counts = np.full(len(edges), self.count, dtype=np.int64)
        done = 0
        while start < self.count and done < len(edges):
            ids = np.empty(min(BLOCK, self.count - start), dtype=self.dtype[self._file.key])
            self._file.readIds(self._idStart + start*ids.itemsize, ids)
            within = np.searchsorted(ids, edges[done:], side="right")
            # An edge past this block may be past the next one, too.
            within = within[:np.searchsorted(within, len(ids))]
            counts[done:done + len(within)] = start + within
            done += len(within)
            start += len(ids)
        return counts

    def read(self, start: int, part: np.ndarray) -> None:
        """Fill an array, maybe of more fields, which become zero.

        Parameters
        ----------
        start : `int`
            Which record to begin with.
        part : `numpy.ndarray`
            Records to fill, contiguous.
        """
        offset = self._rowStart + start*self.dtype.itemsize
        if self.dtype == part.dtype:
            self._file.readRows(offset, part)
            return
        records = np.empty(len(part), dtype=self.dtype)
        self._file.readRows(offset, records)
        for name in part.dtype.names or ():
            part[name] = records[name] if name in (self.dtype.names or ()) else np.zeros((), part.dtype[name])


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
