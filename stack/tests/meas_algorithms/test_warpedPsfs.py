# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""PSFs that are warped, one by one and many at once."""

import copy

import numpy as np
import pytest
from numpyWarp import warpWithNumpy

import lsst.afw.table as afwTable
from lsst.afw.detection import GaussianPsf
from lsst.afw.geom import Polygon, makeCdMatrix, makeSkyWcs, makeTransform
from lsst.afw.image import ImageD
from lsst.afw.math import (
    AnalyticKernel,
    FixedKernel,
    GaussianFunction2D,
    PolynomialFunction2D,
    WarpingControl,
)
from lsst.geom import AffineTransform, Box2I, Extent2I, Point2D, Point2I, SpherePoint, arcseconds, degrees
from lsst.meas.algorithms import CoaddPsf, ImagePsf, KernelPsf, WarpedPsf
from lsst.meas.algorithms._warpStamp import StampWarper
from lsst.pex.exceptions import Exception as LsstException
from lsst.pex.exceptions import InvalidParameterError, LogicError, RangeError

BOX = Box2I(Point2I(0, 0), Extent2I(400, 400))
ORIGIN = SpherePoint(53.0, -27.0, degrees)


def makeWcs(index, scale=0.2):
    """Return the WCS of an input of the coadd, or with 0 that of the coadd."""
    center = SpherePoint(53.0 + 0.002*index, -27.0 - 0.001*index, degrees)
    return makeSkyWcs(Point2D(200 + 10*index, 200), center, makeCdMatrix(scale*arcseconds, 31*index*degrees))


def makeVaryingPsf(width, height):
    """Return a Psf of Gaussians that turn from round to oblong from the left to the right."""
    kernel = AnalyticKernel(width, height, GaussianFunction2D(2, 2), PolynomialFunction2D(1))
    kernel.setSpatialParameters([[2.0, 0.003, 0.0], [2.0, 0.0, 0.001], [0.1, 0.0, 0.0]])
    return KernelPsf(kernel)


class PartPsf(ImagePsf):
    """A Psf of a Python class, which exists for y below 250 only, and has two sizes."""

    def __deepcopy__(self, memo=None):
        return PartPsf(False)

    def _psfAt(self, position):
        if position[1] > 250:
            raise InvalidParameterError("no PSF up here")
        return GaussianPsf(15 if position[0] < 200 else 21, 17, 2.0)

    def _doComputeKernelImage(self, position, color):
        return self._psfAt(position).computeKernelImage(position)

    def _doComputeBBox(self, position, color):
        return self._psfAt(position).computeBBox(position)


def makeCoaddPsf(psfs, scale=0.2):
    schema = afwTable.ExposureTable.makeMinimalSchema()
    schema.addField("weight", type="D", doc="weight")
    catalog = afwTable.ExposureCatalog(schema)
    for index, psf in enumerate(psfs):
        record = catalog.addNew()
        record.setId(70 + index)
        record.setPsf(psf)
        record.setWcs(makeWcs(index + 1, scale))
        record.setBBox(BOX)
        record["weight"] = 1.0 + 0.3*index
    if len(psfs) > 1:
        catalog[0].setValidPolygon(Polygon([Point2D(0, 0), Point2D(0, 390), Point2D(350, 50)]))
    return CoaddPsf(catalog, makeWcs(0), Point2D(200, 200))


def makePsfs():
    distortion = makeTransform(AffineTransform(np.array([[1.1, 0.2], [-0.3, 0.9]]), np.array([5.0, -3.0])))
    sky = makeWcs(2).getTransform().then(makeWcs(0).getTransform().inverted())
    part = PartPsf(False)
    return {
        "affine": WarpedPsf(makeVaryingPsf(21, 25), distortion),
        "sky": WarpedPsf(makeVaryingPsf(25, 21), sky, "lanczos5", 1000),
        "exact": WarpedPsf(GaussianPsf(17, 17, 2.0), sky, "lanczos4", 0),
        "python": WarpedPsf(part, sky),
        "coadd": makeCoaddPsf([makeVaryingPsf(21, 21), GaussianPsf(17, 25, 2.0), makeVaryingPsf(15, 21),
                               part]),
    }


PSFS = makePsfs()


@pytest.fixture(params=PSFS)
def psf(request):
    return PSFS[request.param]


def makePositions(n=60):
    positions = np.random.default_rng(3).uniform(-60, 460, (n, 2))
    positions[3] = np.nan
    positions[4, 0] = positions[5, 1] = np.nan
    positions[6] = 1e7
    positions[7, 0] = np.inf
    positions[8] = 0.0
    positions[9] = 150.0
    return positions


def tryEach(method, positions):
    """Return the results of a method at positions; `None` where it raises an LSST exception."""
    results = []
    for x, y in positions:
        try:
            results.append(method(Point2D(x, y)))
        except LsstException:
            results.append(None)
    return results


