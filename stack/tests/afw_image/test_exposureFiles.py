# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Exposures that the real stack wrote: read whole, in parts, by component; written again; damaged."""

import difflib
import json
import math

import numpy as np
import pytest
from astropy.io import fits

import lsst.afw.image as afwImage
from lsst.afw.fits import FitsError, FitsFile, FitsTypeError, ImageWriteOptions, MemFileManager
from lsst.afw.image import LOCAL, ExposureD, ExposureF, ExposureFitsReader, MaskedImageF
from lsst.daf.base import DateTime, PropertySet
from lsst.geom import Box2I, Extent2I, Point2D, Point2I
from lsst.pex.exceptions import LengthError, NotFoundError

NAMES = ["v853-fr/R22/diffexp-S12", "v866-fi/R22/diffexp-S11", "v866-fi/R22/diffexp-S12",
         "v892-fr/R22/diffexp-S12", "v905-fi/R22/diffexp-S11", "v905-fi/R22/diffexp-S12"]


def pathOf(stackData, name):
    return str(stackData/"repo"/"deepDiff"/f"{name}.fits")


def samePlanes(a, b):
    return all(np.array_equal(x, y, equal_nan=x.dtype.kind == "f")
               for x, y in zip(a.maskedImage.getArrays(), b.maskedImage.getArrays()))


@pytest.mark.parametrize("name", NAMES)
def testWhole(stackData, name):
    exposure = ExposureF(pathOf(stackData, name))
    assert exposure.getDimensions() == Extent2I(360, 380)
    assert exposure.hasWcs() and exposure.hasPsf()
    noData = exposure.mask.getPlaneBitMask("NO_DATA")
    assert np.array_equal(np.isnan(exposure.image.array), (exposure.mask.array & noData) != 0)
    assert exposure.visitInfo.getExposureTime() == 30.0
    assert exposure.photoCalib.getCalibrationMean() > 0
    assert exposure.filterLabel.bandLabel == name.split("-f")[1][0]
    assert "base_PsfFlux_instFlux" in exposure.info.getApCorrMap()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("corner, size", [((0, 0), (10, 10)), ((350, 370), (10, 10)), ((37, 101), (200, 1)),
                                          ((5, 0), (1, 380))])
def testPartEqualsPartOfWhole(stackData, name, corner, size):
    path = pathOf(stackData, name)
    box = Box2I(Point2I(*corner), Extent2I(*size))
    part = ExposureF(path, box)
    assert part.getBBox() == box
    assert samePlanes(part, ExposureF(path)[box])


def testPartInLocalCoordinates(stackData):
    path = str(stackData/"zoo"/"kernelPsf.fits")
    whole = ExposureF(path)
    assert whole.getXY0() == Point2I(100, 200)
    box = Box2I(Point2I(5, 6), Extent2I(7, 8))
    part = ExposureF(path, box, LOCAL)
    assert part.getXY0() == Point2I(105, 206) and samePlanes(part, whole[box, LOCAL])
    with pytest.raises(LengthError):
        ExposureF(path, box)
    assert part.getWcs() == whole.getWcs()


@pytest.mark.parametrize("name", NAMES[:3])
def testComponentsWithoutPixels(stackData, name):
    path = pathOf(stackData, name)
    exposure, reader = ExposureF(path), ExposureFitsReader(path)
    assert reader.readBBox() == exposure.getBBox()
    assert reader.readWcs() == exposure.getWcs()
    assert reader.readVisitInfo().getDate() == exposure.visitInfo.getDate()
    assert reader.readFilterLabel() == exposure.filterLabel
    assert reader.readPhotoCalib() == exposure.photoCalib
    assert np.array_equal(reader.readPsf().computeImage(Point2D(50, 60)).array,
                          exposure.psf.computeImage(Point2D(50, 60)).array)
    # As cfitsio has it, scaled 32-bit integers need double precision.
    isScaled = reader._fits.file.hdu(1).get("BSCALE") != 1.0
    assert reader.readImageDType() == (np.float64 if isScaled else np.float32)
    assert reader.readMaskDType() == np.int32
    assert np.array_equal(reader.readMask().array, exposure.mask.array)
    assert reader.readCoaddInputs() is None and reader.readComponent("NONSENSE") is None


def testComponentsOutliveTheFile(stackData, tmp_path):
    path = tmp_path/"copy.fits"
    path.write_bytes((stackData/"zoo"/"pcaPsf.fits").read_bytes())
    exposure = ExposureF(str(path))
    path.unlink()
    assert exposure.hasPsf() and exposure.hasWcs()


def cardsOf(file, hdu):
    return [card for card in file.hdu(hdu).cards if not card.startswith(("TFORM", "PCOUNT"))]


@pytest.mark.parametrize("name", ["kernelPsf", "pcaPsf", "doublePsf", "singlePsf", "gaussianPsf",
                                  "analyticPsf"])
