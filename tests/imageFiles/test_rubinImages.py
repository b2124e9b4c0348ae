# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Images of lsst.images as exposures: what they have, what is missing, and stars that are put into them."""

import gzip
import json
import logging
import pathlib
import sys

import numpy as np
import pytest
from lsst.afw.image import ExposureF, Mask
from lsst.afw.table import IdFactory
from lsst.daf.base import DateTime
from lsst.dia.repro.forced.forcedDiaMeasurement import ForcedDiaMeasurementTask
from lsst.dia.repro.forced.missingFluxReasons import Reason
from lsst.dia.repro.imageFiles.imageFile import readImage
from lsst.dia.repro.imageFiles.imageIdentity import identify, readDataId
from lsst.dia.repro.imageFiles.imageStamps import ImageStamps
from lsst.dia.repro.imageFiles.rubinImages import isRubinImage, readRubinImage, toExposure
from lsst.dia.repro.skyPositions import SkyPositions
from lsst.geom import Box2I, Extent2I, Point2D, Point2I
from lsst.pipe.base import TaskError

SHARED = pathlib.Path(__file__).parents[3]/"shared"/"real"/"rubin"
DP2 = SHARED/"difference_image-1.0.0-dp2.json"

VISIT, DETECTOR, ID = 2025052000177, 85, 47127245141

#: Corner and size of the images that are made, pixels.
X0, Y0, SIZE = 700, 1200, 1000

NOISE = 20.0


@pytest.fixture(scope="module")
def images():
    """The module lsst.images."""
    return pytest.importorskip("lsst.images", reason="lsst-images needs Python 3.12 or later, and "
                               "pip install 'dia-repro[images]'")


@pytest.fixture(scope="module")
def dp2(images):
    """A piece of a difference image of DP2, with the PSF of the whole."""
    if not DP2.exists():
        pytest.skip("there is no ../shared with an image of DP2")
    return images.DifferenceImage.read(str(DP2))


@pytest.fixture
def makeImage(images, dp2):
    """Return a function that makes an image around the PSF and the projection of DP2's, of noise alone."""
    def make(unit="nJy", size=SIZE, **changes):
        from astropy import units

        unit = None if unit is None else units.Unit(unit)
        noise = np.random.default_rng(4).normal(0.0, NOISE, (size, size)).astype(np.float32)
        parts = dict(
            mask=images.Mask(0, schema=dp2.mask.schema, shape=(size, size), yx0=(Y0, X0)),
            variance=images.Image(np.full((size, size), NOISE**2, np.float32), yx0=(Y0, X0),
                                  unit=None if unit is None else unit**2),
            sky_projection=dp2.sky_projection, obs_info=dp2.obs_info, psf=dp2.psf, detector=dp2.detector,
            band=dp2.band, kernel=dp2.kernel, metadata={"id": ID})
        return images.DifferenceImage(images.Image(noise, yx0=(Y0, X0), unit=unit), **{**parts, **changes})

    return make


def scatter(number, margin=30.0, seed=2):
    """Return positions that are far from each other, pixels."""
    side = int(np.ceil(np.sqrt(number)))
    step = (SIZE - 2*margin)/side
    y, x = np.divmod(np.arange(number), side)
    jitter = np.random.default_rng(seed).uniform(-0.5, 0.5, (2, number))
    return X0 + margin + (x + 0.5)*step + jitter[0], Y0 + margin + (y + 0.5)*step + jitter[1]


def inject(image, x, y, flux):
    """Add stars, drawn by lsst.images."""
    for i, j in zip(x.tolist(), y.tolist()):
        star = image.psf.compute_stellar_image(x=i, y=j)
        rows, columns = (slice(axis.start - low, axis.stop - low)
                         for axis, low in ((star.bbox.y, Y0), (star.bbox.x, X0)))
        image.image.array[rows, columns] += (flux*star.array).astype(np.float32)


