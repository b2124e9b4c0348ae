# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Score what the tasks made of a simulated survey against its truth.

Run as ``python -m lsst.dia.repro.simulate.score REPO OUTPUT``.
"""

from __future__ import annotations

__all__ = ["main", "readForced", "readResults"]

import argparse
import os
import sys
from collections.abc import Sequence

import lsst.afw.table as afwTable
import numpy as np
from astropy.table import Table, vstack
from lsst.daf.persistence import Butler
from lsst.pipe.base import TaskError

from ..commandLine.gen2Butler import openGen2Butler
from ..commandLine.overlay import datasetExists
from ..completeFile import openComplete
from ..plainCommand import plainCommand
from ..writablePath import figurePath
from .scoreFigure import drawTrueLightCurves
from .surveyScore import findTrueIds, joinTrueFluxes, scoreSurvey, truthOfDiaObjects


def readResults(repository: str, output: str) -> tuple[dict[str, Table], Table, Table]:
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

    Raises
    ------
    lsst.pipe.base.TaskError
        Raised if there is no truth, a step of the run was left out, or the
        results are of another survey.
    """
    paths = {name: os.path.join(repository, "truth", name + ".ecsv") for name in ("objects", "fluxes")}
    absent = [path for path in paths.values() if not os.path.isfile(path)]
    if absent:
        raise TaskError(f"there is no {absent[0]}, which simulateDiaRepo.py writes")
    truth = {name: Table.read(path) for name, path in paths.items()}
    butler = openGen2Butler(output)
    if not datasetExists(butler, "reproDIASources"):
        raise TaskError(f"{output} has no reproDIASources; run diaObjectMaker.py first")
    sources = butler.get("reproDIASources", immediate=True).asAstropy()
    sources["trueId"] = findTrueIds(sources, truth["fluxes"])
    if not (sources["trueId"] > 0).any():
        raise TaskError(f"no DIASource of {output} is of an object of {repository}: it is of another survey")
    return truth, sources, readForced(butler)


def readForced(butler: Butler) -> Table:
    """Read all forced photometry of a repository.

    Parameters
    ----------
    butler : `lsst.daf.persistence.Butler`
        Butler of the repository.

    Returns
    -------
    forced : `astropy.table.Table`
        The rows of all ``forcedDIASource``, with the data ID.

    Raises
    ------
    lsst.pipe.base.TaskError
        Raised if there is none.
    """
    forced = []
    for ref in butler.subset("deepDiff_differenceExp"):
        if datasetExists(butler, "forcedDIASource", **ref.dataId):
            table = ref.get("forcedDIASource", immediate=True,
                            flags=afwTable.SOURCE_IO_NO_FOOTPRINTS).asAstropy()
            for key in ("visit", "filter", "raft", "sensor"):
                table[key] = np.full(len(table), ref.dataId[key])
            forced.append(table)
    if not forced:
        raise TaskError("there is no forcedDIASource; run forcedDiaPhot.py first")
    return vstack(forced, metadata_conflicts="silent")


@plainCommand("score")
def main(args: Sequence[str] | None = None) -> int:
    """Print the score of a run, and draw light curves, as the command line says.

    Parameters
    ----------
    args : `list` [`str`], optional
        Command-line arguments; those of the process if `None`.

    Returns
    -------
    status : `int`
        Exit status: 1 if there is nothing to score.
    """
    parser = argparse.ArgumentParser(
        prog="python -m lsst.dia.repro.simulate.score",
        description="Score the results of diaObjectMaker.py and forcedDiaPhot.py on a simulated survey.")
    parser.add_argument("repository", help="repository that simulateDiaRepo.py wrote")
    parser.add_argument("output", help="repository with the results")
    parser.add_argument("--figure", metavar="FILE", type=figurePath,
                        help="draw light curves of a few objects into this file")
    parsed = parser.parse_args(args)
    truth, sources, forced = readResults(parsed.repository, parsed.output)
    for name, value in scoreSurvey(truth, sources, forced).items():
        print(f"{name:14s} {value:.4g}" if isinstance(value, float) else f"{name:14s} {value}")
    if parsed.figure:
        trueOf = truthOfDiaObjects(sources[sources["diaObjectId"] != 0])
        with openComplete(parsed.figure) as stream:
            drawTrueLightCurves(joinTrueFluxes(truth["fluxes"], trueOf, forced), stream.name)
        print(f"Light curves: {parsed.figure}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
