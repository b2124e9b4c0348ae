# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Score forced fluxes on a simulated survey and write the table for the user guide.

Run as ``python -m benchmarks.forcedTruth``; it takes some ten minutes.
"""

import logging
import os
import pathlib
import tempfile

import lsst.afw.table as afwTable
import numpy as np
from astropy.table import Table, vstack
from lsst.daf.persistence import Butler
from lsst.dia.repro import ForcedDiaPhotTask
from lsst.dia.repro.catalogColumns import makeCatalog
from lsst.dia.repro.progress import trackProgress
from lsst.dia.repro.simulate.gen2Repository import simulateRepository
from lsst.dia.repro.simulate.imageStorage import STORAGES
from lsst.dia.repro.simulate.psfs import PSF_KINDS
from lsst.dia.repro.simulate.surveyScore import measurePulls

PAGE = pathlib.Path(__file__).parent.parent/"doc"/"lsst.dia.repro"/"forced-truth.rst"
DATA_ID = ("visit", "filter", "raft", "sensor")
PLUGINS = ["base_PixelFlags", "base_TransformedCentroidFromCoord", "base_PsfFlux", "base_LocalPhotoCalib"]
SURVEY = {"nVisits": 96, "nObjects": 4000, "size": 1500, "seed": 7}

HEADER = """##############################
How true the forced fluxes are
##############################

A simulated survey of {nVisits} visits with two sensors of {size} x {size} pixels. Photometry is forced at the
true positions of the objects that stand still and have no other object within 25 pixels. The pull is
(flux - truth) / error.

clear
    the PSF lies on the image, and no flagged pixel is near
masked
    a bad column or a cosmic ray is within three pixels; the pixels were interpolated over, and the noise of
    the interpolated pixels is not that of the variance plane
edge
    the PSF reaches over the edge of the image or of the corner without data

A mean or a width is good to its own statistical error, 1/sqrt(n) and 1/sqrt(2 n).
This page is written by ``python -m benchmarks.forcedTruth``.
"""


def forceAtTruth(repository):
    """Return the pulls of a simulated repository.

    Parameters
    ----------
    repository : `str`
        Root of what `simulateRepository` wrote.

    Returns
    -------
    pulls : `astropy.table.Table`
        What `measurePulls` returns.
    """
    truth = {name: Table.read(os.path.join(repository, "truth", name + ".ecsv"))
             for name in ("objects", "fluxes")}
    objects = truth["objects"]
    positions = makeCatalog(afwTable.SourceTable.makeMinimalSchema(), len(objects), afwTable.SourceCatalog)
    positions["id"] = objects["id"]
    positions["coord_ra"], positions["coord_dec"] = np.radians(objects["ra"]), np.radians(objects["dec"])
    config = ForcedDiaPhotTask.ConfigClass()
    config.measurement.plugins.names = PLUGINS
    task = ForcedDiaPhotTask(config=config)
    tables = []
    references = list(Butler(repository).subset("deepDiff_differenceExp"))
    for ref in trackProgress(references, logging.getLogger("forcedTruth"), "Forcing photometry"):
        table = task.run(ref.get("deepDiff_differenceExp"), positions).forcedSources.asAstropy()
        for key in DATA_ID:
            table[key] = [ref.dataId[key]]*len(table)
        tables.append(table)
    trueOf = Table({"diaObjectId": objects["id"], "trueId": objects["id"]})
    return measurePulls(truth, trueOf, vstack(tables, metadata_conflicts="silent"))


def tabulate(pulls, column, values):
    """Return the lines of a table of the pulls, a row for each value of a column and place."""
    lines = [".. list-table::", "   :header-rows: 1", "", f"   * - {column}", "     - place",
             "     - n", "     - mean", "     - width"]
    for value in values:
        for place in ("clear", "masked", "edge"):
            pull = pulls["pull"][(pulls[column] == value) & (pulls["place"] == place)]
            lines += [f"   * - {value}", f"     - {place}", f"     - {len(pull)}",
                      f"     - {np.mean(pull):+.3f}", f"     - {np.std(pull):.3f}"]
    return "\n".join(lines) + "\n"


def main():
    """Simulate, measure, and write the page."""
    logging.basicConfig(level=logging.INFO, format="%(name)s %(levelname)s: %(message)s")
    with tempfile.TemporaryDirectory() as folder:
        simulateRepository(folder, logging.getLogger("forcedTruth"), **SURVEY)
        pulls = forceAtTruth(folder)
    sections = [HEADER.format(**SURVEY),
                "By kind of PSF\n==============\n\n" + tabulate(pulls, "psf", PSF_KINDS),
                "By storage\n==========\n\nThe recipes of the Gen2 butler; ``lossyBasic`` quantizes.\n\n"
                + tabulate(pulls, "storage", STORAGES)]
    PAGE.write_text("\n".join(sections))
    print(PAGE.read_text())


if __name__ == "__main__":
    main()
