# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Compare what was made of a simulated survey with the truth."""

from __future__ import annotations

__all__ = ["findTrueIds", "joinTrueFluxes", "measurePulls", "scoreSurvey", "truthOfDiaObjects"]

from collections.abc import Mapping
from typing import Any

import numpy as np
from astropy.table import Row, Table, join, unique
from scipy.spatial import cKDTree

from ..sky import toVectors
from ..units import ARCSEC

#: A true object counts as detectable from this signal-to-noise in one image.
DETECTABLE = 7.0

#: Farthest distance of a DIASource from the true object that it shows, arcsec.
TRUE_DISTANCE = 1.0

#: Fluxes of objects with a true neighbour nearer than this are not scored, pixels.
ISOLATED = 25.0

_MASKED = ("bad", "cr", "interpolated", "saturated", "suspect")


def findTrueIds(sources: Table, fluxes: Table) -> np.ndarray:
    """Tell which true object each DIASource shows.

    Parameters
    ----------
    sources : `astropy.table.Table`, (N,)
        Rows of ``reproDIASources``.
    fluxes : `astropy.table.Table`
        The true fluxes, as `SimulatedImage.truth` has them.

    Returns
    -------
    trueId : `numpy.ndarray`, (N,)
        Ids of the nearest true objects that are bright enough to be seen, 0
        where there is none near.
    """
    ids = np.zeros(len(sources), dtype=int)
    vectors = toVectors(np.array(sources["coord_ra"]), np.array(sources["coord_dec"]))
    for image in np.unique(sources["ccdExposureId"]):
        rows = np.flatnonzero(sources["ccdExposureId"] == image)
        there = fluxes[_onImage(fluxes, sources[rows[0]]) & (np.abs(fluxes["flux"]) > 3*fluxes["skyErr"])]
        if len(there):
            tree = cKDTree(toVectors(np.radians(np.array(there["ra"])), np.radians(np.array(there["dec"]))))
            distance, nearest = tree.query(vectors[rows], distance_upper_bound=TRUE_DISTANCE*ARCSEC)
            found = np.isfinite(distance)
            ids[rows[found]] = np.array(there["id"])[nearest[found]]
    return ids


def _onImage(table: Table, row: Row) -> np.ndarray:
    """Tell the rows of a table that have the data ID of a row."""
    return ((table["visit"] == row["visit"]) & (table["raft"] == row["raft"])
            & (table["sensor"] == row["sensor"]))


def truthOfDiaObjects(members: Table) -> Table:
    """Tell which true object each DIAObject shows.

    Parameters
    ----------
    members : `astropy.table.Table`
        The DIASources of DIAObjects: ``diaObjectId`` and ``trueId``.

    Returns
    -------
    trueOf : `astropy.table.Table`
        ``diaObjectId`` and ``trueId`` of the DIAObjects all of whose
        DIASources show one true object.
    """
    pairs = unique(Table([members["diaObjectId"], members["trueId"]]))
    _, number, count = np.unique(pairs["diaObjectId"], return_inverse=True, return_counts=True)
    return pairs[(count[number] == 1) & (pairs["trueId"] != 0)]


def joinTrueFluxes(fluxes: Table, trueOf: Table, forced: Table) -> Table:
    """Join forced fluxes with the true ones.

    Parameters
    ----------
    fluxes : `astropy.table.Table`
        The true fluxes, as `SimulatedImage.truth` has them.
    trueOf : `astropy.table.Table`
        What `truthOfDiaObjects` returns.
    forced : `astropy.table.Table`
        Forced photometry, with the data ID.

    Returns
    -------
    curves : `astropy.table.Table`
        The forced fluxes of the known DIAObjects, with ``trueId`` and the
        columns of ``fluxes``; the true flux (nJy) is ``trueFlux``.
    """
    truth = fluxes.copy(copy_data=False)
    truth.rename_columns(["id", "flux", "x", "y"], ["trueId", "trueFlux", "trueX", "trueY"])
    known = join(forced, trueOf, keys="diaObjectId", metadata_conflicts="silent")
    return join(known, truth, keys=["visit", "raft", "sensor", "filter", "trueId"],
                metadata_conflicts="silent")