def measure(exposure, image, x, y):
    """Measure at positions that the projection of the image itself has on the sky."""
    sky = image.sky_projection.pixel_to_sky(x=x, y=y)
    positions = SkyPositions(np.arange(len(x)) + 1, sky.ra.rad, sky.dec.rad)
    return ForcedDiaMeasurementTask().run(exposure, positions, IdFactory.makeSimple(), 5).forcedSources


def testStarsComeBack(makeImage, tmp_path):
    """Through a file, measured by the task, at the positions that they were put to."""
    flux, (x, y) = 1e4, scatter(529)
    image = makeImage()
    inject(image, x, y, flux)
    image.write(str(tmp_path/"image.fits"))
    forced = measure(readRubinImage(str(tmp_path/"image.fits")), image, x, y)
    assert (forced["reason"] == Reason.MEASURED).all() and len(forced) == len(x)
    ratios = forced["base_PsfFlux_instFlux"]/flux
    assert abs(ratios.mean() - 1.0) < 2e-3
    pulls = (forced["base_PsfFlux_instFlux"] - flux)/forced["base_PsfFlux_instFluxErr"]
    assert abs(pulls.mean()) < 4.0/np.sqrt(len(x)) and abs(pulls.std() - 1.0) < 0.1
    np.testing.assert_allclose([forced["slot_Centroid_x"], forced["slot_Centroid_y"]], [x, y], atol=1e-4)


def testWhatIsCopied(makeImage, dp2):
    image = makeImage()
    exposure = toExposure(image)
    assert tuple(exposure.getXY0()) == (X0, Y0)
    np.testing.assert_array_equal(exposure.image.array, image.image.array)
    np.testing.assert_array_equal(exposure.variance.array, image.variance.array)
    exposure.image.array[:] = 1.0
    assert image.image.array[0, 0] != 1.0
    x, y = np.array([X0, 900.5, 1699.0]), np.array([Y0, 1300.25, 2199.0])
    sky = dp2.sky_projection.pixel_to_sky(x=x, y=y)
    for i in range(3):
        place = exposure.getWcs().pixelToSky(Point2D(x[i], y[i]))
        assert place.getRa().asDegrees() == pytest.approx(sky.ra.deg[i], abs=1e-11)
        assert place.getDec().asDegrees() == pytest.approx(sky.dec.deg[i], abs=1e-11)
        back = exposure.getWcs().skyToPixel(place)
        assert (back.getX(), back.getY()) == pytest.approx((x[i], y[i]), abs=1e-4)
        star = image.psf.compute_stellar_image(x=x[i], y=y[i])
        drawn = exposure.getPsf().computeImage(Point2D(x[i], y[i]))
        np.testing.assert_allclose(drawn.array, star.array, rtol=0, atol=1e-12)
        assert tuple(drawn.getXY0()) == (star.bbox.x.start, star.bbox.y.start) or x[i] % 1 == 0.5
    assert exposure.getPhotoCalib().instFluxToNanojansky(3.0) == 3.0
    assert exposure.getInfo().getValidPolygon() is None


def testWhichImageItIs(dp2):
    """The middle of the exposure is that of its begin and end; the id is not that of the visit."""
    exposure = readRubinImage(str(DP2))
    found = identify(exposure)
    assert found.dataId == {"visit": VISIT, "detector": DETECTOR, "instrument": "LSSTCam"}
    assert (found.exposureId, found.band) == (ID, "r")
    begin, end = dp2.obs_info.datetime_begin.tai, dp2.obs_info.datetime_end.tai
    date = exposure.getInfo().getVisitInfo().getDate().get(DateTime.MJD, DateTime.TAI)
    assert date == found.mjd == pytest.approx(0.5*(begin.mjd + end.mjd), abs=1e-9)
    assert (end.mjd - begin.mjd)*86400 > 30
    assert exposure.getInfo().getVisitInfo().getExposureTime() == pytest.approx(30.0011, abs=1e-4)
    polygon = exposure.getInfo().getValidPolygon()
    assert polygon.contains(Point2D(0, 0)) and not polygon.contains(Point2D(16, 3))


