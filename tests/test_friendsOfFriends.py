# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Neighbourhoods, against all pairs of cells."""

import numpy as np
import pytest
from lsst.dia.repro import friendsOfFriends, segments
from lsst.dia.repro.friendsOfFriends import findNeighborhoods
from lsst.dia.repro.sky import toVectors
from scipy.sparse.csgraph import connected_components


@pytest.mark.parametrize("block", [segments.BLOCK, 60])
@pytest.mark.parametrize("seed, number, length", [(1, 400, 0.1), (2, 800, 0.06), (3, 300, 0.02), (4, 99, 1.0),
                                                  (5, 1, 0.1), (6, 2, 2.0)])
def testNeighborhoodsAreCellsThatTouch(seed, number, length, block, monkeypatch):
    monkeypatch.setattr(segments, "BLOCK", block)
    # Several slabs.
    monkeypatch.setattr(friendsOfFriends, "SLAB", 50)
    rng = np.random.default_rng(seed)
    ra, dec = rng.uniform(0, 2*np.pi, number), np.arcsin(rng.uniform(-1, 1, number))
    cell = np.floor((toVectors(ra, dec) + 1)/length)
    touches = np.abs(cell - cell[:, np.newaxis]).max(axis=2) <= 1
    _, expected = connected_components(touches, directed=False)
    label = findNeighborhoods(ra, dec, length)
    np.testing.assert_array_equal(label == label[:, np.newaxis], expected == expected[:, np.newaxis])
