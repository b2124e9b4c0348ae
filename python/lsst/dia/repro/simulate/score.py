# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Score what the tasks made of a simulated survey against its truth.

Run as ``python -m lsst.dia.repro.simulate.score REPO OUTPUT``.
"""

__all__ = ["main", "readResults", "scoreSurvey"]

import argparse
import os

import lsst.afw.table as afwTable
import numpy as np
from astropy.table import Table, vstack
from lsst.daf.persistence import Butler

from ..association import toVectors

ARCSEC = np.pi/180/3600

#: A true object counts as detectable from this signal-to-noise in one image.
DETECTABLE = 7.0

#: Farthest distance of a DIASource from the true object that it shows, arcsec.
TRUE_DISTANCE = 1.0

#: Fluxes of objects with a true neighbour nearer than this are not scored, arcsec.
ISOLATED = 5.0


def readResults(repository, output):
    """Read results and truth.

    Parameters
    ----------
    repository : `str`
        Root of the simulated repository.
    output : `str`
        Root of the repository with the results.

    Returns
    -------
    truth : `dict` [`str`, `astropy.table.Table`]
        ``objects`` and ``fluxes``, as `simulateRepository` wrote them.
    sources : `astropy.table.Table`
        The rows of ``reproDIASources``, with ``trueId``, 0 for none.
    forced : `astropy.table.Table`
        The rows of all ``forcedDIASource``, with the data ID.
    """
    truth = {name: Table.read(os.path.join(repository, "truth", name + ".ecsv"))
             for name in ("objects", "fluxes")}
    butler = Butler(output)
    sources = butler.get("reproDIASources", immediate=True).asAstropy()
    sources["trueId"] = _trueIds(sources, truth["fluxes"])
    forced = []
    for ref in butler.subset("deepDiff_differenceExp"):
        if ref.datasetExists("forcedDIASource"):
            table = ref.get("forcedDIASource", immediate=True,
                            flags=afwTable.SOURCE_IO_NO_FOOTPRINTS).asAstropy()
            for key in ("visit", "filter", "raft", "sensor"):
                table[key] = [ref.dataId[key]]*len(table)
            forced.append(table)
    return truth, sources, vstack(forced, metadata_conflicts="silent")


def _trueIds(sources, fluxes):
    """Return the id of the true object that each DIASource shows, 0 for none."""
    from scipy.spatial import cKDTree

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


def _onImage(table, row):
    """Tell the rows of a table that have the data ID of a row."""
    return ((table["visit"] == row["visit"]) & (table["raft"] == row["raft"])
            & (table["sensor"] == row["sensor"]))


def scoreSurvey(truth, sources, forced):
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
    pulls = _pulls(truth, members, forced, still)
    return {
        "nDiaObjects": len(kinds), "nDetectable": len(detectable),
        "completeness": float(np.isin(detectable, pairs[1]).mean()),
        "purity": float(pure.mean()),
        "split": int((np.bincount(trueOfPure)[np.intersect1d(still, trueOfPure)] > 1).sum()),
        "merged": int((np.bincount(pairs[0], weights=pairs[1] != 0) > 1).sum()),
        "nPulls": len(pulls), "pullMean": float(np.mean(pulls)), "pullWidth": float(np.std(pulls)),
    }


def lightCurves(truth, members, forced):
    """Join forced fluxes with the true ones.

    Parameters
    ----------
    truth, members, forced
        What `readResults` returns; of the sources only members of objects.

    Returns
    -------
    curves : `astropy.table.Table`
        The forced fluxes whose DIAObject shows one true object, with
        ``trueId``, ``trueFlux`` (nJy) and ``mjd``.
    """
    owners = {}
    for objectId, trueId in zip(members["diaObjectId"], members["trueId"]):
        owners.setdefault(int(objectId), set()).add(int(trueId))
    trueOf = {objectId: min(ids) for objectId, ids in owners.items() if len(ids) == 1 and 0 not in ids}
    fluxes = {(row["visit"], row["raft"], row["sensor"], row["id"]): (row["flux"], row["mjd"])
              for row in truth["fluxes"]}
    keys = [(row["visit"], row["raft"], row["sensor"], trueOf.get(int(row["diaObjectId"]), 0))
            for row in forced]
    known = np.array([key in fluxes for key in keys], dtype=bool)
    curves = forced[known]
    found = [key for key in keys if key in fluxes]
    curves["trueId"] = [key[3] for key in found]
    curves["trueFlux"] = [fluxes[key][0] for key in found]
    curves["mjd"] = [fluxes[key][1] for key in found]
    return curves


def _pulls(truth, members, forced, still):
    """Return (flux - truth)/error of the fluxes that are fit to be scored."""
    from scipy.spatial import cKDTree

    objects = truth["objects"]
    vectors = toVectors(np.radians(np.array(objects["ra"])), np.radians(np.array(objects["dec"])))
    distance, _ = cKDTree(vectors).query(vectors, k=2)
    isolated = np.array(objects["id"])[distance[:, 1] > ISOLATED*ARCSEC]
    curves = lightCurves(truth, members, forced)
    fit = (np.isin(curves["trueId"], np.intersect1d(still, isolated)) & ~curves["base_PsfFlux_flag"]
           & ~curves["base_PsfFlux_flag_edge"])
    curves = curves[fit]
    return np.array((curves["base_PsfFlux_flux"] - curves["trueFlux"])/curves["base_PsfFlux_fluxErr"])


def main(args=None):
    """Print the score of a run, and draw light curves, as the command line says.

    Parameters
    ----------
    args : `list` [`str`], optional
        Command-line arguments; those of the process if `None`.
    """
    parser = argparse.ArgumentParser(
        prog="python -m lsst.dia.repro.simulate.score",
        description="Score the results of diaObjectMaker.py and forcedDiaPhot.py on a simulated survey.")
    parser.add_argument("repository", help="repository that simulateDiaRepo.py wrote")
    parser.add_argument("output", help="repository with the results")
    parser.add_argument("--figure", help="draw light curves of a few objects into this file")
    parsed = parser.parse_args(args)
    truth, sources, forced = readResults(parsed.repository, parsed.output)
    for name, value in scoreSurvey(truth, sources, forced).items():
        print(f"{name:14s} {value:.4g}" if isinstance(value, float) else f"{name:14s} {value}")
    if parsed.figure:
        from ._figure import drawLightCurves

        drawLightCurves(lightCurves(truth, sources[sources["diaObjectId"] != 0], forced), parsed.figure)
        print(f"Light curves: {parsed.figure}")


if __name__ == "__main__":
    main()
