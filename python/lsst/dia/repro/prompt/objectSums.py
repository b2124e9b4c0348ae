# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Sums over the DIASources of DIAObjects, from which their properties follow without the DIASources."""

from __future__ import annotations

__all__ = ["SUMS", "Members", "addMembers", "startSums", "toProperties"]

from typing import NamedTuple

import numpy as np

from ..bands import BANDS
from ..fluxStatistics import FLUX_STATISTICS
from ..measuredFlux import isMeasured
from ..sky import toRaDec

#: Sums for a position, over all members or those with a good centroid: how many there are, vectors from
#: the origin and their products, and variances along both axes.
_POSITION = np.dtype([("count", "f8"), ("offset", "f8", 3), ("moment", "f8", (3, 3)), ("variance", "f8", 2)])

#: Sums over the fluxes in a band. Those of the flux and its square are of the difference from the first.
_BAND = np.dtype([
    ("nSources", "f8"), ("count", "f8"), ("reference", "f8"), ("weight", "f8"), ("weighted", "f8"),
    ("offset", "f8"), ("square", "f8"), ("error", "f8"), ("least", "f8"), ("greatest", "f8"),
    ("slope", "f8"), ("lastFlux", "f8"), ("lastMjd", "f8")])

#: What is kept of a DIAObject. The origin is the unit vector of its first member: differences from it are
#: small, and their sums keep the digits that those of unit vectors would lose. ``mean`` and ``variance``
#: are the weighted mean that the associator compares with.
SUMS = np.dtype([
    ("origin", "f8", 3), ("mean", "f8", 3), ("variance", "f8"), ("all", _POSITION), ("good", _POSITION),
    ("firstMjd", "f8"), ("lastMjd", "f8"), ("bands", _BAND, len(BANDS))])


class Members(NamedTuple):
    """DIASources that join DIAObjects, as columns.

    Attributes
    ----------
    vector : `numpy.ndarray`, (N, 3)
        Unit vectors.
    error : `numpy.ndarray`, (N,)
        Position errors that the associator uses, radians, finite and positive.
    axisErrors : `numpy.ndarray`, (N, 2)
        Errors of ra cos(dec) and of dec, radians; NaN where not known.
    isGood : `numpy.ndarray`, (N,)
        Is the centroid good? bool.
    mjd : `numpy.ndarray`, (N,)
        Times, MJD (TAI); NaN where not known.
    band : `numpy.ndarray`, (N,)
        Bands, `str`.
    flux, fluxErr : `numpy.ndarray`, (N,)
        Fluxes and errors, nJy; NaN where there are none.
    """

    vector: np.ndarray
    error: np.ndarray
    axisErrors: np.ndarray
    isGood: np.ndarray
    mjd: np.ndarray
    band: np.ndarray
    flux: np.ndarray
    fluxErr: np.ndarray

    def select(self, rows: np.ndarray) -> Members:
        """Return some of them."""
        return Members(*(column[rows] for column in self))


def startSums(members: Members) -> np.ndarray:
    """Make the sums of DIAObjects of one member each.

    Parameters
    ----------
    members : `Members`, (N,)
        The first members.

    Returns
    -------
    sums : `numpy.ndarray`, (N,)
        Sums, of type `SUMS`.
    """
    sums = np.zeros(len(members.mjd), dtype=SUMS)
    sums["origin"] = sums["mean"] = members.vector
    sums["variance"] = np.inf
    sums["firstMjd"] = sums["lastMjd"] = np.nan
    for name in ("least", "greatest", "slope", "lastMjd", "lastFlux"):
        sums["bands"][name] = np.nan
    addMembers(sums, np.arange(len(sums)), members)
    return sums


