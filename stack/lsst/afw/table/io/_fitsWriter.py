# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Writing catalogs to FITS files."""

__all__ = ["writeCatalog"]

import numpy as np

import lsst.pex.exceptions as pexExceptions
from lsst.afw.fits._cards import formatCards
from lsst.afw.fits._metadata import metadataToCards
from lsst.daf.base import PropertyList

from .._formatRegistry import tableFormats
from .._schema import Schema
from .._types import ELEMENT_DTYPES

_CODES = {"B": "B", "U": "I", "I": "J", "L": "K", "F": "E", "D": "D", "Angle": "D"}
_CHUNK_BYTES = 1 << 18
_TCCLS_COMMENT = "Field template used by lsst.afw.table"


class _Column:
    """How one field is stored.

    Parameters
    ----------
    field : `Field`
        The field.
    number : `int`
        Number of the column, from 1; for flags, of the bit.
    values : `numpy.ndarray`
        Values of the rows.
    """

    def __init__(self, field, number, values):
        self.field = field
        self.number = number
        self.values = values
        typeString = field.getTypeString()
        self.isFlag = typeString == "Flag"
        if self.isFlag:
            return
        count = field.getElementCount()
        self.isVariable = count == 0
        self.kind = "Scalar"
        self.letter = typeString
        if typeString in ("String", "Angle"):
            self.kind = typeString
        elif typeString.startswith("Array"):
            self.kind, self.letter = "Array", typeString[5:]
        self.code = "A" if self.kind == "String" else _CODES[self.letter]
        self.dtype = self._dtype(count)
        self.form = f"1Q{self.code}" if self.isVariable else f"{count}{self.code}"

    def _dtype(self, count):
        if self.isVariable:
            return np.dtype((">i8", (2,)))
        if self.kind == "String":
            return np.dtype(f"S{count}")
        element = ">" + ("i2" if self.letter == "U" else ELEMENT_DTYPES[self.letter].str[1:])
        return np.dtype((element, (count,))) if self.kind == "Array" else np.dtype(element)

    def cards(self, maxLength):
        """Return the header cards of the column."""
        n, field = self.number, self.field
        form = f"{self.form}({maxLength})" if self.isVariable else self.form
        cards = formatCards(f"TTYPE{n}", field.getName(), field.getDoc())
        cards += formatCards(f"TFORM{n}", form, "format of field")
        if self.letter == "U":
            cards += formatCards(f"TZERO{n}", 32768, "offset for unsigned integers")
            cards += formatCards(f"TSCAL{n}", 1, "data are not scaled")
        if field.getDoc():
            cards += formatCards(f"TDOC{n}", field.getDoc())
        units = "rad" if self.kind == "Angle" else field.getUnits()
        if units:
            cards += formatCards(f"TUNIT{n}", units)
        return cards + formatCards(f"TCCLS{n}", self.kind, _TCCLS_COMMENT)

    def stored(self, values):
        """Turn values into what is written: unsigned 16-bit integers offset, strings padded with blanks."""
        if self.letter == "U" and values.dtype == np.uint16:
            return (values ^ np.uint16(0x8000)).view("i2")
        if values.dtype.kind == "S" and values.size:
            padded = np.array(values, order="C").view("u1")
            padded[padded == 0] = 0x20
            return padded.view(values.dtype)
        return values

    def cellBytes(self, value):
        """Return the bytes and the number of elements of a variable-length value."""
        if self.kind == "String":
            data = (value or "").encode("utf-8")
            return data, max(len(data), 1)
        if value is None:
            return b"", 0
        data = self.stored(value).astype(self.stored(value).dtype.newbyteorder(">")).tobytes()
        return data, len(value)


class _Heap:
    """Variable-length values in the order of rows, then columns.

    Parameters
    ----------
    columns : `list` [`_Column`]
        The columns of variable length.
    """

    def __init__(self, columns):
        self.descriptors = {c.number: np.zeros((len(c.values), 2), np.int64) for c in columns}
        pieces = []
        offset = 0
        for row in range(len(columns[0].values) if columns else 0):
            for column in columns:
                data, count = column.cellBytes(column.values[row])
                if count:
                    data = data or b"\0"
                    self.descriptors[column.number][row] = count, offset
                    pieces.append(data)
                    offset += len(data)
        self.data = b"".join(pieces)

    def maxLength(self, column):
        """Return the greatest number of elements of a column."""
        lengths = self.descriptors[column.number][:, 0]
        return int(lengths.max()) if len(lengths) else 0


