# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Positions near a place, against the separations of all."""

import time

import lsst.afw.table as afwTable
import lsst.geom as geom
import numpy as np
import pytest
from lsst.dia.repro.sky import separation, toVectors
from lsst.dia.repro.skyPositions import SkyCircle, SkyPositions


def drawPositions(n, seed=1):
    """Draw positions all over the sky."""
    random = np.random.RandomState(seed)
    return SkyPositions(random.permutation(n), random.uniform(0.0, 2*np.pi, n),
                        np.arcsin(random.uniform(-1.0, 1.0, n)))


@pytest.mark.parametrize("ra, dec", [(0.0, 0.0), (6.283, -1.0), (1.0, 0.5*np.pi), (2.0, -1.57)])
@pytest.mark.parametrize("radius", [0.0, 0.01, 1.0, np.pi])
def testNear(ra, dec, radius):
    positions = drawPositions(3000)
    place = toVectors(np.array([ra]), np.array([dec]))
    expected = separation(toVectors(positions.ra, positions.dec), place) <= radius
    index = positions.near(SkyCircle(ra, dec, radius))
    np.testing.assert_array_equal(index, np.flatnonzero(expected))


def testWithoutFinitePositions():
    for positions in (SkyPositions([], [], []), SkyPositions([1, 2], [np.nan, 0.0], [0.0, np.inf])):
        assert len(positions.near(SkyCircle(0.0, 0.0, np.pi))) == 0


def testFromCatalog():
    catalog = afwTable.SourceCatalog(afwTable.SourceTable.makeMinimalSchema())
    for number in range(5):
        record = catalog.addNew()
        record.setId(2**60 + number)
        record.setCoord(geom.SpherePoint(10.0*number, -5.0, geom.degrees))
    # A catalog of selected records has no columns.
    odd = catalog[::2]
    positions = SkyPositions.fromCatalog(odd)
    assert list(positions.id) == [record.getId() for record in odd]
    np.testing.assert_allclose(positions.ra, np.radians([0.0, 20.0, 40.0]), rtol=1e-15)
    odd[0].setCoord(geom.SpherePoint(1.0, 1.0, geom.radians))
    assert positions.ra[0] == 0.0


def testMillionAddLittleToAnImage():
    positions = drawPositions(1_000_000)
    positions.buildIndex()
    random = np.random.RandomState(2)
    places = [SkyCircle(ra, 0.3, np.radians(0.2)) for ra in random.uniform(0.0, 6.0, 50)]
    begin = time.process_time()
    for place in places:
        positions.near(place)
    assert (time.process_time() - begin)/len(places) < 0.005
