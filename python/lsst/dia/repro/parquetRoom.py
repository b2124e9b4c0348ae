# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Open Parquet files that have no more rows than their size has room for."""

from __future__ import annotations

__all__ = ["openParquetFile"]

import os

from pyarrow.parquet import ParquetFile

#: Small files may repeat themselves as much as they like.
_FREE_ROWS = 1_000_000

#: Positions and fluxes do not compress to less than some bytes a row.
_ROWS_PER_BYTE = 0.5


def openParquetFile(path: str) -> ParquetFile:
    """Open a Parquet file.

    Five megabytes can hold 40 million equal rows, which take gigabytes when
    they are read.

    Parameters
    ----------
    path : `str`
        The file.

    Returns
    -------
    file : `pyarrow.parquet.ParquetFile`
        The open file.

    Raises
    ------
    ValueError
        Raised if it has more rows than tables of measurements can have in a
        file of its size; the message names file and limit.
    """
    file = ParquetFile(path)
    nRows, nBytes = file.metadata.num_rows, os.path.getsize(path)
    most = int(_FREE_ROWS + _ROWS_PER_BYTE*nBytes)
    if nRows > most:
        file.close()
        raise ValueError(f"{path} has {nRows:,} rows in {nBytes:,} bytes, where a table of measurements has "
                         f"{most:,} at most; it is not read")
    return file
