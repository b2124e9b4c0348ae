# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Binary tables as stored: columns, rows and heap.

cfitsio crashes or hangs on damaged ones. Astropy takes three times as long for two columns of a source
catalog as `lsst.afw.table` does for them, its schema and its footprints.
"""

__all__ = [
    "TableColumn", "TableLayout", "tableLayout", "readRows", "checkDescriptors", "readHeap",
    "readDescriptors",
]

import dataclasses
import re

import numpy as np

from ._error import FitsError

_TFORM = re.compile(r"\s*(\d*)([PQ]?)([LXBIJKAEDCMSUVW])(?:\((\d*)\))?.*")
_DTYPES = {"L": "u1", "X": "u1", "B": "u1", "S": "u1", "I": ">i2", "U": ">i2", "J": ">i4", "V": ">i4",
           "K": ">i8", "W": ">i8", "A": "S", "E": ">f4", "D": ">f8", "C": ">c8", "M": ">c16"}


@dataclasses.dataclass(frozen=True)
class TableColumn:
    """One column of a binary table."""

    index: int
    """Number, from 0."""

    name: str
    """TTYPEn, or an empty string."""

    code: str
    """TFORM letter of an element (the unsigned ones resolved with TZEROn: U, V, W, S)."""

    count: int
    """Elements in a row; bits for X, characters for A; of variable-length columns the maximum, or 0."""

    descriptor: str
    """P or Q for variable-length columns, else empty."""

    offset: int
    """Position in the row, in bytes."""

    scale: float
    """TSCALn, 1 by default."""

    zero: float
    """TZEROn, 0 by default."""

    @property
    def dtype(self):
        """Stored (big-endian) dtype of one row's value."""
        if self.descriptor:
            return np.dtype((">i4" if self.descriptor == "P" else ">i8", (2,)))
        if self.code == "X":
            return np.dtype(("u1", ((self.count + 7) // 8,)))
        if self.code == "A":
            return np.dtype(f"S{self.count}") if self.count else np.dtype(("u1", (0,)))
        element = np.dtype(_DTYPES[self.code])
        return element if self.count == 1 else np.dtype((element, (self.count,)))

    @property
    def elementDtype(self):
        """Stored dtype of one element."""
        return np.dtype("S1" if self.code == "A" else _DTYPES[self.code])


@dataclasses.dataclass(frozen=True)
class TableLayout:
    """Shape of a binary table."""

    columns: tuple
    """The `TableColumn`s in order."""

    nRows: int
    """Number of rows."""

    rowBytes: int
    """Size of a row."""

    heapStart: int
    """Offset of the heap from the start of the data."""

    heapSize: int
    """Size of the heap in bytes."""

    def dtype(self):
        """Return a structured dtype of a whole row with fields c0, c1, ... (empty columns left out)."""
        columns = [c for c in self.columns if c.dtype.itemsize]
        return np.dtype({"names": [f"c{c.index}" for c in columns], "formats": [c.dtype for c in columns],
                         "offsets": [c.offset for c in columns], "itemsize": self.rowBytes})


_OFFSET_CODES = {("I", 32768.0): "U", ("J", 2147483648.0): "V", ("K", 9223372036854775808.0): "W",
                 ("B", -128.0): "S"}


def _parseColumn(hdu, index, offset):
    n = index + 1
    form = hdu.getTyped(f"TFORM{n}", str, "")
    match = _TFORM.fullmatch(form)
    if not match:
        raise FitsError(f"cfitsio error ({hdu.where}): TFORM{n} = {form!r} is not a column format")
    name = hdu.get(f"TTYPE{n}", "")
    scale, zero = hdu.getTyped(f"TSCAL{n}", float, 1.0), hdu.getTyped(f"TZERO{n}", float, 0.0)
    code = match[3]
    if scale == 1.0 and (code, zero) in _OFFSET_CODES:
        code, zero = _OFFSET_CODES[code, zero], 0.0
    repeat = int(match[1]) if match[1] else 1
    if match[2]:
        if repeat > 1:
            raise FitsError(f"cfitsio error ({hdu.where}): TFORM{n} = {form!r} is not supported")
        repeat = int(match[4]) if match[4] else 0
    elif repeat > 8*hdu.naxes[0]:  # which holds even for bits
        raise FitsError(f"cfitsio error ({hdu.where}): TFORM{n} = {form!r} does not fit into a row")
    return TableColumn(index, str(name).strip(), code, repeat, match[2], offset, scale, zero)


def tableLayout(hdu):
    """Read the layout of a binary table from its header.

    Raises
    ------
    FitsError
        Raised if the HDU is not a binary table or its keywords contradict each other.
    """
    if hdu.layout is None:
        hdu.layout = _parseLayout(hdu)
    return hdu.layout


def _parseLayout(hdu):
    if not hdu.isTable and not hdu.isCompressedImage:
        raise FitsError(f"cfitsio error ({hdu.where}): the HDU is not a binary table")
    if len(hdu.naxes) != 2 or hdu.bitpix != 8:
        raise FitsError(f"cfitsio error ({hdu.where}): not a valid binary table header")
    rowBytes, nRows = hdu.naxes
    nFields = hdu.getTyped("TFIELDS", int, 0)
    if not 0 <= nFields <= 99999:
        raise FitsError(f"cfitsio error ({hdu.where}): illegal TFIELDS = {nFields}")
    if hdu.get("ZTABLE") is True:
        raise FitsError(f"cfitsio error ({hdu.where}): compressed tables (ZTABLE) are not supported")
    columns = []
    offset = 0
    for index in range(nFields):
        column = _parseColumn(hdu, index, offset)
        offset += 8 if column.descriptor == "P" else 16 if column.descriptor else column.dtype.itemsize
        if offset > rowBytes:
            break
        columns.append(column)
    if offset != rowBytes:
        raise FitsError(f"cfitsio error ({hdu.where}): the columns take {offset} bytes or more, "
                        f"a row has NAXIS1 = {rowBytes}")
    heapStart = hdu.getTyped("THEAP", int, rowBytes * nRows)
    heapSize = rowBytes * nRows + hdu.pcount - heapStart
    if heapStart < rowBytes * nRows or heapSize < 0:
        raise FitsError(f"cfitsio error ({hdu.where}): illegal THEAP = {heapStart}")
    return TableLayout(tuple(columns), nRows, rowBytes, heapStart, heapSize)


def readRows(source, hdu, first=0, last=None):
    """Return the rows of a table as stored, ``uint8`` of shape (last - first, rowBytes); all by default."""
    layout = tableLayout(hdu)
    last = layout.nRows if last is None else last
    try:
        data = source.readArray(hdu.dataStart + first * layout.rowBytes, "u1",
                                (last - first) * layout.rowBytes)
    except FitsError as err:
        raise FitsError(f"cfitsio error ({hdu.where}): {err}") from err
    return data.reshape(last - first, layout.rowBytes)


def checkDescriptors(source, hdu):
    """Check that the variable-length columns of a table point into its heap.

    Raises
    ------
    FitsError
        Raised if they do not.
    """
    layout = tableLayout(hdu)
    columns = [column for column in layout.columns if column.descriptor]
    rows = readRows(source, hdu) if columns else None
    for column in columns:
        readDescriptors(hdu, layout, column, rows)


def readDescriptors(hdu, layout, column, rows):
    """Return where in the heap the values of a variable-length column are.

    Parameters
    ----------
    hdu : `Hdu`
        The HDU.
    layout : `TableLayout`
        Its layout.
    column : `TableColumn`
        The column.
    rows : `numpy.ndarray`
        Rows as stored.

    Returns
    -------
    start, size : `numpy.ndarray`
        Offset in the heap and number of bytes of every row's value, ``int64``.

    Raises
    ------
    FitsError
        Raised if a row points outside the heap.
    """
    stored = np.ascontiguousarray(rows[:, column.offset:column.offset + column.dtype.itemsize])
    count, start = stored.view(column.dtype.base).reshape(-1, 2).astype(np.int64).T
    good = (count >= 0) & (count <= layout.heapSize) & (start >= 0) & (start <= layout.heapSize)
    size = np.where(good, count, 0) * column.elementDtype.itemsize
    if not np.all(good & (np.where(good, start, 0) + size <= layout.heapSize)):
        raise FitsError(f"cfitsio error ({hdu.where}): a row of column '{column.name}' points outside "
                        "the heap")
    return start, size


def readHeap(source, hdu):
    """Return the heap of a table as ``uint8``."""
    layout = tableLayout(hdu)
    try:
        return source.readArray(hdu.dataStart + layout.heapStart, "u1", layout.heapSize)
    except FitsError as err:
        raise FitsError(f"cfitsio error ({hdu.where}): {err}") from err
