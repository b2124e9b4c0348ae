# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Sum up the light curve of each object."""

from __future__ import annotations

__all__ = ["LightCurveSummary"]

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..fluxStatistics import FLUX_STATISTICS, fluxStatistics
from ..segments import Segments
from .arrowTables import Column, Values
from .usableMeasurements import isUsable

#: What the summary says of a statistic otherwise than Rubin's table.
_OWN_WORDS = {
    "FluxMean": "Mean of the fluxes, weighted by 1/error^2",
    "FluxNdata": "Number of usable fluxes",
    "FluxMaxSlope": "Greatest rise between successive fluxes of a band over their time, {none} for one",
}


def _fluxColumn(name: str) -> Column:
    """Return the column of one of the `FLUX_STATISTICS`."""
    (statistic,) = (each for each in FLUX_STATISTICS if each.name == name)
    text = _OWN_WORDS.get(name, statistic.description).format(prefix="fp", none="null")
    # Single precision is for Rubin's table alone.
    return Column("fp" + name, statistic.dtype.replace("float32", "float64"), statistic.unit, text)


_STATISTICS = (
    _fluxColumn("FluxNdata"),
    Column("nDetections", "int32", "", "Number of detections"),
    *map(_fluxColumn, ("FluxMean", "FluxMeanErr", "FluxSigma", "FluxMin", "FluxMax", "FluxErrMean",
                       "FluxMaxSlope")),
    Column("fpFluxChi2", "float64", "", "Chi^2 of the fluxes about the mean of their band"),
    Column("fpFluxDof", "int32", "", "Degrees of freedom of fpFluxChi2"),
    Column("fpFluxChi2Zero", "float64", "", "Chi^2 of the fluxes about zero"),
    Column("firstDetectionMjdTai", "float64", "d", "Time of the first detection, MJD (TAI)"),
    Column("lastDetectionMjdTai", "float64", "d", "Time of the last detection, MJD (TAI)"),
    Column("peakFlux", "float64", "nJy", "Flux of the greatest |flux|/error"),
    Column("peakFluxErr", "float64", "nJy", "Error of peakFlux"),
    Column("peakMjdTai", "float64", "d", "Time of peakFlux, MJD (TAI)"),
)


