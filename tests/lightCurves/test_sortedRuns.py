# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Sorting more records than memory holds."""

import numpy as np
import pytest
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
