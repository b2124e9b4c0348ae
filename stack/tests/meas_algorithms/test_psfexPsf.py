# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""PSFEx models against an evaluation of their definition, pixel by pixel."""

import copy
import math
from pathlib import Path

import numpy as np
import pytest

from lsst.afw.detection import Psf
from lsst.afw.image import ExposureFitsReader
from lsst.geom import Point2D, Point2I
from lsst.meas.extensions.psfex import PsfexPsf
from lsst.pex.exceptions import InvalidParameterError, LogicError

FILE = Path(__file__).parents[4]/"shared"/"real"/"stack-files"/"cfht_calexp-850587-12.fits.fz"
STEP = 0.5


def makePsf():
    rng = np.random.default_rng(1)
    y, x = np.mgrid[-12:13, -12:13]*STEP
    gauss = np.exp(-0.5*(x*x + y*y)/1.8**2)
    noise = rng.random(gauss.shape)
    components = gauss*np.array([1 + 0*x, 0.1*x, 0.1*y, 0.05*noise, 0.02*x*x, 0.02*y*y])
    components = components.astype(np.float32)
    arrays = {"_comp": components.ravel(), "_size": [25, 25, 6], "group": [0, 0], "degree": [2],
              "basis": np.zeros(6), "coeff": np.zeros(6), "_context_first": [500.0, 400.0],
              "_context_second": [1000.0, 800.0]}
    return PsfexPsf(Point2D(500, 400), STEP, arrays), components


def lanczos5(x):
    return float(np.sinc(x)*np.sinc(x/5)) if abs(x) <= 5 else 0.0


def evaluate(components, x, y, u, v):
    """Interpolate the model of a source at (x, y) at the offset (u, v) from it, exposure pixels."""
    s, t = (x - 500)/1000, (y - 400)/800
    model = sum(term*image.astype(float) for term, image in
                zip((1, s, s*s, t, s*t, t*t), components))
    column, row = 12 + u/STEP, 12 + v/STEP
    total = norm = 0.0
    for i in range(math.floor(row) - 5, math.floor(row) + 7):
        for j in range(math.floor(column) - 5, math.floor(column) + 7):
            if 0 <= i < 25 and 0 <= j < 25:
                weight = lanczos5(i - row)*lanczos5(j - column)
                total += weight*model[i, j]
                norm += weight
    return total/norm


@pytest.mark.parametrize("x, y", [(700.3, 100.6), (512.0, 640.0), (31.49, 900.75)])
def test_againstDefinition(x, y):
    psf, components = makePsf()
    image = psf.computeImage(Point2D(x, y))
    assert image.getDimensions() == psf.computeBBox(Point2D(x, y)).getDimensions()
    ratios = [image[Point2I(i, j)]/evaluate(components, x, y, i - x, j - y)
              for i in range(round(x) - 4, round(x) + 5) for j in range(round(y) - 4, round(y) + 5)]
    np.testing.assert_allclose(ratios, ratios[0], rtol=2e-6)
    assert image.array.sum() == pytest.approx(1, rel=1e-6)


def test_batch():
    psf, _ = makePsf()
    positions = np.random.default_rng(2).uniform(0, 1000, (20, 2))
    positions[3] = [np.nan, 4.0]
    images, xy0 = psf._computeImages(positions)
    kernels, kernelXy0 = psf._computeKernelImages(positions)
    assert np.isnan(images[3]).all()
    for i in set(range(20)) - {3}:
        position = Point2D(*positions[i])
        image, kernel = psf.computeImage(position), psf.computeKernelImage(position)
        np.testing.assert_allclose(images[i], image.array, rtol=1e-6, atol=1e-9)
        np.testing.assert_allclose(kernels[i], kernel.array, rtol=1e-6, atol=1e-9)
        assert tuple(xy0[i]) == tuple(image.getXY0())
        assert tuple(kernelXy0[i]) == tuple(kernel.getXY0())


def test_kernelIsTheModel():
    from lsst.afw.image import ImageD

    psf, _ = makePsf()
    position = Point2D(321.0, 654.0)
    image = ImageD(psf.getKernel(position).getDimensions())
    psf.getKernel(position).computeImage(image, True)
    np.testing.assert_allclose(image.array, psf.computeKernelImage(position).array, rtol=0, atol=2e-8)


