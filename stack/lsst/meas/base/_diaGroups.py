# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The sources of many objects as arrays, for summaries of all objects at once."""

import numpy as np

__all__ = ["DiaGroups", "storeColumns"]


class DiaGroups:
    """The sources of many objects, those of each together.

    Parameters
    ----------
    grouped : `pandas.core.groupby.DataFrameGroupBy`
        Sources, grouped by object.
    columns : iterable of `str`
        Columns; sources with NaN in one of them are left out.
    sortBy : `str`, optional
        Column to sort the sources of each object by.

    Attributes
    ----------
    keys : `pandas.Index`
        The objects, (m,).
    group : `numpy.ndarray`, (n,), `int`
        Number of the object of each source, ascending.
    count : `numpy.ndarray`, (m,), `int`
        Number of sources of each object.
    """

    def __init__(self, grouped, columns, sortBy=None):
        self.keys = grouped.size().index
        group = grouped.ngroup().to_numpy()
        values = {name: grouped.obj[name].to_numpy(dtype=np.float64) for name in columns}
        used = (group >= 0) & ~np.any([np.isnan(array) for array in values.values()], axis=0)
        group, values = group[used], {name: array[used] for name, array in values.items()}
        order = np.lexsort((values[sortBy], group)) if sortBy else np.argsort(group, kind="stable")
        self.group = group[order]
        self._values = {name: array[order] for name, array in values.items()}
        self.count = np.bincount(self.group, minlength=len(self.keys))

    def __getitem__(self, name):
        """Return a column, (n,)."""
        return self._values[name]

    def sum(self, values):
        """Sum values, one a source, by object."""
        return np.bincount(self.group, weights=values, minlength=len(self.keys))

    def max(self, values, group):
        """Return the largest values by object, of values with the (ascending) numbers of their objects."""
        result = np.full(len(self.keys), np.nan)
        if len(values):
            starts = np.flatnonzero(np.diff(group, prepend=-1))
            result[group[starts]] = np.maximum.reduceat(values, starts)
        return result

    def percentile(self, values, percent):
        """Return a percentile of values by object, interpolated linearly; NaN of none."""
        result = np.full(len(self.keys), np.nan)
        ordered = values[np.lexsort((values, self.group))]
        filled = np.flatnonzero(self.count)
        start = np.cumsum(self.count)[filled] - self.count[filled]
        position = percent / 100.0 * (self.count[filled] - 1)
        low = np.floor(position).astype(np.int64)
        high = np.minimum(low + 1, self.count[filled] - 1)
        fraction = position - low
        below, above = ordered[start + low], ordered[start + high]
        result[filled] = below + (above - below) * fraction
        return result

    def median(self, values):
        """Return the medians of values by object; NaN of none."""
        return self.percentile(values, 50.0)

    def take(self, objects, column):
        """Return a column of the objects, one value a source, (n,)."""
        return objects[column].reindex(self.keys).to_numpy(dtype=np.float64)[self.group]


def storeColumns(objects, keys, columns):
    """Set columns of a frame of objects.

    Parameters
    ----------
    objects : `pandas.DataFrame`
        The objects, by ID; changed in place.
    keys : `pandas.Index`
        IDs of the objects that have values; the others get NaN.
    columns : `dict` [`str`, `numpy.ndarray`]
        Names and values.
    """
    position = keys.get_indexer(objects.index)
    for name, values in columns.items():
        if (position >= 0).all():
            objects[name] = np.asarray(values)[position]
        else:
            filled = np.full(len(position), np.nan)
            filled[position >= 0] = np.asarray(values)[position[position >= 0]]
            objects[name] = filled
