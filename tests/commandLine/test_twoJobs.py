# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Two jobs that start at once on one new repository."""

import shutil
import subprocess
import sys

import pytest
from lsst.daf.persistence import Butler

VISITS = ("853^866", "892^905")

#: Imports, waits until both are there, and runs.
JOB = """
import sys
from lsst.dia.repro import ForcedDiaPhotTask
print("ready", flush=True)
sys.stdin.readline()
ForcedDiaPhotTask.parseAndRun()
"""


def readResults(root):
    """Return the contents of all files but those that tell of times."""
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*")
            if path.is_file() and "metadata" not in str(path)}


@pytest.fixture
def startJob(repository, tmp_path):
    """A function that starts a job on some visits."""
    positions = tmp_path/"positions.csv"
    positions.write_text("id,ra,dec\n1,53.0,-27.5\n")

    def start(output, visits):
        job = subprocess.Popen(
            [sys.executable, "-c", JOB, str(repository), "--id", f"visit={visits}", "--refCat",
             str(positions), "--output", str(output)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert job.stdout.readline() == "ready\n"
        return job

    return start


def finish(jobs):
    """Let jobs that are ready run, and wait for them."""
    for job in jobs:
        job.stdin.write("\n")
        job.stdin.flush()
    for job in jobs:
        _, errors = job.communicate(timeout=120)
        assert job.returncode == 0, errors


def testTwoJobsStartTogether(startJob, tmp_path):
    for visits in VISITS:
        finish([startJob(tmp_path/"one", visits)])
    expected = readResults(tmp_path/"one")
    for number in range(3):
        output = tmp_path/f"two{number}"
        finish([startJob(output, visits) for visits in VISITS])
        results = readResults(output)
        assert sorted(results) == sorted(expected)
        assert [name for name in expected if results[name] != expected[name]] == []
        butler = Butler(str(output))
        assert butler.datasetExists("forcedDIASource", visit=853, raft="2,2", sensor="1,2")
        shutil.rmtree(output)
