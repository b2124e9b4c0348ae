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

from ..sky import toVectors
from ..units import ARCSEC
from .pulls import lightCurves, measurePulls, truthOfDiaObjects

#: A true object counts as detectable from this signal-to-noise in one image.
DETECTABLE = 7.0

#: Farthest distance of a DIASource from the true object that it shows, arcsec.
TRUE_DISTANCE = 1.0


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
    return truth, sources, readForced(butler)


def readForced(butler):
    """Read all forced photometry of a repository.

    Parameters
    ----------
    butler : `lsst.daf.persistence.Butler`
        Butler of the repository.

    Returns
    -------
    forced : `astropy.table.Table`
        The rows of all ``forcedDIASource``, with the data ID.
    """
    forced = []
    for ref in butler.subset("deepDiff_differenceExp"):
        if ref.datasetExists("forcedDIASource"):
            table = ref.get("forcedDIASource", immediate=True,
                            flags=afwTable.SOURCE_IO_NO_FOOTPRINTS).asAstropy()
            for key in ("visit", "filter", "raft", "sensor"):
                table[key] = [ref.dataId[key]]*len(table)
            forced.append(table)
    return vstack(forced, metadata_conflicts="silent")


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
        from .scoreFigure import drawLightCurves

        trueOf = truthOfDiaObjects(sources[sources["diaObjectId"] != 0])
        drawLightCurves(lightCurves(truth["fluxes"], trueOf, forced), parsed.figure)
        print(f"Light curves: {parsed.figure}")


if __name__ == "__main__":
    main()
