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
