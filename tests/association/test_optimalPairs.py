# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Pairs at the least cost, against SciPy's dense solver."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lsst.dia.repro.association.associators import optimalPairs
from scipy.optimize import linear_sum_assignment

COST_OF_NONE = 12.5


def leastCost(source, candidate, cost):
    """Return the least sum of costs, with a column for none for each source."""
    sources, row = np.unique(source, return_inverse=True)
    candidates, column = np.unique(candidate, return_inverse=True)
    matrix = np.full((len(sources), len(candidates) + len(sources)), 1e6)
    matrix[row, column] = cost
    matrix[np.arange(len(sources)), len(candidates) + np.arange(len(sources))] = COST_OF_NONE
    return matrix[linear_sum_assignment(matrix)].sum()


@pytest.mark.parametrize("size", [1, 20, 1000])
@given(seed=st.integers(0, 10**6), n=st.integers(1, 60), crowding=st.sampled_from([0.5, 1, 3]))
@settings(max_examples=30, deadline=None)
def testCostIsTheLeast(size, seed, n, crowding):
    rng = np.random.default_rng(seed)
    pairs = np.unique(np.stack([rng.integers(0, n, int(2*crowding*n) + 1),
                                rng.integers(0, n, int(2*crowding*n) + 1)]), axis=1)
    source, candidate = pairs
    cost = rng.uniform(0, COST_OF_NONE, len(source))
    before, optimalPairs.SIZE = optimalPairs.SIZE, size
    try:
        chosen = optimalPairs.assign(source, candidate, cost, COST_OF_NONE)
    finally:
        optimalPairs.SIZE = before
    assert (np.diff(chosen) > 0).all()
    assert len(np.unique(source[chosen])) == len(np.unique(candidate[chosen])) == len(chosen)
    total = cost[chosen].sum() + COST_OF_NONE*(len(np.unique(source)) - len(chosen))
    assert total == pytest.approx(leastCost(source, candidate, cost), rel=1e-9)
