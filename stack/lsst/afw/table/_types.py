# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The field types of afw.table: their letters, NumPy types and sizes in a record."""

__all__ = ["ELEMENT_DTYPES", "ELEMENT_SIZES", "DTYPE_KEYS", "FLAG_SIZE", "VARIABLE_ARRAY_SIZE",
           "VARIABLE_STRING_SIZE", "fillValue"]

import numpy as np

import lsst.geom

ELEMENT_DTYPES = {
    "B": np.dtype("u1"), "U": np.dtype("u2"), "I": np.dtype("i4"), "L": np.dtype("i8"),
    "F": np.dtype("f4"), "D": np.dtype("f8"), "Angle": np.dtype("f8"),
}
"""Element types of the numeric fields by type string; an Array field has those of its element."""

ELEMENT_SIZES = {name: dtype.itemsize for name, dtype in ELEMENT_DTYPES.items()}
"""Bytes an element takes in the record layout that key offsets refer to."""

DTYPE_KEYS = {
    "String": str, "B": np.uint8, "U": np.uint16, "I": np.int32, "L": np.int64,
    "F": np.float32, "D": np.float64, "Angle": lsst.geom.Angle,
}
"""Python types by which `Key` and `Field` know the types that have one."""

FLAG_SIZE = 8
VARIABLE_ARRAY_SIZE = 16
VARIABLE_STRING_SIZE = 32


def fillValue(dtype):
    """Return what a new record holds in a column of this dtype: NaN, 0, False or an empty string."""
    return np.nan if dtype.kind == "f" else np.zeros((), dtype)[()]
