# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Runs that are killed and started again make what one run makes, to the byte."""

import os
import random
import time

import pytest
from killing import finish, killAt, startProcess
from lsst.dia.repro import DiaLightCurvesTask, DiaObjectMakerTask, ForcedDiaPhotTask
from smallSurvey import makeSmallSurvey

#: In each of so many repositories, a run is killed so many times. DIA_REPOSITORIES=10 makes it 50 in all.
N_REPOSITORIES, N_KILLS = int(os.environ.get("DIA_REPOSITORIES", 2)), 5

#: What is of the run and not of the results: times, and how they were reached.
OF_THE_RUN = ("_metadata", "packages.yaml")


@pytest.fixture(scope="module")
def survey(tmp_path_factory):
    """A repository without results."""
    root = tmp_path_factory.mktemp("survey")/"repo"
    makeSmallSurvey(root, 12)
    (root/"deepDiff"/"reproDIAObjects.fits").unlink()
    return root


@pytest.fixture(scope="module")
def undisturbed(survey, tmp_path_factory):
    """What one run makes, and how long it takes."""
    output = tmp_path_factory.mktemp("undisturbed")/"out"
    start = time.monotonic()
    assert finish(start_(survey, output, 1)) == 0
    return readResults(output), time.monotonic() - start


def start_(survey, output, processes):
    """Make all results in a process of its own; return its id."""
    def work():
        common = ["--skip-existing", "-j", str(processes), "--doraise"]
        DiaObjectMakerTask.parseAndRun([str(survey), "--id", "--output", str(output), *common])
        for Task in (ForcedDiaPhotTask, DiaLightCurvesTask):
            Task.parseAndRun([str(output), "--id", *common])

    return startProcess(work)


def readResults(output):
    """Return the contents of the files of a repository."""
    return {str(path.relative_to(output)): path.read_bytes() for path in output.rglob("*")
            if path.is_file() and not any(word in path.name for word in OF_THE_RUN)}


@pytest.mark.parametrize("seed", range(N_REPOSITORIES))
def testKilledAtRandomMoments(seed, survey, undisturbed, tmp_path):
    expected, duration = undisturbed
    output = tmp_path/"out"
    moments = random.Random(seed)
    for _ in range(N_KILLS):
        killAt(start_(survey, output, 1 + seed % 2), moments.uniform(0.0, duration))
        # Whatever has its final name is complete.
        for name, content in readResults(output).items() if output.exists() else ():
            if name in expected:
                assert content == expected[name], name
    assert finish(start_(survey, output, 1 + seed % 2)) == 0
    results = readResults(output)
    assert sorted(results) == sorted(expected)
    assert [name for name in expected if results[name] != expected[name]] == []
