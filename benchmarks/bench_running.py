# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""What a run costs beside its measurements: workers, runner, many DIAObjects, and a look at what is done."""

import contextlib
import functools
import io
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

import lsst.afw.table as afwTable
import numpy as np
from lsst.dia.repro import ForcedDiaPhotTask
from lsst.dia.repro.catalogColumns import makeCatalog
from lsst.dia.repro.commandLine.taskRunner import DiaTaskRunner

from stack.benchmarks._timing import Row, sortSeconds
from tests.smallSurvey import makeSmallSurvey

BIN = pathlib.Path(__file__).parents[1]/"bin"

#: Images to compare numbers of processes with; so many that starting, and loading Numba, take little of it.
N_PARALLEL, PARALLEL_SIZE, PARALLEL_OBJECTS = 128, 1000, 5000

#: Small images to see the overhead of each.
N_SMALL = 200

#: Images that are finished.
N_FINISHED = 2000

N_MANY_OBJECTS = 1_000_000

ONE_IMAGE = ("visit=1", "sensor=1,1")

#: `numpy.sort` of 1e7 doubles takes so long where the limits in seconds were set.
SORT_SECONDS = 0.9


def forced(root, *args, ids=()):
    """Run ``forcedDiaPhot.py`` in this process, silently."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        ForcedDiaPhotTask.parseAndRun([str(root), "--id", *ids, "--no-versions", "-L", "fatal", *args])


def wallSeconds(root, processes):
    """Return the least wall time of a whole command, seconds."""
    times = []
    for _ in range(2):
        start = time.perf_counter()
        subprocess.run([sys.executable, str(BIN/"forcedDiaPhot.py"), str(root), "--id", "-j", str(processes),
                        "--no-versions", "-L", "fatal"], check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - start)
    return min(times)


def cpuSeconds(function, *args):
    """Return the processor time that a call and the processes that it starts take, seconds."""
    def used():
        return sum(sum(resource.getrusage(who)[:2])
                   for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))

    before = used()
    function(*args)
    return used() - before


def overhead(root):
    """Return the processor time that a run takes for each image beside the task's own, seconds."""
    spent = 0.0
    runTask = DiaTaskRunner.runTask

    def timed(self, *args):
        nonlocal spent
        start = time.process_time()
        try:
            return runTask(self, *args)
        finally:
            spent += time.process_time() - start

    DiaTaskRunner.runTask = timed
    try:
        start = cpuSeconds(functools.partial(forced, root, ids=ONE_IMAGE)) - spent
        spent = 0.0
        total = cpuSeconds(forced, root)
    finally:
        DiaTaskRunner.runTask = runTask
    return (total - spent - start)/N_SMALL


def makeManyObjects(root):
    """Put a million DIAObjects all over the sky beside those of the survey."""
    path = str(root/"deepDiff"/"reproDIAObjects.fits")
    few = afwTable.SourceCatalog.readFits(path)
    rng = np.random.default_rng(2)
    many = makeCatalog(few.schema, N_MANY_OBJECTS, afwTable.SourceCatalog)
    many["id"] = np.arange(1, N_MANY_OBJECTS + 1)
    many["coord_ra"] = rng.uniform(2.0, 6.0, N_MANY_OBJECTS)
    many["coord_dec"] = np.arcsin(rng.uniform(-1, 1, N_MANY_OBJECTS))
    for name in ("coord_ra", "coord_dec"):
        many[name][:len(few)] = few[name]
    many.writeFits(path)


def run():
    """Yield the rows of the report."""
    sort = sortSeconds()
    reference = "numpy.sort(1e7)"
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with tempfile.TemporaryDirectory() as directory:
        root = pathlib.Path(directory)
        makeSmallSurvey(root/"parallel", N_PARALLEL, PARALLEL_SIZE, PARALLEL_OBJECTS)
        one, two = (wallSeconds(root/"parallel", processes) for processes in (1, 2))
        yield Row(f"-j 2 on {N_PARALLEL} images", two, "-j 1", one, 1/1.8)
        makeSmallSurvey(root/"small", N_SMALL)
        yield Row("runner, an image", overhead(root/"small"), reference, sort, 5e-3/SORT_SECONDS)
        few = cpuSeconds(forced, root/"small")
        makeManyObjects(root/"small")
        # So that they are in memory, and sorted, once.
        forced(root/"small", ids=ONE_IMAGE)
        many = cpuSeconds(forced, root/"small")
        yield Row("1,000,000 DIAObjects more, an image", (many - few)/N_SMALL, reference, sort,
                  5e-3/SORT_SECONDS)
        makeSmallSurvey(root/"finished", N_FINISHED)
        forced(root/"finished", "-j", "2")
        command = [sys.executable, str(BIN/"forcedDiaPhot.py"), str(root/"finished"), "--id",
                   "--skip-existing", "-L", "fatal", "--no-versions"]
        seconds = cpuSeconds(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL))
        yield Row(f"--skip-existing on {N_FINISHED} finished images", seconds, reference, sort,
                  3.0/SORT_SECONDS)