def testMaskPlanesGoByName(images, makeImage):
    """In an order of its own, through a file, into a process that knows planes by other bits."""
    Mask.addMaskPlane("SOMETHING_ELSE")
    names = ["NO_DATA", "NEW_PLANE", "SATURATED", "INTERPOLATED", "DETECTION_EDGE", "BAD", "COSMIC_RAY",
             "UNMASKED_NAN", "DETECTED", "STREAK"]
    expected = ["NO_DATA", "NEW_PLANE", "SAT", "INTRP", "EDGE", "BAD", "CR", "UNMASKEDNAN", "DETECTED",
                "STREAK"]
    schema = images.MaskSchema([images.MaskPlane(name, "") for name in names], dtype=np.uint8)
    mask = images.Mask(0, schema=schema, shape=(SIZE, SIZE), yx0=(Y0, X0))
    for row, name in enumerate(names):
        where = np.zeros((SIZE, SIZE), bool)
        where[row, :row + 1] = True
        mask.set(name, where)
    exposure = toExposure(makeImage(mask=mask))
    planes = exposure.mask.getMaskPlaneDict()
    for row, name in enumerate(expected):
        where = (exposure.mask.array >> planes[name] & 1).astype(bool)
        assert where[row, :row + 1].all() and where.sum() == row + 1, name
    assert not (exposure.mask.array >> planes["SOMETHING_ELSE"] & 1).any()


def testNoDataIsNotMeasuredAsZero(images, makeImage):
    """Pixels without data are zero in these images."""
    x, y = scatter(4)
    image = makeImage()
    inject(image, x, y, 1e4)
    where = np.zeros((SIZE, SIZE), bool)
    row, column = round(y[0]) - Y0, round(x[0]) - X0
    where[row - 20:row + 21, column - 20:column + 21] = True
    image.image.array[where] = 0.0
    image.mask.set("NO_DATA", where)
    forced = measure(toExposure(image), image, x, y)
    assert list(forced["reason"]) == [Reason.NO_DATA, *[Reason.MEASURED]*3]
    assert np.isnan(forced["base_PsfFlux_instFlux"][0]) and forced["base_PsfFlux_flag"][0]


@pytest.mark.parametrize("unit, factor", [("nJy", 1.0), ("uJy", 1e3), ("Jy", 1e9),
                                          ("erg s-1 cm-2 Hz-1", 1e32)])
def testUnitsOfFlux(makeImage, unit, factor):
    photoCalib = toExposure(makeImage(unit, size=50)).getPhotoCalib()
    assert photoCalib.instFluxToNanojansky(2.0) == pytest.approx(2.0*factor, rel=1e-12)


@pytest.mark.parametrize("unit", ["electron", "adu", "m"])
def testOtherUnits(makeImage, unit):
    with pytest.raises(TaskError, match=f"its pixels are in {unit}, and not in nJy"):
        toExposure(makeImage(unit, size=50))


def testWithoutPsf(makeImage, caplog):
    from lsst.images.serialization import ArchiveReadError

    with caplog.at_level(logging.WARNING):
        exposure = toExposure(makeImage(psf=ArchiveReadError("piff is broken"), size=50))
    assert exposure.getPsf() is None
    assert f"visit {VISIT}, detector {DETECTOR} cannot be used: piff is broken" in caplog.text


def testGaussianPsf(images, makeImage):
    from lsst.images.psfs import GaussianPointSpreadFunction

    psf = GaussianPointSpreadFunction(2.0, bounds=images.Box.factory[0:4000, 0:4000], stamp_size=21)
    shape = toExposure(makeImage(psf=psf, size=50)).getPsf().computeShape(Point2D(800, 1300))
    assert shape.getIxx() == pytest.approx(4.0, rel=1e-3)


