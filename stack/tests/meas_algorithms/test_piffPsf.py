# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Piff's PSFs: that of a real stack, against its images, and some that are fitted here, against Piff's."""

import copy
import logging
import pickle
import sys

import numpy as np
import pytest

from lsst.afw.image import ExposureF, ImageD
from lsst.afw.table.io import InputArchive, MalformedArchiveError
from lsst.geom import Point2D, Point2I
from lsst.pex.exceptions import InvalidParameterError, LogicError, NotFoundError

piff = pytest.importorskip("piff", reason="piff is not installed: pip install 'gen2-slice[piff]'")
galsim = pytest.importorskip("galsim")

POSITIONS = [(30.2, 51.7), (100.5, 12.5), (-3.5, 7.0), (170.49, 190.51)]
SCALE = 0.2


@pytest.fixture(scope="module")
def real(shared):
    folder = shared/"real"/"rubin"/"piff"
    if not folder.is_dir():
        pytest.skip("there is no ../shared with Piff PSFs of a real stack")
    return folder


def fitPsf(keys=("x", "y"), orders=(1, 1), interp="Lanczos(11)", size=21, centered=True):
    """Fit elliptical Gaussians that grow along x, as Rubin's task does it."""
    rng = np.random.default_rng(3)
    wcs = galsim.PixelScale(SCALE)
    stars = []
    for number in range(24):
        x, y = rng.uniform(0, 200, 2)
        profile = galsim.Gaussian(sigma=0.4 + 0.0003*x, flux=1e4).shear(g1=0.1)
        bounds = galsim.BoundsI(round(x) - 12, round(x) + 12, round(y) - 12, round(y) + 12)
        image, weight = (galsim.Image(bounds, wcs=wcs, dtype=float) for _ in range(2))
        profile.drawImage(image, method="no_pixel", center=(x, y))
        weight.fill(1.0)
        star = piff.Star(piff.StarData(image, galsim.PositionD(x, y), weight=weight), None)
        star.data.properties.update(starId=number, colorValue=0.1*(number % 5), colorType="g-i")
        stars.append(star)
    psf = piff.PSF.process({
        "model": {"type": "PixelGrid", "scale": SCALE, "size": size, "interp": interp, "centered": centered},
        "interp": {"type": "BasisPolynomial", "order": list(orders), "keys": list(keys)},
        "outliers": {"type": "Chisq", "nsigma": 4.0, "max_remove": 0.05}, "max_iter": 3})
    psf.fit(stars, {0: wcs}, None)
    for star in psf.stars:
        for name in ("params", "params_var", "A", "b"):
            delattr(star.fit, name)
        for name in ("image", "weight", "orig_weight"):
            delattr(star.data, name)
    return psf


@pytest.fixture(scope="module")
def fitted():
    return fitPsf()


def restore(psf, size=25, protocol=4):
    """Return the PSF that the slice makes of a pickle."""
    return read(pickle.dumps((np.float64(size), np.float64(size), psf), protocol))


def read(data):
    """Return the PSF of bytes in an archive."""
    from lsst.afw.table import BaseCatalog, Schema
    from lsst.afw.table._formatRegistry import archiveFormats

    schema = Schema()
    key = schema.addField("bytes", type="ArrayB", size=0)
    catalog = BaseCatalog(schema)
    catalog.addNew().set(key, np.frombuffer(data, np.uint8))
    format = archiveFormats.find("PiffPsf", "lsst.meas.extensions.piff.piffPsf")
    return format.read(InputArchive(), [catalog])


def drawByPiff(psf, x, y, size, center):
    color = {}
    if "colorValue" in psf.interp_property_names:
        color["colorValue"] = np.mean([star.data["colorValue"] for star in psf.stars if not star.is_flagged])
    image = psf.draw(x, y, stamp_size=size, center=center, **color)
    return image.array/image.array.sum(), (image.bounds.xmin, image.bounds.ymin)


@pytest.mark.parametrize("name, position", [("0_0", (0, 0)), ("10_100", (10, 100)), ("-200_30", (-200, 30)),
                                            ("nan", (np.nan, np.nan))])
def test_againstRealStack(real, name, position):
    """The real stack's image at the average position is where there is none."""
    expected = ImageD(str(real/f"psfIm_{name}.fits"))
    image = ExposureF(str(real/"exp.fits")).getPsf().computeImage(Point2D(*position))
    assert image.getBBox() == expected.getBBox()
    np.testing.assert_allclose(image.array, expected.array, rtol=0, atol=1e-6*expected.array.max())


