# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Catalogs: lists of records."""

__all__ = ["Catalog", "CatalogBase", "BaseCatalog"]

import operator

import numpy as np
from lsst.utils import TemplateMeta

import lsst.pex.exceptions as pexExceptions
from lsst.afw.fits import reduceToFits

from ._astropy import asAstropy
from ._baseColumnView import BaseColumnView, fieldColumn
from ._baseRecord import BaseRecord
from ._baseTable import BaseTable
from ._catalogEdit import CatalogEdit
from ._catalogSearch import CatalogSearch
from ._formatRegistry import fileFormats
from ._keys import KeyBase, KeyFlag
from ._rowList import RowList
from ._schema import Schema


class CatalogBase(CatalogEdit, CatalogSearch):
    """A list of records that have the same schema.

    Slices and shallow copies share the records; a column of a contiguous catalog is a view of the values.

    Parameters
    ----------
    arg : `Schema` or `BaseTable` or catalog, optional
        Schema of a new table, or a table for new records, or a catalog to copy shallowly; by default a
        table with the minimal schema.
    """

    Table = BaseTable
    Record = BaseRecord
    ColumnView = BaseColumnView

    def __init__(self, arg=None):
        if isinstance(arg, CatalogBase):
            self._table = arg._table
            self._rowList = arg._rowList.copy()
        else:
            if arg is None:
                arg = self.Table.make(self.Table.makeMinimalSchema())
            elif isinstance(arg, Schema):
                arg = self.Table.make(arg)
            self._table = arg
            self._rowList = RowList(arg)
        if not isinstance(self._table, self.Table):
            raise TypeError(f"{type(self).__name__} needs a schema or a {self.Table.__name__}, not {arg!r}")
        self._columns = None

    @classmethod
    def _fromRows(cls, table, rowList):
        catalog = cls(table)
        catalog._rowList = rowList
        return catalog

    @property
    def table(self):
        """Table that makes new records of this catalog."""
        return self._table

    def getTable(self):
        """Return the table that makes new records of this catalog."""
        return self._table

    @property
    def schema(self):
        """Schema of the table."""
        return self._table.schema

    def getSchema(self):
        """Return the schema of the table."""
        return self._table.schema

    def __len__(self):
        return len(self._rowList)

    def _record(self, i):
        table, row = self._rowList.at(i)
        return table.Record(table, row)

    def __iter__(self):
        i = 0
        while i < len(self):
            yield self._record(i)
            i += 1

    # Columns

    def _span(self):
        """Return (table, start, count) of a contiguous catalog, else None."""
        span = self._rowList.span()
        if span is None or span[2] == 0:
            return span and (self._table, 0, 0)
        table, start, count = span
        return span if table is self._table and table._columns.isOneBlock(start, count) else None

    def isContiguous(self):
        """Do the records follow each other in the table, so that columns are views?"""
        return self._span() is not None

    def getColumnView(self):
        """Return a view of the columns.

        Raises
        ------
        lsst.pex.exceptions.RuntimeError
            Raised if the catalog is not contiguous.
        """
        span = self._span()
        if span is None:
            raise pexExceptions.RuntimeError("Record data is not contiguous in memory.")
        self._columns = self.ColumnView(*span)
        return self._columns

    @property
    def columns(self):
        """The columns of a contiguous catalog (a `BaseColumnView`)."""
        return self.getColumnView() if self._columns is None else self._columns

    def _stored(self, key):
        """Return the stored column of a key: a view if the catalog is contiguous, else a copy."""
        segments = self._rowList.segments()
        if len(segments) == 1:
            table, _, rows = segments[0]
            return table._columnOf(key)[rows]
        model = self._table._columnOf(key)
        result = np.empty((len(self),) + model.shape[1:], model.dtype)
        for table, positions, rows in segments:
            result[positions] = table._columnOf(key)[rows]
        return result

    def _keyOf(self, name):
        return self._table._schema._findName(name).key

    def __getitem__(self, key):
        """Return a record (integer), a column (field name or key), or a part (slice or mask).

        Raises
        ------
        IndexError
            Raised if there is no such record.
        lsst.pex.exceptions.NotFoundError, KeyError
            Raised if there is no such field.
        lsst.pex.exceptions.LengthError
            Raised if a mask does not have the length of the catalog.
        """
        if isinstance(key, slice):
            step = 1 if key.step is None else key.step
            return self.subset(0 if key.start is None else key.start,
                               len(self) if key.stop is None else key.stop, step)
        if isinstance(key, np.ndarray) and key.ndim:
            if key.dtype == bool:
                return self.subset(key)
            raise RuntimeError(f"Unsupported array type for indexing non-contiguous Catalog: {key.dtype}")
        if isinstance(key, (str, KeyBase)):
            if self.isContiguous():
                return self.columns[key]
            if isinstance(key, str):
                key = self._keyOf(key)
            column = fieldColumn(key, self._stored(key))
            column.flags.writeable = False
            return column
        return self._record(self._index(key))

    def _index(self, i):
        try:
            index = operator.index(i)
        except TypeError:
            raise TypeError(f"Catalogs cannot be indexed with {i!r}") from None
        n = len(self)
        if not -n <= index < n:
            raise IndexError(f"Index {index} not in range [{-n}, {n - 1}]")
        return index + n if index < 0 else index

    def __setitem__(self, key, value):
        """Set a column (field name or key), or replace a record (integer)."""
        self._columns = None
        if isinstance(key, str):
            key = self._keyOf(key)
        if isinstance(key, KeyFlag):
            self._setFlag(key, value)
        elif isinstance(key, KeyBase):
            self.columns[key] = value
        else:
            self.set(key, value)

    def _setFlag(self, key, value):
        if isinstance(value, np.ndarray) and value.ndim:
            if value.dtype != bool or value.ndim != 1:
                raise TypeError(f"A flag column can be set to a bool or an array of bool, not {value.dtype}")
            if len(value) != len(self):
                raise pexExceptions.LengthError(
                    f"Catalog has {len(self)} rows, while array has {len(value)} elements.")
        elif value is None or not np.isscalar(value) and not isinstance(value, np.ndarray):
            raise TypeError(f"A flag column can be set to a bool or an array of bool, not {value!r}")
        else:
            value = np.full(len(self), key._toElement(value))
        for table, positions, rows in self._rowList.segments():
            table._columnOf(key)[rows] = value[positions]

    def subset(self, *args):
        """Return some of the records, shared with this catalog.

        Parameters
        ----------
        args : array of `bool`, or three `int`
            A mask, or start, stop and step, with the meaning of v23: negative positions count from the end.

        Raises
        ------
        lsst.pex.exceptions.LengthError
            Raised if a mask does not have the length of the catalog.
        lsst.pex.exceptions.InvalidParameterError
            Raised for a step of zero.
        """
        if len(args) == 1:
            mask = np.asarray(args[0])
            if mask.dtype != bool or mask.ndim != 1:
                raise TypeError("The mask must be a one-dimensional array of bool")
            if len(mask) != len(self):
                raise pexExceptions.LengthError(f"Mask array with {len(mask)} elements applied to catalog"
                                                f" with {len(self)} elements")
            return self._fromRows(self._table, self._rowList.take(np.flatnonzero(mask)))
        start, stop, step = self._bounds(*(operator.index(arg) for arg in args))
        if step == 1:
            return self._fromRows(self._table, self._rowList.take(slice(start, max(start, stop))))
        return self._fromRows(self._table, self._rowList.take(np.arange(start, stop, step)))

    def _bounds(self, start, stop, step):
        n = len(self)
        if step == 0:
            raise pexExceptions.InvalidParameterError("Step cannot be zero")
        start += n if start < 0 else 0
        stop += n if stop < 0 else 0
        start = min(max(start, 0), n)
        stop = min(max(stop, 0), n) if step > 0 else max(stop, -1)
        if step < 0 and start == n and stop < start:
            start = n - 1
        return start, stop, step

    # Other forms

    def asAstropy(self, cls=None, copy=False, unviewable="copy"):
        """Return an Astropy table with the columns of this catalog.

        Parameters
        ----------
        cls : `type`, optional
            Table class, `astropy.table.Table` by default; `astropy.table.QTable` makes quantities.
        copy : `bool`, optional
            Copy the values instead of sharing them.
        unviewable : `str`, optional
            What to do with strings and flags, whose values cannot be shared, if ``copy`` is false: "copy"
            them, "raise", or "skip" them. Variable-length arrays are left out, or raise for "raise".

        Raises
        ------
        ValueError
            Raised for another value of ``unviewable``, or as it says.
        """
        return asAstropy(self, cls, copy, unviewable)

    def writeFits(self, filename, mode="w", flags=0):
        """Write the catalog to a FITS file.

        Parameters
        ----------
        filename : `str` or `lsst.afw.fits.MemFileManager`
            The file.
        mode : `str`, optional
            "w" to replace, "a" to append to the file.
        flags : `int`, optional
            For source catalogs, SOURCE_IO_NO_FOOTPRINTS or SOURCE_IO_NO_HEAVY_FOOTPRINTS.

        Raises
        ------
        lsst.afw.fits.FitsError
            Raised if the file cannot be written.
        """
        fileFormats.of(type(self)).write(self, filename, mode, flags)

    @classmethod
    def readFits(cls, filename, hdu=None, flags=0):
        """Read a catalog from a FITS file.

        Parameters
        ----------
        filename : `str` or `lsst.afw.fits.MemFileManager`
            The file.
        hdu : `int`, optional
            Number of the HDU; by default the first that has data.
        flags : `int`, optional
            For source catalogs, SOURCE_IO_NO_FOOTPRINTS or SOURCE_IO_NO_HEAVY_FOOTPRINTS.

        Raises
        ------
        lsst.afw.fits.FitsError
            Raised if the file or the table is missing or broken.
        lsst.pex.exceptions.RuntimeError
            Raised if the records in the file are not of this catalog's class.
        """
        return fileFormats.of(cls).read(cls, filename, hdu, flags)

    def __reduce__(self):
        return reduceToFits(self)

    def __getattr__(self, name):
        # Only called for what the catalog does not have: v23 forwards to the table, then to the columns.
        if name.startswith("__") or name in ("_table", "_rowList", "_columns"):
            raise AttributeError(name)
        try:
            return getattr(self._table, name)
        except AttributeError:
            return getattr(self.columns, name)

    def __dir__(self):
        return sorted(set(super().__dir__()) | set(dir(self._table)) | set(dir(self.ColumnView)))

    def __str__(self):
        if self.isContiguous():
            return str(self.asAstropy())
        fields = " ".join(item.field.getName() for item in self.schema)
        return f"Non-contiguous afw.Catalog of {len(self)} rows.\ncolumns: {fields}"

    def __repr__(self):
        return f"{type(self)}\n{self}"


class Catalog(metaclass=TemplateMeta):
    """The catalog classes by name: ``Catalog["Base"]``, ``Catalog["Source"]``..."""

    asAstropy = CatalogBase.asAstropy


class BaseCatalog(CatalogBase):
    """A catalog of records without a minimal schema."""


def tie(record, table, catalog, columnView):
    """Let the four classes of a kind of catalog know each other."""
    for cls in (record, table, catalog, columnView):
        cls.Record, cls.Table, cls.Catalog, cls.ColumnView = record, table, catalog, columnView


tie(BaseRecord, BaseTable, BaseCatalog, BaseColumnView)
Catalog.register("Base", BaseCatalog)
