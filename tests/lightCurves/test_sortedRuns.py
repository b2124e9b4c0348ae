# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Sorting more records than memory holds."""

import tracemalloc

import numpy as np
import pytest
from lsst.dia.repro.lightCurves import runFile, sortedRuns
from lsst.dia.repro.lightCurves.sortedRuns import SortedRuns

DTYPE = np.dtype([("id", "int64"), ("run", "int32"), ("value", "float64"), ("flag", "bool")])


def makeRuns(rng, nRuns, nIds, meanRows):
    runs = []
    for run in range(nRuns):
        records = np.zeros(rng.poisson(meanRows), dtype=DTYPE)
        # Ids crowd at low values, and runs need not be in order.
        records["id"] = (1 << 40) + np.floor(nIds*rng.random(len(records))**3)
        records["run"], records["value"] = run, rng.normal(size=len(records))
        records["flag"] = rng.random(len(records)) < 0.5
        runs.append(records)
    return runs


def sort(runs, size, directory):
    with SortedRuns(str(directory), "id") as sorter:
        for run in runs:
            sorter.append(run)
        assert len(sorter) == sum(map(len, runs))
        return list(sorter.groups(size))


@pytest.mark.parametrize("nRuns, nIds, meanRows, size", [
    (30, 200, 150, 300), (7, 5000, 4000, 1000), (40, 3, 20, 100), (1, 10, 50, 7), (5, 50, 0.5, 1)])
