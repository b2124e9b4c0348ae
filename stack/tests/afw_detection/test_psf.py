# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""What all PSFs share: caching, default positions, conventions of the images, Python subclasses."""

import copy
import pickle

import fitsio
import numpy as np
import pytest

from lsst.afw.detection import GaussianPsf, Psf
from lsst.afw.image import ImageD
from lsst.afw.table.io import MalformedArchiveError
from lsst.afw.typehandling import StorableHelperFactory
from lsst.geom import Box2I, Extent2I, Point2D, Point2I
from lsst.pex.exceptions import InvalidParameterError, RangeError

CENTER = Point2D(100.0, 200.0)


class StepPsf(Psf):
    """Width depends on the sign of x; counts how often it computes."""

    _factory = StorableHelperFactory(__name__, "StepPsf")

    def __init__(self, isFixed=False, sigma=1.0):
        Psf.__init__(self, isFixed=isFixed, capacity=2)
        self.sigma = sigma
        self.calls = 0

    def __deepcopy__(self, memo=None):
        return StepPsf(self._isFixed, self.sigma)

    def _doComputeKernelImage(self, position, color):
        self.calls += 1
        if position.x > 1000:
            raise RangeError("off the image")
        size = 7 if position.x >= 0 else 5
        image = ImageD(Box2I(Point2I(-(size//2), -(size//2)), Extent2I(size, size)))
        y, x = np.ogrid[-(size//2):size//2 + 1, -(size//2):size//2 + 1]
        image.array[:, :] = np.exp(-0.5*(x*x + y*y)/self.sigma**2)
        image.array[:, :] /= image.array.sum()
        return image

    def _doComputeBBox(self, position, color):
        return self.computeKernelImage(position).getBBox()

    def _getPersistenceName(self):
        return "StepPsf"

    def _getPythonModule(self):
        return __name__

    def _write(self):
        return str(self.sigma).encode()

    @staticmethod
    def _read(data):
        return StepPsf(sigma=float(data))


def test_imagesAreCached():
    psf = StepPsf()
    for _ in range(3):
        psf.computeImage(CENTER)
        psf.computeKernelImage(CENTER)
        psf.computePeak(CENTER)
    assert psf.calls == 1
    for x in (1.0, 2.0, 3.0):
        psf.computeKernelImage(Point2D(x, 0.0))
    psf.computeKernelImage(CENTER)
    assert psf.calls == 5


def test_copiesBelongToTheCaller():
    psf = StepPsf()
    psf.computeKernelImage(CENTER).array[:, :] = 0
    assert psf.computePeak(CENTER) > 0
    internal = psf.computeKernelImage(CENTER, owner=Psf.INTERNAL)
    assert internal is psf.computeKernelImage(CENTER, owner=Psf.ImageOwnerEnum.INTERNAL)


def test_fixedPsfIsEvaluatedOnce():
    psf = StepPsf(isFixed=True)
    assert psf.computeKernelImage(Point2D(-3.0, 0.0)).getDimensions() == Extent2I(7, 7)
    assert psf.computeKernelImage(Point2D(3.0, 0.0)).getDimensions() == Extent2I(7, 7)
    assert psf.calls == 1


def test_positions():
    psf = GaussianPsf(11, 13, 1.5)
    nan = Point2D(np.nan, np.nan)
    np.testing.assert_array_equal(psf.computeImage(nan).array, psf.computeImage(Point2D(0.0, 0.0)).array)
    with pytest.warns(FutureWarning, match="Default position"):
        psf.computeImage()
    for bad in (Point2D(np.nan, 3.0), Point2D(np.inf, 3.0)):
        with pytest.raises(InvalidParameterError, match="not finite"):
            psf.computeImage(bad)


def test_originOfImages():
    psf = GaussianPsf(11, 13, 1.5)
    assert psf.computeKernelImage(CENTER).getXY0() == Point2I(-5, -6)
    assert psf.computeImage(Point2D(100.4, 200.6)).getXY0() == Point2I(95, 195)
    assert psf.computeImage(Point2D(-0.5, -1.6)).getXY0() == Point2I(-5, -8)
    image = GaussianPsf(31, 31, 1.5).computeImage(Point2D(100.4, 200.6))
    y, x = np.mgrid[0:31, 0:31]
    assert (image.array*x).sum() + image.getX0() == pytest.approx(100.4, abs=0.01)
    assert (image.array*y).sum() + image.getY0() == pytest.approx(200.6, abs=0.01)
    assert psf.computeImageBBox(CENTER) == psf.computeImage(CENTER).getBBox()
    assert psf.computeBBox(CENTER) == psf.computeKernelImage(CENTER).getBBox()


def test_evenWidthIsRefused():
    with pytest.raises(InvalidParameterError, match="odd"):
        GaussianPsf(10, 11, 1.0)


def test_constructors():
    for psf in (GaussianPsf(11, 13, 1.5), GaussianPsf(Extent2I(11, 13), 1.5),
                GaussianPsf(dimensions=Extent2I(11, 13), sigma=1.5),
                GaussianPsf(width=11, height=13, sigma=1.5)):
        assert psf.getDimensions() == Extent2I(11, 13)
        assert psf.getSigma() == 1.5
    with pytest.raises(TypeError):
        GaussianPsf(11, 13)


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda psf: psf.clone(),
                                       lambda psf: pickle.loads(pickle.dumps(psf))])
def test_copies(duplicate):
    psf = GaussianPsf(11, 13, 1.5)
    psf.computeImage(CENTER)
    other = duplicate(psf)
    assert other is not psf
    np.testing.assert_array_equal(other.computeImage(CENTER).array, psf.computeImage(CENTER).array)


def test_subclassesAreStored(tmp_path):
    path = str(tmp_path/"psf.fits")
    StepPsf(sigma=1.75).writeFits(path)
    assert Psf.readFits(path).sigma == 1.75


@pytest.mark.parametrize("width", [-3, 0, 2**31 - 1])
def test_damagedSizesAreReported(width, tmp_path):
    path = str(tmp_path/"psf.fits")
    GaussianPsf(11, 13, 1.5).writeFits(path)
    with fitsio.FITS(path, "rw") as fits:
        fits[2].write_column("dimensions_x", np.array([width], dtype=np.int32))
    with pytest.raises(MalformedArchiveError, match="dimensions"):
        GaussianPsf.readFits(path)


def test_missingMethodIsNamed():
    with pytest.raises(NotImplementedError, match="_doComputeShape"):
        StepPsf().computeShape(CENTER)


def test_batchOfEqualSizes():
    psf = GaussianPsf(11, 13, 1.5)
    positions = np.random.default_rng(1).uniform(-50, 50, (30, 2))
    positions[3] = np.nan
    positions[4, 1] = np.nan
    images, xy0 = psf._computeImages(positions)
    assert np.isnan(images[4]).all()
    for i in set(range(30)) - {4}:
        expected = psf.computeImage(Point2D(*positions[i]))
        np.testing.assert_allclose(images[i], expected.array, rtol=0, atol=1e-16)
        assert tuple(xy0[i]) == tuple(expected.getXY0())


def test_batchOfDifferentSizes():
    psf = StepPsf()
    positions = np.array([[1.2, 3.0], [-1.4, 2.0], [2000.0, 1.0], [5.0, 5.5]])
    images, xy0 = psf._computeImages(positions)
    assert images.shape == (4, 7, 7)
    assert np.isnan(images[2]).all()
    assert (images[1, 5:] == 0).all()
    groups = list(psf._computeImageBatches(positions))
    assert sorted(i for index, _, _ in groups for i in index) == [0, 1, 3]
    for index, batch, origins in groups:
        for i, array, origin in zip(index, batch, origins):
            expected = psf.computeImage(Point2D(*positions[i]))
            np.testing.assert_allclose(array, expected.array, rtol=0, atol=1e-16)
            assert tuple(origin) == tuple(expected.getXY0())


def test_emptyBatch():
    for psf in (GaussianPsf(11, 13, 1.5), StepPsf()):
        assert len(psf._computeImages(np.zeros((0, 2)))[0]) == 0
        assert sum(len(index) for index, _, _ in psf._computeImageBatches(np.zeros((0, 2)))) == 0