@pytest.fixture(scope="module", params=[
    {}, {"centered": False, "interp": "galsim.Cubic()"}, {"keys": ("u", "v"), "orders": (2, 2)},
    {"keys": ("x", "y", "colorValue"), "orders": (1, 1, 1)}, {"size": 20, "interp": "galsim.Linear()"}])
def original(request):
    return fitPsf(**request.param)


@pytest.mark.parametrize("protocol", [4, 5])
@pytest.mark.parametrize("size", [25, 24])
def test_sameAsPiff(original, size, protocol):
    psf = restore(original, size, protocol)
    for many, one, center in ((psf._computeImages, psf.computeImage, None),
                              (psf._computeKernelImages, psf.computeKernelImage, True)):
        images, origins = many(np.array(POSITIONS))
        for position, image, origin in zip(POSITIONS, images, origins):
            expected, xy0 = drawByPiff(original, *position, size, center)
            xy0 = xy0 if center is None else (-(size//2), -(size//2))
            single = one(Point2D(*position))
            assert tuple(single.getXY0()) == tuple(origin) == xy0
            for array in (image, single.array):
                np.testing.assert_allclose(array, expected, rtol=0, atol=1e-12*expected.max())


def test_otherModels():
    """Whatever Piff can draw is a PSF, if one that is not read from archives; one image after the other."""
    from lsst.meas.extensions.piff.piffPsf import PiffPsf

    model = piff.Gaussian(include_pixel=False)
    original = piff.SimplePSF(model, piff.Mean())
    original.interp.mean = np.array([0.5, 0.1, 0.0])
    original.wcs, original.pointing, original.stars = {0: galsim.PixelScale(SCALE)}, None, []
    psf = PiffPsf(25, 25, original)
    assert np.isnan(psf.getAveragePosition().getX())
    images, _ = psf._computeImages(np.array(POSITIONS))
    expected, _ = drawByPiff(original, *POSITIONS[0], 25, None)
    np.testing.assert_allclose(images[0], expected, rtol=0, atol=1e-12)


def test_averagePosition(fitted):
    psf = restore(fitted)
    used = [star for star in fitted.stars if not star.is_flagged and not star.is_reserve]
    expected = np.mean([(star.x, star.y) for star in used], axis=0)
    np.testing.assert_allclose(psf.getAveragePosition(), expected)
    nan = Point2D(np.nan, np.nan)
    np.testing.assert_array_equal(psf.computeImage(nan).array,
                                  psf.computeImage(psf.getAveragePosition()).array)


def test_shapes(fitted):
    """Moments, peak and aperture flux of the Gaussians that were fitted, 0.3 to 1.3 pixels apart in x."""
    psf = restore(fitted)
    for x in (20.0, 180.0):
        position, sigma = Point2D(x, 100.0), (0.4 + 0.0003*x)/SCALE
        shape = psf.computeShape(position)
        area = np.sqrt(shape.getIxx()*shape.getIyy() - shape.getIxy()**2)
        assert area == pytest.approx(sigma**2, rel=0.01)
        assert shape.getIxx()/shape.getIyy() == pytest.approx((1.1/0.9)**2, rel=0.01)
        assert psf.computePeak(position) == pytest.approx(1/(2*np.pi*sigma**2), rel=0.01)
        assert psf.computeApertureFlux(8.0, position) == pytest.approx(1.0, abs=0.01)
        box = psf.computeBBox(position)
        assert (box.getMin(), box.getMax()) == (Point2I(-12, -12), Point2I(12, 12))
        kernel = psf.getLocalKernel(position)
        assert kernel.getBBox() == box
        assert kernel._computeArrays(np.zeros(1), np.zeros(1)) is not None


def test_copiesAndSizes(fitted):
    psf = restore(fitted)
    position = Point2D(50.3, 60.2)
    for other in (psf.clone(), copy.deepcopy(psf)):
        np.testing.assert_array_equal(other.computeImage(position).array, psf.computeImage(position).array)
    assert psf.resized(31, 31).computeImage(position).getWidth() == 31
    with pytest.raises(InvalidParameterError, match="square"):
        psf.resized(31, 33)
    with pytest.raises(InvalidParameterError, match="not finite"):
        psf.computeImage(Point2D(np.nan, 3.0))
    images, _ = psf._computeImages([[np.nan, 3.0], [1e300, 3.0], [3.0, 3.0]])
    assert np.isnan(images[:2]).all() and np.isfinite(images[2]).all()


def test_writtenAsRead(fitted, tmp_path):
    """The bytes stay: no pickle is made here."""
    exposure = ExposureF(40, 30)
    psf = restore(fitted)
    exposure.setPsf(psf.clone())
    exposure.writeFits(str(tmp_path/"exposure.fits"))
    again = ExposureF(str(tmp_path/"exposure.fits")).getPsf()
    assert again._stored == psf._stored == pickle.dumps((np.float64(25), np.float64(25), fitted), 4)
    exposure.setPsf(psf.resized(31, 31))
    with pytest.raises(LogicError, match="stored as it was read"):
        exposure.writeFits(str(tmp_path/"other.fits"))


def test_writtenAsRead_realFile(real, tmp_path):
    from astropy.io import fits

    ExposureF(str(real/"exp.fits")).writeFits(str(tmp_path/"exp.fits"))
    with fits.open(real/"exp.fits") as before, fits.open(tmp_path/"exp.fits") as after:
        assert before["PiffPsf"].data["bytes"][0].tobytes() == after["PiffPsf"].data["bytes"][0].tobytes()
        assert [before["PiffPsf"].header[key] for key in ("TTYPE1", "TDOC1", "TCCLS1", "AR_NAME")] == \
            [after["PiffPsf"].header[key] for key in ("TTYPE1", "TDOC1", "TCCLS1", "AR_NAME")]
        names = [hdu.data["module"][hdu.data["name"] == "PiffPsf"] for hdu in (before[4], after[4])]
        assert names[0] == names[1] == "lsst.meas.extensions.piff.piffPsf"


def test_withoutPiff(fitted, tmp_path, monkeypatch, caplog):
    """The image is read without its PSF, and the warning says what brings it."""
    exposure = ExposureF(40, 30)
    exposure.setPsf(restore(fitted))
    exposure.writeFits(str(tmp_path/"exposure.fits"))
    monkeypatch.delitem(sys.modules, "lsst.meas.extensions.piff._rebuildPiff")
    monkeypatch.setitem(sys.modules, "piff", None)
    with caplog.at_level(logging.WARNING):
        read = ExposureF(str(tmp_path/"exposure.fits"))
    assert read.getPsf() is None and read.getWidth() == 40
    assert "pip install 'gen2-slice[piff]'" in caplog.text


class Elsewhere:
    """A class that is not admitted."""


@pytest.mark.parametrize("change, error, match", [
    (lambda psf: setattr(psf, "extra", Elsewhere()), NotFoundError, "Elsewhere"),
    (lambda psf: setattr(psf.interp, "q", psf.interp.q[:, :2]), MalformedArchiveError, "coefficients"),
    (lambda psf: setattr(psf.interp, "q", psf.interp.q*np.nan), MalformedArchiveError, "coefficients"),
    (lambda psf: setattr(psf.interp, "q", psf.interp.q.astype(object)), MalformedArchiveError, "no pixels"),
    (lambda psf: setattr(psf.model, "size", 10**9), MalformedArchiveError, "size of the model"),
    (lambda psf: setattr(psf.model.interp, "_n", 10**9), MalformedArchiveError, "order of Lanczos"),
    (lambda psf: setattr(psf.interp, "_orders", (10**6, 1)), MalformedArchiveError, "order of the polyn"),
    (lambda psf: setattr(psf.interp, "_keys", ("x", "z")), MalformedArchiveError, "position and color"),
    (lambda psf: setattr(psf, "model", "a file.fits"), MalformedArchiveError, "a str where piff.pixelgrid"),
    (lambda psf: psf.wcs.update({1: psf.wcs[0]}), MalformedArchiveError, "one detector"),
    (lambda psf: setattr(psf, "pointing", 1), MalformedArchiveError, "on the sky"),
    (lambda psf: setattr(psf, "stars", 3), MalformedArchiveError, "list of stars")])
def test_whatCannotBeUsed(fitted, change, error, match):
    psf = pickle.loads(pickle.dumps(fitted))
    change(psf)
    with pytest.raises(error, match=match):
        restore(psf)


@pytest.mark.parametrize("size", [0, 10**6, 25.5, "x", None])
def test_impossibleSizes(fitted, size):
    with pytest.raises(MalformedArchiveError, match="size of images|whole number"):
        read(pickle.dumps((size, size, fitted), 4))
