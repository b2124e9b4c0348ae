# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Write a Parquet file, row group by row group, whose columns say what they are."""

__all__ = ["ParquetTableWriter"]

import json

import numpy as np


class ParquetTableWriter:
    """Writes row groups of a table with units and descriptions.

    Each field of the Arrow schema has them as ``unit`` and ``description`` in
    its metadata. `astropy.table.Table.read` finds them, too, and so does
    pandas (from 2.1 on), in ``attrs``.

    Parameters
    ----------
    path : `str`
        File to write. It is a valid one, with its schema, even if nothing is
        written to it.
    columns : `list` [`Column`]
        The columns.
    textLengths : `dict` [`str`, `int`], optional
        Length of the longest text of a column, which Astropy likes to know.
    meta : `dict` [`str`, `str`], optional
        What to say of the whole table.
    """

    def __init__(self, path, columns, textLengths=None, meta=None):
        import pyarrow.parquet as pq

        self.columns = list(columns)
        self.schema = _makeSchema(self.columns, textLengths or {}, meta or {})
        self._writer = pq.ParquetWriter(path, self.schema, compression="zstd",
                                        use_dictionary=_repetitive(self.columns))

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._writer.close()

    def write(self, values, missing=None):
        """Write a row group.

        Parameters
        ----------
        values : `dict` [`str`, `numpy.ndarray` or `pyarrow.Array`]
            The columns; one that is absent is null throughout.
        missing : `dict` [`str`, `numpy.ndarray`], optional
            Which values of a column are null, bool.

        Returns
        -------
        table : `pyarrow.Table`
            The row group.
        """
        import pyarrow as pa

        missing = missing or {}
        nRows = len(next(iter(values.values())))
        arrays = []
        for field in self.schema:
            value = values.get(field.name)
            if value is None:
                arrays.append(pa.nulls(nRows, field.type))
            elif isinstance(value, pa.Array):
                arrays.append(value.cast(field.type))
            else:
                arrays.append(pa.array(np.ascontiguousarray(value), mask=missing.get(field.name),
                                       type=field.type))
        table = pa.Table.from_arrays(arrays, schema=self.schema)
        self._writer.write_table(table, row_group_size=max(nRows, 1))
        return table


def _makeSchema(columns, textLengths, meta):
    """Return the Arrow schema of the columns."""
    import pyarrow as pa

    fields = []
    for column in columns:
        dtype = pa.string() if column.dtype == "str" else pa.from_numpy_dtype(np.dtype(column.dtype))
        about = {"description": column.description}
        if column.unit:
            about["unit"] = column.unit
        fields.append(pa.field(column.name, dtype, metadata=about))
    metadata = dict(meta, table_meta_yaml=_astropyMetadata(columns, meta),
                    PANDAS_ATTRS=json.dumps({
                        "units": {column.name: column.unit for column in columns if column.unit},
                        "descriptions": {column.name: column.description for column in columns}}))
    metadata.update({"table::len::" + name: str(length) for name, length in textLengths.items()})
    return pa.schema(fields, metadata=metadata)


def _astropyMetadata(columns, meta):
    """Return the metadata from which Astropy knows units and descriptions."""
    from astropy.table import Column as TableColumn
    from astropy.table import Table
    from astropy.table.meta import get_yaml_from_table

    table = Table([
        TableColumn(np.zeros(0, "U1" if column.dtype == "str" else column.dtype), name=column.name,
                    unit=column.unit or None, description=column.description) for column in columns])
    table.meta.update(meta)
    return "\n".join(get_yaml_from_table(table))


def _repetitive(columns):
    """Return the columns that a dictionary of their values makes smaller."""
    fluxes = ("x", "y", "diaForcedSourceId")
    return [column.name for column in columns
            if column.name not in fluxes and column.dtype != "bool"
            and not (column.dtype.startswith("float") and column.name.startswith("psfDiff"))]