@pytest.mark.parametrize("kind", ["KernelImage", "Image"])
def test_allAtOnceEqualsOneByOne(psf, kind):
    positions = makePositions()
    expected = tryEach(getattr(psf, f"compute{kind}"), positions)
    good = [image is not None for image in expected]
    assert 10 < sum(good) < 60 and good[3] and not good[4] and not good[5]
    images, xy0 = getattr(psf, f"_compute{kind}s")(positions)
    np.testing.assert_array_equal(np.isfinite(images).all(axis=(1, 2)), good)
    groups = {i: (array, tuple(origin))
              for index, arrays, origins in getattr(psf, f"_compute{kind}Batches")(positions)
              for i, array, origin in zip(index, arrays, origins)}
    assert sorted(groups) == np.flatnonzero(good).tolist()
    for i, (array, origin) in groups.items():
        assert origin == tuple(expected[i].getXY0()) == tuple(xy0[i])
        np.testing.assert_allclose(array, expected[i].array, rtol=0, atol=1e-15)
        height, width = array.shape
        np.testing.assert_array_equal(images[i, :height, :width], array)
        assert not images[i, height:].any() and not images[i, :, width:].any()


def test_measurementsEqualThoseOneByOne(psf):
    positions = makePositions()
    shapes, fluxes = psf._computeShapes(positions), psf._computeApertureFluxes(3.0, positions)
    for i, shape in enumerate(tryEach(psf.computeShape, positions)):
        if shape is None:
            assert np.isnan(shapes[i]).all() and np.isnan(fluxes[i])
        else:
            np.testing.assert_allclose(shapes[i], [shape.getIxx(), shape.getIyy(), shape.getIxy()], rtol=1e-9)
            assert fluxes[i] == pytest.approx(psf.computeApertureFlux(3.0, Point2D(*positions[i])), rel=1e-12)


def test_orderAndCompanyDoNotMatter(psf):
    positions = makePositions(200)
    together, xy0 = psf._computeKernelImages(positions)
    order = np.random.default_rng(4).permutation(len(positions))
    images, origins = psf._computeKernelImages(positions[order])
    np.testing.assert_array_equal(images, together[order])
    np.testing.assert_array_equal(origins, xy0[order])
    few, _ = psf._computeKernelImages(positions[10:15])
    np.testing.assert_array_equal(few, together[10:15, :few.shape[1], :few.shape[2]])


def collect(batches):
    """Return the images and origins of all positions by number."""
    return {i: (image, tuple(origin)) for index, images, xy0 in batches
            for i, image, origin in zip(index, images, xy0)}


@pytest.mark.parametrize("name, room", [("coadd", 8_000_000), ("sky", 10_000)])
def test_imagesAreRemembered(name, room, monkeypatch):
    positions, psf = makePositions(100), makePsfs()[name]
    psf._memory._room = room
    first = collect(psf._computeKernelImageBatches(positions))
    original, computed = type(psf)._iterateKernelImages, []

    def spy(self, positions):
        for image in original(self, positions):
            computed.append(image)
            yield image

    monkeypatch.setattr(type(psf), "_iterateKernelImages", spy)
    again = collect(psf._computeKernelImageBatches(positions[::-1]))
    assert len(computed) == 0 if room == 8_000_000 else 5 < len(first) - len(computed) < 20
    assert sorted(first) == sorted(99 - i for i in again)
    for i, (image, origin) in first.items():
        np.testing.assert_array_equal(again[99 - i][0], image)
        assert again[99 - i][1] == origin
    for other in (psf.clone(), copy.deepcopy(psf)):
        assert not other._memory._items


@pytest.mark.parametrize("cacheSize", [0, 100, 10000])
@pytest.mark.parametrize("name", ["lanczos3", "lanczos4", "lanczos5", "bilinear", "nearest"])
def test_warpAgainstNumpy(name, cacheSize):
    rng = np.random.default_rng(5)
    kernel = WarpingControl(name, "", cacheSize).getWarpingKernel()
    warper = StampWarper(kernel)
    for shape in ((9, 12), (9, 12), (11, 7)):
        image = rng.random(shape)
        inverse = rng.normal(0, 0.5, (2, 2))
        box = [-25, -21, 46, 50]
        expected = warpWithNumpy(image, (-6, -3), inverse, box, kernel)
        assert np.count_nonzero(expected) > 50
        warped = warper.warp(image, (-6, -3), inverse, box)
        np.testing.assert_allclose(warped, expected, rtol=0, atol=1e-12*np.abs(expected).max())


