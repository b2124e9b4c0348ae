# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Which measurements of a light curve count."""

from __future__ import annotations

__all__ = ["isUsable", "usableArrowRows", "usableRows"]

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
from astropy.table import Table

from ..measuredFlux import isMeasured
from .arrowTables import Values, fillNulls


def isUsable(values: Values, missing: Mapping[str, np.ndarray], badFlags: Sequence[str]) -> np.ndarray:
    """Tell the measurements that count.

    Parameters
    ----------
    values : `dict` [`str`, `numpy.ndarray`]
        Columns of light curves; a flag that is not there is not set.
    missing : `dict` [`str`, `numpy.ndarray`]
        Which values of a column there are not, bool.
    badFlags : `list` [`str`]
        Columns that, where set, make a measurement unusable.

    Returns
    -------
    usable : `numpy.ndarray`
        Whether flux and error are finite and no bad flag is set, bool.
    """
    if not {"psfDiffFlux", "psfDiffFluxErr"} <= values.keys():
        return np.zeros(len(values["diaObjectId"]), dtype=bool)
    usable = isMeasured(values["psfDiffFlux"], values["psfDiffFluxErr"])
    for name in ("psfDiffFlux", "psfDiffFluxErr"):
        if name in missing:
            usable &= ~missing[name]
    for name in badFlags:
        if name in values:
            usable &= (np.asarray(values[name]) == 0) | missing.get(name, False)
    return usable


def usableArrowRows(rows: pa.Table, badFlags: Sequence[str]) -> np.ndarray:
    """Tell the rows of an Arrow table of light curves that count.

    Parameters
    ----------
    rows : `pyarrow.Table`
        Rows of light curves.
    badFlags : `list` [`str`]
        Columns that, where set, make a measurement unusable.

    Returns
    -------
    usable : `numpy.ndarray`
        Whether flux and error are finite and no bad flag is set, bool.
    """
    names = {"diaObjectId", "psfDiffFlux", "psfDiffFluxErr", *badFlags} & set(rows.column_names)
    return isUsable({name: fillNulls(rows[name]) for name in names},
                    {name: rows[name].is_null().to_numpy() for name in names}, badFlags)


def usableRows(table: Table, badFlags: Sequence[str]) -> np.ndarray:
    """Tell the rows of a table of light curves that count.

    Parameters
    ----------
    table : `astropy.table.Table`
        Rows of light curves.
    badFlags : `list` [`str`]
        Columns that, where set, make a measurement unusable.

    Returns
    -------
    usable : `numpy.ndarray`
        Whether flux and error are finite and no bad flag is set, bool.
    """
    return isUsable({name: np.ma.getdata(table[name]) for name in table.colnames},
                    {name: np.ma.getmaskarray(table[name]) for name in table.colnames}, badFlags)
