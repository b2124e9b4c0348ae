# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Counts and pulls of images, against the same from all pulls at once."""

import numpy as np
import pyarrow as pa
import pytest
from lsst.dia.repro.forced.missingFluxReasons import Reason
from lsst.dia.repro.report.imageStatistics import NO_REASON, RESOLUTION, ImageStatistics, describeReason

#: Two bins of 0.05: median and width each are known to one, and the width is about the median.
TOLERANCE = 0.1


def makeRows(flux, fluxErr=1.0, **columns):
    size = len(flux)
    # Each is of an object of its own unless told.
    columns = {"diaObjectId": np.arange(size), "psfDiffFlux": flux,
               "psfDiffFluxErr": np.broadcast_to(fluxErr, size), **columns}
    return pa.table({name: np.asarray(values) if not isinstance(values, pa.Array) else values
                     for name, values in columns.items()})


def summarize(rows, image, threshold=5.0):
    statistics = ImageStatistics(threshold, [])
    flux, fluxErr = (rows[name].to_numpy() for name in ("psfDiffFlux", "psfDiffFluxErr"))
    statistics.add(rows, np.asarray(image), np.isfinite(flux) & np.isfinite(fluxErr) & (fluxErr > 0))
    return statistics.summarize()


@pytest.mark.parametrize("threshold", [3.0, 5.0, 50.0])
@pytest.mark.parametrize("offset, scale", [(0.0, 1.0), (0.7, 1.0), (-0.3, 1.6), (0.0, 0.4)])
def testMedianAndWidth(offset, scale, threshold):
    pulls = np.random.default_rng(1).normal(offset, scale, 2000)
    found = summarize(makeRows(10*pulls, 10.0), np.zeros(2000, dtype=int), threshold)
    # Bins end at 10 whatever the threshold.
    used = pulls[np.abs(pulls) < min(threshold, 10)]
    assert found.nPulls == len(used)
    assert found.offset == pytest.approx(np.median(used), abs=TOLERANCE/2)
    # 1.4826 makes the median absolute deviation of a normal distribution its standard deviation.
    assert found.width == pytest.approx(1.4826*np.median(np.abs(used - np.median(used))), abs=1.5*TOLERANCE)
    if threshold > 3:
        assert found.width == pytest.approx(scale, abs=0.15)


def testPartsMakeTheWhole():
    rng = np.random.default_rng(2)
    rows, image = makeRows(rng.normal(size=3000), reason=rng.integers(0, 4, 3000)), rng.integers(0, 7, 3000)
    whole = summarize(rows, image)
    parts = ImageStatistics(5.0, [])
    # The images come in any order, the highest number first here.
    for some in np.array_split(np.argsort(-image), 11):
        parts.add(rows.take(some), image[some], np.ones(len(some), dtype=bool))
    found = parts.summarize()
    for name in ("byReason", "rows", "measured", "nFlagged", "nPulls", "offset", "width", "isControl"):
        np.testing.assert_array_equal(getattr(found, name), getattr(whole, name))
    np.testing.assert_array_equal(whole.rows, np.bincount(image))


def testReasons():
    reason = pa.array([0, 0, 1, 2, 9, 77, None], pa.int32())
    found = summarize(makeRows([1.0, 2.0, *[np.nan]*5], reason=reason), [0, 0, 0, 0, 0, 0, 1])
    assert found.byReason[0].tolist() == [2, 1, 1, 0, 0, 0, 0, 0, 0, 1, 1]
    assert found.byReason[1, NO_REASON] == 1
    assert found.measured.tolist() == [2, 0] and found.rows.tolist() == [6, 1]
    assert [describeReason(code) for code in (0, 1, 2, 9, NO_REASON)] == [
        "measured", "offImage", "noData", "imageUnread", "not told"]


def testWithoutReason():
    rows = makeRows([1.0, np.nan, 2.0, 3.0, np.inf], [1.0, 1.0, np.nan, 0.0, 1.0])
    found = summarize(rows, [0, 0, 0, 0, 0])
    assert found.byReason[0, [Reason.MEASURED, NO_REASON]].tolist() == [1, 4]


def testDetectionsDoNotCount():
    flux = [0.1, -0.1, 0.2, 0.3, -0.2, 1e6, -1e6, 5.0]
    found = summarize(makeRows(flux), [0]*8)
    assert found.nPulls == 5 and found.offset == pytest.approx(0.1, abs=TOLERANCE)


