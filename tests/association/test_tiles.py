# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Every position belongs to exactly one tile."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lsst.dia.repro.association.tiles import SkyTile, findTiles
from lsst.sphgeom import HtmPixelization, UnitVector3d


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
    tiles = findTiles(level, mixed)
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


def testOnlyTilesWithPositionsAreFound():
    level, margin = 9, 1e-5
    a, b, c = corners(level, 8*4**level)
    other = SkyTile(level, 8*4**level)
    middle, inward = (a + b)/np.linalg.norm(a + b), np.cross(a, b)/np.linalg.norm(np.cross(a, b))
    # Between two positions far apart there are tiles that the circle around both touches.
    for distance, isFound in ((-0.9*margin, True), (-1.1*margin, False)):
        near = np.cos(distance)*middle + np.sin(distance)*inward
        far = near + 20*(near - c)
        positions = np.array([near, far/np.linalg.norm(far)])
        owners = {HtmPixelization(level).index(UnitVector3d(*position)) for position in positions}
        assert findTiles(level, positions, margin) == owners | ({other.index} if isFound else set())
        assert findTiles(level, positions, margin, owners) == ({other.index} if isFound else set())
        assert findTiles(level, positions) == owners and len(owners) == 2
    assert findTiles(level, np.zeros((0, 3))) == set()


def testUnknownTile():
    with pytest.raises(ValueError, match="no tile 7"):
        SkyTile(3, 7)
