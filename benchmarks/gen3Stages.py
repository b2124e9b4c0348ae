# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Run tasks of the Gen3 pipelines command by command, as jobs of BPS do, and measure each."""

import os
import pathlib
import subprocess
import sys
import tempfile
from typing import NamedTuple

import lsst.afw.table as afwTable
from lsst.daf.butler import Butler, DatasetType
from lsst.dia.repro.gen3 import convertDiaRepo

from tests.smallSurvey import makeSmallSurvey

PIPELINES = pathlib.Path(__file__).parents[1]/"pipelines"
BIN = pathlib.Path(sys.executable).parent

#: Collections of the images, and of DIAObjects that no task made.
RUN, OBJECTS = "LSSTSim/gen2", "objects"


#: A small process to start commands from: the most memory of a process counts that of who started it.
LAUNCH = """
import resource, subprocess, sys
status = subprocess.call(sys.argv[2:])
used = resource.getrusage(resource.RUSAGE_CHILDREN)
with open(sys.argv[1], "w") as file:
    print(used.ru_utime + used.ru_stime, used.ru_maxrss, file=file)
sys.exit(status)
"""


class Cost(NamedTuple):
    """What a process took.

    Attributes
    ----------
    seconds : `float`
        Processor time, its children's too.
    megabytes : `float`
        Most resident memory, in 1e6 bytes.
    """

    seconds: float
    megabytes: float


class Stage(NamedTuple):
    """What a task of a pipeline took.

    Attributes
    ----------
    graph, run, aggregate : `Cost`
        Of ``pipetask qgraph``, of ``pipetask run-qbb`` of all quanta in one
        process, and of ``butler aggregate-graph``.
    graphBytes : `int`
        Size of the file of the quantum graph.
    """

    graph: Cost
    run: Cost
    aggregate: Cost
    graphBytes: int


def measure(*command):
    """Run a command to its end and return its `Cost`."""
    with tempfile.TemporaryDirectory() as directory:
        used, log = pathlib.Path(directory)/"used", pathlib.Path(directory)/"log"
        with open(log, "w") as file:
            status = subprocess.call([sys.executable, "-S", "-c", LAUNCH, used, *map(str, command)],
                                     stdout=file, stderr=file, env={**os.environ, "OMP_NUM_THREADS": "1"})
        assert status == 0, log.read_text()
        seconds, kilobytes = map(float, used.read_text().split())
    return Cost(seconds, kilobytes*1024/1e6)


def makeGen3(root, *args, change=None, **kwargs):
    """Make a survey of noise as a Gen2 and a Gen3 repository, the same DIAObjects in both.

    Parameters
    ----------
    root : `pathlib.Path`
        Directory that is to have ``gen2`` and ``gen3``.
    change : callable, optional
        Gets the Gen2 repository and changes it before it is converted.
    *args, **kwargs
        Arguments of `tests.smallSurvey.makeSmallSurvey`.

    Returns
    -------
    paths : `list` [`pathlib.Path`]
        The images.
    """
    paths = makeSmallSurvey(root/"gen2", *args, **kwargs)
    if change is not None:
        change(root/"gen2")
    assert convertDiaRepo.main([str(root/"gen2"), str(root/"gen3")]) == 0
    butler = Butler.from_config(str(root/"gen3"), run=OBJECTS)
    butler.registry.registerDatasetType(DatasetType(
        "reproDIAObjects", ["instrument"], "SourceCatalog", universe=butler.dimensions))
    butler.put(afwTable.SourceCatalog.readFits(str(root/"gen2"/"deepDiff"/"reproDIAObjects.fits")),
               "reproDIAObjects", instrument="LSSTSim")
    return paths


def runStage(root, label, inputs, pipeline="dia.yaml", options=()):
    """Run all quanta of a task in one process, and bring what they write into the repository.

    Parameters
    ----------
    root : `pathlib.Path`
        Directory with the repository ``gen3``.
    label : `str`
        The task; it is the output collection, too.
    inputs : `str`
        Collections to read.
    pipeline : `str`, optional
        File of the pipeline.
    options : `list` [`str`], optional
        More arguments of ``pipetask qgraph``.

    Returns
    -------
    stage : `Stage`
        What it took.
    """
    repository, graph = root/"gen3", root/f"{label}.qg"
    inGraph = measure(
        BIN/"pipetask", "qgraph", "-b", repository, "-p", f"{PIPELINES/pipeline}#{label}", "-i", inputs,
        "-o", label, "--output-run", f"{label}/run", "--save-qgraph", graph,
        "--qgraph-datastore-records", *options)
    measure(BIN/"pipetask", "pre-exec-init-qbb", repository, graph)
    inRun = measure(BIN/"pipetask", "--log-level=WARNING", "run-qbb", repository, graph)
    inAggregate = measure(BIN/"butler", "aggregate-graph", graph, repository, "-j", 1,
                          "--register-dataset-types", "--update-output-chain")
    return Stage(inGraph, inRun, inAggregate, graph.stat().st_size)
