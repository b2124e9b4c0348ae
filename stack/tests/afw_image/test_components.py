# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""PhotoCalib, VisitInfo, FilterLabel, Filter, ApCorrMap."""

import copy
import math
import warnings

import numpy as np
import pytest

import lsst.afw.image as afwImage
from lsst.afw.coord import Observatory, Weather
from lsst.afw.image import ApCorrMap, ExposureInfo, Filter, FilterLabel, PhotoCalib, VisitInfo
from lsst.afw.image._filterConversion import makeFilterLabelFromName
from lsst.afw.image.utils import defineFilter, resetFilters
from lsst.afw.math import ChebyshevBoundedField
from lsst.afw.table import SourceCatalog, SourceTable
from lsst.daf.base import DateTime, PropertyList
from lsst.geom import Box2I, Extent2I, Point2D, Point2I, SpherePoint, degrees
from lsst.pex.exceptions import InvalidParameterError, LengthError, LogicError, NotFoundError
from lsst.pex.exceptions import RuntimeError as LsstRuntimeError

BOX = Box2I(Point2I(0, 0), Extent2I(100, 200))


def varying():
    return PhotoCalib(ChebyshevBoundedField(BOX, np.array([[2.0, 0.1], [0.2, 0.0]])), 0.05)


def testFluxAndMagnitude():
    calib = PhotoCalib(3.5, 0.07)
    flux = calib.instFluxToNanojansky(100.0, 5.0)
    assert (flux.value, flux.error) == pytest.approx((350.0, 350.0*math.hypot(0.05, 0.02)))
    mag = calib.instFluxToMagnitude(100.0, 5.0)
    # AB magnitudes: 31.4 is the zero point of fluxes in nJy.
    assert mag.value == pytest.approx(31.4 - 2.5*math.log10(350.0), abs=1e-3)
    assert mag.error == pytest.approx(2.5/math.log(10)*math.hypot(0.05, 0.02))
    assert calib.magnitudeToInstFlux(mag.value) == pytest.approx(100.0)
    assert calib.instFluxToMagnitude(calib.getInstFluxAtZeroMagnitude()) == pytest.approx(0.0, abs=1e-12)


def testVaryingCalibration():
    calib = varying()
    x, y = np.array([0.0, 49.5, 99.0]), np.array([0.0, 99.5, 199.0])
    local = [calib.getLocalCalibration(Point2D(*position)) for position in zip(x, y)]
    assert calib._localCalibrationArray(x, y) == pytest.approx(local)
    assert local[1] == pytest.approx(2.0) and calib.getCalibrationMean() == pytest.approx(2.0)
    assert calib.instFluxToNanojansky(3.0, Point2D(99.0, 199.0)) == pytest.approx(3.0*local[2])


@pytest.mark.parametrize("calib", [PhotoCalib(2.0), varying()])
def testCatalogWithoutACentroidIsNotCalibrated(calib):
    schema = SourceTable.makeMinimalSchema()
    for name in "flux_instFlux", "flux_instFluxErr":
        schema.addField(name, type="D")
    catalog = SourceCatalog(schema)
    assert calib.instFluxToNanojansky(catalog, "flux").shape == (0, 2)
    catalog.addNew()
    with pytest.raises(LogicError, match="Key is not valid"):
        calib.instFluxToNanojansky(catalog, "flux")


def testNegativeCalibration():
    with pytest.raises(InvalidParameterError):
        PhotoCalib(-1.0)


def testCalibEra():
    metadata = PropertyList()
    assert afwImage.makePhotoCalibFromMetadata(metadata) is None
    metadata.set("FLUXMAG0", 1e10)
    metadata.set("FLUXMAG0ERR", 1e8)
    calib = afwImage.makePhotoCalibFromMetadata(metadata, True)
    assert calib.getInstFluxAtZeroMagnitude() == pytest.approx(1e10)
    assert calib.getCalibrationErr()/calib.getCalibrationMean() == pytest.approx(0.01)
    assert metadata.nameCount() == 0


@pytest.mark.parametrize("calib", [PhotoCalib(2.5, 0.1), varying()])
def testPhotoCalibFile(tmp_path, calib):
    path = str(tmp_path/"calib.fits")
    calib.writeFits(path)
    assert PhotoCalib.readFits(path) == calib


def makeVisitInfo():
    return VisitInfo(exposureId=123, exposureTime=30.0, darkTime=31.0,
                     date=DateTime("2022-01-01T05:02:24.000000000", DateTime.TAI), ut1=59580.2,
                     era=20*degrees,
                     boresightRaDec=SpherePoint(53*degrees, -27*degrees),
                     boresightAzAlt=SpherePoint(10*degrees, 60*degrees), boresightAirmass=1.15,
                     boresightRotAngle=5*degrees, rotType=afwImage.RotType.SKY,
                     observatory=Observatory(-70*degrees, -30*degrees, 2700.0),
                     weather=Weather(10.0, 75000.0, 20.0), instrumentLabel="Cam", id=9)


