# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Sum up the light curve of each object."""

from __future__ import annotations

__all__ = ["LightCurveSummary"]

from collections.abc import Mapping, Sequence
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

#: What means nothing of fluxes of different bands together.
_OF_ONE_BAND = frozenset(map("fp".__add__, ("FluxMean", "FluxMeanErr", "FluxSigma", "FluxMin", "FluxMax",
                                            "FluxErrMean")))


class LightCurveSummary:
    """Computes one row an object from light curves.

    Formulas of the ``fpFlux`` columns are those of `fluxStatistics`, which are
    Rubin's.

    Parameters
    ----------
    bands : `list` [`str`]
        The bands to tell apart; one without a name is none. Fluxes of other
        bands are counted over all bands only, and not in the chi^2 of
        constancy nor the slope.
    threshold : `float`
        Least |flux|/error of a detection.
    badFlags : `list` [`str`]
        Columns that, where set, make a measurement unusable.
    """

    def __init__(self, bands: Sequence[str], threshold: float, badFlags: Sequence[str]) -> None:
        self._bands = [band for band in bands if band]
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
        columns += [each for each in _STATISTICS if each.name not in _OF_ONE_BAND]
        for band in self._bands:
            columns += [each._replace(name=_join(band, each.name),
                                      description=f"{each.description} in {band}") for each in _STATISTICS]
        return columns

    # Of fluxes like 1e300 chi^2 is infinite or NaN.
    @np.errstate(over="ignore", invalid="ignore")
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
        summary: dict[str, Any] = {
            name: values[name][objects.starts] for name in ("diaObjectId", "ra", "dec")}
        summary["nForcedSources"] = objects.counts
        rows = np.flatnonzero(isUsable(values, missing, self._badFlags))
        mjd, flux, fluxErr = (values.get(name, np.zeros(len(objects.ids)))[rows]
                              for name in ("midpointMjdTai", "psfDiffFlux", "psfDiffFluxErr"))
        band, group = _encode(values["band"], self._bands)[rows], objects.ids[rows]
        whole, peak = self._countFluxes(group, len(objects), mjd, flux, fluxErr)
        summary["peakBand"] = _names(self._bands, band, peak)
        parts = []
        for index, name in enumerate(self._bands):
            mine = band == index
            parts.append(self._summarizeBand(group[mine], len(objects), mjd[mine], flux[mine], fluxErr[mine]))
            summary.update((_join(name, key), value) for key, value in parts[-1].items())
        summary.update(whole, **_combineBands(parts, len(objects)))
        summary["significance"] = _significance(whole["fpFluxChi2Zero"], whole["fpFluxNdata"])
        return self._asDeclared(summary)

    def _asDeclared(self, summary: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """Return just the columns that there are to be, of their types, and where they are null."""
        # What there is of a band in some objects must not decide about the columns of a part of the table.
        declared = {column.name: summary[column.name] if column.dtype == "str"
                    else np.asarray(summary[column.name], dtype=column.dtype) for column in self.columns()}
        return declared, {column.name: np.isnan(declared[column.name]) for column in self.columns()
                          if column.dtype.startswith("float")}

    def _summarizeBand(self, group: np.ndarray, nObjects: int, mjd: np.ndarray, flux: np.ndarray,
                       fluxErr: np.ndarray) -> dict[str, np.ndarray]:
        """Return the statistics of the fluxes of one band."""
        part = fluxStatistics("fp", group, nObjects, mjd, flux, fluxErr)
        residual = (flux - part["fpFluxMean"][group])/fluxErr
        part["fpFluxChi2"] = np.bincount(group, residual**2, minlength=nObjects)
        part["fpFluxDof"] = np.maximum(part["fpFluxNdata"] - 1, 0)
        return dict(part, **self._countFluxes(group, nObjects, mjd, flux, fluxErr)[0])

    def _countFluxes(self, group: np.ndarray, nObjects: int, mjd: np.ndarray, flux: np.ndarray,
                     fluxErr: np.ndarray) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """Return what may be said of fluxes of different bands, and the row of the peak, -1 for none."""
        snr = np.abs(flux/fluxErr)
        isDetected = snr >= self._threshold
        part = {"fpFluxNdata": np.bincount(group, minlength=nObjects),
                "fpFluxChi2Zero": np.bincount(group, snr**2, minlength=nObjects),
                "nDetections": np.bincount(group[isDetected], minlength=nObjects)}
        part["firstDetectionMjdTai"], part["lastDetectionMjdTai"] = _ends(
            group[isDetected], mjd[isDetected], nObjects)
        peak = _greatest(group, snr, nObjects)
        for name, of in (("peakFlux", flux), ("peakFluxErr", fluxErr), ("peakMjdTai", mjd)):
            part[name] = np.full(nObjects, np.nan)
            part[name][peak >= 0] = of[peak[peak >= 0]]
        return part, peak


def _combineBands(parts: Sequence[Mapping[str, np.ndarray]], nObjects: int) -> dict[str, np.ndarray]:
    """Return constancy and slope over all bands, which are those within the bands."""
    # An object is of a different flux in each band without varying, so that bands are not compared.
    return {"fpFluxChi2": sum((part["fpFluxChi2"] for part in parts), np.zeros(nObjects)),
            "fpFluxDof": sum((part["fpFluxDof"] for part in parts), np.zeros(nObjects)),
            "fpFluxMaxSlope": np.fmax.reduce([np.full(nObjects, np.nan),
                                              *(part["fpFluxMaxSlope"] for part in parts)])}


def _join(band: str, name: str) -> str:
    return f"{band}_{name}"


def _encode(bands: pa.Array, known: Sequence[str]) -> np.ndarray:
    """Return the index of each band among the known ones, their number for another."""
    index = pc.index_in(bands, value_set=pa.array(known, pa.string()))
    return index.fill_null(len(known)).to_numpy(zero_copy_only=False)


def _names(known: Sequence[str], codes: np.ndarray, rows: np.ndarray) -> pa.Array:
    """Return the band at some rows, empty where it is not known or the row is -1."""
    # Row -1 is the last, which is of no band.
    index = np.append(codes, len(known))[rows]
    return pa.array([*known, ""], pa.string()).take(pa.array(index))


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
