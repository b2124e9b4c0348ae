# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Write the summary of light curves while they are being written."""

__all__ = ["SummaryWriter"]

import numpy as np

from .parquetWriter import ParquetTableWriter

#: Number of objects that a row group of the summary has at least.
SUMMARY_ROWS = 20_000


class SummaryWriter:
    """Writes the summary of light curves as they come.

    Parameters
    ----------
    path : `str`
        Parquet file to write.
    summarizer : `LightCurveSummary`
        Computes the summary.

    Attributes
    ----------
    nObjects : `int`
        Number of objects so far.
    """

    def __init__(self, path, summarizer):
        self._summarizer = summarizer
        self._writer = ParquetTableWriter(path, summarizer.columns(), summarizer.textLengths)
        self._pending, self._nPending = [], 0
        self.nObjects = 0

    def __enter__(self):
        return self

    def __exit__(self, kind, *error):
        if kind is None:
            self._flush()
        self._writer.__exit__(kind, *error)

    def add(self, values, missing):
        """Sum up the light curves of some objects; see `LightCurveSummary.run`."""
        self._pending.append(self._summarizer.run(values, missing))
        count = len(self._pending[-1][0]["diaObjectId"])
        self._nPending += count
        self.nObjects += count
        if self._nPending >= SUMMARY_ROWS:
            self._flush()

    def _flush(self):
        if self._pending:
            self._writer.write(*_concatenate(self._pending))
        self._pending, self._nPending = [], 0


def _concatenate(parts):
    """Make one summary of several."""
    import pyarrow as pa

    def join(arrays):
        return np.concatenate(arrays) if isinstance(arrays[0], np.ndarray) else pa.concat_arrays(arrays)

    return tuple({name: join([part[i][name] for part in parts]) for name in parts[0][i]} for i in (0, 1))
