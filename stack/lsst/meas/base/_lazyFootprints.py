# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Footprints of a whole catalog that are made one by one, when somebody looks at them."""

import numpy as np

__all__ = ["attachLazily", "findLoader"]


def attachLazily(catalog, load):
    """Give the sources of a catalog footprints that are made when they are asked for.

    Parameters
    ----------
    catalog : `lsst.afw.table.SourceCatalog`
        The sources; footprints that they have already are dropped.
    load : callable
        Makes the footprint of the source of a number.
    """
    for table, positions, rows in catalog._rowList.segments():
        positions, rows = _toArray(positions), _toArray(rows)
        column = table._footprints
        for row in rows.tolist() if column._objects else ():
            column._objects.pop(row, None)
        for start, end in _findRuns(rows):
            column._lazy.insert(0, (int(rows[start]), positions[start:end], load))


def findLoader(catalog, rows):
    """Find out who would make the footprints of some rows.

    Parameters
    ----------
    catalog : `lsst.afw.table.SourceCatalog`
        The sources.
    rows : `numpy.ndarray`
        Row numbers.

    Returns
    -------
    load : callable or `None`
        What makes all of them; `None` if there is no such thing, or some are made already.
    index : `numpy.ndarray`
        The numbers it would make them by.
    """
    segments = list(catalog._rowList.segments())
    if len(segments) != 1 or segments[0][0]._footprints._objects:
        return None, None
    table, _, tableRows = segments[0]
    tableRows = _toArray(tableRows)[rows]
    for first, index, load in table._footprints._lazy:
        inside = (tableRows >= first) & (tableRows < first + len(index))
        if inside.all():
            return load, index[tableRows - first]
        if inside.any():
            break
    return None, None


def _toArray(rows):
    return np.arange(rows.start, rows.stop) if isinstance(rows, slice) else np.asarray(rows)


def _findRuns(rows):
    """Yield start and end of runs of consecutive row numbers."""
    breaks = np.flatnonzero(np.diff(rows) != 1) + 1
    limits = [0, *breaks.tolist(), len(rows)]
    return [(start, end) for start, end in zip(limits, limits[1:]) if end > start]