def test_warpOfPlaneIsExact():
    y, x = np.mgrid[0:40, 0:50].astype(float)
    warper = StampWarper(WarpingControl("bilinear", "", 0).getWarpingKernel())
    inverse = np.linalg.inv([[1.1, 0.2], [-0.1, 0.9]])
    warped = warper.warp(3*x - 2*y + 1, (0, 0), inverse, [-5, -5, 70, 50])
    rows, columns = np.mgrid[-5:45, -5:65].astype(float)
    sourceX, sourceY = (factors[0]*columns + factors[1]*rows for factors in inverse)
    inside = (sourceX >= 0) & (sourceX < 49) & (sourceY >= 0) & (sourceY < 39)
    assert 500 < inside.sum() < inside.size
    np.testing.assert_allclose(warped[inside], (3*sourceX - 2*sourceY + 1)[inside], rtol=1e-9)


def test_coaddIsTheWeightedMean():
    psf = PSFS["coadd"]
    position = Point2D(180.3, 120.8)
    total, weights = np.zeros((101, 101)), 0.0
    for i in range(psf.getComponentCount()):
        here = psf.getWcs(i).skyToPixel(psf.getCoaddWcs().pixelToSky(position))
        if BOX.contains(Point2I(here)) and (i > 0 or psf.getValidPolygon(0).contains(here)):
            toCoadd = psf.getWcs(i).getTransform().then(psf.getCoaddWcs().getTransform().inverted())
            image = WarpedPsf(psf.getPsf(i), toCoadd).computeKernelImage(position)
            x, y = image.getX0() + 50, image.getY0() + 50
            total[y:y + image.getHeight(), x:x + image.getWidth()] += psf.getWeight(i)*image.array
            weights += psf.getWeight(i)
    assert weights > 3.0
    image = psf.computeKernelImage(position)
    x, y = image.getX0() + 50, image.getY0() + 50
    np.testing.assert_allclose(image.array, total[y:y + image.getHeight(), x:x + image.getWidth()]/weights,
                               rtol=0, atol=1e-15)
    assert image.array.sum() == pytest.approx(total.sum()/weights, rel=1e-12)
    assert image.getBBox() == psf.computeBBox(position)


def test_positionsWithoutInputs():
    with pytest.raises(InvalidParameterError, match=r"CoaddPsf at point \(900.*no input images"):
        PSFS["coadd"].computeKernelImage(Point2D(900.0, 50.0))


def test_hugeDistortions():
    psf = makeCoaddPsf([GaussianPsf(5, 5, 1.0)], scale=100.0)
    with pytest.raises(RangeError, match="large transform.*id=70"):
        psf.computeKernelImage(Point2D(200.0, 200.0))
    with pytest.raises(RangeError, match="large transform"):
        psf.computeBBox(Point2D(200.0, 200.0))
    assert np.isnan(psf._computeKernelImages(np.full((20, 2), 200.0))[0]).all()


def test_singularDistortions():
    flat = makeTransform(AffineTransform(np.array([[1.0, 2.0], [1e-17, 2e-17]])))
    psf = WarpedPsf(GaussianPsf(5, 5, 1.0), flat.inverted())
    with pytest.raises(RangeError, match="inverse"):
        psf.computeKernelImage(Point2D(3.0, 4.0))
    assert np.isnan(psf._computeKernelImages(np.full((20, 2), 3.0))[0]).all()


class ZeroPsf(PartPsf):
    """A Psf whose images have the sum zero."""

    def __deepcopy__(self, memo=None):
        return ZeroPsf(False)

    def _doComputeKernelImage(self, position, color):
        image = self._psfAt(position).computeKernelImage(position)
        image.array[:, :] = np.add.outer(np.arange(-8.0, 9.0), np.zeros(image.getWidth()))
        return image


def test_imagesWithSumZero():
    psf = WarpedPsf(ZeroPsf(False), makeTransform(AffineTransform()), "nearest", 0)
    with pytest.raises(InvalidParameterError, match="sum 0"):
        psf.computeKernelImage(Point2D(3.0, 4.0))
    assert np.isnan(psf._computeKernelImages(np.full((20, 2), 3.0))[0]).all()


def test_kernelsWithSumZero():
    psf = KernelPsf(FixedKernel(ImageD(5, 5)))
    positions = np.full((2000, 2), 3.3)
    for each in (psf, WarpedPsf(psf, makeTransform(AffineTransform()))):
        with pytest.raises(LsstException, match="sum is 0"):
            each.computeImage(Point2D(3.3, 3.3))
        assert np.isnan(each._computeImages(positions)[0]).all()


def test_inputsNeedTheirWcs():
    psf = makeCoaddPsf([GaussianPsf(5, 5, 1.0)])
    psf._catalog[0].setWcs(None)
    with pytest.raises(LogicError, match="Wcs"):
        psf.computeKernelImage(Point2D(200.0, 200.0))