def addMembers(sums: np.ndarray, rows: np.ndarray, members: Members) -> None:
    """Add a member to each of some DIAObjects.

    Parameters
    ----------
    sums : `numpy.ndarray`, (M,)
        Sums, of type `SUMS`; changed.
    rows : `numpy.ndarray`, (N,)
        Which of them; each at most once.
    members : `Members`, (N,)
        The members. In a band one that is earlier than the last has no part
        in the greatest slope.
    """
    changed = sums[rows]
    _addWeighted(changed, members)
    offset = members.vector - changed["origin"]
    _addPosition(changed["all"], np.ones(len(rows), dtype=bool), offset, members.axisErrors)
    _addPosition(changed["good"], members.isGood, offset, members.axisErrors)
    # An exposure may lack its time, which fmin and fmax leave out.
    changed["firstMjd"] = np.fmin(changed["firstMjd"], members.mjd)
    changed["lastMjd"] = np.fmax(changed["lastMjd"], members.mjd)
    for number, band in enumerate(BANDS):
        _addFluxes(changed["bands"][:, number], members.band == band, members)
    sums[rows] = changed


def _addWeighted(sums: np.ndarray, members: Members) -> None:
    """Move the mean that the associator uses towards new members."""
    isFirst = np.isinf(sums["variance"])
    with np.errstate(invalid="ignore"):
        gain = np.where(isFirst, 1.0, sums["variance"]/(sums["variance"] + members.error**2))
        remaining = np.where(isFirst, members.error**2, sums["variance"]*(1 - gain))
    sums["mean"] += gain[:, np.newaxis]*(members.vector - sums["mean"])
    sums["variance"] = remaining


def _addPosition(sums: np.ndarray, isUsed: np.ndarray, offset: np.ndarray, errors: np.ndarray) -> None:
    """Add to the sums of a position."""
    sums["count"] += isUsed
    sums["offset"] += np.where(isUsed[:, np.newaxis], offset, 0.0)
    products = offset[:, :, np.newaxis]*offset[:, np.newaxis, :]
    sums["moment"] += np.where(isUsed[:, np.newaxis, np.newaxis], products, 0.0)
    sums["variance"] += np.where(isUsed[:, np.newaxis], errors**2, 0.0)


def _addFluxes(sums: np.ndarray, isInBand: np.ndarray, members: Members) -> None:
    """Add to the sums of a band."""
    sums["nSources"] += isInBand
    rows = np.flatnonzero(isInBand & isMeasured(members.flux, members.fluxErr))
    band, flux, fluxErr, mjd = sums[rows], members.flux[rows], members.fluxErr[rows], members.mjd[rows]
    band["reference"] = np.where(band["count"] == 0, flux, band["reference"])
    offset = flux - band["reference"]
    band["count"] += 1
    band["weight"] += fluxErr**-2
    band["weighted"] += fluxErr**-2*flux
    band["offset"] += offset
    band["square"] += offset**2
    band["error"] += fluxErr
    band["least"] = np.fmin(band["least"], flux)
    band["greatest"] = np.fmax(band["greatest"], flux)
    step = mjd - band["lastMjd"]
    with np.errstate(invalid="ignore", divide="ignore"):
        slope = np.where(step > 0, (flux - band["lastFlux"])/step, np.nan)
        isLast = ~(step < 0)
    band["slope"] = np.fmax(band["slope"], slope)
    band["lastFlux"] = np.where(isLast, flux, band["lastFlux"])
    band["lastMjd"] = np.where(isLast, mjd, band["lastMjd"])
    sums[rows] = band


