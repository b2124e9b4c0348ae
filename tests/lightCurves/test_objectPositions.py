# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Light curves are of one position each."""

import numpy as np
import pyarrow as pa
import pytest
from forcedCatalogs import assemble, makeExposure, makeForced
from lsst.dia.repro.lightCurves.lightCurveCollection import LightCurveCollection
from lsst.dia.repro.lightCurves.objectPositions import findMoved
from lsst.geom import radians
from lsst.pipe.base import TaskError

ROUNDING = 1e-9


def makeMoved(ids, moved, ra=0.0, dec=0.0):
    """Return a forced catalog, one object of which is elsewhere, by some degrees."""
    catalog = makeForced(ids)
    row = list(ids).index(moved)
    for name, step in (("coord_ra", ra), ("coord_dec", dec)):
        catalog[row][name] = catalog[row][name] + np.radians(step)*radians
    return catalog


@pytest.mark.parametrize("ra, dec, isMoved", [
    (0.0, 0.0, False), (0.4*ROUNDING, -0.4*ROUNDING, False), (3*ROUNDING, 0.0, True), (0.0, 3*ROUNDING, True),
    (360.0, 0.0, False), (-360 + 0.4*ROUNDING, 0.0, False), (180.0, 0.0, True), (1.0, 1.0, True)])
def testRounding(ra, dec, isMoved):
    ids = np.array([1, 1, 2, 2, 2])
    ras, decs = np.full(5, 12.5), np.full(5, -45.0)
    ras[3] += ra
    decs[3] += dec
    assert findMoved(ids, ras, decs).tolist() == [False, False, False, isMoved, False]


def testComparedWithTheFirstRowOfTheSameId():
    ids, ra = np.array([1, 2, 2, 2, 3]), np.array([5.0, 6.0, 7.0, 7.0, 7.0])
    assert findMoved(ids, ra, np.zeros(5)).tolist() == [False, False, True, True, False]
    # No drift of many small steps passes.
    assert findMoved(np.ones(9), np.arange(9)*0.6*ROUNDING, np.zeros(9)).tolist() == [False]*2 + [True]*7
    assert findMoved(np.zeros(0), np.zeros(0), np.zeros(0)).tolist() == []


def testPositionsThatAreNotFinite():
    """They are the same among themselves, so that an object without a position is no mixture."""
    ids, ra = np.ones(5), np.array([np.nan, np.nan, 1.0, np.inf, np.nan])
    assert findMoved(ids, ra, np.zeros(5)).tolist() == [False, False, True, True, False]
    assert findMoved(np.ones(2), np.full(2, np.inf), np.full(2, -np.inf)).tolist() == [False, False]


def testOneIdWithTwoPositionsIsRefused(tmp_path):
    exposures = [makeExposure(makeForced([1, 2, 7]), 11, 59000.5),
                 makeExposure(makeMoved([7, 2, 3], 2, dec=0.25), 12, 59001.5)]
    with pytest.raises(TaskError) as caught:
        list(assemble(exposures, tmp_path).groups)
    message = str(caught.value)
    assert "DIAObject 2 " in message
    first, second = message.split(" and ")
    assert "(359.500000000, -89.500000000) deg" in first and "'visit': 11" in first
    assert "(359.500000000, -89.250000000) deg" in second and "'visit': 12" in second
    assert "'raft': '2,2'" in second and "band" not in message and "allowMixed" in message


@pytest.mark.parametrize("rowGroupRows", [1, 3, 100])
def testMixedRowsAreMarked(rowGroupRows, tmp_path):
    exposures = [makeExposure(makeForced([1, 2, 7]), 11, 59000.5),
                 makeExposure(makeMoved([7, 2, 3], 2, ra=0.01), 12, 59001.5),
                 makeExposure(makeForced([7, 2]), 13, 59002.5)]
    result = assemble(exposures, tmp_path, allowMixed=True, rowGroupRows=rowGroupRows)
    table = pa.concat_tables([group.lightCurves for group in result.groups]).to_pydict()
    marked = [(objectId, visit) for objectId, visit, isMarked
              in zip(table["diaObjectId"], table["visit"], table["positionsDiffer"]) if isMarked]
    assert marked == [(2, 12)] and len(table["visit"]) == 8


def testColumnIsAlwaysThere(tmp_path):
    result = assemble([makeExposure(makeForced([1, 2]), 11, 59000.5)], tmp_path)
    (group,) = result.groups
    assert group.lightCurves["positionsDiffer"].to_pylist() == [False, False]
    nothing = assemble([makeExposure(makeForced([]), 11, 59000.5)], tmp_path)
    assert "positionsDiffer" in nothing.schema.names and list(nothing.groups) == []


def testStaleImagesAreMarkedWhole(tmp_path):
    with LightCurveCollection(str(tmp_path), "base_PsfFlux", "slot_Centroid", []) as collection:
        for visit in (11, 12):
            collection.add(makeForced([5, 4]), {"visit": visit}, "r", visit, 59000.5)
        collection.markStale(np.array([False, True]))
        ((values, missing),) = collection.groups(10)
    assert values["visit"].tolist() == [11, 12, 11, 12]
    assert values["positionsDiffer"].tolist() == [False, True, False, True] and not missing
