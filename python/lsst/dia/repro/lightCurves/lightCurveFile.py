# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The Parquet files of light curves and of their summary."""

from __future__ import annotations

__all__ = ["LightCurveFile", "openParquet", "writeLightCurves", "writeRowGroup"]

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from astropy.table import Column, MaskedColumn, Table
from lsst.pipe.base import Struct, TaskError

from ..describeError import describeError
from ..parquetRoom import openParquetFile
from .arrowTables import fillNulls

#: Number of objects that a row group of the summary has at least.
SUMMARY_ROWS = 20_000


def openParquet(path: str, schema: pa.Schema) -> pq.ParquetWriter:
    """Begin a file of light curves or of their summary.

    Parameters
    ----------
    path : `str`
        File to write. It is a valid one, with its schema, even if nothing is
        written to it.
    schema : `pyarrow.Schema`
        What `makeSchema` returns.

    Returns
    -------
    writer : `pyarrow.parquet.ParquetWriter`
        Takes row groups, and closes the file at the end of its context.
    """
    return pq.ParquetWriter(path, schema, compression="zstd", use_dictionary=_findRepetitive(schema))


def writeRowGroup(writer: pq.ParquetWriter, table: pa.Table) -> None:
    """Write a table as one row group."""
    writer.write_table(table, row_group_size=max(len(table), 1))


def writeLightCurves(assembled: Struct, directory: str, about: Mapping[str, Any]) -> Struct:
    """Write light curves and their summary as they come.

    Parameters
    ----------
    assembled : `lsst.pipe.base.Struct`
        What `LightCurveAssemblyTask.run` returns; its groups are used up.
    directory : `str`
        Where to write.
    about : `dict`
        What to say of both files in their metadata, by name.

    Returns
    -------
    written : `lsst.pipe.base.Struct`
        With these components:

        ``lightCurves``, ``summary``
            The two Parquet files.
        ``nRows``, ``nObjects``
            Their lengths.
    """
    paths = [os.path.join(directory, name + ".parq") for name in ("curves", "summary")]
    nRows = nObjects = 0
    pending: list[pa.Table] = []
    schemas = [schema.with_metadata({**schema.metadata, **{key: str(value) for key, value in about.items()}})
               for schema in (assembled.schema, assembled.summarySchema)]
    with openParquet(paths[0], schemas[0]) as curves, openParquet(paths[1], schemas[1]) as summaries:
        for group in assembled.groups:
            writeRowGroup(curves, group.lightCurves)
            nRows += len(group.lightCurves)
            nObjects += len(group.summary)
            pending.append(group.summary)
            # An object has many rows here and one there, so that the groups would be small.
            if sum(map(len, pending)) >= SUMMARY_ROWS:
                writeRowGroup(summaries, pa.concat_tables(pending).combine_chunks())
                pending = []
        if pending:
            writeRowGroup(summaries, pa.concat_tables(pending).combine_chunks())
    return Struct(lightCurves=paths[0], summary=paths[1], nRows=nRows, nObjects=nObjects)


