# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Runs over many images: what one of them can do to the others."""

import os
import signal
import time

import pytest
from lsst.daf.persistence import Butler
from lsst.dia.repro import ForcedDiaPhotTask
from lsst.pipe.base import Struct

IMAGES = [dict(visit=visit, raft="2,2", sensor=sensor)
          for visit, sensor in [(853, "1,2"), (866, "1,1"), (866, "1,2"), (892, "1,2"), (905, "1,1"),
                                (905, "1,2")]]

POSITIONS = "id,ra,dec\n1,53.0,-27.5\n"


@pytest.fixture
def measure(repository, tmp_path):
    """A function that runs forced photometry at one position on all images, in this process."""
    positions = tmp_path/"positions.csv"
    positions.write_text(POSITIONS)

    def run(*args):
        return ForcedDiaPhotTask.parseAndRun([str(repository), "--id", "--refCat", str(positions),
                                              "--no-versions", *args])

    return run


def findDone(repository):
    """Return which images have their catalog."""
    butler = Butler(str(repository))
    return [butler.datasetExists("forcedDIASource", dataId) for dataId in IMAGES]


@pytest.mark.parametrize("numProcesses", ["2", "3"])
def testKilledProcessCostsItsImage(numProcesses, repository, measure, monkeypatch, capfd):
    runDataRef = ForcedDiaPhotTask.runDataRef

    def killOne(self, dataRef, **kwargs):
        if dataRef.dataId["visit"] == 892:
            os.kill(os.getpid(), signal.SIGKILL)
        return runDataRef(self, dataRef, **kwargs)

    monkeypatch.setattr(ForcedDiaPhotTask, "runDataRef", killOne)
    with pytest.raises(SystemExit) as ending:
        measure("-j", numProcesses)
    assert ending.value.code == 1
    assert findDone(repository) == [dataId["visit"] != 892 for dataId in IMAGES]
    (line,) = [line for line in "".join(capfd.readouterr()).splitlines() if "exit code" in line]
    assert "892" in line and "its process ended with exit code -9" in line


def testTimeoutNamesWhatWasLeft(repository, measure, monkeypatch, capfd):
    monkeypatch.setattr(ForcedDiaPhotTask, "runDataRef", lambda self, dataRef, **kwargs: time.sleep(60.0))
    with pytest.raises(SystemExit) as ending:
        measure("-j", "2", "-t", "1")
    assert ending.value.code == len(IMAGES)
    text = "".join(capfd.readouterr())
    assert text.count("not done within the timeout of 1 s") == len(IMAGES)
    assert not any(findDone(repository))


def testButlersAreMadeOnceAProcess(measure, monkeypatch, tmp_path):
    log = tmp_path/"butlers"
    init = Butler.__init__

    def note(self, *args, **kwargs):
        with open(log, "a") as stream:
            print(os.getpid(), file=stream)
        init(self, *args, **kwargs)

    monkeypatch.setattr(Butler, "__init__", note)
    monkeypatch.setattr(ForcedDiaPhotTask, "runDataRef",
                        lambda self, dataRef, **kwargs: Struct(forcedSources=[0], butler=dataRef.getButler()))
    measure("-j", "2")
    workers = [line for line in log.read_text().split() if line != str(os.getpid())]
    assert 1 <= len(workers) == len(set(workers)) <= 2