def testObjectsSeenAgainDoNotCount():
    """What varies has flux where it is too faint to be detected, and would widen the pulls."""
    rng = np.random.default_rng(4)
    owner, image = np.repeat(np.arange(400), 10), np.tile(np.arange(10), 400)
    flux = rng.normal(size=4000)
    # A half varies; of the others half are artefacts of one image.
    flux[owner < 200] += 20*rng.normal(size=2000)
    flux[(image == owner % 10) & (owner >= 300)] += 20
    found = summarize(makeRows(flux, diaObjectId=owner), image)
    few = np.bincount(owner, np.abs(flux) >= 5)[owner] <= 1
    isNoise = few & (np.abs(flux) < 5)
    assert found.together.nPulls == isNoise.sum() > 1800
    np.testing.assert_array_equal(found.nPulls, np.bincount(image, isNoise))
    assert np.all(np.abs(found.width - 1) < 4*found.widthError)
    assert found.together.width == pytest.approx(1, abs=4*found.together.widthError + RESOLUTION)


@pytest.mark.parametrize("number", [20, 400])
def testErrorsOfMedianAndWidth(number):
    """Of many images of normal deviates the values scatter by the errors that are given."""
    nImages = 1500
    pulls = np.random.default_rng(5).normal(size=nImages*number)
    found = summarize(makeRows(pulls), np.repeat(np.arange(nImages), number))
    # The scatter is known to 1/sqrt(2*1500), 2 %; bins widen it, and the formulas are those of large numbers.
    assert np.std(found.offset) == pytest.approx(found.offsetError[0], rel=0.1)
    assert np.std(found.width) == pytest.approx(found.widthError[0], rel=0.1)


def testFlagged():
    statistics = ImageStatistics(5.0, [])
    rows = makeRows([1.0, 2.0, 3.0, np.nan], reason=[0, 0, 0, 2])
    statistics.add(rows, np.array([0, 1, 1, 1]), np.array([True, False, True, False]))
    found = statistics.summarize()
    assert found.measured.tolist() == [1, 2] and found.nFlagged.tolist() == [0, 1]


def testUnusableDoNotCount():
    statistics = ImageStatistics(5.0, [])
    statistics.add(makeRows(np.full(10, 4.0)), np.zeros(10, dtype=int), np.arange(10) < 3)
    found = statistics.summarize()
    assert found.nPulls == 3 and found.rows == 10
    # Three fluxes tell no width.
    assert np.isnan(found.offset) and np.isnan(found.width)


def testControlPositionsComeFirst():
    pulls = np.random.default_rng(3).normal(1.0, 1.0, 100)
    rows = makeRows(200*pulls, 200.0, control_errScale=np.repeat([1.3, np.nan], 50),
                    control_zeroOffset=np.repeat([50.0, np.nan], 50))
    found = summarize(rows, np.repeat([0, 1], 50))
    assert found.isControl.tolist() == [True, False]
    assert found.width[0] == 1.3 and found.offset[0] == pytest.approx(50/200)
    assert found.offset[1] == pytest.approx(np.median(pulls[50:]), abs=TOLERANCE)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("flux, fluxErr", [([], []), ([np.nan]*6, [np.nan]*6), ([1e6]*6, [1e-300]*6),
                                           ([1e-300]*6, [1e-300]*6), ([0.0]*6, [1e6]*6)])
def testOddFluxes(flux, fluxErr):
    found = summarize(makeRows(np.array(flux), np.array(fluxErr)), [0]*len(flux))
    assert found.rows.sum() == len(flux)
    assert np.all(np.isnan(found.width) | (found.width >= 0))


@pytest.mark.filterwarnings("error")
def testThresholdOfZero():
    assert summarize(makeRows(np.zeros(9)), [0]*9, threshold=0.0).nPulls == 0


def testMemoryDoesNotGrowWithRows():
    statistics = ImageStatistics(5.0, [])
    rows, image = makeRows(np.zeros(1000)), np.arange(1000) % 10
    sizes = set()
    for _ in range(3):
        statistics.add(rows, image, np.ones(1000, dtype=bool))
        sizes.add(sum(np.asarray(each).nbytes for each in vars(statistics).values()))
    assert len(sizes) == 1 and sizes.pop() < 50_000
