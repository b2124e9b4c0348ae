# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Runs and orders of labels."""

import numpy as np
import pytest
from lsst.dia.repro import segments


def testExpandRuns():
    assert segments.expandRuns(np.array([5, 0, 9]), np.array([2, 3, 0])).tolist() == [5, 6, 0, 1, 2]
    assert len(segments.expandRuns(np.zeros(0, dtype=int), np.zeros(0, dtype=int))) == 0


@pytest.mark.parametrize("labels", [
    [], [3], np.random.default_rng(1).integers(0, 40, 200), np.random.default_rng(2).integers(-9, 9, 200),
    np.random.default_rng(3).integers(0, 2**60, 200), np.full(200, 7)])
def testOrderByLabelIsAStableSort(labels, monkeypatch):
    monkeypatch.setattr(segments, "FEW", 0)
    labels = np.asarray(labels, dtype=np.int64)
    np.testing.assert_array_equal(segments.orderByLabel(labels), np.argsort(labels, kind="stable"))


@pytest.mark.parametrize("groups, size", [(40, 9), (40, 1), (3, 10), (1, 10), (200, 199)])
def testSplitByGroupKeepsGroupsWhole(groups, size):
    # Some labels are missing, and one group is larger than any chunk should be.
    labels = np.append(2*np.random.default_rng(4).integers(0, groups, 200), np.full(30, 4))
    chunks = list(segments.splitByGroup(labels, size))
    assert sorted(np.concatenate(chunks)) == list(range(len(labels)))
    for rows in chunks:
        assert (np.diff(rows) > 0).all()
        assert len(rows) == np.isin(labels, labels[rows]).sum()
        assert len(rows) < size + np.bincount(labels[rows]).max()


def testSplitByGroupWithoutRows():
    assert [len(rows) for rows in segments.splitByGroup(np.zeros(0, dtype=int), 5)] == [0]
