# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Many columns of a large table at once.

To get one column out of rows that do not fit the cache means to go through all of the memory that they take.
So whoever wants several gets more than asked for: with each that is missing, thrice as many as there are by
then. What is done in vain is never more than a multiple of what was asked for.
"""

__all__ = ["ColumnBlocks"]

import itertools

import numpy as np

_MIN_BYTES = 1 << 22
_BLOCK_BYTES = 1 << 18
_GROWTH = 3
_CODES = "BJKED"


class ColumnBlocks:
    """The columns of a table that need nothing but another byte order.

    Parameters
    ----------
    rows : `numpy.ndarray`
        Rows as stored, ``uint8`` of shape (nRows, rowBytes).
    layout : `lsst.afw.fits.TableLayout`
        Shape.
    readers : `dict` [`int`, `Reader`]
        What decodes the fields, by the identity of their keys.
    """

    def __init__(self, rows, layout, readers):
        self._rows = rows
        self._nRead = 0
        self._left = {}
        if rows.size >= _MIN_BYTES:
            columns = ((identity, layout.columns[reader.column]) for identity, reader in readers.items()
                       if reader.kind == "plain" and reader.part is None)
            self._left = dict(sorted((item for item in columns if _isSimple(item[1])),
                                     key=lambda item: item[1].offset))

    def read(self, identity, capacity):
        """Read a column, and others along with it.

        Parameters
        ----------
        identity : `int`
            Identity of the key of the field that is wanted.
        capacity : `int`
            Rows to make space for.

        Returns
        -------
        arrays : `dict` [`int`, `numpy.ndarray`]
            Arrays of which the first rows are filled, by the identities of their keys; none if the column
            is better read alone.
        """
        if identity not in self._left:
            return {}
        names = list(self._left)
        first = names.index(identity)
        names = (names[first:] + names[:first])[:1 + _GROWTH * self._nRead]
        self._nRead += len(names)
        columns = sorted(((name, self._left.pop(name)) for name in names), key=lambda item: item[1].offset)
        arrays = _readColumns(self._rows, [column for _, column in columns], capacity)
        return {name: array for (name, _), array in zip(columns, arrays)}


def _isSimple(column):
    if column.code not in _CODES or column.descriptor or column.scale != 1.0 or column.zero != 0.0:
        return False
    return column.count == 1 or column.count > 1 and column.code != "K"


def _runs(columns):
    """Yield lists of columns of the same type that follow each other."""
    run = []
    for column in columns:
        if run and (column.dtype != run[0].dtype or column.offset != run[-1].offset + column.dtype.itemsize):
            yield run
            run = []
        run.append(column)
    yield run


def _readColumns(rows, columns, capacity):
    """Return the native arrays of columns, which are in the order of the rows; go through the rows once."""
    nRows, rowBytes = rows.shape
    pairs = []
    for run in _runs(columns):
        dtype = run[0].dtype
        inner = np.zeros(dtype.shape, dtype.base).strides
        stored = np.ndarray((len(run), nRows) + dtype.shape, dtype.base, rows, run[0].offset,
                            (dtype.itemsize, rowBytes) + inner)
        pairs.append((np.empty((len(run), capacity) + dtype.shape, dtype.base.newbyteorder("=")), stored))
    step = max(1, _BLOCK_BYTES // rowBytes)
    for start in range(0, nRows, step):
        block = slice(start, min(start + step, nRows))
        for arrays, stored in pairs:
            arrays[:, block] = stored[:, block]
    return itertools.chain.from_iterable(arrays for arrays, _ in pairs)
