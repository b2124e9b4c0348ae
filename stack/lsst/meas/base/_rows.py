# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Writing some rows of a catalog at once, and saying which rows failed."""

import dataclasses

import numpy as np

__all__ = ["Failure", "orFlag", "setRows"]


@dataclasses.dataclass(frozen=True)
class Failure:
    """An error that befell some rows of a catalog."""

    rows: np.ndarray
    """Numbers of the rows (`int`)."""

    error: Exception
    """What went wrong."""


def setRows(catalog, key, rows, values):
    """Write a column for some rows only.

    Parameters
    ----------
    catalog : `lsst.afw.table.BaseCatalog`
        Catalog to write to.
    key : `lsst.afw.table.Key` or `str`
        Which column.
    rows : `numpy.ndarray`
        Row numbers or a mask.
    values : array-like
        One value a row, or one for all.
    """
    column = np.array(catalog[key])
    column[rows] = values
    catalog[key] = column


def orFlag(catalog, key, rows):
    """Set a flag for some rows; the others keep theirs.

    Parameters
    ----------
    catalog : `lsst.afw.table.BaseCatalog`
        Catalog to write to.
    key : `lsst.afw.table.Key` or `str`
        Which flag.
    rows : `numpy.ndarray`
        Row numbers or a mask; nothing is done if it selects no row.
    """
    rows = np.asarray(rows)
    if rows.any() if rows.dtype == bool else rows.size:
        setRows(catalog, key, rows, True)