def test_storage(tmp_path):
    psf, _ = makePsf()
    path = str(tmp_path/"psf.fits")
    psf.writeFits(path)
    position = Point2D(321.4, 654.3)
    for other in (Psf.readFits(path), copy.deepcopy(psf)):
        np.testing.assert_array_equal(other.computeImage(position).array, psf.computeImage(position).array)
    assert Psf.readFits(path).getAveragePosition() == Point2D(500, 400)


def test_badModels():
    psf, _ = makePsf()
    with pytest.raises(LogicError):
        psf.resized(11, 11)
    for name, value in (("_size", [25, 25, 7]), ("degree", [1]), ("_context_first", [1.0, 2.0, 3.0])):
        with pytest.raises(InvalidParameterError):
            PsfexPsf(Point2D(0, 0), STEP, {**psf._arrays, name: np.array(value)})


@pytest.mark.skipif(not FILE.exists(), reason="shared/real/stack-files is not here")
def test_againstTheStack(stackData):
    """The real v23 computes in single precision, in this order: the last bit may differ, no more."""
    psf = ExposureFitsReader(str(FILE)).readPsf()
    assert isinstance(psf, PsfexPsf)
    answers = np.load(stackData/"expected"/"cfht-psfex.npz")
    assert tuple(psf.getAveragePosition()) == tuple(answers["averagePosition"])
    for i in range(3):
        position = Point2D(*answers[f"xy{i}"])
        image, kernel = psf.computeImage(position), psf.computeKernelImage(position)
        np.testing.assert_allclose(image.array, answers[f"image{i}"], rtol=0, atol=1e-6*image.array.max())
        np.testing.assert_allclose(kernel.array, answers[f"kernel{i}"], rtol=0, atol=1e-6*kernel.array.max())
        assert (*image.getXY0(), *kernel.getXY0()) == tuple(answers[f"xy0{i}"])
        shape = psf.computeShape(position)
        np.testing.assert_allclose([shape.getIxx(), shape.getIyy(), shape.getIxy()], answers[f"shape{i}"],
                                   rtol=1e-6)
        assert kernel.array.max() == psf.computePeak(position)


@pytest.mark.skipif(not FILE.exists(), reason="shared/real/stack-files is not here")
def test_fileAgainstDefinition():
    """Evaluate the basis that the file holds, pixel by pixel, without any code of the PSF."""
    psf = ExposureFitsReader(str(FILE)).readPsf()
    arrays = psf._arrays
    width, height, n = (int(size) for size in arrays["_size"])
    basis = np.asarray(arrays["_comp"], float).reshape(n, height, width)
    zero, scale, step = arrays["_context_first"], arrays["_context_second"], float(psf._pixstep)
    degree = int(arrays["degree"][0])
    x, y = 812.3, 2310.6
    s, t = (x - zero[0])/scale[0], (y - zero[1])/scale[1]
    terms = [s**p*t**q for q in range(degree + 1) for p in range(degree + 1 - q)]
    model = sum(term*image for term, image in zip(terms, basis, strict=True))

    def weights(positions, size):
        """Return the weights (positions, pixels) of PSFEx's lanczos5, cut to 12 pixels and normalised."""
        offset = np.arange(size) - positions[:, np.newaxis]
        near = (np.arange(size) >= np.floor(positions)[:, np.newaxis] - 5) & (abs(offset) <= 5)
        values = np.where(near, np.sinc(offset)*np.sinc(offset/5), 0.0)
        values[(positions < 0) | (positions > size - 1)] = 0
        return values/np.where(values.any(axis=1), values.sum(axis=1), 1)[:, np.newaxis]

    image = psf.computeImage(Point2D(x, y))
    columns, rows = (np.arange(low, low + size) for low, size in zip(image.getXY0(), image.getDimensions()))
    expected = weights((rows - y)/step + height//2, height) @ model @ weights((columns - x)/step + width//2,
                                                                             width).T
    expected /= expected.sum()
    np.testing.assert_allclose(image.array, expected, rtol=0, atol=2e-6*expected.max())
