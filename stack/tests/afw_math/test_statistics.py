# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Statistics against NumPy."""

import numpy as np
import pytest

import lsst.afw.math as afwMath
from lsst.afw.image import ImageF, MaskedImageF
from lsst.pex.exceptions import InvalidParameterError

VALUES = np.random.default_rng(1).normal(10, 2, (40, 50)).astype(np.float32)


@pytest.mark.parametrize("prop, expected", [
    (afwMath.MEAN, VALUES.mean(dtype=float)), (afwMath.STDEV, VALUES.astype(float).std(ddof=1)),
    (afwMath.VARIANCE, VALUES.astype(float).var(ddof=1)), (afwMath.MEDIAN, np.median(VALUES)),
    (afwMath.MIN, VALUES.min()), (afwMath.MAX, VALUES.max()), (afwMath.SUM, VALUES.sum(dtype=float)),
    (afwMath.NPOINT, VALUES.size), (afwMath.IQRANGE, np.subtract(*np.quantile(VALUES, [0.75, 0.25]))),
    (afwMath.MEANSQUARE, (VALUES.astype(float)**2).mean()),
])
def test_plain(prop, expected):
    assert afwMath.makeStatistics(ImageF(VALUES), prop).getValue() == pytest.approx(expected, rel=1e-6)


def test_clippingAndMask():
    image = MaskedImageF(50, 40)
    image.image.array[:, :] = VALUES
    image.image.array[3, 4] = 1e6
    image.image.array[5, 6] = np.nan
    image.image.array[7, 8] = -1e6
    bad = image.mask.getPlaneBitMask("BAD")
    image.mask.array[7, 8] = bad
    control = afwMath.StatisticsControl(3.0, 3, bad)
    statistics = afwMath.makeStatistics(
        image, afwMath.MEANCLIP | afwMath.STDEVCLIP | afwMath.NPOINT | afwMath.ERRORS, control)
    assert statistics.getValue(afwMath.NPOINT) == VALUES.size - 2
    assert statistics.getValue(afwMath.MEANCLIP) == pytest.approx(10, abs=0.2)
    assert statistics.getValue(afwMath.STDEVCLIP) == pytest.approx(2, abs=0.1)
    assert statistics.getError(afwMath.MEANCLIP) == pytest.approx(2/np.sqrt(VALUES.size), rel=0.1)


def test_notAskedFor():
    statistics = afwMath.makeStatistics(ImageF(VALUES), afwMath.MEAN | afwMath.MIN)
    with pytest.raises(InvalidParameterError, match="didn't ask"):
        statistics.getValue(afwMath.MAX)
    with pytest.raises(InvalidParameterError, match="only one statistic"):
        statistics.getValue()


def test_noPixels():
    with pytest.raises(InvalidParameterError, match="no pixels"):
        afwMath.makeStatistics(ImageF(0, 0), afwMath.MEAN)
    assert np.isnan(afwMath.makeStatistics([np.nan, np.inf], afwMath.MEAN).getValue())
