# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Arrow tables that carry the units and descriptions of their columns."""

from __future__ import annotations

__all__ = ["Column", "Values", "fillNulls", "makeSchema", "makeTable"]

import json
from collections.abc import Sequence
from typing import Mapping, NamedTuple, Union

import numpy as np
import pyarrow as pa
from astropy.table import Column as TableColumn
from astropy.table import Table
from astropy.table.meta import get_yaml_from_table

#: The columns of some rows, by name.
Values = Mapping[str, Union[np.ndarray, pa.Array]]


class Column(NamedTuple):
    """A column of a table.

    Attributes
    ----------
    name : `str`
        Name in the table.
    dtype : `str`
        NumPy type; ``str`` for text.
    unit : `str`
        Unit, empty for none.
    description : `str`
        What it is.
    source : `str`
        Name in forcedDIASource, empty if it does not come from there.
    scale : `float`
        What the source is multiplied with.
    """

    name: str
    dtype: str
    unit: str
    description: str
    source: str = ""
    scale: float = 1.0


def makeSchema(columns: Sequence[Column], textLengths: Mapping[str, int] | None = None,
               meta: Mapping[str, str] | None = None) -> pa.Schema:
    """Return the Arrow schema of a table.

    Parameters
    ----------
    columns : `list` [`Column`]
        The columns.
    textLengths : `dict` [`str`, `int`], optional
        Length of the longest text of a column, which Astropy likes to know.
    meta : `dict` [`str`, `str`], optional
        What to say of the whole table.

    Returns
    -------
    schema : `pyarrow.Schema`
        Each field has ``unit`` and ``description`` in its metadata. In
        Parquet, `astropy.table.Table.read` finds them, too, and so does pandas
        (from 2.1 on), in ``attrs``.
    """
    fields = []
    for column in columns:
        dtype = pa.string() if column.dtype == "str" else pa.from_numpy_dtype(np.dtype(column.dtype))
        about = {"description": column.description}
        if column.unit:
            about["unit"] = column.unit
        fields.append(pa.field(column.name, dtype, metadata=about))
    metadata = dict(meta or {}, table_meta_yaml=_astropyMetadata(columns, meta or {}),
                    PANDAS_ATTRS=json.dumps({
                        "units": {column.name: column.unit for column in columns if column.unit},
                        "descriptions": {column.name: column.description for column in columns}}))
    metadata.update({"table::len::" + name: str(length) for name, length in (textLengths or {}).items()})
    return pa.schema(fields, metadata=metadata)


def makeTable(schema: pa.Schema, values: Values,
              missing: Mapping[str, np.ndarray] | None = None) -> pa.Table:
    """Make a table of its columns.

    Parameters
    ----------
    schema : `pyarrow.Schema`
        What `makeSchema` returns.
    values : `dict` [`str`, `numpy.ndarray` or `pyarrow.Array`]
        The columns, at least one; one that is absent is null throughout.
    missing : `dict` [`str`, `numpy.ndarray`], optional
        Which values of a column are null, bool.

    Returns
    -------
    table : `pyarrow.Table`
        The table.
    """
    missing = missing or {}
    nRows = len(next(iter(values.values())))
    arrays = []
    for field in schema:
        value = values.get(field.name)
        if value is None:
            arrays.append(pa.nulls(nRows, field.type))
        elif isinstance(value, pa.Array):
            arrays.append(value.cast(field.type))
        else:
            arrays.append(pa.array(np.ascontiguousarray(value), mask=missing.get(field.name),
                                   type=field.type))
    return pa.Table.from_arrays(arrays, schema=schema)


def fillNulls(values: pa.ChunkedArray) -> np.ndarray:
    """Return a column of numbers or flags with zero for null.

    Parameters
    ----------
    values : `pyarrow.ChunkedArray`, (N,)
        The column.

    Returns
    -------
    filled : `numpy.ndarray`, (N,)
        The column.
    """
    zero = False if pa.types.is_boolean(values.type) else 0
    return values.fill_null(pa.scalar(zero, values.type)).to_numpy()


def _astropyMetadata(columns: Sequence[Column], meta: Mapping[str, str]) -> str:
    """Return the metadata from which Astropy knows units and descriptions."""
    table = Table([
        TableColumn(np.zeros(0, "U1" if column.dtype == "str" else column.dtype), name=column.name,
                    unit=column.unit or None, description=column.description) for column in columns])
    table.meta.update(meta)
    return "\n".join(get_yaml_from_table(table))
