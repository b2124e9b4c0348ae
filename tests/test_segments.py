# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Runs and orders of labels."""

import numpy as np
import pytest
from lsst.dia.repro import segments


def testExpandRuns():
    assert segments.expandRuns(np.array([5, 0, 9]), np.array([2, 3, 0])).tolist() == [5, 6, 0, 1, 2]
    assert len(segments.expandRuns(np.zeros(0, dtype=int), np.zeros(0, dtype=int))) == 0


@pytest.mark.parametrize("number, block", [(1, 10), (200, 1000), (200, 7), (200, 1), (201, 100)])
def testPartByLabelIsAStableSort(number, block):
    rng = np.random.default_rng(number)
    # No row has the last label.
    labels, values = rng.integers(0, 9, number), rng.normal(size=number)
    blocks = [(labels[start:start + block], values[start:start + block]) for start in range(0, number, block)]
    parts = list(segments.partByLabel(blocks, 10))
    assert len(parts) == 10
    for label, (rows, mine) in enumerate(parts):
        np.testing.assert_array_equal(rows, np.flatnonzero(labels == label))
        np.testing.assert_array_equal(mine, values[labels == label])


@pytest.mark.parametrize("block", [1000, 60])
@pytest.mark.parametrize("groups, size", [(40, 9), (40, 1), (3, 10), (1, 10), (200, 199)])
def testSplitByGroupKeepsGroupsWhole(groups, size, block, monkeypatch):
    monkeypatch.setattr(segments, "BLOCK", block)
    # Some labels are missing, and one group is larger than any chunk should be.
    labels = np.append(2*np.random.default_rng(4).integers(0, groups, 200), np.full(30, 4))
    chunks = list(segments.splitByGroup(labels, size))
    assert sorted(np.concatenate([rows for rows, _ in chunks])) == list(range(len(labels)))
    for rows, mine in chunks:
        np.testing.assert_array_equal(mine, labels[rows])
        assert (np.diff(rows) > 0).all()
        assert len(rows) == np.isin(labels, labels[rows]).sum()
        assert len(rows) < size + np.bincount(labels[rows]).max()


def testSplitByGroupWithoutRows():
    assert [len(rows) for rows, _ in segments.splitByGroup(np.zeros(0, dtype=int), 5)] == [0]
