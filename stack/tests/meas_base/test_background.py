# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""base_LocalBackground, the clipped statistics under it, and the regions of pixels."""

import numpy as np
import pytest
from forced import makeExposure, makeTask, measureAt

from lsst.meas.base._clippedStatistics import computeClippedStatistics
from lsst.meas.base._ellipseSpans import EllipseSpans
from lsst.meas.base._roughStatistics import computeRoughly

PLUGINS = ("base_TransformedCentroidFromCoord", "base_LocalBackground")


def clip(values, nSigma=3.0, nIterations=3):
    lower, center, upper = np.percentile(values.astype(float), [25, 50, 75])
    half = nSigma * 0.741301109252801 * (upper - lower)
    for _ in range(nIterations):
        kept = values[np.abs(values - center) <= half].astype(float)
        center, half = kept.mean(), nSigma * kept.std(ddof=1)
    return kept.mean(), kept.std(ddof=1)


@pytest.mark.parametrize("outliers", [0, 5, 60])
def test_clippedStatistics(outliers):
    rng = np.random.default_rng(3)
    values = rng.normal(10, 3, (40, 700)).astype(np.float32)
    values[:, :outliers] += rng.uniform(-100, 300, (40, outliers)).astype(np.float32)
    counts = rng.integers(300, 700, 40)
    values[np.arange(700) >= counts[:, np.newaxis]] = np.inf
    expected = np.array([clip(row[np.isfinite(row)]) for row in values])
    mean, stdev = computeClippedStatistics(values, counts, 3.0, 3)
    assert mean == pytest.approx(expected[:, 0], rel=1e-9)
    assert stdev == pytest.approx(expected[:, 1], rel=1e-9)


def test_clippedStatisticsOfFew():
    values = np.full((3, 4), np.inf, dtype=np.float32)
    values[1, 0] = 5.0
    values[2, :2] = 1.0, 3.0
    mean, stdev = computeClippedStatistics(values, np.array([0, 1, 2]), 3.0, 3)
    assert np.isnan(mean[0]) and mean[1] == 5.0 and mean[2] == 2.0
    assert np.isnan(stdev[:2]).all() and stdev[2] == pytest.approx(np.sqrt(2))


@pytest.mark.parametrize("outliers, fewest", [(0, 250), (20, 200), (90, 50)])
def test_roughStatistics(outliers, fewest):
    rng = np.random.default_rng(4)
    values = rng.normal(-50, 3, (300, 900)).astype(np.float32)
    values[:, :outliers] += rng.uniform(-100, 300, (300, outliers)).astype(np.float32)
    values[7] = 5.0
    counts = rng.integers(400, 900, 300)
    counts[11], counts[12] = 100, 0
    values[np.arange(900) >= counts[:, np.newaxis]] = np.inf
    rng.permuted(values, axis=1, out=values)
    mean, stdev = computeRoughly(values, counts, 3.0, 3)
    sure = np.isfinite(mean)
    assert np.array_equal(sure, np.isfinite(stdev))
    assert not sure[[7, 11, 12]].any() and np.count_nonzero(sure) > fewest
    exactMean, exactStdev = computeClippedStatistics(values, counts, 3.0, 3)
    assert np.abs((mean - exactMean) / exactStdev)[sure].max() < 1e-6
    assert np.abs(stdev / exactStdev - 1)[sure].max() < 1e-6


def test_roughStatisticsOfFew():
    values = np.full((2, 10), 1.0, dtype=np.float32)
    assert np.isnan(computeRoughly(values, np.array([10, 10]), 3.0, 3)).all()


def test_annulus():
    exposure = makeExposure(200, 200, sigma=2.0)
    exposure.mask.array[100:110, 50:80] = exposure.mask.getPlaneBitMask("SAT")
    exposure.image.array[100:110, 50:80] = np.nan
    exposure.image.array[120, 120] = np.nan
    x, y = np.array([100.3, 140.0, 40.2]), np.array([70.8, 90.5, -10.1])
    catalog = measureAt(makeTask(PLUGINS), exposure, x, y)
    sigma = exposure.getPsf().computeShape(exposure.getPsf().getAveragePosition()).getDeterminantRadius()
    column, row = np.meshgrid(30 + np.arange(200), -20 + np.arange(200))
    for record in catalog:
        centroid = record.getCentroid()
        distance = np.hypot(column - centroid.getX(), row - centroid.getY())
        used = (distance <= 15 * sigma) & (distance > 7 * sigma) & np.isfinite(exposure.image.array)
        mean, stdev = clip(exposure.image.array[used])
        assert record["base_LocalBackground_instFlux"] == pytest.approx(mean, rel=1e-6, abs=1e-8)
        assert record["base_LocalBackground_instFluxErr"] == pytest.approx(stdev, rel=1e-6)
        assert not record["base_LocalBackground_flag"]


def test_noGoodPixels():
    exposure = makeExposure()
    exposure.mask.array[:] = exposure.mask.getPlaneBitMask("BAD")
    catalog = measureAt(makeTask(PLUGINS), exposure, [70.0], [10.0])
    assert catalog["base_LocalBackground_flag"][0] and catalog["base_LocalBackground_flag_noGoodPixels"][0]


def test_ellipsesHaveTheirPixels():
    rng = np.random.default_rng(5)
    x, y = rng.uniform(-50, 50, (2, 30))
    a, b, angle = rng.uniform(0.2, 9, 30), rng.uniform(0.2, 9, 30), rng.uniform(0, np.pi, 30)
    cos, sin = np.cos(angle), np.sin(angle)
    ixx, iyy = (a * cos) ** 2 + (b * sin) ** 2, (a * sin) ** 2 + (b * cos) ** 2
    ixy = (a * a - b * b) * cos * sin
    spans = EllipseSpans.fromShapes(x, y, ixx, iyy, ixy)
    columns, rows = np.meshgrid(np.arange(-70, 71), np.arange(-70, 71))
    x0, y0, shape = spans.getStamps()
    inside = spans.contains(x0, y0, shape)
    for i in range(30):
        dx, dy = columns - x[i], rows - y[i]
        u, v = dx * cos[i] + dy * sin[i], -dx * sin[i] + dy * cos[i]
        expected = set(zip(*(index[(u / a[i]) ** 2 + (v / b[i]) ** 2 <= 1] for index in (columns, rows))))
        row, column = np.nonzero(inside[i])
        assert set(zip(column + x0[i], row + y0[i])) == expected
