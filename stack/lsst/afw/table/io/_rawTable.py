# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Rows of a FITS table, and catalogs made of them."""

__all__ = ["RawTable"]

import numpy as np

import lsst.pex.exceptions as pexExceptions
from lsst.afw.fits import FitsError
from lsst.afw.fits._error import namingErrors

from .._formatRegistry import tableFormats
from .._rowList import RowList
from ._columnBlocks import ColumnBlocks
from ._columnReaders import physicalValues
from ._tableSchema import TableSchema


class RawTable:
    """The bytes of a table, and the source of the columns of the `BaseTable` made of it.

    Parameters
    ----------
    hdu : `lsst.afw.fits.Hdu`
        Header.
    layout : `lsst.afw.fits.TableLayout`
        Shape.
    rows : `numpy.ndarray`
        Rows as stored, ``uint8`` of shape (nRows, rowBytes).
    heap : `numpy.ndarray`
        Variable-length data, ``uint8``.
    """

    def __init__(self, hdu, layout, rows, heap):
        self.where = hdu.where
        self.entries = hdu.entries
        self.layout = layout
        self.rows = rows
        self.heap = heap
        self.arrayDtypes = {}
        self._readersOf = {}
        self._blocks = None
        self._flags = {}

    @classmethod
    def read(cls, file, number):
        """Read the bytes of a table of an open `lsst.afw.fits.FitsFile`."""
        layout = file.tableLayout(number)
        rows = file.readRows(number)
        heap = file.readHeap(number) if layout.heapSize else np.zeros(0, "u1")
        return cls(file.hdu(number), layout, rows, heap)

    # What the column store asks for

    def has(self, key):
        """Does the file have the column of a key?"""
        return key._id in self._readersOf

    def readTogether(self, key, capacity):
        """Return the column of a key and some others, if that is better than to read it alone."""
        return self._blocks.read(key._id, capacity)

    def readColumn(self, key, out):
        """Fill an array with the column of a key."""
        self._readersOf[key._id].read(self, out)

    # What the readers ask for

    def view(self, column):
        """Return the stored values of a column as a big-endian view of the rows."""
        dtype = column.dtype
        n = len(self.rows)
        if not n or not dtype.itemsize:
            return np.zeros((n,) + dtype.shape, dtype.base)
        shape = (n,) + dtype.shape
        inner = tuple(np.zeros(dtype.shape, dtype.base).strides)
        return np.ndarray(shape, dtype.base, self.rows, column.offset, (self.layout.rowBytes,) + inner)

    def flagBytes(self, column):
        """Return the bytes of a bit column, the first of all rows first, then the second, and so on."""
        packed = self._flags.get(column.index)
        if packed is None:
            packed = self._flags[column.index] = np.ascontiguousarray(self.view(column).T)
        return packed

    def cells(self, column):
        """Return (start, stop) in the heap of every row of a variable-length column.

        Raises
        ------
        FitsError
            Raised if a row points outside the heap.
        """
        descriptors = self.view(column).astype(np.int64)
        count, start = descriptors[:, 0], descriptors[:, 1]
        size = column.elementDtype.itemsize
        limit = len(self.heap)
        if np.any((count < 0) | (count > limit) | (start < 0) | (start > limit)):
            raise self._badDescriptor(column)
        start = np.where(count == 0, 0, start)
        stop = start + count * size
        if np.any(stop > limit):
            raise self._badDescriptor(column)
        return list(zip(start.tolist(), stop.tolist()))

    def cellValues(self, column, cell):
        """Return the values of one cell (start, stop) of a variable-length column in native byte order."""
        start, stop = cell
        values = physicalValues(column, self.heap[start:stop].view(column.elementDtype))
        return values.astype(values.dtype.newbyteorder("="))

    def _badDescriptor(self, column):
        return FitsError(f"cfitsio error ({self.where}): a row of column '{column.name}' points outside "
                         "the heap")

    def toCatalog(self, cls, flags=0, findArchive=None):
        """Make a catalog; columns are decoded when they are first asked for.

        Parameters
        ----------
        cls : `type`
            Class of the catalog.
        flags : `int`, optional
            SOURCE_IO_NO_FOOTPRINTS and the like.
        findArchive : callable, optional
            ``findArchive(tableSchema)`` returns the `InputArchive` that goes with the table, or None.

        Raises
        ------
        FitsError
            Raised if the header contradicts itself.
        lsst.pex.exceptions.NotFoundError
            Raised if AFW_TYPE is not known.
        lsst.pex.exceptions.RuntimeError
            Raised if the table is not of the class that the catalog needs.
        """
        with namingErrors(self.where):
            return self._toCatalog(cls, flags, findArchive)

    def _toCatalog(self, cls, flags, findArchive):
        tableSchema = TableSchema(self.entries)
        format = tableFormats.named(tableSchema.type)
        if format is None:
            raise pexExceptions.NotFoundError(
                f"FitsReader with name '{tableSchema.type}' does not exist; check AFW_TYPE keyword.")
        archive = findArchive(tableSchema) if findArchive is not None and format.usesArchive(flags) else None
        attach = format.customize(tableSchema, self, flags, archive)
        schema = tableSchema.finish(self)
        format.mendSchema(schema, self.where)
        table = format.tableClass.make(schema)
        if not isinstance(table, cls.Table):
            raise pexExceptions.RuntimeError(
                f"Invalid table class for catalog: the table is of type {tableSchema.type} (AFW_TYPE), which "
                f"{cls.__name__} cannot hold; {type(table).__name__.replace('Table', 'Catalog')} can")
        for index in self.arrayDtypes:
            self.cells(self.layout.columns[index])
        self._readersOf = tableSchema.readers
        self._blocks = ColumnBlocks(self.rows, self.layout, self._readersOf)
        table.setMetadata(tableSchema.metadata)
        n = len(self.rows)
        table._setSource(_Source(self), n)
        if attach is not None:
            attach(table)
        return cls._fromRows(table, RowList(table, 0, n))


class _Source:
    """A `RawTable` as the column store wants it."""

    def __init__(self, raw):
        self.has = raw.has
        self.read = raw.readColumn
        self.readTogether = raw.readTogether
