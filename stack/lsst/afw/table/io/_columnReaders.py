# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Which fields of a schema a column of a FITS table becomes, and how its values are decoded."""

__all__ = ["addColumn", "physicalValues", "Reader"]

import re

import numpy as np

from lsst.afw.fits import FitsError

from .._field import Field
from .._types import ELEMENT_DTYPES

_TFORM = re.compile(r"(\d+)?([PQ])?([A-Z])\(?(\d*)\)?")
_STORED_CODES = {"U": "I", "V": "J", "W": "K", "S": "B"}
_LETTERS = {"B": "B", "I": "U", "J": "I", "K": "L", "E": "F", "D": "D"}


class Reader:
    """Decodes the values of one field from the rows of a table.

    Parameters
    ----------
    column : `int`
        Number of the column.
    kind : `str`
        "plain", "flag", "string", "array" or "error" (square root of a variance).
    part : `int`, optional
        Element of the column's array, or bit.
    """

    __slots__ = ("column", "kind", "part")

    def __init__(self, column, kind="plain", part=None):
        self.column = column
        self.kind = kind
        self.part = part

    def read(self, raw, out):
        """Fill an array with the values.

        Parameters
        ----------
        raw : `RawTable`
            The rows.
        out : `numpy.ndarray`
            Array to fill.
        """
        column = raw.layout.columns[self.column]
        if self.kind == "flag":
            byte, bit = divmod(self.part, 8)
            np.not_equal(raw.flagBytes(column)[byte] & np.uint8(0x80 >> bit), 0, out=out)
        elif self.kind == "string":
            _readStrings(raw, column, out)
        elif self.kind == "array":
            _readArrays(raw, column, out)
        else:
            view = raw.view(column)
            if self.part is not None:
                view = view[:, self.part]
            _convert(raw, column, view.reshape(out.shape), out)
            if self.kind == "error":
                np.sqrt(out, out=out)


def _overflow(raw, column):
    return FitsError(f"cfitsio error ({raw.where}): values of column '{column.name}' are out of range")


def physicalValues(column, view):
    """Apply the offset and scale of a `lsst.afw.fits._readTable.TableColumn` to values as stored."""
    if column.code == "U":
        return (view.astype("i2") ^ np.int16(-32768)).view("u2")
    if column.code == "V":
        return (view.astype("i4") ^ np.int32(-2**31)).view("u4")
    if column.code == "W":
        return (view.astype("i8") ^ np.int64(-2**63)).view("u8")
    if column.code == "S":
        return (view ^ np.uint8(0x80)).view("i1")
    if column.scale != 1.0 or column.zero != 0.0:
        return view * column.scale + column.zero
    return view


def _convert(raw, column, view, out):
    """Convert stored values to the type of a field, and refuse what does not fit."""
    values = physicalValues(column, view)
    if out.dtype.kind in "iu" and values.size and not np.can_cast(values.dtype, out.dtype):
        info = np.iinfo(out.dtype)
        if values.dtype.kind == "f" or values.min() < info.min or values.max() > info.max:
            values = np.trunc(values)
            if not np.all((values >= info.min) & (values <= info.max)):
                raise _overflow(raw, column)
    with np.errstate(over="ignore", invalid="ignore"):
        out[...] = values


def _readStrings(raw, column, out):
    if not column.descriptor:
        values = raw.view(column)
        if values.dtype.kind == "S":
            # Padding may be NULs or blanks; what follows a NUL does not count.
            if values.size and values.tobytes().find(b"\0") >= 0:
                values = np.array([v.split(b"\0", 1)[0] for v in values.tolist()], values.dtype)
            stripped = np.char.rstrip(values, b" ") if values.size else values
            # cfitsio leaves one of the blanks that pad an empty string.
            out[:] = np.where((stripped == b"") & (values != b""), b" ", stripped)
        return
    for i, (start, stop) in enumerate(raw.cells(column)):
        data = raw.heap[start:stop].tobytes().split(b"\0", 1)[0].rstrip(b" ")
        out[i] = data.decode("utf-8", errors="replace")


def _readArrays(raw, column, out):
    stored = column.elementDtype
    dtype = raw.arrayDtypes[column.index]
    for i, (start, stop) in enumerate(raw.cells(column)):
        values = raw.heap[start:stop].view(stored)
        array = np.empty(len(values), dtype)
        _convert(raw, column, values, array)
        out[i] = array


def _add(schema, typeString, name, doc, units, size=None):
    return schema._addField(Field[typeString]._make(name, doc, units, size))


