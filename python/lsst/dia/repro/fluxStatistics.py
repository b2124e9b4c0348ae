# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The per-band flux statistics of Rubin's DiaObject table.

Names and formulas are those of the plugins in
``lsst.meas.base.diaCalculationPlugins`` that fill the table.
"""

from __future__ import annotations

__all__ = ["FLUX_STATISTICS", "addFluxFields", "fluxStatistics"]

from typing import NamedTuple

import numpy as np
from lsst.afw.table import Schema

from .measuredFlux import isMeasured
from .segments import Segments


class FluxStatistic(NamedTuple):
    """A statistic of the fluxes of an object.

    Attributes
    ----------
    name : `str`
        What its column is called, after a prefix that tells the kind of flux.
    dtype : `str`
        NumPy type.
    unit : `str`
        Unit, empty for none.
    description : `str`
        What it is, with ``{prefix}``, and ``{none}`` for what stands where
        there is no value.
    """

    name: str
    dtype: str
    unit: str
    description: str


#: The statistics, in the order in which Rubin's table has them.
FLUX_STATISTICS = (
    FluxStatistic("FluxMean", "float64", "nJy", "Weighted mean of the fluxes"),
    FluxStatistic("FluxMeanErr", "float64", "nJy", "Error of {prefix}FluxMean"),
    FluxStatistic("FluxNdata", "int32", "", "Number of fluxes with an error"),
    FluxStatistic("FluxSigma", "float64", "nJy", "Standard deviation of the fluxes, {none} for one"),
    FluxStatistic("FluxMin", "float64", "nJy", "Least flux"),
    FluxStatistic("FluxMax", "float64", "nJy", "Greatest flux"),
    FluxStatistic("FluxMaxSlope", "float64", "nJy/d",
                  "Greatest rise between successive fluxes over their time, {none} for one"),
    FluxStatistic("FluxErrMean", "float32", "nJy", "Mean of the errors of the fluxes"),
)

_AFW_TYPES = {"float64": "D", "float32": "F", "int32": "I"}


def addFluxFields(schema: Schema, band: str) -> None:
    """Add the statistics of one band to a schema.

    Parameters
    ----------
    schema : `lsst.afw.table.Schema`
        Schema to add to.
    band : `str`
        Name of the band.
    """
    for name, dtype, unit, description in FLUX_STATISTICS:
        doc = description.format(prefix="psf", none="NaN")
        schema.addField(f"{band}_psf{name}", type=_AFW_TYPES[dtype], units=unit, doc=f"{doc} in {band}")


@np.errstate(over="ignore", invalid="ignore", divide="ignore")
def fluxStatistics(prefix: str, group: np.ndarray, nGroups: int, mjd: np.ndarray, flux: np.ndarray,
                   fluxErr: np.ndarray) -> dict[str, np.ndarray]:
    """Compute the statistics of one band.

    Parameters
    ----------
    prefix : `str`
        What the names of the columns begin with.
    group : `numpy.ndarray`, (N,)
        Object number, 0 to M - 1, of each flux; sorted, and by time within an
        object.
    nGroups : `int`
        Number M of objects.
    mjd : `numpy.ndarray`, (N,)
        Times, MJD.
    flux, fluxErr : `numpy.ndarray`, (N,)
        Fluxes and errors, nJy; what is not finite is left out.

    Returns
    -------
    columns : `dict` [`str`, `numpy.ndarray`]
        Columns of M values, those of `FLUX_STATISTICS`. Means are weighted by
        1/fluxErr^2. An object without a flux has NaN, and 0 for the number.
        What is beyond all numbers, such as squares of 1e200, is infinite or NaN.
    """
    good = isMeasured(flux, fluxErr)
    group, mjd, flux, fluxErr = group[good], mjd[good], flux[good], fluxErr[good]
    runs = Segments(group)
    present = group[runs.starts]
    weight = fluxErr**-2
    total = runs.reduce(np.add, weight)
    mean = runs.reduce(np.add, weight*flux)
    plainMean = runs.reduce(np.add, flux)/runs.counts
    # About the plain mean, since the difference of two large sums would lose digits.
    squares = runs.reduce(np.add, (flux - runs.spread(plainMean))**2)
    values = {
        "FluxMean": mean/total, "FluxMeanErr": np.sqrt(1/total),
        "FluxSigma": np.sqrt(squares/np.where(runs.counts > 1, runs.counts - 1, np.nan)),
        "FluxMin": runs.reduce(np.minimum, flux), "FluxMax": runs.reduce(np.maximum, flux),
        "FluxMaxSlope": _maxSlope(runs, mjd, flux),
        "FluxErrMean": runs.reduce(np.add, fluxErr)/runs.counts,
    }
    columns = {name: np.full(nGroups, np.nan) for name in values}
    for name, value in values.items():
        columns[name][present] = value
    columns["FluxNdata"] = np.bincount(group, minlength=nGroups)
    return {prefix + name: value for name, value in columns.items()}


def _maxSlope(runs: Segments, mjd: np.ndarray, flux: np.ndarray) -> np.ndarray:
    """Return the steepest rise of each run of fluxes, NaN for one flux; equal times have no slope."""
    if not len(flux):
        return np.zeros(0)
    step = np.diff(mjd)
    slope = np.append(np.nan, np.diff(flux)/np.where(step > 0, step, np.nan))
    slope[runs.starts] = np.nan
    return runs.reduce(np.fmax, slope)
