# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The values of a table: one NumPy array for each field, made when it is first needed."""

__all__ = ["ColumnStore"]

import bisect

import numpy as np

import lsst.pex.exceptions as pexExceptions

from ._types import ELEMENT_DTYPES, ELEMENT_SIZES, fillValue

_MIN_CAPACITY = 16
_BLOCK_ROWS = 100


def columnSpec(key):
    """Return (dtype, shape of a row) of the column of a key; object dtype for variable length."""
    typeString, count = key.typeString, key.getElementCount()
    if typeString == "Flag":
        return np.dtype(bool), ()
    if typeString == "String":
        return (np.dtype(object), ()) if count == 0 else (np.dtype(f"S{count}"), ())
    if typeString.startswith("Array"):
        if count == 0:
            return np.dtype(object), ()
        return ELEMENT_DTYPES[typeString[5:]], (count,)
    return ELEMENT_DTYPES[typeString], ()


def defaultOf(dtype):
    """Return what stands for the value of a new record in a column of a dtype."""
    return None if dtype.hasobject else fillValue(dtype)


class ColumnStore:
    """Columns with amortized growth.

    A column that nobody has asked for does not exist: its values are the defaults, or those that a
    ``source`` (a file that was read) can still provide.

    Parameters
    ----------
    layout : `SchemaLayout`
        The fields.
    """

    def __init__(self, layout):
        self._layout = layout
        self._arrays = {}
        self._aliases = {}
        self._source = None
        self.size = 0
        self.capacity = 0
        self.bufferSize = 0
        self.breaks = []

    def setSource(self, source, size):
        """Let a source provide the first ``size`` rows of the columns it has.

        Parameters
        ----------
        source : object
            Has ``has(key)``; ``read(key, out)``, which fills an array with the rows; and
            ``readTogether(key, capacity)``, which returns arrays by the identity of their keys, of columns
            that were not asked for before, or none.
        size : `int`
            Number of rows it has; the store must be empty.
        """
        self._source = source
        self._sourceSize = size
        self.size = self.capacity = size

    # In v23 records live in blocks of memory, and catalogs with records of several blocks are not
    # contiguous. The arrays here have no blocks, but where they would begin decides what is contiguous.

    def preallocate(self, n):
        """Start a block of ``n`` rows unless the present one has space for them."""
        if self.bufferSize < n:
            self._startBlock(n)

    def _startBlock(self, n):
        if self.size and self.breaks[-1:] != [self.size]:
            self.breaks.append(self.size)
        self.bufferSize = n

    def isOneBlock(self, start, count):
        """Are rows in the same block?"""
        return bisect.bisect_right(self.breaks, start) == bisect.bisect_left(self.breaks, start + count)

    def _reserve(self, n):
        """Make space for at least ``n`` rows in all."""
        if n <= self.capacity:
            return
        for identity, array in self._arrays.items():
            self._arrays[identity] = self._allocate(array.dtype, array.shape[1:], n, array[:self.size])
        self._aliases.clear()
        self.capacity = n

    def _allocate(self, dtype, shape, capacity, old=None):
        n = 0 if old is None else len(old)
        array = np.empty((capacity,) + shape, dtype)
        if n:
            array[:n] = old
        array[n:] = defaultOf(dtype)
        return array

    def grow(self, n):
        """Add ``n`` rows of default values and return the number of the first."""
        first = self.size
        if first + n > self.capacity:
            self._reserve(max(first + n, first + self.bufferSize, 2 * self.capacity, _MIN_CAPACITY))
        left = n
        while left > self.bufferSize:
            left -= self.bufferSize
            self.size += self.bufferSize
            self._startBlock(_BLOCK_ROWS)
        self.size += left
        self.bufferSize -= left
        return first

    def truncate(self, size):
        """Take back the last row, which must never have been written to."""
        self.bufferSize += self.size - size
        self.size = size

    def _make(self, key):
        """Make the array of a whole field."""
        if self._source is not None and self._source.has(key):
            self._read(key)
        else:
            dtype, shape = columnSpec(key)
            self._arrays[key._id] = self._allocate(dtype, shape, self.capacity)
        return self._arrays[key._id]

    def _read(self, key):
        """Read the array of a field, and more if the source gives more."""
        n = self._sourceSize
        read = self._source.readTogether(key, self.capacity)
        if not read:
            dtype, shape = columnSpec(key)
            array = np.empty((self.capacity,) + shape, dtype)
            self._source.read(key, array[:n])
            read = {key._id: array}
        for identity, array in read.items():
            dtype, shape = columnSpec(self._layout.items[self._layout.keys[identity]].key)
            array[n:] = defaultOf(dtype)
            self._arrays[identity] = array.reshape((self.capacity,) + shape)

    def isDefault(self, key):
        """Does the column of a whole field hold nothing but default values?"""
        return key._id not in self._arrays and (self._source is None or not self._source.has(key))

    def column(self, key):
        """Return the column of a key, with all rows that there is space for.

        Raises
        ------
        lsst.pex.exceptions.LogicError
            Raised if the key is invalid or is not a key of this schema.
        """
        array = self._arrays.get(key._id)
        if array is None:
            array = self._aliases.get(key._id)
            if array is None:
                array = self._find(key)
        return array

    def _find(self, key):
        if not key._valid:
            raise pexExceptions.LogicError(
                "Key is not valid (if this is a SourceCatalog, make sure slot aliases have been set up).")
        if key._id in self._layout.keys:
            return self._make(key)
        array = self._element(key)
        self._aliases[key._id] = array
        return array

    def _element(self, key):
        """Return the part of an array column that the key of an element or range points to."""
        item = self._layout.findContaining(key._offset)
        if item is not None and item.key.typeString.startswith("Array") and item.key._count:
            isRange = key.typeString == item.key.typeString
            size = ELEMENT_SIZES[item.key.elementKey.typeString]
            start, rest = divmod(key._offset - item.key._offset, size)
            sameType = isRange or key.typeString == item.key.elementKey.typeString
            if sameType and not rest and start + key._count <= item.key._count:
                whole = self.column(item.key)
                return whole[:, start:start + key._count] if isRange else whole[:, start]
        raise pexExceptions.LogicError(f"{key} is not a key of this table's schema")

    def materialize(self):
        """Read all that the source still holds and forget it."""
        if self._source is not None:
            for item in self._layout.items:
                if item.key._id not in self._arrays and self._source.has(item.key):
                    self._make(item.key)
            self._source = None

    def copyRows(self, destination, other, rows, pairs):
        """Copy rows of another store.

        Parameters
        ----------
        destination : `slice` or index array
            Rows of this store.
        other : `ColumnStore`
            Store to copy from.
        rows : `slice` or index array
            Its rows.
        pairs : iterable of (`Key`, `Key`)
            Keys of whole fields: of the other store and of this one.
        """
        for source, target in pairs:
            if other.isDefault(source) and self.isDefault(target):
                continue
            values, column = other.column(source), self.column(target)
            if values.dtype == object:
                column[destination] = [_copyObject(v) for v in values[rows]]
            elif isinstance(rows, np.ndarray) and isinstance(destination, slice):
                np.take(values, rows, axis=0, out=column[destination], mode="clip")
            else:
                column[destination] = values[rows]


def _copyObject(value):
    return value.copy() if isinstance(value, np.ndarray) else value