def _headerCards(columns, nFlags, heap, aliases):
    """Return the cards of all fields in their order, then the aliases."""
    cards = []
    if nFlags:
        cards += formatCards("TTYPE1", "flags", "bits for all Flag fields; see also TFLAGn")
        cards += formatCards("TFORM1", f"{nFlags}X", "format of field")
        cards += formatCards("FLAGCOL", 1, "Column number for the bitflags.")
    for column in columns:
        if not column.isFlag:
            cards += column.cards(heap.maxLength(column) if column.isVariable else 0)
            continue
        cards += formatCards(f"TFLAG{column.number}", column.field.getName())
        if column.field.getDoc():
            cards += formatCards(f"TFDOC{column.number}", column.field.getDoc())
    for alias, target in aliases.items():
        cards += formatCards("ALIAS", f"{alias}:{target}")
    return cards


def _metadataCards(metadata):
    metadata = PropertyList() if metadata is None else metadata.deepCopy()
    metadata.set("AFW_TABLE_VERSION", Schema.VERSION)
    return metadataToCards(metadata)


def _packFlags(columns, rows):
    """Pack flags of some rows as FITS stores them: first flag in the highest bit of the first byte."""
    bits = np.empty((rows.stop - rows.start, len(columns)), bool)
    for i, column in enumerate(columns):
        bits[:, i] = column.values[rows]
    return np.packbits(bits, axis=1)


def _chunks(dtype, n, stored, flags):
    """Yield the rows in pieces small enough to stay in the cache while their columns are filled."""
    step = max(1, _CHUNK_BYTES // max(1, dtype.itemsize))
    buffer = np.zeros(min(step, n), dtype)
    for start in range(0, n, step):
        rows = slice(start, min(start + step, n))
        part = buffer[:rows.stop - rows.start]
        if flags:
            part["flags"] = _packFlags(flags, rows)
        for name, column, array in stored:
            part[name] = column.stored(array[rows])
        yield part.view("u1")


def _columnsOf(catalog, extras):
    """Return all columns that are written, numbered as they are in the file."""
    fields = list(extras.leadingFields)
    fields += [(item.field, catalog._stored(item.key)) for item in catalog.table._schema._layout.items]
    fields += extras.fields
    columns = []
    nFlags = sum(field.getTypeString() == "Flag" for field, _ in fields)
    nextBit, nextColumn = 1, 2 if nFlags else 1
    for field, values in fields:
        isFlag = field.getTypeString() == "Flag"
        columns.append(_Column(field, nextBit if isFlag else nextColumn, values))
        nextBit, nextColumn = nextBit + isFlag, nextColumn + (not isFlag)
    return columns


def writeCatalog(catalog, file, flags=0):
    """Append a catalog to an open file.

    Parameters
    ----------
    catalog : catalog
        The catalog.
    file : `lsst.afw.fits.FitsFile`
        The file.
    flags : `int`, optional
        SOURCE_IO_NO_FOOTPRINTS and the like.
    """
    for table, _, _ in catalog._rowList.segments():
        if table._schema != catalog.table._schema:
            raise pexExceptions.LogicError("Record has a different schema from that of the catalog's table")
    extras = tableFormats.of(type(catalog.table)).extras(catalog, flags)
    columns = _columnsOf(catalog, extras)
    flagColumns = [column for column in columns if column.isFlag]
    heap = _Heap([column for column in columns if not column.isFlag and column.isVariable])
    formats = [("flags", "u1", ((len(flagColumns) + 7) // 8,))] if flagColumns else []
    stored = []
    for column in columns:
        if not column.isFlag:
            name = f"c{column.number}"
            formats.append((name, column.dtype.base, column.dtype.shape))
            values = heap.descriptors[column.number] if column.isVariable else column.values
            stored.append((name, column, values))
    dtype = np.dtype(formats)
    cards = _headerCards(columns, len(flagColumns), heap, catalog.table._schema.getAliasMap())
    cards += _metadataCards(extras.metadata) + extras.trailer
    file.writeTable(_chunks(dtype, len(catalog), stored, flagColumns), cards, nFields=len(formats),
                    heap=heap.data, nRows=len(catalog), rowBytes=dtype.itemsize)
    if extras.archive is not None:
        extras.archive.writeFits(file)