def testWritesWhatItRead(stackData, tmp_path, name):
    source, target = str(stackData/"zoo"/f"{name}.fits"), str(tmp_path/"out.fits")
    exposure = ExposureF(source)
    exposure.writeFits(target)
    assert samePlanes(ExposureF(target), exposure)
    with FitsFile(source) as old, FitsFile(target) as new:
        assert [old.hduName(i) for i in range(1, old.nHdus)] == [new.hduName(i) for i in range(1, new.nHdus)]
        for hdu in (1, 2, 3):
            changes = list(difflib.unified_diff(cardsOf(old, hdu), cardsOf(new, hdu), n=0, lineterm=""))
            assert not changes
        # What v23 itself adds on rewriting: EXTNAME of the image plane stays in the metadata, and a VisitInfo
        # without any content has a ROTTYPE.
        primary = [card[:8].rstrip() for card in cardsOf(new, 0) if card not in cardsOf(old, 0)]
        assert set(primary) <= {"EXTNAME", "ROTTYPE", "A_ORDER", "B_ORDER"}


@pytest.mark.parametrize("algorithm", ["NONE", "GZIP", "GZIP_SHUFFLE"])
def testLosslessRecipes(stackData, tmp_path, algorithm):
    exposure = ExposureF(pathOf(stackData, NAMES[0]))
    recipe = PropertySet()
    for plane in ("image", "mask", "variance"):
        options = PropertySet()
        options.set("compression.algorithm", algorithm)
        recipe.set(plane, ImageWriteOptions.validate(options))
    path = str(tmp_path/"out.fits")
    exposure.writeFitsWithOptions(path, recipe)
    assert samePlanes(ExposureF(path), exposure)
    with FitsFile(path) as file:
        assert file.isCompressedImage(1) == (algorithm != "NONE")