def testWithoutWcs(makeImage):
    class Unprojected:
        """What the library does not make, but might read."""

        def __init__(self, image):
            self._image = image

        sky_projection = None

        def __getattr__(self, name):
            return getattr(self._image, name)

    exposure = toExposure(Unprojected(makeImage(size=50)))
    assert exposure.getWcs() is None
    assert identify(exposure).dataId["visit"] == VISIT
    with pytest.raises(TaskError, match="WCS"):
        ForcedDiaMeasurementTask().run(exposure, SkyPositions([1], [1.0], [0.0]), IdFactory.makeSimple(), 5)


@pytest.mark.parametrize("name", ["image.fits", "image.json", "image.fits.gz"])
def testFormats(makeImage, tmp_path, name):
    """Each file twice in a process; the driver reads it so."""
    image = makeImage(size=50)
    path = tmp_path/name
    if name.endswith(".gz"):
        image.write(str(tmp_path/"plain.fits"))
        path.write_bytes(gzip.compress((tmp_path/"plain.fits").read_bytes()))
    else:
        image.write(str(path))
    assert isRubinImage(str(path))
    for _ in range(2):
        # FITS files are compressed with loss.
        np.testing.assert_allclose(readRubinImage(str(path)).image.array, image.image.array, atol=2.0)
    np.testing.assert_array_equal(readImage(str(path)).image.array, readRubinImage(str(path)).image.array)


@pytest.mark.parametrize("name", ["image.fits", "image.json"])
def testPartsForPlots(makeImage, tmp_path, name):
    path = str(tmp_path/name)
    makeImage(size=50).write(path)
    whole, stamps, dataId = readRubinImage(path), ImageStamps(), readDataId(path)
    assert dataId == identify(whole).dataId
    stamps.add(dataId, path)
    assert stamps.readBox(dataId) == whole.getBBox()
    box = Box2I(Point2I(X0 + 7, Y0 + 11), Extent2I(5, 3))
    np.testing.assert_array_equal(stamps.readPixels(dataId, box), whole[box].image.array)


def testOthersAreTold(tmp_path):
    ExposureF(10, 10).writeFits(str(tmp_path/"afw.fits"))
    (tmp_path/"text.txt").write_text("something")
    (tmp_path/"empty").write_text("")
    (tmp_path/"broken.gz").write_bytes(b"\x1f\x8bxxxx")
    for path in tmp_path.iterdir():
        assert not isRubinImage(str(path))
    assert not isRubinImage(str(tmp_path/"missing"))


def testWithoutThePackage(tmp_path, monkeypatch):
    (tmp_path/"image.json").write_text("{}")
    monkeypatch.setitem(sys.modules, "lsst.images", None)
    with pytest.raises(TaskError, match=r"lsst\.images: pip install 'dia-repro\[images\]', with Python"):
        readRubinImage(str(tmp_path/"image.json"))


@pytest.mark.parametrize("text", ["", "{", "{}", '{"schema_url": "https://images.lsst.io/schemas/image-1.0.0"}',
                                  '{"schema_url": 3}', "[" * 100000])
def testBrokenFiles(images, tmp_path, text):
    (tmp_path/"image.json").write_text(text)
    with pytest.raises(TaskError, match="it cannot be read"):
        readRubinImage(str(tmp_path/"image.json"))


@pytest.mark.parametrize("program", ["open('ran', 'w')", "__import__('os').system('touch ran')",
                                     "galsim.Lanczos(open('ran', 'w'))", "[open('ran', 'w') for _ in '1']",
                                     "galsim.Image('ran')", "galsim.Lanczos(3, gsparams=open('ran', 'w'))"])
def testPsfsThatArePrograms(dp2, tmp_path, monkeypatch, program):
    """Piff evaluates the interpolant of a PSF as Python; only what galsim writes there is let through."""
    monkeypatch.chdir(tmp_path)
    tree = json.loads(DP2.read_text())
    tree["psf"]["piff"]["objects"]["piff"]["structs"]["model"]["interp"] = program
    (tmp_path/"image.json").write_text(json.dumps(tree))
    with pytest.raises(TaskError, match="may be a program and is not read"):
        readRubinImage(str(tmp_path/"image.json"))
    assert not (tmp_path/"ran").exists()
