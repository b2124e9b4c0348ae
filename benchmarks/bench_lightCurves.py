# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Collecting light curves, against reading the catalogs and writing the table once from memory.

``LIGHT_CURVES=100000x200`` in the environment asks for another number of DIAObjects and images.
"""

import logging
import os
import tempfile

import lsst.afw.table as afwTable
import numpy as np
import pyarrow.parquet as pq
from lsst.daf.persistence import Butler
from lsst.dia.repro import DiaLightCurvesTask, ForcedDiaPhotTask
from lsst.dia.repro.commandLine.surveyRef import SurveyRef
from lsst.dia.repro.lightCurves.lightCurveFile import LightCurveFile
from lsst.dia.repro.simulate.gen2Repository import makeRepository
from lsst.dia.repro.simulate.simulatedSurvey import SENSORS
from lsst.pipe.base import Struct

from stack.benchmarks._timing import Row, bestOf, peakMemory

N_OBJECTS, N_IMAGES = map(int, os.environ.get("LIGHT_CURVES", "20000x40").split("x"))

#: Catalogs that differ; the others are further links to them.
N_DISTINCT = 4
ROW_GROUP = DiaLightCurvesTask.ConfigClass().rowGroupRows


def makeSurvey(root):
    """Write a repository of forced catalogs, in each of which every object is measured."""
    butler = makeRepository(root, [(visit, "r", 59580.0) for visit in range(1, N_IMAGES + 1)], SENSORS[:1])
    rng = np.random.default_rng(1)
    catalog = afwTable.SourceCatalog(ForcedDiaPhotTask().schema)
    catalog.resize(N_OBJECTS)
    catalog["diaObjectId"] = np.arange(N_OBJECTS) + (1 << 41)
    for name in ("coord_ra", "coord_dec", "base_PsfFlux_instFlux"):
        catalog[name] = rng.normal(size=N_OBJECTS)
    for visit in range(1, N_IMAGES + 1):
        dataId = dict(visit=visit, filter="r", raft="2,2", sensor="1,1")
        if visit <= N_DISTINCT:
            catalog["id"] = (visit << 32) + np.arange(N_OBJECTS)
            for name in ("base_PsfFlux_flux", "slot_Centroid_x", "slot_Centroid_y", "base_PsfFlux_limitFlux"):
                catalog[name] = rng.normal(size=N_OBJECTS)
            catalog["base_PsfFlux_fluxErr"] = rng.uniform(0.9, 1.1, N_OBJECTS)
            butler.put(catalog, "forcedDIASource", dataId)
        else:
            path = butler.getUri("forcedDIASource", dataId, write=True)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            os.link(butler.getUri("forcedDIASource", dict(dataId, visit=1 + visit % N_DISTINCT)), path)


def references(root, number):
    """Return references to the first catalogs of a repository."""
    return [ref for ref in Butler(root).subset("forcedDIASource") if ref.dataId["visit"] <= number]


def read(root, number):
    """Read the catalogs and nothing else."""
    for ref in references(root, number):
        ref.get("forcedDIASource", immediate=True, flags=afwTable.SOURCE_IO_NO_FOOTPRINTS)


def collect(root, number):
    """Collect the light curves of some images."""
    logging.disable(logging.WARNING)
    task = DiaLightCurvesTask()
    refs = references(root, number)
    nothing = Struct(reuse=False, objects=[], format=None, nPlots=None, drawsObjects=False)
    task.runDataRef(SurveyRef(refs[0].getButler(), refs), nothing)
    logging.disable(logging.NOTSET)


def readTable(root):
    """Return where the table is, and all of it."""
    path = Butler(root).get("diaLightCurves_filename")[0]
    return path, pq.read_table(path)


def writeTable(root, table):
    """Write the table in one go, as large row groups as the task does."""
    pq.write_table(table, os.path.join(root, "reference.parq"), compression="zstd", row_group_size=ROW_GROUP)


def readOne(path, objectId):
    """Read one light curve."""
    return LightCurveFile(path).read(objectId)


def run():
    """Yield the rows of the report."""
    with tempfile.TemporaryDirectory() as root:
        makeSurvey(root)
        label = f"{N_OBJECTS} objects x {N_IMAGES} images"
        reading = bestOf(read, root, N_IMAGES, repeats=1)
        collecting = bestOf(collect, root, N_IMAGES, repeats=1)
        path, table = readTable(root)
        writing = bestOf(writeTable, root, table, repeats=1)
        yield Row(f"light curves of {label}", collecting, "reading + writing once", reading + writing, 3)
        yield Row("  without reading the catalogs", collecting - reading, "writing once", writing)
        one = bestOf(readOne, path, (1 << 41) + N_OBJECTS//2)
        yield Row("reading one light curve", one, "writing once", writing)
        rowBytes = table.nbytes/table.num_rows
        del table
        needed = rowBytes*(ROW_GROUP + N_OBJECTS)
        for number in (N_IMAGES//4, N_IMAGES):
            ratio = peakMemory(collect, root, number)/needed
            name = f"peak memory with {number} images"
            yield (f"{name:58s} {ratio:.2f} x a row group and an image's rows ({needed/1e6:.0f} MB)  limit 10"
                   + ("" if ratio <= 10 else "  MISSED"))
