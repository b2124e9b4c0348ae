# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The parts that the pages of objects are made of."""

import lsst.afw.table as afwTable
import numpy as np
import pyarrow as pa
import pytest
from lsst.dia.repro.catalogColumns import makeCatalog
from lsst.dia.repro.report.closeObjects import MAX_CLOSE, findClose
from lsst.dia.repro.report.flagSets import FlagSets
from lsst.dia.repro.report.objectMembers import ObjectMembers
from lsst.dia.repro.report.sparklines import BINS, makeSparklines
from lsst.dia.repro.report.surveyImages import SurveyImages
from lsst.dia.repro.report.wholeObjects import splitByObject
from lsst.dia.repro.units import ARCSEC


def testFlagSets():
    names = [f"flag{number}" for number in range(70)]
    rng = np.random.default_rng(1)
    flags = rng.random((200, 70)) < 0.02
    flags[5] = flags[0]
    sets = FlagSets(names, ["flag3", "flag69", "flagOfOthers"])
    numbers = np.concatenate([sets.number(pa.table(dict(zip(names, part.T)))) for part in np.split(flags, 4)])
    described = sets.describe()
    assert numbers[5] == numbers[0] and len(described) == len(np.unique(flags, axis=0))
    for row, number in zip(flags, numbers):
        assert described[number]["flags"] == np.flatnonzero(row).tolist()
        assert described[number]["isBad"] == (row[3] or row[69])


def testFlagsThatAreNullAreNotSet():
    sets = FlagSets(["flag"], ["flag"])
    assert sets.number(pa.table({"flag": [None, True, False]})).tolist() == [0, 1, 0]
    assert sets.describe() == [{"flags": [], "isBad": False}, {"flags": [0], "isBad": True}]


def testNoFlags():
    sets = FlagSets([], [])
    assert sets.number(pa.table({"diaObjectId": [1, 2]})).tolist() == [0, 0]
    assert sets.describe() == [{"flags": [], "isBad": False}]


