# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Reading the DIASource catalogs of a survey, against associating them."""

import logging
import os
import sqlite3
import tempfile

import lsst.afw.table as afwTable
import numpy as np
from lsst.daf.persistence import Butler
from lsst.dia.repro import DiaObjectMakerTask
from lsst.dia.repro.commandLine.exposures import findExposures
from lsst.dia.repro.commandLine.overlay import installOverlay
from lsst.dia.repro.simulate.detection import makeDiaSourceSchema
from lsst.dia.repro.simulate.repository import _REGISTRY, MAPPER
from lsst.dia.repro.units import ARCSEC

from stack.benchmarks._timing import Row, bestOf

N_CATALOGS, N_SOURCES, N_OBJECTS, N_EXTRA = 200, 5000, 10_000, 60


def makeSurvey(root):
    """Write a repository of DIASource catalogs with many columns."""
    with open(os.path.join(root, "_mapper"), "w") as stream:
        stream.write(MAPPER)
    with sqlite3.connect(os.path.join(root, "registry.sqlite3")) as registry:
        registry.executescript(_REGISTRY)
        registry.executemany(
            "INSERT INTO raw (visit, filter, snap, raft, sensor, channel, taiObs, expTime) "
            "VALUES (?, 'r', 0, '2,2', '1,1', '0,0', '2022-01-01T00:00:00', 30)",
            [(visit,) for visit in range(1, N_CATALOGS + 1)])
    installOverlay(root)
    butler = Butler(root)
    schema = makeDiaSourceSchema()
    for i in range(N_EXTRA):
        schema.addField(f"extra_{i}", type="D", doc="a measurement that association does not need")
    rng = np.random.default_rng(1)
    ra, dec = rng.uniform(0, 27*100*ARCSEC, (2, N_OBJECTS))
    butler.put(afwTable.SourceCatalog(schema), "deepDiff_diaSrc_schema")
    for visit in range(1, N_CATALOGS + 1):
        catalog = afwTable.SourceCatalog(schema)
        catalog.resize(N_SOURCES)
        chosen = rng.choice(N_OBJECTS, N_SOURCES, replace=False)
        catalog["id"] = (np.int64(visit) << 32) + np.arange(1, N_SOURCES + 1)
        catalog["coord_ra"] = ra[chosen] + rng.normal(0, 0.1*ARCSEC, N_SOURCES)
        catalog["coord_dec"] = dec[chosen] + rng.normal(0, 0.1*ARCSEC, N_SOURCES)
        butler.put(catalog, "deepDiff_diaSrc", visit=visit, filter="r", raft="2,2", sensor="1,1")
    return butler


def run():
    """Yield the rows of the report."""
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as root:
        refs = list(makeSurvey(root).subset("deepDiff_diaSrc"))
        task = DiaObjectMakerTask()
        config = task.config
        names = config.sourceDataset, config.imageDataset
        exposures = findExposures(refs, *names, task.log)
        loaded = task.loader.run(exposures, *names)
        associating = bestOf(task.run, loaded.catalog, repeats=2)
        reading = bestOf(task.loader.run, exposures, *names, repeats=2)
        yield Row("reading 200 catalogs of 5,000 sources", reading, "DiaObjectMakerTask.run", associating, 1)
        finding = bestOf(findExposures, refs, *names, task.log, repeats=2)
        yield Row("looking up their exposures", finding, "DiaObjectMakerTask.run", associating)
    logging.disable(logging.NOTSET)
