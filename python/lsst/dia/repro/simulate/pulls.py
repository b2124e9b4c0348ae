# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Forced fluxes against the true ones."""

__all__ = ["lightCurves", "measurePulls", "truthOfDiaObjects"]

import numpy as np
from astropy.table import Table, join, unique

#: Fluxes of objects with a true neighbour nearer than this are not scored, pixels.
ISOLATED = 25.0

_MASKED = ("bad", "cr", "interpolated", "saturated", "suspect")


def truthOfDiaObjects(members):
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


def lightCurves(fluxes, trueOf, forced):
    """Join forced fluxes with the true ones.

    Parameters
    ----------
    fluxes : `astropy.table.Table`
        The true fluxes, as `simulateRepository` wrote them.
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


def measurePulls(truth, trueOf, forced):
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
        `lightCurves`.
    """
    objects = truth["objects"]
    fluxes = truth["fluxes"]
    fit = _isIsolated(fluxes) & np.isin(fluxes["id"], objects["id"][objects["kind"] != "moving"])
    curves = lightCurves(fluxes[fit], trueOf, forced)
    curves = curves[~np.array(curves["base_PsfFlux_flag"]) | np.array(curves["base_PsfFlux_flag_edge"])]
    curves["pull"] = (curves["base_PsfFlux_flux"] - curves["trueFlux"])/curves["base_PsfFlux_fluxErr"]
    masked = np.any([curves["base_PixelFlags_flag_" + name] for name in _MASKED], axis=0)
    edge = np.array(curves["base_PsfFlux_flag_edge"]) | np.array(curves["base_PixelFlags_flag_edge"])
    curves["place"] = np.select([masked, edge], ["masked", "edge"], "clear")
    return curves[np.isfinite(curves["pull"])]


def _isIsolated(fluxes):
    """Tell the true objects that have no other near them on their image."""
    from scipy.spatial import cKDTree

    _, image = np.unique([fluxes["visit"].astype(str), fluxes["raft"], fluxes["sensor"]], axis=1,
                         return_inverse=True)
    points = np.stack([fluxes["x"], fluxes["y"], 1e6*image.ravel()], axis=1)
    distance, _ = cKDTree(points).query(points, k=2)
    return distance[:, 1] > ISOLATED