def testSparkline():
    phase = np.array([0.0, 1/BINS, 1.0, 1.0, 0.5])
    flux, fluxErr = np.array([-10.0, 20.0, 0.0, 10.0, 1e9]), np.array([1.0, 1.0, 1.0, 1.0, 1.0])
    lines = makeSparklines(np.array([0, 0, 0, 0, 2]), 3, phase, flux, fluxErr)
    # From -10 to 20, sixty levels: zero is at 20, the mean of 0 and 10 at 30.
    zero, first, second, last = (chr(ord("0") + level) for level in (20, 0, 60, 30))
    assert lines[0] == zero + first + second + "~"*(BINS - 3) + last
    assert lines[1] == "~"*(BINS + 1)
    assert lines[2][0] == "0" and lines[2][1 + BINS//2] == "l"


def testSparklineOfWeightedMean():
    lines = makeSparklines(np.zeros(3, int), 1, np.array([0.0, 0.0, 0.9]), np.array([10.0, 30.0, 60.0]),
                           np.array([1.0, 2.0, 1.0]))
    # (10 + 30/4)/(1 + 1/4) = 14 of 60.
    assert lines[0][1] == chr(ord("0") + 14)


@pytest.mark.parametrize("ra, dec", [(0.0, 10.0), (123.0, -89.9), (200.0, 90.0)])
def testCloseObjects(ra, dec):
    north = np.array([0, 0, 0, 30.0])
    east = np.array([-2.0, 0, 3.5, 0])
    decs = np.radians(dec) - np.abs(north)*ARCSEC
    ras = np.radians(ra) + east*ARCSEC/max(np.cos(np.radians(dec)), 1e-9)
    if dec == 90.0:
        # About the pole, a step along a meridian and one along that across.
        decs, ras = np.pi/2 - np.abs(east + north)*ARCSEC, np.array([np.pi, 0, 0, 0])
    close = findClose(ras % (2*np.pi), decs, 5*ARCSEC)
    assert [other for other, _ in close[1]] == [0, 2]
    np.testing.assert_allclose([angle for _, angle in close[1]], [2, 3.5], atol=1e-4)
    assert [[other for other, _ in each] for each in (close[0], close[3])] == [[1], []]


@pytest.mark.parametrize("spread", [0.0, 1.0])
def testCrowd(spread):
    """Also where all are at one place, as test data may be, an object has so many neighbours and no more."""
    x = spread*np.random.default_rng(1).random(3000)*ARCSEC
    close = findClose(x, np.zeros(len(x)), 5*ARCSEC)
    assert {len(each) for each in close} == {MAX_CLOSE}
    for one in 0, 17, 2999:
        nearest = np.sort(np.delete(np.abs(x - x[one]), one))[:MAX_CLOSE]/ARCSEC
        np.testing.assert_allclose([angle for _, angle in close[one]], nearest, atol=1e-6)
        assert one not in [other for other, _ in close[one]]


def testNothingIsCloseToNan():
    close = findClose(np.array([np.nan, 1, 1]), np.array([0, np.nan, 0.1]), 1.0)
    assert close == [[], [], []]
    assert findClose(np.zeros(0), np.zeros(0), 1.0) == []


def testImagesAreNumberedAsTheyCome():
    images = SurveyImages(["visit", "raft"])
    rows = pa.table({"ccdExposureId": [7, 5, 7], "visit": [2, 1, 2], "raft": ["a", "b", "a"],
                     "band": ["r", "", "r"], "midpointMjdTai": [60000.5, None, 60000.5]})
    assert images.number(rows).tolist() == [0, 1, 0]
    assert images.number(rows.slice(1, 1)).tolist() == [1]
    assert images.dataIds == [{"visit": 2, "raft": "a"}, {"visit": 1, "raft": "b"}]
    assert (images.bands, images.mjds, len(images)) == (["r", ""], [60000.5, None], 2)
    assert (images.find(5), images.find(6)) == (1, None)
    assert images.number(rows.slice(0, 0)).tolist() == []


def testNumbersOfMembers():
    values = [0.123456789, -98765432.1, 0.0, np.nan, np.inf, 1e-30]
    schema = afwTable.SourceTable.makeMinimalSchema()
    for name, dtype in (("diaObjectId", "L"), ("ccdExposureId", "L"), ("midpointMjdTai", "D"),
                        ("separation", "F"), ("isAmbiguous", "Flag")):
        schema.addField(name, type=dtype, doc=name)
    sources = makeCatalog(schema, len(values), afwTable.SourceCatalog)
    sources["id"], sources["diaObjectId"] = np.arange(len(values)) + (1 << 60), 7
    sources["midpointMjdTai"], sources["separation"] = 60000.123456789, values
    sources["isAmbiguous"] = np.arange(len(values)) == 0
    members = ObjectMembers(sources)
    assert members.columns == [("diaSourceId", ""), ("image", ""), ("midpointMjdTai", "d"),
                               ("separation", "arcsec"), ("isAmbiguous", "")]
    rows = members.of(7, SurveyImages([]))
    assert rows[0] == [str(1 << 60), None, 60000.12346, 0.1234568, "yes"]
    assert [row[3] for row in rows[1:5]] == [-98765432, 0, None, None]
    assert rows[5][3:] == [0, "no"] and members.of(8, SurveyImages([])) == []


@pytest.mark.parametrize("cuts", [[], [1], [4, 5, 6, 7], [0, 10, 10], [2, 8, 15]])
@pytest.mark.parametrize("size", [1, 4, 100])
def testWholeObjects(cuts, size):
    ids = np.repeat([3, 5, 8, 13], [2, 6, 1, 6])
    rows = pa.table({"diaObjectId": ids, "row": np.arange(len(ids))})
    ends = [*cuts, len(ids)]
    groups = [rows.slice(low, high - low) for low, high in zip([0, *cuts], ends)]
    parts = list(splitByObject(groups, size))
    assert pa.concat_tables(parts).equals(rows)
    owners = [set(part["diaObjectId"].to_pylist()) for part in parts]
    assert sum(map(len, owners)) == len(set().union(*owners)) == 4
    assert size > 1 or all(len(each) == 1 for each in owners if each)


def testNoObjects():
    empty = pa.table({"diaObjectId": np.zeros(0, np.int64)})
    assert [len(part) for part in splitByObject([empty, empty], 5)] in ([], [0])
    assert list(splitByObject([], 5)) == []