def measurePulls(truth: Mapping[str, Table], trueOf: Table, forced: Table) -> Table:
    """Measure (flux - truth)/error of the objects that stand still and alone.

    Parameters
    ----------
    truth, forced
        What `readResults` returns.
    trueOf : `astropy.table.Table`
        What `truthOfDiaObjects` returns.

    Returns
    -------
    pulls : `astropy.table.Table`
        ``pull``; ``place``: whether a flagged pixel is near (``masked``), else
        the PSF reaches over an ``edge``, else ``clear``; and the columns of
        `joinTrueFluxes`.
    """
    objects = truth["objects"]
    fluxes = truth["fluxes"]
    fit = _isIsolated(fluxes) & np.isin(fluxes["id"], objects["id"][objects["kind"] != "moving"])
    curves = joinTrueFluxes(fluxes[fit], trueOf, forced)
    curves = curves[~np.array(curves["base_PsfFlux_flag"]) | np.array(curves["base_PsfFlux_flag_edge"])]
    curves["pull"] = (curves["base_PsfFlux_flux"] - curves["trueFlux"])/curves["base_PsfFlux_fluxErr"]
    masked = np.any([curves["base_PixelFlags_flag_" + name] for name in _MASKED], axis=0)
    edge = np.array(curves["base_PsfFlux_flag_edge"]) | np.array(curves["base_PixelFlags_flag_edge"])
    curves["place"] = np.select([masked, edge], ["masked", "edge"], "clear")
    return curves[np.isfinite(curves["pull"])]


def _isIsolated(fluxes: Table) -> np.ndarray:
    """Tell the true objects that have no other near them on their image."""
    _, image = np.unique([fluxes["visit"].astype(str), fluxes["raft"], fluxes["sensor"]], axis=1,
                         return_inverse=True)
    # Images are put far apart along a third axis.
    points = np.stack([fluxes["x"], fluxes["y"], 1e6*image.ravel()], axis=1)
    distance, _ = cKDTree(points).query(points, k=2)
    return distance[:, 1] > ISOLATED


def scoreSurvey(truth: Mapping[str, Table], sources: Table, forced: Table) -> dict[str, Any]:
    """Score association and photometry.

    Parameters
    ----------
    truth, sources, forced
        What `readResults` returns.

    Returns
    -------
    score : `dict` [`str`, `float`]
        ``completeness``: share of the detectable objects that stand still for
        which there is a DIAObject. ``purity``: share of the DIAObjects all of
        whose DIASources show one true object. ``split``, ``merged``: number of
        true objects with several DIAObjects, of DIAObjects of several true
        objects. ``pullMean``, ``pullWidth``: mean and standard deviation of
        (flux - truth)/error of the ``nPulls`` unflagged forced fluxes of
        isolated objects that stand still.
    """
    members = sources[sources["diaObjectId"] != 0]
    _, number = np.unique(members["diaObjectId"], return_inverse=True)
    pairs = np.unique(np.stack([number, members["trueId"]]), axis=1)
    kinds = np.bincount(pairs[0])
    pure = (kinds == 1) & (np.bincount(pairs[0], weights=pairs[1] != 0) == 1)
    trueOfPure = pairs[1][pure[pairs[0]]]
    fluxes = truth["fluxes"]
    isStill = truth["objects"]["kind"] != "moving"
    still = np.array(truth["objects"]["id"][isStill])
    isBright = fluxes["hasData"] & (np.abs(fluxes["flux"]) > DETECTABLE*fluxes["skyErr"])
    bright = np.unique(fluxes["id"][isBright])
    detectable = np.intersect1d(still, bright)
    pulls = measurePulls(truth, truthOfDiaObjects(members), forced)
    pulls = pulls["pull"][pulls["place"] == "clear"]
    return {
        "nDiaObjects": len(kinds), "nDetectable": len(detectable),
        "completeness": float(np.isin(detectable, pairs[1]).mean()),
        "purity": float(pure.mean()),
        "split": int((np.bincount(trueOfPure)[np.intersect1d(still, trueOfPure)] > 1).sum()),
        "merged": int((np.bincount(pairs[0], weights=pairs[1] != 0) > 1).sum()),
        "nPulls": len(pulls), "pullMean": float(np.mean(pulls)), "pullWidth": float(np.std(pulls)),
    }
