# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Thousands of visits of one field: does Level 1 cost per visit what it did, as the database grows?

``python -m benchmarks.promptSoak [N [NOISE]]`` in the root of a checkout; 2,000 visits of 500 DIASources
take six minutes. There are no images, so that it is the cost of the database and of association, and not
that of measuring. A visit sees 500 of 550 objects. Each of ``NOISE`` sources more begins an object of its
own, as noise does in surveys: those have to be read, so that with them the cost grows with their number.
Seconds are of processor time.
"""

import logging
import os
import resource
import sys
import tempfile
import time
from collections import Counter

import lsst.afw.table as afwTable
import numpy as np
import sqlalchemy as sa
from lsst.afw.image import FilterLabel
from lsst.dia.repro.catalogColumns import makeCatalog
from lsst.dia.repro.exposureHandle import ExposureHandle
from lsst.dia.repro.prompt.diaPromptProcessing import DiaPromptProcessingTask
from lsst.dia.repro.prompt.imageCache import ImageCache
from lsst.dia.repro.prompt.promptDatabase import PromptDatabase
from lsst.dia.repro.prompt.visitRun import Target, VisitRun

N_VISITS, N_OBJECTS = 2000, 550

#: Width of the field, degrees, and error of a position, radians.
WIDTH, ERROR = 0.2, np.radians(0.1/3600)

#: Visits about these are compared, so many each.
MARKS, AROUND = (100, 1000, 2000), 20

#: How much more than the 100th a visit may cost, and memory may grow.
TIME_GROWTH, MEMORY_GROWTH = 1.5, 1.2


class SimulatedExposure(ExposureHandle):
    """The DIASources of a visit to a field of objects."""

    def __init__(self, number, ra, dec, nNoise, schema):
        self.dataId, self.ccdExposureId = {"visit": number}, number << 9
        self.mjd = 59580.0 + 0.5*number
        self._ra, self._dec, self._nNoise, self._schema = ra, dec, nNoise, schema

    def readSchema(self):
        return self._schema

    def readSources(self):
        rng = np.random.default_rng(self.ccdExposureId)
        isSeen = rng.random(len(self._ra)) < 500/N_OBJECTS
        ra = np.append(self._ra[isSeen], rng.uniform(self._ra.min(), self._ra.max(), self._nNoise))
        dec = np.append(self._dec[isSeen], rng.uniform(self._dec.min(), self._dec.max(), self._nNoise))
        catalog = makeCatalog(self._schema, len(ra), afwTable.SourceCatalog)
        catalog["id"] = (self.ccdExposureId << 23) + np.arange(1, len(ra) + 1)
        catalog["coord_ra"] = ra + rng.normal(0, ERROR, len(ra))/np.cos(dec)
        catalog["coord_dec"] = dec + rng.normal(0, ERROR, len(ra))
        catalog["coord_raErr"] = catalog["coord_decErr"] = ERROR
        catalog["base_PsfFlux_flux"] = rng.normal(1000, 100, len(ra))
        catalog["base_PsfFlux_fluxErr"] = 100.0
        return catalog

    def hasImage(self):
        return False

    def readWcs(self):
        return None

    def readPhotoCalib(self):
        return None

    def readFilterLabel(self):
        return FilterLabel.fromBand("r")

    def describeError(self, error, dataset):
        return str(error)


def makeSchema():
    schema = afwTable.SourceTable.makeMinimalSchema()
    for name in ("coord_raErr", "coord_decErr"):
        schema.addField(name, type="F", units="rad")
    for name in ("base_PsfFlux_flux", "base_PsfFlux_fluxErr"):
        schema.addField(name, type="D", units="nJy")
    return schema


class StatementCounter:
    """Counts the statements of SQL of all engines, reads and others."""

    def __init__(self):
        self.counts = Counter()
        sa.event.listen(sa.engine.Engine, "before_cursor_execute", self._count)

    def _count(self, connection, cursor, statement, parameters, context, executemany):
        self.counts["reads" if statement.lstrip().startswith("SELECT") else "writes"] += 1


def replay(nVisits, nNoise, path):
    """Process visits; return of each processor time, reads, objects read, and memory, MiB."""
    config = DiaPromptProcessingTask.ConfigClass()
    task = DiaPromptProcessingTask(config=config)
    database = PromptDatabase(path)
    database.prepare()
    rng = np.random.default_rng(1)
    ra, dec = np.radians(53 + rng.uniform(0, WIDTH, N_OBJECTS)), np.radians(rng.uniform(0, WIDTH, N_OBJECTS))
    schema, counter, cache = makeSchema(), StatementCounter(), ImageCache(1.0)
    rows = []
    for number in range(1, nVisits + 1):
        counter.counts.clear()
        start = time.process_time()
        run = VisitRun(task, database, None, cache, 41)
        result = run.run([Target(SimulatedExposure(number, ra, dec, nNoise, schema), number, 0)])
        run.store(result)
        rows.append((time.process_time() - start, counter.counts["reads"], len(result.objects),
                     resource.getrusage(resource.RUSAGE_SELF).ru_maxrss/1024))
        if number % 100 == 0:
            print(f"  visit {number}: {rows[-1][0]:.3f} s, {rows[-1][1]} reads, {rows[-1][2]} objects, "
                  f"{rows[-1][3]:.0f} MiB, {os.path.getsize(path)/2**20:.0f} MiB of database", flush=True)
    return np.array(rows)


def parseArgs():
    """Return the number of visits, and of sources of noise a visit."""
    given = [int(word) for word in sys.argv[1:]]
    return (given + [N_VISITS, 0][len(given):])[:2]


def main():
    logging.disable(logging.WARNING)
    nVisits, nNoise = parseArgs()
    marks = [mark*nVisits//N_VISITS for mark in MARKS]
    with tempfile.TemporaryDirectory() as scratch:
        rows = replay(nVisits, nNoise, os.path.join(scratch, "apdb.db"))
    middles = [np.median(rows[max(0, mark - AROUND):mark], axis=0) for mark in marks]
    print("visit    seconds  reads  objects  MiB")
    for mark, (seconds, reads, objects, memory) in zip(marks, middles):
        print(f"{mark:6d}  {seconds:8.3f}  {reads:5.0f}  {objects:7.0f}  {memory:.0f}")
    growth = [middles[-1][column]/middles[0][column] for column in (0, 1, 3)]
    print(f"growth: seconds {growth[0]:.2f}, reads {growth[1]:.2f} ({TIME_GROWTH}), memory {growth[2]:.2f} "
          f"({MEMORY_GROWTH})")
    sys.exit(any(value > limit for value, limit in zip(growth, (TIME_GROWTH, TIME_GROWTH, MEMORY_GROWTH))))


if __name__ == "__main__":
    main()
