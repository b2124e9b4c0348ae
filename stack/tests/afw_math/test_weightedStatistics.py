# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Statistics with weights, and errors from variances, against the formulas written out."""

import numpy as np
import pytest

import lsst.afw.image as afwImage
import lsst.afw.math as afwMath
from lsst.pex.exceptions import InvalidParameterError

FLAGS = afwMath.MEAN | afwMath.VARIANCE | afwMath.SUM | afwMath.NPOINT | afwMath.ERRORS


@pytest.fixture
def image():
    random = np.random.default_rng(4)
    image = afwImage.MaskedImageF(20, 15)
    image.image.array[:] = random.normal(10, 3, (15, 20))
    image.variance.array[:] = random.uniform(1, 9, (15, 20))
    image.image.array[2, 3] = np.nan
    image.mask.array[random.uniform(size=(15, 20)) < 0.3] = 4
    return image


def control(weighted=None, errors=False, andMask=4):
    control = afwMath.StatisticsControl(3, 3, andMask)
    if weighted is not None:
        control.setWeighted(weighted)
    control.setCalcErrorFromInputVariance(errors)
    return control


def select(image):
    used = np.isfinite(image.image.array) & (image.mask.array & 4 == 0)
    return image.image.array[used].astype(float), image.variance.array[used].astype(float), used


def test_inverseVariances(image):
    image.variance.array[4, 4], image.mask.array[4, 4] = 0, 0
    statistics = afwMath.makeStatistics(image, FLAGS, control(weighted=True))
    x, v, _ = select(image)
    x, v = x[v > 0], v[v > 0]
    assert statistics.getValue(afwMath.NPOINT) == len(x)
    mean = np.average(x, weights=1/v)
    assert statistics.getValue(afwMath.MEAN) == pytest.approx(mean, rel=1e-7)
    assert statistics.getValue(afwMath.SUM) == pytest.approx((x/v).sum(), rel=1e-6)
    variance = np.average((x - mean)**2, weights=1/v)/(1 - (1/v**2).sum()/(1/v).sum()**2)
    assert statistics.getValue(afwMath.VARIANCE) == pytest.approx(variance, rel=1e-6)
    error = np.sqrt(variance*(1/v**2).sum())/(1/v).sum()
    assert statistics.getError(afwMath.MEAN) == pytest.approx(error, rel=1e-6)


def test_givenWeights(image):
    weights = afwImage.ImageF(20, 15)
    weights.array[:] = np.random.default_rng(5).uniform(0, 3, (15, 20))
    statistics = afwMath.makeStatistics(image, weights, FLAGS, control(errors=True))
    x, v, used = select(image)
    w = weights.array[used]
    assert statistics.getValue(afwMath.MEAN) == pytest.approx(np.average(x, weights=w), rel=1e-6)
    assert statistics.getError(afwMath.MEAN) == pytest.approx(np.sqrt((w**2*v).sum())/w.sum(), rel=1e-6)
    vector = afwMath.makeStatistics([1.0, 2.0, 4.0], [1.0, 1.0, 2.0], afwMath.MEAN)
    assert vector.getValue() == pytest.approx(11/4)
    with pytest.raises(InvalidParameterError, match="must use the weights"):
        afwMath.makeStatistics(image, weights, FLAGS, control(weighted=False))


def test_errorsFromVariances(image):
    x, v, _ = select(image)
    statistics = afwMath.makeStatistics(image, FLAGS, control(errors=True))
    assert statistics.getResult(afwMath.MEAN) == pytest.approx((x.mean(), np.sqrt(v.sum())/len(v)), rel=1e-6)


def test_masksOfMuchExcludedWeightAreKept():
    image = afwImage.MaskedImageF(10, 1)
    image.mask.array[0, :3] = 4
    image.mask.array[0, 3] = 2
    settings = control(andMask=4)
    assert afwMath.makeStatistics(image, afwMath.MEAN, settings).getOrMask() == 2
    settings.setMaskPropagationThreshold(2, 0.29)
    assert afwMath.makeStatistics(image, afwMath.MEAN, settings).getOrMask() == 6
    settings.setMaskPropagationThreshold(2, 0.31)
    assert afwMath.makeStatistics(image, afwMath.MEAN, settings).getOrMask() == 2
    assert settings.getMaskPropagationThreshold(2) == 0.31 and settings.getMaskPropagationThreshold(1) == 1


def test_controlSaysWhatItWasTold():
    settings = afwMath.StatisticsControl()
    assert not settings.getWeighted() and not settings.getWeightedIsSet()
    settings.setWeighted(False)
    assert settings.getWeightedIsSet() and not settings.getWeighted()
    assert settings.getNoGoodPixelsMask() == afwImage.Mask.getPlaneBitMask("NO_DATA")
    settings.setNoGoodPixelsMask(3)
    assert settings.getNoGoodPixelsMask() == 3