def testVisitInfoHeader():
    visitInfo, metadata = makeVisitInfo(), PropertyList()
    afwImage.setVisitInfoMetadata(metadata, visitInfo)
    read = VisitInfo(metadata)
    assert read.getDate() == visitInfo.getDate() and read.getId() == 9
    assert read.getWeather() == Weather(10, 75000, 20)
    assert read.getBoresightRaDec().separation(visitInfo.getBoresightRaDec()).asArcseconds() < 1e-6
    assert afwImage.stripVisitInfoKeywords(metadata) == 22 and metadata.nameCount() == 0


def testVisitInfoFile(tmp_path):
    path = str(tmp_path/"visitInfo.fits")
    makeVisitInfo().writeFits(path)
    assert VisitInfo.readFits(path) == makeVisitInfo()


def testVisitInfoOfOldHeaders():
    metadata = PropertyList()
    metadata.set("EXPTIME", "53.9")
    metadata.set("TIME-MID", "2005-09-28T09:10:00.000000000Z")
    visitInfo = VisitInfo(metadata)
    assert visitInfo.getExposureTime() == 53.9
    assert visitInfo.getDate() == DateTime("2005-09-28T09:10:00.000000000Z", DateTime.UTC)
    metadata.set("DATE-AVG", "2005-09-28T09:10:00.000000000")
    with pytest.raises(LsstRuntimeError, match="TIMESYS"):
        VisitInfo(metadata)


def testHourAngleAndParallacticAngle():
    visitInfo = makeVisitInfo()
    assert visitInfo.getBoresightHourAngle().asDegrees() == pytest.approx(20 - 70 - 53)
    # At the meridian, north of the zenith, the zenith is to the south.
    onMeridian = VisitInfo(era=0*degrees, boresightRaDec=SpherePoint(0*degrees, -10*degrees),
                           observatory=Observatory(0*degrees, -30*degrees, 0.0))
    assert abs(onMeridian.getBoresightParAngle().asDegrees()) == pytest.approx(180.0)


def testFilterLabel(tmp_path):
    label = FilterLabel(band="r", physical="HSC-R2")
    assert (label.bandLabel, label.physicalLabel) == ("r", "HSC-R2") and copy.deepcopy(label) == label
    with pytest.raises(RuntimeError):
        FilterLabel(band="r").physicalLabel  # noqa: B018
    with pytest.raises(ValueError):
        FilterLabel()
    path = str(tmp_path/"label.fits")
    for item in (label, FilterLabel(band="r"), FilterLabel(physical="x y")):
        item.writeFits(path)
        assert FilterLabel.readFits(path) == item


@pytest.fixture
def filters():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        resetFilters()
        yield
        resetFilters()


def testFilterRegistry(filters):
    defineFilter("g", 480.0, alias=["HSC-G"])
    defineFilter("r2", 620.0, alias="HSC-R2")
    assert Filter("HSC-G").getCanonicalName() == "g" and Filter.getNames() == ["g", "r2"]
    assert Filter("g").getFilterProperty().getLambdaEff() == 480.0
    assert makeFilterLabelFromName("HSC-G") == FilterLabel(band="g", physical="HSC-G")
    assert makeFilterLabelFromName("r2") == FilterLabel(band="r", physical="HSC-R2")
    assert makeFilterLabelFromName("ha") == FilterLabel(physical="ha")
    assert makeFilterLabelFromName("N921") == FilterLabel(band="N921")
    with pytest.raises(NotFoundError):
        Filter("q")
    with pytest.raises(LsstRuntimeError):
        defineFilter("g", 500.0)


def testApCorrMap(tmp_path):
    apCorrMap = ApCorrMap()
    apCorrMap["b"] = ChebyshevBoundedField(BOX, np.array([[2.0]]))
    apCorrMap["a"] = ChebyshevBoundedField(BOX, np.array([[1.0, 0.5]]))
    path = str(tmp_path/"map.fits")
    apCorrMap.writeFits(path)
    read = ApCorrMap.readFits(path)
    assert list(read) == ["a", "b"] and dict(read.items()) == dict(apCorrMap.items())
    read *= 2
    assert read["b"].evaluate(5, 5) == 4.0 and "c" not in read and read.get("c") is None
    with pytest.raises(NotFoundError):
        read["c"]
    with pytest.raises(LengthError):
        read["x"*65] = apCorrMap["a"]


def testExposureInfoComponents():
    info = ExposureInfo(photoCalib=PhotoCalib(1.0))
    other = ExposureInfo(info)
    other.setPhotoCalib(None)
    assert info.hasPhotoCalib() and not other.hasPhotoCalib()
    info.setComponent("EXTRA", FilterLabel(band="g"))
    assert info.getComponent("EXTRA") == FilterLabel(band="g") and info.getComponent("NONE") is None
    with pytest.raises(TypeError):
        info.setComponent("NUMBER", 5)