@pytest.mark.parametrize("algorithm", ["GZIP", "GZIP_SHUFFLE"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def testInfinitiesSurviveCompression(tmp_path, algorithm, dtype):
    image = afwImage.Image(30, 20, dtype=dtype)
    image.array[...] = np.random.default_rng(1).normal(size=(20, 30))
    image.array[3, 4], image.array[5, 6], image.array[7] = np.inf, -np.inf, np.nan
    options = PropertySet()
    options.set("compression.algorithm", algorithm)
    path = str(tmp_path/"image.fits")
    image.writeFits(path, ImageWriteOptions(ImageWriteOptions.validate(options)))
    back = type(image)(path)
    np.testing.assert_array_equal(back.array, image.array)


def testConstantImagesSurviveQuantization(tmp_path):
    """v23 divides by their standard deviation and makes them NaN."""
    for value in (0.0, 7.5, -1e20):
        image = afwImage.ImageF(30, 20)
        image.array[...] = value
        options = PropertySet()
        for key, setting in (("compression.algorithm", "RICE"), ("scaling.algorithm", "STDEV_POSITIVE"),
                             ("scaling.bitpix", 32), ("scaling.quantizeLevel", 10.0)):
            options.set(key, setting)
        path = str(tmp_path/"image.fits")
        image.writeFits(path, ImageWriteOptions(ImageWriteOptions.validate(options)))
        np.testing.assert_allclose(afwImage.ImageF(path).array, value, rtol=1e-6, atol=1e-30)


def testQuantizedRecipe(stackData, tmp_path):
    exposure = ExposureF(pathOf(stackData, NAMES[0]))
    options = PropertySet()
    for key, value in (("compression.algorithm", "RICE"), ("scaling.algorithm", "STDEV_POSITIVE"),
                       ("scaling.bitpix", 32), ("scaling.quantizeLevel", 10.0), ("scaling.seed", 5)):
        options.set(key, value)
    options = ImageWriteOptions(ImageWriteOptions.validate(options))
    path = str(tmp_path/"out.fits")
    exposure.writeFits(path, options, ImageWriteOptions(exposure.mask), options)
    with FitsFile(path) as file:
        assert file.hdu(1).get("ZCMPTYPE") == "RICE_1" and file.hdu(1).get("ZDITHER0") == 5
        quantum = file.hdu(1).get("BSCALE")
    read, original = ExposureF(path).image.array, exposure.image.array
    good = np.isfinite(original)
    assert np.array_equal(np.isnan(read), ~good)
    error = (read - original)[good]
    # Subtractive dithering leaves an error that is uniform within half a quantum.
    assert np.abs(error).max() <= 0.51*quantum
    assert error.std() == pytest.approx(quantum/math.sqrt(12), rel=0.05)


def testInMemory(stackData):
    exposure = ExposureF(pathOf(stackData, NAMES[1]))
    manager = MemFileManager()
    exposure.writeFits(manager)
    assert samePlanes(ExposureF.readFits(manager), exposure)


def testConversion(stackData):
    exposure = ExposureD(pathOf(stackData, NAMES[0]))
    assert exposure.image.array.dtype == np.float64
    with pytest.raises(FitsError, match="Incompatible type"):
        afwImage.ExposureI(pathOf(stackData, NAMES[0]))


@pytest.mark.parametrize("dtype", ["int16", "int64"])
def testTypesThatNoImageHas(tmp_path, dtype):
    path = str(tmp_path/"integers.fits")
    fits.writeto(path, np.arange(6, dtype=dtype).reshape(2, 3))
    reader = ExposureFitsReader(path)
    for read in (reader.readImage, reader.read, afwImage.ImageFitsReader(path).read):
        with pytest.raises(FitsTypeError, match=rf"{dtype} \(HDU 0 of .*integers\.fits\).*dtype="):
            read()
        assert read(dtype=np.float32).getDimensions() == Extent2I(3, 2)
    assert reader.readImageArray().dtype == dtype


def testNoWcsNoPsf(tmp_path):
    path = str(tmp_path/"bare.fits")
    ExposureF(MaskedImageF(4, 3)).writeFits(path)
    exposure = ExposureF(path)
    assert exposure.getWcs() is None and exposure.getPsf() is None and exposure.photoCalib is None


def testUnknownComponentIsNamedWhenAskedFor(stackData, tmp_path):
    data = (stackData/"zoo"/"gaussianPsf.fits").read_bytes()
    path = tmp_path/"unknown.fits"
    path.write_bytes(data.replace(b"GaussianPsf", b"MysteryPsfX"))
    reader = ExposureFitsReader(str(path))
    with pytest.raises(NotFoundError, match="MysteryPsfX"):
        reader.readPsf()
    exposure = ExposureF(str(path))
    assert exposure.getPsf() is None and exposure.hasWcs() and exposure.photoCalib is not None


@pytest.mark.parametrize("name", NAMES[:3])
def testTruncatedFiles(stackData, tmp_path, name):
    data = open(pathOf(stackData, name), "rb").read()
    path = tmp_path/"cut.fits"
    for fraction in (0.0, 0.001, 0.01, 0.3, 0.6):
        path.write_bytes(data[:int(len(data)*fraction)])
        with pytest.raises(FitsError, match="cut.fits"):
            ExposureFitsReader(str(path)).readPsf()
            ExposureF(str(path)).getPsf()


def testNotFits(tmp_path):
    path = tmp_path/"text.fits"
    path.write_text("no FITS file\n"*1000)
    with pytest.raises(FitsError, match="text.fits"):
        ExposureF(str(path))


def stackFileContents(exposure, center):
    """Return of an exposure what expected.json has."""
    bbox, calib, visitInfo = exposure.getBBox(), exposure.photoCalib, exposure.visitInfo
    sky = exposure.getWcs().pixelToSky(center)
    planes = exposure.mask.getMaskPlaneDict()
    content = {
        "bbox": [bbox.getMinX(), bbox.getMinY(), bbox.getWidth(), bbox.getHeight()],
        "imageSum": float(np.nansum(exposure.image.array, dtype=float)),
        "varianceSum": float(np.nansum(exposure.variance.array, dtype=float)),
        "maskPlanes": {name: int(np.count_nonzero(exposure.mask.array & (1 << bit)))
                       for name, bit in planes.items()},
        "centerSky_deg": [sky.getRa().asDegrees(), sky.getDec().asDegrees()],
        "pixelScale_arcsec": exposure.getWcs().getPixelScale(center).asArcseconds(),
        "calibrationMean": calib.getCalibrationMean(),
        "calibrationErr": calib.getCalibrationErr(),
        "calibAtCenter": calib.getLocalCalibration(center),
        "exposureTime": visitInfo.getExposureTime(),
        "exposureId": visitInfo.getExposureId(),
        "mjdTai": visitInfo.getDate().get(DateTime.MJD, DateTime.TAI),
    }
    if exposure.filterLabel is not None:
        label = exposure.filterLabel
        content["band"] = label.bandLabel if label.hasBandLabel() else None
        content["physical"] = label.physicalLabel if label.hasPhysicalLabel() else None
    if exposure.info.hasApCorrMap():
        content["apCorr"] = {name: field.evaluate(center)
                             for name, field in exposure.info.getApCorrMap().items()}
    return content


STACK_FILES = ["afw_HSC-0908120-056-small.fits", "afw_exposure-noversion.fits", "afw_exposure-version-0.fits",
               "afw_exposure-version-1.fits", "afw_exposure-version-2.fits", "calexp-005646-g4-0694.fits.gz",
               "cfht_calexp-850587-12.fits.fz", "obs_base_calexp.fits"]


@pytest.mark.parametrize("name", STACK_FILES)
def testFilesOfManyStackVersions(shared, name):
    folder = shared/"real"/"stack-files"
    expected = json.loads((folder/"expected.json").read_text())[name]
    content = stackFileContents(ExposureF(str(folder/name)), Point2D(*expected["center"]))
    for key, value in content.items():
        if key == "maskPlanes":
            assert all(value.get(plane, 0) == n for plane, n in expected[key].items())
        elif isinstance(value, dict):
            assert value == pytest.approx(expected[key], rel=1e-6)
        elif isinstance(value, (list, float)):
            assert value == pytest.approx(expected[key], rel=1e-6, nan_ok=True)
        else:
            assert value == expected[key]