def _addParts(schema, field, typeString, parts, units=None):
    """Add a scalar field for each element of an array column; ``parts`` are the ends of their names."""
    units = field.tunit if units is None else units
    added = []
    for i, part in enumerate(parts):
        key = _add(schema, typeString, f"{field.ttype}_{part}", field.doc, units)
        added.append((key, Reader(field.column, part=i)))
    return added


def _addCovariance(schema, field, names):
    """Add the fields of a covariance matrix that is stored as its packed lower triangle."""
    units, prefix = field.tunit, field.ttype
    added = []
    for i, name in enumerate(names):
        key = _add(schema, "F", f"{prefix}_{name}Err", "1-sigma uncertainty on " + name, units)
        added.append((key, Reader(field.column, "error", i + i * (i + 1) // 2)))
    for i, second in enumerate(names):
        for j, first in enumerate(names[:i]):
            key = _add(schema, "F", f"{prefix}_{first}_{second}_Cov",
                       f"uncertainty covariance between {first} and {second}",
                       f"{units} {units}" if units else "")
            added.append((key, Reader(field.column, part=j + i * (i + 1) // 2)))
    return added


def _addCompound(schema, field, letter, size):
    """Add the fields of a column that old versions stored several values in, or return None."""
    kind = field.tccls
    if kind == "Point" and (letter == "I" or letter == "D" and size == 2):
        return _addParts(schema, field, letter, ("x", "y"))
    if letter == "D" and size == 2 and kind == "Coord":
        return _addParts(schema, field, "Angle", ("ra", "dec"), "")
    if letter == "D" and size == 3 and kind == "Moments":
        return _addParts(schema, field, "D", ("xx", "yy", "xy"), "pixel^2")
    if letter != "F" or size == 1:
        return None
    if size == 3 and kind == "Covariance(Point)":
        return _addCovariance(schema, field, ("x", "y"))
    if size == 6 and kind == "Covariance(Moments)":
        return _addCovariance(schema, field, ("xx", "yy", "xy"))
    if kind == "Covariance":
        n = round(0.5 * ((1 + 8 * size) ** 0.5 - 1))
        if n * (n + 1) != size * 2:
            raise FitsError("Covariance field has invalid size.")
        return _addCovariance(schema, field, [str(i) for i in range(n)])
    return None


def _checkForm(field, match, column):
    """Refuse a header in which the format of a column stands twice, and differs."""
    code = _STORED_CODES.get(column.code, column.code)
    count = column.count if match[2] else int(match[1] or 1)
    if (match[2] or "", match[3], count) != (column.descriptor, code, column.count):
        raise FitsError(f"The format of column '{field.ttype}' is {field.tform}, and something else before")


def addColumn(schema, field, raw=None):
    """Add the fields of a column to a schema.

    Parameters
    ----------
    schema : `lsst.afw.table.Schema`
        Schema to add to.
    field : `HeaderField`
        Description of the column.
    raw : `RawTable`, optional
        Table whose variable-length arrays shall be checked.

    Returns
    -------
    added : `list` of (`Key`, `Reader`), or `None`
        The new keys and what decodes them; None if the format is not supported.

    Raises
    ------
    FitsError
        Raised if the header contradicts itself.
    """
    match = _TFORM.fullmatch(field.tform)
    if match is None:
        return None
    if raw is not None:
        _checkForm(field, match, raw.layout.columns[field.column])
    size = 0 if match[2] else int(match[1]) if match[1] else 1
    code = match[3]
    if code == "A":
        if size == 0 and not match[2]:
            return None
        key = _add(schema, "String", field.ttype, field.doc, field.tunit, size)
        return [(key, Reader(field.column, "string"))]
    letter = _LETTERS.get(code)
    if letter is None:
        return None
    if letter == "L" and size != 1:
        letter = "F"  # v23 reads arrays of 64-bit integers as arrays of floats
    if size == 0:
        key = _add(schema, "Array" + letter, field.ttype, field.doc, field.tunit, 0)
        if raw is not None:
            raw.arrayDtypes[field.column] = ELEMENT_DTYPES[letter]
        return [(key, Reader(field.column, "array"))]
    compound = _addCompound(schema, field, letter, size)
    if compound is not None:
        return compound
    if letter == "D" and size == 1 and field.tccls == "Angle":
        if field.tunit not in ("", "rad"):
            raise FitsError("Angle fields must be persisted in radians (TUNIT='rad').")
        return [(_add(schema, "Angle", field.ttype, field.doc, ""), Reader(field.column))]
    if size > 1 or field.tccls == "Array" and letter != "L":
        key = _add(schema, "Array" + letter, field.ttype, field.doc, field.tunit, size)
    else:
        key = _add(schema, letter, field.ttype, field.doc, field.tunit)
    return [(key, Reader(field.column))]