class LightCurveSummary:
    """Computes one row an object from light curves.

    Formulas of the ``fpFlux`` columns are those of `fluxStatistics`, which are
    Rubin's.

    Parameters
    ----------
    bands : `list` [`str`]
        The bands to tell apart.
    threshold : `float`
        Least |flux|/error of a detection.
    badFlags : `list` [`str`]
        Columns that, where set, make a measurement unusable.
    """

    def __init__(self, bands: Sequence[str], threshold: float, badFlags: Sequence[str]) -> None:
        self._bands = list(bands)
        self._threshold = threshold
        self._badFlags = list(badFlags)

    @property
    def textLengths(self) -> dict[str, int]:
        """Length of the longest value of each column of text (`dict` [`str`, `int`])."""
        return {"peakBand": max([len(band) for band in self._bands], default=0)}

    def columns(self) -> list[Column]:
        """Return the columns of the summary (`list` [`Column`])."""
        columns = [
            Column("diaObjectId", "int64", "", "Id of the DIAObject"),
            Column("ra", "float64", "deg", "Right ascension (ICRS) that was measured at"),
            Column("dec", "float64", "deg", "Declination (ICRS) that was measured at"),
            Column("nForcedSources", "int32", "", "Number of images that cover it"),
            Column("significance", "float64", "",
                   "By how many of its standard deviations fpFluxChi2Zero exceeds what noise gives"),
            Column("peakBand", "str", "", "Band of peakFlux"),
        ]
        for band in [""] + self._bands:
            columns += [each._replace(name=_join(band, each.name),
                                      description=each.description + (f" in {band}" if band else ""))
                        for each in _STATISTICS]
        return columns

    def run(self, values: Values,
            missing: Mapping[str, np.ndarray]) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """Sum up the light curves of some objects.

        Parameters
        ----------
        values : `dict` [`str`, `numpy.ndarray` or `pyarrow.Array`]
            Columns of light curves, sorted by object and time.
        missing : `dict` [`str`, `numpy.ndarray`]
            Which values of a column there are not.

        Returns
        -------
        summary : `dict` [`str`, `numpy.ndarray` or `pyarrow.Array`]
            The columns, one value an object.
        missing : `dict` [`str`, `numpy.ndarray`]
            Which values of a column there are not.
        """
        objects = Segments(values["diaObjectId"])
        summary = {name: values[name][objects.starts] for name in ("diaObjectId", "ra", "dec")}
        summary["nForcedSources"] = objects.counts
        rows = np.flatnonzero(isUsable(values, missing, self._badFlags))
        mjd, flux, fluxErr = (values.get(name, np.zeros(len(objects.ids)))[rows]
                              for name in ("midpointMjdTai", "psfDiffFlux", "psfDiffFluxErr"))
        band, group = _encode(values["band"], self._bands)[rows], objects.ids[rows]
        parts = [self._summarizeBand(index, band, group, len(objects), mjd, flux, fluxErr)
                 for index in range(-1, len(self._bands))]
        self._combineBands(parts)
        for name, part in zip([""] + self._bands, parts):
            peak = part.pop("peak")
            if not name:
                summary["peakBand"] = _names(self._bands, band, peak)
            summary.update((_join(name, key), value) for key, value in part.items())
        summary["significance"] = _significance(parts[0]["fpFluxChi2Zero"], parts[0]["fpFluxNdata"])
        return summary, {name: np.isnan(value) for name, value in summary.items()
                         if isinstance(value, np.ndarray) and value.dtype.kind == "f"}

    def _summarizeBand(self, index: int, band: np.ndarray, group: np.ndarray, nObjects: int,
                       mjd: np.ndarray, flux: np.ndarray, fluxErr: np.ndarray) -> dict[str, np.ndarray]:
        """Return the statistics of one band, or of all if its index is -1."""
        mine = np.flatnonzero((band == index) | (index < 0))
        group, mjd, flux, fluxErr = group[mine], mjd[mine], flux[mine], fluxErr[mine]
        part = fluxStatistics("fp", group, nObjects, mjd, flux, fluxErr)
        residual = (flux - part["fpFluxMean"][group])/fluxErr
        snr = np.abs(flux/fluxErr)
        isDetected = snr >= self._threshold
        part["fpFluxChi2"] = np.bincount(group, residual**2, minlength=nObjects)
        part["fpFluxChi2Zero"] = np.bincount(group, snr**2, minlength=nObjects)
        part["fpFluxDof"] = np.maximum(part["fpFluxNdata"] - 1, 0)
        part["nDetections"] = np.bincount(group[isDetected], minlength=nObjects)
        part["firstDetectionMjdTai"], part["lastDetectionMjdTai"] = _ends(
            group[isDetected], mjd[isDetected], nObjects)
        peak = _greatest(group, snr, nObjects)
        for name, of in (("peakFlux", flux), ("peakFluxErr", fluxErr), ("peakMjdTai", mjd)):
            part[name] = np.full(nObjects, np.nan)
            part[name][peak >= 0] = of[peak[peak >= 0]]
        # Counted among all bands, where the name of the peak's band is looked up.
        part["peak"] = np.where(peak >= 0, mine[peak] if len(mine) else -1, -1)
        return part

    @staticmethod
    def _combineBands(parts: list[dict[str, np.ndarray]]) -> None:
        """Make constancy and slope, over all bands, those within a band."""
        whole, bands = parts[0], parts[1:]
        # An object is of a different flux in each band without varying, so that bands are not compared.
        if bands:
            whole["fpFluxChi2"] = reduce(np.add, [part["fpFluxChi2"] for part in bands])
            whole["fpFluxDof"] = reduce(np.add, [part["fpFluxDof"] for part in bands])
            whole["fpFluxMaxSlope"] = np.fmax.reduce([part["fpFluxMaxSlope"] for part in bands])


def _join(band: str, name: str) -> str:
    return f"{band}_{name}" if band else name


def _encode(bands: pa.Array, known: Sequence[str]) -> np.ndarray:
    """Return the index of each band among the known ones."""
    return pc.index_in(bands, value_set=pa.array(known, pa.string())).to_numpy()


def _names(known: Sequence[str], codes: np.ndarray, rows: np.ndarray) -> pa.Array:
    """Return the band at some rows, empty where the row is -1."""
    index = np.where(rows >= 0, codes[rows] if len(codes) else -1, -1)
    # The remainder of -1 is the place of the last name, the empty one; `take` counts from the front only.
    return pa.array(list(known) + [""], pa.string()).take(pa.array(index % (len(known) + 1)))


def _ends(group: np.ndarray, mjd: np.ndarray, nObjects: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the least and greatest time of each object, NaN where there is none."""
    first, last = np.full((2, nObjects), np.nan)
    runs = Segments(group)
    present = group[runs.starts]
    first[present], last[present] = runs.reduce(np.fmin, mjd), runs.reduce(np.fmax, mjd)
    return first, last


def _greatest(group: np.ndarray, values: np.ndarray, nObjects: int) -> np.ndarray:
    """Return the row of the greatest value of each object, -1 where there is none."""
    runs = Segments(group)
    isGreatest = np.flatnonzero(values == runs.spread(runs.reduce(np.maximum, values)))[::-1]
    rows = np.full(nObjects, -1)
    # Of equal values the first is assigned last.
    rows[group[isGreatest]] = isGreatest
    return rows


def _significance(chi2: np.ndarray, number: np.ndarray) -> np.ndarray:
    """Return by how many standard deviations chi^2 exceeds its mean, NaN for no data."""
    number = np.where(number > 0, number, np.nan)
    return (chi2 - number)/np.sqrt(2*number)
