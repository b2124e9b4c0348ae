# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The first page has what tasks noted, not how much memory they took."""

import pytest
from lsst.daf.base import PropertySet
from lsst.daf.persistence import Butler
from lsst.dia.repro.report.taskNotes import explainNote, readTaskNotes


def testNotes():
    metadata = PropertySet()
    for name, value in (("task.nDiaObjects", 77), ("task.__version__", 1), ("task.nodeName", "vm"),
                        ("task.runStartCpuTime", 1.5), ("task.runEndMaxResidentSetSize", 10),
                        ("task.runEndMajorPageFaults", 1), ("task.runEndBlockInputs", 1),
                        ("task.runStartInvoluntaryContextSwitches", 1), ("task:loader.nRead", 3),
                        ("task.runDataRefStartUtc", "2026-11-29T00:59:59.500000+00:00"),
                        ("task.runDataRefEndUtc", "2026-11-29T01:01:00.750000+00:00")):
        metadata.set(name, value)
    assert readTaskNotes(metadata) == {"nDiaObjects": 77, "nRead": 3, "seconds": 61.2}


@pytest.mark.parametrize("associator", ["multiMatch", "assignment"])
def testAllNumbersAreExplained(repository, tmp_path, run, associator):
    done = run("diaObjectMaker.py", repository, "--id", "--output", tmp_path/"out", "--config",
               f"associator={associator}")
    assert done.returncode == 0, done.stderr
    notes = readTaskNotes(Butler(str(tmp_path/"out")).get("diaObjectMaker_metadata"))
    assert len(notes) > 10 and all(map(explainNote, [*notes, "nRows"]))
    assert explainNote("nRejected_nonFinitePosition") == "DIASources rejected for nonFinitePosition"


def testNothing():
    assert readTaskNotes(PropertySet()) == {}
