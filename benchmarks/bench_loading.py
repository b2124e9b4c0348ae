# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Reading the DIASource catalogs of a survey, against associating them."""

import logging
import tempfile

import lsst.afw.table as afwTable
import numpy as np
from lsst.dia.repro import DiaObjectMakerTask
from lsst.dia.repro.commandLine.gen2Exposures import findExposures
from lsst.dia.repro.simulate.detection import makeDiaSourceSchema
from lsst.dia.repro.simulate.gen2Repository import makeRepository
from lsst.dia.repro.simulate.simulatedSurvey import SENSORS
from lsst.dia.repro.units import ARCSEC

from stack.benchmarks._timing import Row, bestOf

N_CATALOGS, N_SOURCES, N_OBJECTS, N_EXTRA = 200, 5000, 10_000, 60


def makeSurvey(root):
    """Write a repository of DIASource catalogs with many columns."""
    butler = makeRepository(root, [(visit, "r", 59580.0) for visit in range(1, N_CATALOGS + 1)], SENSORS[:1])
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

        def read():
            return task.openCatalogs(exposures).load()

        associating = bestOf(task.run, read().catalog, repeats=2)
        reading = bestOf(read, repeats=2)
        yield Row("reading 200 catalogs of 5,000 sources", reading, "DiaObjectMakerTask.run", associating, 1)
        finding = bestOf(findExposures, refs, *names, task.log, repeats=2)
        yield Row("looking up their exposures", finding, "DiaObjectMakerTask.run", associating)
    logging.disable(logging.NOTSET)