class LightCurveFile:
    """Reads a table of light curves, sorted by object, or of their summary.

    Parameters
    ----------
    path : `str`
        The Parquet file.

    Raises
    ------
    ValueError
        Raised if it claims more rows than it has room for.
    lsst.pipe.base.TaskError
        Raised, whatever is read, if it cannot be; the message names the file.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        with self._naming():
            self._file = openParquetFile(path)
        self.nRows = self._file.metadata.num_rows
        self._low, self._high = self._idRanges()

    @property
    def dataIdKeys(self) -> list[str]:
        """The columns that make up the data ID of a row (`list` [`str`])."""
        return self._file.schema_arrow.metadata.get(b"dataIdKeys", b"").decode().split()

    def groups(self) -> Iterator[Table]:
        """Read row group by row group.

        Yields
        ------
        table : `astropy.table.Table`
            The rows of some objects, with units and descriptions.
        """
        yield from map(self._toTable, self.rowGroups())

    def rowGroups(self, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
        """Read row group by row group, without turning text into that of Astropy.

        Parameters
        ----------
        columns : sequence [`str`], optional
            The columns to read; all if not given.

        Yields
        ------
        rows : `pyarrow.Table`
            The rows of some objects.
        """
        for index in range(self._file.num_row_groups):
            with self._naming():
                rows = self._file.read_row_group(index, columns)
            yield rows

    @property
    def nRowGroups(self) -> int:
        """Number of row groups (`int`)."""
        return self._file.num_row_groups

    def findRange(self, name: str) -> tuple[float, float]:
        """Find the least and greatest value of a column of numbers.

        Parameters
        ----------
        name : `str`
            Name of the column.

        Returns
        -------
        low, high : `float`
            The values, NaN and null left aside; both 0 if there are none.
        """
        index = self._file.schema_arrow.get_field_index(name)
        found = [self._file.metadata.row_group(group).column(index).statistics
                 for group in range(self._file.num_row_groups)]
        known = [each for each in found if each is not None and each.has_min_max]
        return min((each.min for each in known), default=0.0), max((each.max for each in known), default=0.0)

    @property
    def names(self) -> list[str]:
        """Names of the columns (`list` [`str`])."""
        return self._file.schema_arrow.names

    def column(self, name: str) -> np.ndarray:
        """Read one column of all rows.

        Parameters
        ----------
        name : `str`
            Name of the column.

        Returns
        -------
        values : `numpy.ndarray`
            The column; of numbers, with NaN for null.
        """
        with self._naming():
            return self._file.read(columns=[name]).column(0).to_numpy()

    def read(self, objectId: int) -> Table:
        """Read the rows of one object; only the row groups that may have any are read.

        Parameters
        ----------
        objectId : `int`
            Id of the DIAObject.

        Returns
        -------
        table : `astropy.table.Table`
            Its rows, in order of time; none if there is no such object.
        """
        within = np.flatnonzero((self._low <= objectId) & (objectId <= self._high))
        if not len(within):
            return self.emptyTable()
        with self._naming():
            rows = self._file.read_row_groups([int(index) for index in within])
        return self._toTable(rows.filter(pc.equal(rows.column("diaObjectId"), objectId)))

    def dtypes(self) -> dict[str, str]:
        """Return the types of the columns (`dict` [`str`, `str`])."""
        return {name: str(column.dtype) for name, column in self.emptyTable().columns.items()}

    def emptyTable(self) -> Table:
        """Return a table without rows (`astropy.table.Table`)."""
        return self._toTable(self._file.schema_arrow.empty_table())

    @contextlib.contextmanager
    def _naming(self) -> Iterator[None]:
        """Let errors of reading name the file."""
        try:
            yield
        except (OSError, pa.ArrowException) as error:
            raise TaskError(f"{self.path} cannot be read: {describeError(error)}") from error

    def _idRanges(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the least and greatest id of each row group."""
        metadata = self._file.metadata
        index = self._file.schema_arrow.get_field_index("diaObjectId")
        ranges = [metadata.row_group(group).column(index).statistics
                  for group in range(metadata.num_row_groups)]
        return (np.array([each.min for each in ranges], dtype=np.int64),
                np.array([each.max for each in ranges], dtype=np.int64))

    @staticmethod
    def _toTable(rows: pa.Table) -> Table:
        """Turn an Arrow table into one of Astropy."""
        columns = []
        for field, values in zip(rows.schema, rows.columns):
            about = {key.decode(): text.decode() for key, text in (field.metadata or {}).items()}
            info = {"name": field.name, "unit": about.get("unit"), "description": about.get("description")}
            if values.null_count:
                columns.append(MaskedColumn(fillNulls(values), mask=values.is_null().to_numpy(), **info))
            elif str(field.type) == "string":
                columns.append(Column(np.array(values.to_pylist(), dtype=str), **info))
            else:
                columns.append(Column(values.to_numpy(), **info))
        return Table(columns, copy=False)


def _findRepetitive(schema: pa.Schema) -> list[str]:
    """Return the columns that a dictionary of their values makes smaller."""
    distinct = ("x", "y", "diaForcedSourceId")
    return [field.name for field in schema
            if field.name not in distinct and not pa.types.is_boolean(field.type)
            and not (pa.types.is_floating(field.type) and field.name.startswith("psfDiff"))]
