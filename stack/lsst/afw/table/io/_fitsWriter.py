# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Writing catalogs to FITS files."""

__all__ = ["writeCatalog", "writeCatalogFile"]

import numpy as np
from lsst.afw.fits import FitsFile
from lsst.afw.fits._cards import formatCards
from lsst.afw.fits._metadata import metadataToCards
from lsst.daf.base import PropertyList

from .._schema import Schema
from .._types import ELEMENT_DTYPES

_CODES = {"B": "B", "U": "I", "I": "J", "L": "K", "F": "E", "D": "D", "Angle": "D"}
_CHUNK_BYTES = 1 << 20
_TCCLS_COMMENT = "Field template used by lsst.afw.table"


class _Column:
    """How one field is stored."""

    def __init__(self, key, field, number):
        self.key = key
        self.field = field
        self.number = number
        typeString = key.typeString
        count = key.getElementCount()
        self.kind = "String" if typeString == "String" else "Array" if typeString.startswith("Array") else \
            "Angle" if typeString == "Angle" else "Scalar"
        self.isVariable = count == 0
        self.letter = None if self.kind == "String" else typeString[5:] if self.kind == "Array" else typeString
        self.code = "A" if self.kind == "String" else _CODES[self.letter]
        if self.isVariable:
            self.dtype = np.dtype((">i8", (2,)))
        elif self.kind == "String":
            self.dtype = np.dtype(f"S{count}")
        else:
            stored = "i2" if self.letter == "U" else ELEMENT_DTYPES[self.letter].str[1:]
            self.dtype = np.dtype((">" + stored, (count,))) if self.kind == "Array" else np.dtype(">" + stored)
        self.form = f"1Q{self.code}" if self.isVariable else f"{count}{self.code}"

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
        """Turn values into what is written; only the offset of unsigned 16-bit integers matters."""
        if self.letter == "U":
            return (values ^ np.uint16(0x8000)).view("i2")
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
    """Variable-length values in the order of rows, then columns."""

    def __init__(self, columns, arrays):
        self.descriptors = {c.number: np.zeros((len(a), 2), np.int64) for c, a in zip(columns, arrays)}
        pieces = []
        offset = 0
        for row in range(len(arrays[0]) if arrays else 0):
            for column, array in zip(columns, arrays):
                data, count = column.cellBytes(array[row])
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


def _headerCards(columns, flags, heap, schema):
    """Return the cards of all fields in the order of the schema, then the aliases."""
    cards = []
    if flags:
        cards += formatCards("TTYPE1", "flags", "bits for all Flag fields; see also TFLAGn")
        cards += formatCards("TFORM1", f"{len(flags)}X", "format of field")
        cards += formatCards("FLAGCOL", 1, "Column number for the bitflags.")
    numbers = {item.key._id: i for i, item in enumerate(flags, 1)}
    byKey = {column.key._id: column for column in columns}
    for item in schema._layout.items:
        number = numbers.get(item.key._id)
        if number is None:
            column = byKey[item.key._id]
            cards += column.cards(heap.maxLength(column) if column.isVariable else 0)
            continue
        cards += formatCards(f"TFLAG{number}", item.field.getName())
        if item.field.getDoc():
            cards += formatCards(f"TFDOC{number}", item.field.getDoc())
    for alias, target in schema.getAliasMap().items():
        cards += formatCards("ALIAS", f"{alias}:{target}")
    return cards


def _metadataCards(metadata):
    metadata = PropertyList() if metadata is None else metadata.deepCopy()
    metadata.set("AFW_TABLE_VERSION", Schema.VERSION)
    return metadataToCards(metadata)


def _packFlags(arrays, rows):
    """Pack flags of some rows as FITS stores them: first flag in the highest bit of the first byte."""
    bits = np.empty((rows.stop - rows.start, len(arrays)), bool)
    for i, array in enumerate(arrays):
        bits[:, i] = array[rows]
    return np.packbits(bits, axis=1)


def _chunks(dtype, n, values, flagArrays):
    """Yield the rows in pieces small enough to stay in the cache while their columns are filled."""
    step = max(1, _CHUNK_BYTES // max(1, dtype.itemsize))
    buffer = np.zeros(min(step, n), dtype)
    for start in range(0, n, step):
        rows = slice(start, min(start + step, n))
        part = buffer[:rows.stop - rows.start]
        if flagArrays:
            part["flags"] = _packFlags(flagArrays, rows)
        for name, column, array in values:
            part[name] = column.stored(array[rows])
        yield part.view("u1")


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
    table = catalog.table
    extras = table._fitsExtras(catalog, flags)
    schema = Schema(table._schema)
    arrays = {}
    for field, values in extras.fields:
        arrays[schema._addField(field)._id] = values
    _writeTable(file, catalog, schema, arrays, extras.metadata, extras.trailer)
    if extras.archive is not None:
        extras.archive.writeFits(file)


def _writeTable(file, catalog, schema, arrays, metadata, trailer):
    """Append the table itself; ``arrays`` has the values of the fields that the catalog does not have."""
    def values(key):
        return arrays[key._id] if key._id in arrays else catalog._stored(key)

    items = schema._layout.items
    flagItems = [item for item in items if item.key.typeString == "Flag"]
    columns = []
    for item in items:
        if item.key.typeString != "Flag":
            columns.append(_Column(item.key, item.field, len(columns) + 1 + bool(flagItems)))
    variable = [column for column in columns if column.isVariable]
    heap = _Heap(variable, [values(column.key) for column in variable])
    stored = []
    formats = [("flags", "u1", ((len(flagItems) + 7) // 8,))] if flagItems else []
    for column in columns:
        name = f"c{column.number}"
        formats.append((name, column.dtype.base, column.dtype.shape))
        array = heap.descriptors[column.number] if column.isVariable else values(column.key)
        stored.append((name, column, array))
    dtype = np.dtype(formats)
    flagArrays = [values(item.key) for item in flagItems]
    cards = _headerCards(columns, flagItems, heap, schema) + _metadataCards(metadata) + trailer
    file.writeTable(_chunks(dtype, len(catalog), stored, flagArrays), cards, nFields=len(formats),
                    heap=heap.data, nRows=len(catalog), rowBytes=dtype.itemsize)


def writeCatalogFile(catalog, fileName, mode="w", flags=0):
    """Write a catalog to a file; see `lsst.afw.table.BaseCatalog.writeFits`."""
    with FitsFile(fileName, mode) as file:
        writeCatalog(catalog, file, flags)