def testRecordsComeBackInOrder(nRuns, nIds, meanRows, size, tmp_path):
    runs = makeRuns(np.random.default_rng(nRuns), nRuns, nIds, meanRows)
    groups = sort(runs, size, tmp_path)
    everything = np.concatenate(runs)
    expected = everything[np.argsort(everything["id"], kind="stable")]
    np.testing.assert_array_equal(np.concatenate(groups), expected)
    # No id is in two groups, and no group is much larger than asked for.
    for before, after in zip(groups[:-1], groups[1:]):
        assert before["id"][-1] < after["id"][0]
    most = np.unique(everything["id"], return_counts=True)[1].max()
    slack = sum(max(1, len(run)//1000) for run in runs)
    assert max(len(group) for group in groups) <= size + most + slack
    if most < size/10:
        assert np.mean([len(group) for group in groups]) > 0.5*size


@pytest.mark.parametrize("fanIn, nRuns", [(2, 40), (3, 100), (7, 60), (256, 700)])
def testManyRunsAreMerged(fanIn, nRuns, tmp_path, monkeypatch):
    """Records of one id stay in the order in which they were added, however often they are merged."""
    monkeypatch.setattr(sortedRuns, "FAN_IN", fanIn)
    monkeypatch.setattr(sortedRuns, "MERGE_ROWS", 50)
    monkeypatch.setattr(sortedRuns, "RANGES", 3)
    monkeypatch.setattr(runFile, "BLOCK", 8)
    runs = makeRuns(np.random.default_rng(nRuns), nRuns, 50, 10)
    groups = sort(runs, 40, tmp_path)
    everything = np.concatenate(runs)
    np.testing.assert_array_equal(np.concatenate(groups),
                                  everything[np.argsort(everything["id"], kind="stable")])
    assert all(before["id"][-1] < after["id"][0] for before, after in zip(groups[:-1], groups[1:]))
    # What was merged is there once.
    files = [path for path in tmp_path.iterdir() if path.name.startswith("rows")]
    assert sum(path.stat().st_size for path in files) == everything.nbytes and len(files) > 1


def testFieldsOfRunsThatAreMerged(tmp_path, monkeypatch):
    monkeypatch.setattr(sortedRuns, "FAN_IN", 2)
    runs = [np.array([(7, value)], dtype=[("id", "int64"), (name, dtype)]) for value, name, dtype in (
        (1, "a", "int16"), (2.5, "a", "float64"), (3, "b", "int32"), (4, "a", "int16"), (5, "c", "bool"))]
    (group,) = sort(runs, 10, tmp_path)
    assert group.dtype == np.dtype([("id", "int64"), ("a", "float64"), ("b", "int32"), ("c", "bool")])
    assert group.tolist() == [(7, 1, 0, False), (7, 2.5, 0, False), (7, 0, 3, False), (7, 4, 0, False),
                              (7, 0, 0, True)]


def peakMemory(nRuns, directory):
    """Return the most memory that is taken to sort many tiny runs into groups of 2,000 records."""
    rng = np.random.default_rng(1)
    with SortedRuns(str(directory), "id") as sorter:
        tracemalloc.start()
        for _ in range(nRuns):
            records = np.zeros(20, dtype=DTYPE)
            records["id"] = rng.integers(0, 10**12, 20)
            sorter.append(records)
        sizes = [len(group) for group in sorter.groups(2000)]
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    # There were as many ranges as runs allow, and none was large.
    assert sum(sizes) == 20*nRuns and 0.8*nRuns/100 <= len(sizes) <= 1.5*nRuns/100 and max(sizes) < 3000
    return peak


def testMemoryDoesNotGrowWithRunsTimesRanges(tmp_path, monkeypatch):
    monkeypatch.setattr(sortedRuns, "FAN_IN", 32)
    monkeypatch.setattr(sortedRuns, "MERGE_ROWS", 2000)
    # A lower rate of samples, so that they count as little as among millions of records.
    monkeypatch.setattr(runFile, "SAMPLES", 1)
    monkeypatch.setattr(runFile, "STEP", 100)
    peaks = []
    for nRuns in (500, 8000):
        (tmp_path/str(nRuns)).mkdir()
        peaks.append(peakMemory(nRuns, tmp_path/str(nRuns)))
    # What grows is one id of a hundred records. A number for each of 8,000 runs in 80 ranges would be 5 MB.
    assert peaks[1] < 2*peaks[0] < 1e6


def testSamplesAreBounded(tmp_path, monkeypatch):
    monkeypatch.setattr(sortedRuns, "FAN_IN", 8)
    with SortedRuns(str(tmp_path), "id") as sorter:
        for _ in range(200):
            sorter.append(np.zeros(3000, dtype=DTYPE))
        runs = sorter._runs
    assert len(runs) <= 8*4 and sum(run.count for run in runs) == 600_000
    assert sum(len(run.samples) for run in runs) <= 1.5*600_000/1000 + 1000*8


def testSameIdsInAllRuns(tmp_path):
    """What is remembered of the runs differs, so that ranges can be finer than in each of them."""
    runs = []
    for _ in range(50):
        runs.append(np.zeros(20_000, dtype=DTYPE))
        runs[-1]["id"] = np.arange(20_000)
    # Of each run every 20th id is remembered; 20 ids have 1,000 records.
    sizes = [len(group) for group in sort(runs, 1000, tmp_path)]
    assert max(sizes) <= 1500 and np.median(sizes) == 1000


def testFieldsOfAllRuns(tmp_path):
    first = np.array([(2, 1.5), (5, 2.5)], dtype=[("id", "int64"), ("flux", "float32")])
    second = np.array([(5, 7, 3.5), (1, 8, 4.5)], dtype=[("id", "int64"), ("reason", "int32"),
                                                        ("flux", "float64")])
    (group,) = sort([first, second], 100, tmp_path)
    assert group.dtype == np.dtype([("id", "int64"), ("flux", "float64"), ("reason", "int32")])
    assert group.tolist() == [(1, 4.5, 8), (2, 1.5, 0), (5, 2.5, 0), (5, 3.5, 7)]


def testNothing(tmp_path):
    assert sort([], 10, tmp_path) == []
    assert sort([np.zeros(0, DTYPE)], 10, tmp_path) == []


def testTruncatedScratchFile(tmp_path):
    with SortedRuns(str(tmp_path), "id") as sorter:
        sorter.append(np.zeros(100, DTYPE))
        (tmp_path/"rows").write_bytes(b"")
        with pytest.raises(OSError, match="shorter"):
            list(sorter.groups(10))
