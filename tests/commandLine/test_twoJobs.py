# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Two jobs that start at once on one new repository."""

import os
import shutil

import pytest
from killing import finish, startProcess
from lsst.daf.persistence import Butler
from lsst.dia.repro import ForcedDiaPhotTask

VISITS = ("853^866", "892^905")


def readResults(root):
    """Return the contents of all files but those that tell of times."""
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*")
            if path.is_file() and "metadata" not in str(path)}


@pytest.fixture
def runJobs(repository, tmp_path):
    """A function that runs jobs, each on some visits, at the same time."""
    positions = tmp_path/"positions.csv"
    positions.write_text("id,ra,dec\n1,53.0,-27.5\n")

    def run(output, *jobs):
        reader, writer = os.pipe()

        def work(visits):
            # Until all are there, and the writing end is closed.
            os.close(writer)
            os.read(reader, 1)
            ForcedDiaPhotTask.parseAndRun([str(repository), "--id", f"visit={visits}", "--refCat",
                                           str(positions), "--output", str(output)])

        children = [startProcess(lambda visits=visits: work(visits)) for visits in jobs]
        os.close(writer)
        assert [finish(child) for child in children] == [0]*len(jobs)
        os.close(reader)

    return run


def testTwoJobsStartTogether(runJobs, tmp_path):
    for visits in VISITS:
        runJobs(tmp_path/"one", visits)
    expected = readResults(tmp_path/"one")
    for number in range(3):
        output = tmp_path/f"two{number}"
        runJobs(output, *VISITS)
        results = readResults(output)
        assert sorted(results) == sorted(expected)
        assert [name for name in expected if results[name] != expected[name]] == []
        butler = Butler(str(output))
        assert butler.datasetExists("forcedDIASource", visit=853, raft="2,2", sensor="1,2")
        shutil.rmtree(output)
