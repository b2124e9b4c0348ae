# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The per-band flux statistics of Rubin's DiaObject table.

Names and formulas are those of the plugins in
``lsst.meas.base.diaCalculationPlugins`` that fill the table.
"""

__all__ = ["addFluxFields", "fluxStatistics"]

import numpy as np

from .segments import Segments

_FIELDS = (
    ("psfFluxMean", "D", "nJy", "Weighted mean of the fluxes"),
    ("psfFluxMeanErr", "D", "nJy", "Error of psfFluxMean"),
    ("psfFluxNdata", "I", "", "Number of fluxes with an error"),
    ("psfFluxSigma", "D", "nJy", "Standard deviation of the fluxes, NaN for one"),
    ("psfFluxMin", "D", "nJy", "Least flux"),
    ("psfFluxMax", "D", "nJy", "Greatest flux"),
    ("psfFluxMaxSlope", "D", "nJy/d", "Greatest rise between successive fluxes over their time, NaN for one"),
    ("psfFluxErrMean", "F", "nJy", "Mean of the errors of the fluxes"),
)


def addFluxFields(schema, band):
    """Add the statistics of one band to a schema.

    Parameters
    ----------
    schema : `lsst.afw.table.Schema`
        Schema to add to.
    band : `str`
        Name of the band.
    """
    for name, dtype, units, doc in _FIELDS:
        schema.addField(f"{band}_{name}", type=dtype, units=units, doc=f"{doc} in {band}")


def fluxStatistics(band, group, nGroups, mjd, flux, fluxErr):
    """Compute the statistics of one band.

    Parameters
    ----------
    band : `str`
        Name of the band.
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
        Columns of M values. Means are weighted by 1/fluxErr^2. An object
        without a flux has NaN, and 0 for the number.
    """
    good = np.isfinite(flux) & np.isfinite(fluxErr) & (fluxErr > 0)
    group, mjd, flux, fluxErr = group[good], mjd[good], flux[good], fluxErr[good]
    runs = Segments(group)
    present = group[runs.starts]
    weight = fluxErr**-2
    total = runs.reduce(np.add, weight)
    mean = runs.reduce(np.add, weight*flux)
    plainMean = runs.reduce(np.add, flux)/runs.counts
    squares = runs.reduce(np.add, (flux - runs.spread(plainMean))**2)
    with np.errstate(invalid="ignore", divide="ignore"):
        values = {
            "psfFluxMean": mean/total, "psfFluxMeanErr": np.sqrt(1/total),
            "psfFluxSigma": np.sqrt(squares/np.where(runs.counts > 1, runs.counts - 1, np.nan)),
            "psfFluxMin": runs.reduce(np.minimum, flux), "psfFluxMax": runs.reduce(np.maximum, flux),
            "psfFluxMaxSlope": _maxSlope(runs, mjd, flux),
            "psfFluxErrMean": runs.reduce(np.add, fluxErr)/runs.counts,
        }
    columns = {name: np.full(nGroups, np.nan) for name in values}
    for name, value in values.items():
        columns[name][present] = value
    columns["psfFluxNdata"] = np.bincount(group, minlength=nGroups)
    return {f"{band}_{name}": value for name, value in columns.items()}


def _maxSlope(runs, mjd, flux):
    """Return the steepest rise of each run of fluxes, NaN for one flux; equal times have no slope."""
    if not len(flux):
        return np.zeros(0)
    step = np.diff(mjd)
    slope = np.append(np.nan, np.diff(flux)/np.where(step > 0, step, np.nan))
    slope[runs.starts] = np.nan
    return runs.reduce(np.fmax, slope)
