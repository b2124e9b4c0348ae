# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Runs over many images: what one of them can do to the others."""

import json
import logging
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from lsst.daf.persistence import Butler
from lsst.dia.repro import ForcedDiaPhotTask
from lsst.dia.repro.commandLine.runEstimate import RunEstimate
from lsst.pipe.base import Struct, TaskError

IMAGES = [dict(visit=visit, raft="2,2", sensor=sensor)
          for visit, sensor in [(853, "1,2"), (866, "1,1"), (866, "1,2"), (892, "1,2"), (905, "1,1"),
                                (905, "1,2")]]

BIN = pathlib.Path(__file__).parents[2]/"bin"

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


def findLines(words, capfd):
    """Return the lines with some words; a stack repeats them once more with every run in the same process."""
    return {line for line in "".join(capfd.readouterr()).splitlines() if words in line}


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
    (line,) = findLines("FATAL", capfd)
    assert "892" in line and "its process ended with exit code -9" in line


def testTimeoutNamesWhatWasLeft(repository, measure, monkeypatch, capfd):
    monkeypatch.setattr(ForcedDiaPhotTask, "runDataRef", lambda self, dataRef, **kwargs: time.sleep(60.0))
    with pytest.raises(SystemExit) as ending:
        measure("-j", "2", "-t", "1")
    assert ending.value.code == len(IMAGES)
    assert len(findLines("not done within the timeout of 1 s", capfd)) == len(IMAGES)
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


def testProcessesHaveOneThread(measure, monkeypatch, tmp_path):
    log = tmp_path/"threads"

    def count(self, dataRef, **kwargs):
        # That is large enough for several threads, where there may be any.
        matrix = np.ones((700, 700)) @ np.ones((700, 700))
        with open(log, "a") as stream:
            print(len(os.listdir("/proc/self/task")), os.getpid(), file=stream)
        return Struct(forcedSources=matrix[:1])

    monkeypatch.setattr(ForcedDiaPhotTask, "runDataRef", count)
    measure("-j", "2")
    counts = dict(reversed(line.split()) for line in log.read_text().splitlines())
    assert counts and str(os.getpid()) not in counts and set(counts.values()) == {"1"}


def testReport(repository, measure, monkeypatch, tmp_path, capfd):
    runDataRef = ForcedDiaPhotTask.runDataRef

    def failSome(self, dataRef, **kwargs):
        if dataRef.dataId["visit"] == 866:
            raise TaskError(f"Cannot read /somewhere/{dataRef.dataId['sensor']}.fits")
        if dataRef.dataId["visit"] == 892:
            raise ValueError("odd")
        return runDataRef(self, dataRef, **kwargs)

    monkeypatch.setattr(ForcedDiaPhotTask, "runDataRef", failSome)
    report = tmp_path/"report.json"
    with pytest.raises(SystemExit) as ending:
        measure("-j", "2", "--report", str(report))
    assert ending.value.code == 3
    content = json.loads(report.read_text())
    assert content["command"] == "forcedDiaPhot" and content["seconds"] > 0.0
    assert content["counts"] == {"done": 3, "skipped": 0, "failed": 3, "not run": 0}
    assert content["failures"] == {"Cannot read FILE": 2, "ValueError: odd": 1}
    assert content["bytesRead"] > 3*os.path.getsize(repository/"deepDiff/v853-fr/R22/diffexp-S12.fits")/2
    assert [target["dataId"]["visit"] for target in content["targets"]] == [853, 866, 866, 892, 905, 905]
    for target in content["targets"]:
        isDone = target["dataId"]["visit"] not in (866, 892)
        assert target["status"] == ("done" if isDone else "failed")
        assert target["objects"] == (0 if isDone else None)
        assert (target["reason"] is None) == isDone and target["seconds"] > 0.0
    assert content["targets"][1]["reason"] == "Cannot read /somewhere/1,1.fits"
    table = "".join(capfd.readouterr()).partition("forcedDiaPhot, 6 targets:\n")[2]
    assert re.search(r"done +3\n +failed: Cannot read FILE +2\n +failed: ValueError: odd +1\n", table)


def testReportThatCannotBeWritten(measure, capfd):
    with pytest.raises(SystemExit) as ending:
        measure("--report", "/nowhere/report.json")
    assert ending.value.code == 2 and "no directory for /nowhere/report.json" in capfd.readouterr().err


def testSkippedTargetsAreNoFailures(measure, monkeypatch, tmp_path):
    monkeypatch.setattr(ForcedDiaPhotTask.RunnerClass, "__call__",
                        lambda self, args: Struct(exitStatus=0, skipped=True))
    measure("--report", str(tmp_path/"report.json"))
    content = json.loads((tmp_path/"report.json").read_text())
    assert content["counts"] == {"done": 0, "skipped": 6, "failed": 0, "not run": 0}


def testLargeRunsAreEstimated(caplog):
    log = logging.getLogger("estimate")
    for total, isLarge in [(100, False), (101, True)]:
        estimate = RunEstimate(total, 2, "not/yet", log)
        for _ in range(total):
            estimate.add(Struct(exitStatus=0, bytesWritten=10**15))
        assert ("By the first 10 of 101, all will take about 0:00:0" in caplog.text) == isLarge
        assert ("and 101000000000 MB of disk" in caplog.text) == isLarge
        assert ("The disk of not/yet will not hold the results" in caplog.text) == isLarge


#: Measures; the third image takes for ever.
SLOW = """
import runpy, sys, time
from lsst.dia.repro import ForcedDiaPhotTask
runDataRef = ForcedDiaPhotTask.runDataRef
def sleepOn(self, dataRef, **kwargs):
    if dataRef.dataId["visit"] == 866 and dataRef.dataId["sensor"] == "1,2":
        print("sleeping", flush=True)
        time.sleep(600)
    return runDataRef(self, dataRef, **kwargs)
ForcedDiaPhotTask.runDataRef = sleepOn
command = sys.argv.pop(1)
runpy.run_path(command, run_name="__main__")
"""


@pytest.mark.parametrize("ending, status, line", [(signal.SIGTERM, 143, "Terminated"),
                                                  (signal.SIGINT, 130, "Interrupted")])
@pytest.mark.parametrize("processes", ["1", "2"])
def testSignalsEndTheRunWithItsReport(processes, ending, status, line, repository, tmp_path):
    (tmp_path/"positions.csv").write_text(POSITIONS)
    report = tmp_path/"report.json"
    args = [sys.executable, "-c", SLOW, BIN/"forcedDiaPhot.py", repository, "--id", "--refCat",
            tmp_path/"positions.csv", "--no-versions", "-j", processes, "--report", report]
    process = subprocess.Popen(
        list(map(str, args)), text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler))
    for text in process.stdout:
        if "sleeping" in text:
            break
    # So that what is done has come to the parent, which waits by then.
    time.sleep(1.0)
    process.send_signal(ending)
    output, errors = process.communicate(timeout=60.0)
    assert process.returncode == status, errors
    assert "Traceback" not in output + errors and (output + errors).count(line) == 1
    counts = json.loads(report.read_text())["counts"]
    assert counts["not run"] > 0 and counts["done"] >= (2 if processes == "1" else 0) and not counts["failed"]
    isDone = dict(zip([(853, "1,2"), (866, "1,1"), (866, "1,2")], findDone(repository)))
    assert not isDone[866, "1,2"]
    left = [path.name for path in repository.rglob("*") if path.suffix not in
            (".fits", ".yaml", ".py", ".sqlite3", ".boost") and path.is_file() and path.name != "_mapper"]
    assert left == []