def toProperties(sums: np.ndarray) -> dict[str, np.ndarray]:
    """Compute the properties of DIAObjects.

    Parameters
    ----------
    sums : `numpy.ndarray`, (M,)
        Sums, of type `SUMS`.

    Returns
    -------
    properties : `dict` [`str`, `numpy.ndarray`], (M,)
        What `ObjectAggregationTask` computes, by its names and formulas, but
        for flags: ``coord_ra``, ``coord_dec``, ``coord_raErr``,
        ``coord_decErr``, radians, ``coord_ra_dec_Cov``, ``nDiaSources``,
        ``firstDiaSourceMjdTai``, ``lastDiaSourceMjdTai``, and for each band
        ``<band>_nDiaSources`` and those of `FLUX_STATISTICS`.
    """
    # A position from bad centroids is better than none.
    hasGood = sums["good"]["count"] > 0
    position = np.where(hasGood, sums["good"], sums["all"])
    properties = _findPosition(position, sums["origin"])
    properties.update(nDiaSources=sums["all"]["count"].astype(np.int64),
                      firstDiaSourceMjdTai=sums["firstMjd"].copy(),
                      lastDiaSourceMjdTai=sums["lastMjd"].copy())
    for number, band in enumerate(BANDS):
        properties[band + "_nDiaSources"] = sums["bands"]["nSources"][:, number].astype(np.int64)
        properties.update({f"{band}_psf{name}": values
                           for name, values in _findFluxes(sums["bands"][:, number]).items()})
    return properties


def _findPosition(sums: np.ndarray, origin: np.ndarray) -> dict[str, np.ndarray]:
    """Return position and errors; see `ObjectAggregationTask`."""
    n = sums["count"]
    ra, dec = toRaDec(origin + sums["offset"]/n[:, np.newaxis])
    formal = sums["variance"]/n[:, np.newaxis]**2
    known = np.isfinite(formal[:, 0])
    scatter = _findScatter(sums, origin, ra, dec)
    raVar, decVar, covariance = (np.where(known, one, other) for one, other in zip(
        (formal[:, 0], formal[:, 1], 0.0), scatter))
    return {"coord_ra": ra, "coord_dec": dec, "coord_raErr": np.sqrt(raVar), "coord_decErr": np.sqrt(decVar),
            "coord_ra_dec_Cov": covariance}


def _findScatter(sums: np.ndarray, origin: np.ndarray, ra: np.ndarray,
                 dec: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (raVar, decVar, cov) of the mean from the members' scatter; NaN for one."""
    n = sums["count"]
    zero = np.zeros_like(ra)
    axes = (np.stack([-np.sin(ra), np.cos(ra), zero], axis=-1),
            np.stack([-np.sin(dec)*np.cos(ra), -np.sin(dec)*np.sin(ra), np.cos(dec)], axis=-1))
    # Along an axis of the tangent plane at the mean, a member lies at axis . (offset + origin).
    shifts = [np.sum(axis*origin, axis=-1) for axis in axes]
    firsts = [np.sum(axis*sums["offset"], axis=-1) for axis in axes]

    def product(i: int, j: int) -> np.ndarray:
        second = np.einsum("ni,nij,nj->n", axes[i], sums["moment"], axes[j])
        return second + firsts[i]*shifts[j] + firsts[j]*shifts[i] + n*shifts[i]*shifts[j]

    with np.errstate(invalid="ignore", divide="ignore"):
        factor = np.where(n > 1, 1/(n*(n - 1)), np.nan)
    # Rounding must not make a variance negative.
    return factor*np.maximum(product(0, 0), 0), factor*np.maximum(product(1, 1), 0), factor*product(0, 1)


def _findFluxes(sums: np.ndarray) -> dict[str, np.ndarray]:
    """Return the values of `FLUX_STATISTICS`; NaN, and 0 for the number, without a flux."""
    n = sums["count"]
    with np.errstate(invalid="ignore", divide="ignore"):
        squares = np.maximum(sums["square"] - sums["offset"]**2/n, 0)
        values = {
            "FluxMean": sums["weighted"]/sums["weight"], "FluxMeanErr": np.sqrt(1/sums["weight"]),
            "FluxNdata": n.astype(np.int64), "FluxSigma": np.sqrt(squares/np.where(n > 1, n - 1, np.nan)),
            "FluxMin": sums["least"], "FluxMax": sums["greatest"], "FluxMaxSlope": sums["slope"],
            "FluxErrMean": sums["error"]/n}
    isEmpty = n == 0
    return {statistic.name: values[statistic.name] if statistic.name == "FluxNdata"
            else np.where(isEmpty, np.nan, values[statistic.name]) for statistic in FLUX_STATISTICS}
