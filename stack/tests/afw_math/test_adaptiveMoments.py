# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The compiled loops of moments against NumPy's form of them."""

import dataclasses

import numpy as np
import pytest
from numpyMoments import _interpolatedSums, _plainSums, momentsWithNumpy

from lsst.afw.math._adaptiveMoments import adaptiveMoments
from lsst.afw.math._momentLoops import sumAll

SIZE = 400


def makeField():
    """Return an image of noise and Gaussians, from much narrower than a pixel on, and their positions."""
    rng = np.random.default_rng(1)
    image = rng.normal(0, 10, (SIZE, SIZE))
    x, y = rng.uniform(0, SIZE, (2, 150))
    rows, columns = np.mgrid[:SIZE, :SIZE]
    for i, width in enumerate(rng.uniform(0.2, 4.0, len(x))):
        near = slice(max(0, int(y[i]) - 30), int(y[i]) + 30), slice(max(0, int(x[i]) - 30), int(x[i]) + 30)
        square = (columns[near] - x[i])**2 + 0.7*(rows[near] - y[i])**2
        image[near] += rng.uniform(50, 3000)*np.exp(-0.5*square/width**2)
    return image, x, y


def makeNoise():
    """Return an image of noise, and positions anywhere, some of them nowhere."""
    rng = np.random.default_rng(2)
    x, y = rng.uniform(-5, SIZE + 5, (2, 1500))
    x[:3], y[2:6] = np.nan, np.nan
    x[7], y[8] = 1e6, -1e12
    return rng.normal(0, 10, (SIZE, SIZE)), x, y


def assertEqual(moments, expected):
    for field in dataclasses.fields(expected):
        ours, theirs = getattr(moments, field.name), getattr(expected, field.name)
        if theirs.dtype == bool:
            np.testing.assert_array_equal(ours, theirs, err_msg=field.name)
        else:
            np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-12, err_msg=field.name)


@pytest.mark.parametrize("dtype", [">f4", np.float32, np.float64])
@pytest.mark.parametrize("options", [{}, dict(background=3.3, maxShift=5.0), dict(maxIter=5),
                                     dict(negative=True)])
@pytest.mark.parametrize("make", [makeField, makeNoise])
def test_momentsAgainstNumpy(make, options, dtype):
    image, x, y = make()
    image = image.astype(dtype)[np.newaxis]
    assertEqual(adaptiveMoments(image, x, y, **options), momentsWithNumpy(image, x, y, **options))


def test_everythingThatFailsIsThere():
    moments = [adaptiveMoments(image[np.newaxis], x, y) for image, x, y in (makeField(), makeNoise())]
    for name in ("unweightedBad", "unweighted", "shift", "maxIter"):
        assert any(getattr(each, name).any() for each in moments), name
        assert not all(getattr(each, name).all() for each in moments), name
    small = moments[0].xx < 0.25
    assert 3 < small.sum() < len(small)


def test_anImageForEach():
    rows, columns = np.mgrid[:41, :41] - 20.0
    widths = np.random.default_rng(3).uniform(0.4, 3.0, 50)[:, np.newaxis, np.newaxis]
    images = np.exp(-0.5*(rows**2 + 0.8*columns**2 + 0.3*rows*columns)/widths**2)
    center = np.full(50, 20.0)
    assertEqual(adaptiveMoments(images, center, center), momentsWithNumpy(images, center, center))


@pytest.mark.parametrize("subdivide, calculate", [(False, _plainSums), (True, _interpolatedSums)])
def test_sumsAgainstNumpy(subdivide, calculate):
    image, x, y = makeField()
    image = image.astype(np.float32)
    x, y = np.float32(x).astype(float), np.float32(y).astype(float)
    variances = np.random.default_rng(4).uniform(0.1, 9.0, len(x))
    weights = np.array([1/variances, 0.2/variances, 1.3/variances])
    sums = np.full(len(x), np.nan)
    sumAll(image, x, y, variances, weights, np.full(len(x), subdivide), sums)
    for i in range(len(x)):
        radius, center = 4*np.sqrt(variances[i]), np.floor([x[i] + 0.5, y[i] + 0.5])
        ends = [(max(0, int(np.ceil(p - radius - 0.5))), min(SIZE - 1, int(np.floor(p + radius + 0.5))) + 1)
                for p in (x[i], y[i])]
        stamp = image[slice(*ends[1]), slice(*ends[0])][np.newaxis]
        columns, rows = (np.arange(*end)[np.newaxis] - middle for end, middle in zip(ends, center))
        offsets = [np.array([np.float32(p - middle)]) for p, middle in zip((x[i], y[i]), center)]
        everywhere = np.ones(stamp.shape, dtype=bool)
        expected = calculate(stamp, everywhere, columns, rows, *offsets, weights[:, i:i + 1])[0]
        assert sums[i] == pytest.approx(expected[0], rel=1e-12, abs=1e-9)


def test_sumsOfNothing():
    sums = np.full(3, np.nan)
    variances = np.array([4.0, -4.0, np.nan])
    sumAll(np.ones((9, 9), dtype=np.float32), np.array([-90.0, 4, 4]), np.full(3, 4.0), variances,
           np.full((3, 3), 0.25), np.zeros(3, dtype=bool), sums)
    assert sums.tolist() == [0.0, 0.0, 0.0]
