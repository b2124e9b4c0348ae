# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Read light curves, or those of a few objects, from their Parquet file."""

__all__ = ["LightCurveFile"]

import numpy as np


class LightCurveFile:
    """Reads a table of light curves, sorted by object, or of their summary.

    Parameters
    ----------
    path : `str`
        The Parquet file.
    """

    def __init__(self, path):
        import pyarrow.parquet as pq

        self.path = path
        self._file = pq.ParquetFile(path)
        self.nRows = self._file.metadata.num_rows
        self._low, self._high = self._idRanges()

    @property
    def dataIdKeys(self):
        """The columns that make up the data ID of a row (`list` [`str`])."""
        return self._file.schema_arrow.metadata.get(b"dataIdKeys", b"").decode().split()

    def groups(self):
        """Read row group by row group.

        Yields
        ------
        table : `astropy.table.Table`
            The rows of some objects, with units and descriptions.
        """
        for index in range(self._file.num_row_groups):
            yield self._toTable(self._file.read_row_group(index))

    def column(self, name):
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
        return self._file.read(columns=[name]).column(0).to_numpy()

    def read(self, objectId):
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
        rows = self._file.read_row_groups([int(index) for index in within])
        return self._toTable(rows.filter(_equals(rows.column("diaObjectId"), objectId)))

    def emptyTable(self):
        """Return a table without rows (`astropy.table.Table`)."""
        return self._toTable(self._file.schema_arrow.empty_table())

    def _idRanges(self):
        """Return the least and greatest id of each row group."""
        metadata = self._file.metadata
        index = self._file.schema_arrow.get_field_index("diaObjectId")
        ranges = [metadata.row_group(group).column(index).statistics
                  for group in range(metadata.num_row_groups)]
        return (np.array([getattr(each, end) for each in ranges], dtype=np.int64) for end in ("min", "max"))

    @staticmethod
    def _toTable(rows):
        """Turn an Arrow table into one of Astropy."""
        from astropy.table import Column, MaskedColumn, Table

        columns = []
        for field, values in zip(rows.schema, rows.columns):
            about = {key.decode(): text.decode() for key, text in (field.metadata or {}).items()}
            info = {"name": field.name, "unit": about.get("unit"), "description": about.get("description")}
            if values.null_count:
                columns.append(MaskedColumn(_fillNulls(values), mask=values.is_null().to_numpy(), **info))
            elif str(field.type) == "string":
                columns.append(Column(np.array(values.to_pylist(), dtype=str), **info))
            else:
                columns.append(Column(values.to_numpy(), **info))
        return Table(columns, copy=False)


def _equals(values, value):
    """Return which values equal another."""
    import pyarrow.compute as pc

    return pc.equal(values, value)


def _fillNulls(values):
    """Return values with zero for null."""
    import pyarrow as pa

    zero = False if pa.types.is_boolean(values.type) else 0
    return values.fill_null(pa.scalar(zero, values.type)).to_numpy()
