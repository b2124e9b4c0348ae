# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Every position belongs to exactly one tile."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lsst.dia.repro.association.tiles import SkyTile, boundingCircle, findTiles
from lsst.sphgeom import HtmPixelization


def corners(level, index):
    return np.array([[v.x(), v.y(), v.z()] for v in HtmPixelization(level).triangle(index).getVertices()])


@given(level=st.integers(0, 14), seed=st.integers(0, 10**6))
@settings(max_examples=30, deadline=None)
def testExactlyOneTileOwnsAPosition(level, seed):
    rng = np.random.default_rng(seed)
    begin, end = HtmPixelization(level).universe()[0]
    points = corners(level, int(rng.integers(begin, end)))
    # Corners, points on edges, and points within; those on edges are shared by tiles.
    mixtures = [np.eye(3), [[0.5, 0.5, 0], [0, 0.3, 0.7]], rng.dirichlet(np.ones(3), 20)]
    mixed = np.concatenate(mixtures) @ points
    mixed /= np.linalg.norm(mixed, axis=1)[:, np.newaxis]
    tiles = findTiles(level, *boundingCircle(mixed))
    owners = sum(SkyTile(level, tile).owns(mixed).astype(int) for tile in tiles)
    np.testing.assert_array_equal(owners, 1)


def testDepthIsTheDistanceFromAnEdge():
    tile = SkyTile(3, 600)
    a, b, c = corners(3, 600)
    middle = (a + b)/np.linalg.norm(a + b)
    inward = np.cross(a, b)/np.linalg.norm(np.cross(a, b))
    for distance in (1e-6, -1e-6, 1e-3, -1e-3):
        position = np.cos(distance)*middle + np.sin(distance)*inward
        assert tile.depth(position[np.newaxis])[0] == pytest.approx(distance, rel=1e-6)


def testUnknownTile():
    with pytest.raises(ValueError, match="no tile 7"):
        SkyTile(3, 7)
