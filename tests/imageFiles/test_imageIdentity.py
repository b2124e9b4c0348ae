# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Which image a file has."""

import math

import lsst.afw.image as afwImage
import numpy as np
import pytest
from lsst.afw.cameraGeom import (
    FOCAL_PLANE,
    PIXELS,
    CameraSys,
    Detector,
    DetectorType,
    Orientation,
    TransformMap,
)
from lsst.afw.table import SourceCatalog, SourceTable
from lsst.daf.base import DateTime
from lsst.dia.repro.imageFiles.imageFile import findImageFiles
from lsst.dia.repro.imageFiles.imageIdentity import identify, makeIdFactory, readDataId
from lsst.dia.repro.movedNames import setFilterLabel
from lsst.geom import Extent2D
from lsst.pipe.base import TaskError

VISIT = 2025123100042


def makeExposure(cards=(), visitInfo=None, exposureId=None, label=None):
    exposure = afwImage.ExposureF(4, 4)
    for name, value in dict(cards).items():
        exposure.getMetadata().set("LSST BUTLER DATAID " + name, value)
    exposure.getInfo().setVisitInfo(visitInfo)
    exposure.getInfo().setId(exposureId)
    setFilterLabel(exposure, label)
    return exposure


def readBack(exposure, path):
    exposure.writeFits(str(path))
    return afwImage.ExposureF(str(path))


RUBIN = {"VISIT": VISIT, "DETECTOR": 0, "INSTRUMENT": "LSSTCam", "BAND": "r", "PHYSICAL_FILTER": "r_57"}


def testCardsOfTheButler(tmp_path):
    date = DateTime(61000.25, DateTime.MJD, DateTime.TAI)
    exposure = makeExposure(RUBIN, afwImage.VisitInfo(date=date, id=1), exposureId=77)
    for each in (exposure, readBack(exposure, tmp_path/"image.fits")):
        found = identify(each)
        assert found.dataId == {"visit": VISIT, "detector": 0, "instrument": "LSSTCam"}
        assert (found.exposureId, found.mjd, found.band) == (77, 61000.25, "r")
        assert [type(value) for value in found.dataId.values()] == [int, int, str]
    assert readDataId(str(tmp_path/"image.fits")) == found.dataId


def testVisitInfoWithoutCards(tmp_path):
    exposure = makeExposure(visitInfo=afwImage.VisitInfo(id=VISIT, instrumentLabel="LATISS"),
                            label=afwImage.FilterLabel(band="g", physical="g_1"))
    found = identify(readBack(exposure, tmp_path/"image.fits"))
    assert found.dataId == {"visit": VISIT, "detector": -1, "instrument": "LATISS"}
    assert found.exposureId == VISIT << 9 and found.band == "g" and math.isnan(found.mjd)


def testDetectorWithoutCards(tmp_path):
    # The slice has no other way to make one; a stack has its builder.
    DetectorFields = pytest.importorskip("lsst.afw.cameraGeom._detector").DetectorFields
    exposure = makeExposure(visitInfo=afwImage.VisitInfo(id=7))
    fields = DetectorFields("R22_S11", 94, DetectorType.SCIENCE, "serial", exposure.getBBox(), Orientation(),
                            Extent2D(0.01, 0.01), np.zeros((0, 0), np.float32), "CCD")
    connection = TransformMap.Connection(Orientation().makePixelFpTransform(Extent2D(0.01, 0.01)),
                                         CameraSys(PIXELS, "R22_S11"), FOCAL_PLANE)
    exposure.setDetector(Detector(fields, TransformMap(FOCAL_PLANE, [connection]), []))
    found = identify(readBack(exposure, tmp_path/"image.fits"))
    assert found.dataId == readDataId(str(tmp_path/"image.fits")) == {"visit": 7, "detector": 94}
    assert found.exposureId == (7 << 9) + 94


def testExposureIdOfOldStacks(tmp_path):
    exposure = makeExposure(visitInfo=afwImage.VisitInfo(exposureId=436861))
    found = identify(readBack(exposure, tmp_path/"image.fits"))
    assert found.dataId == {"visit": 436861, "detector": -1}
    assert found.exposureId == 436861 and found.band == ""


def testNumberOfTheImageIsMadeOfVisitAndDetector():
    cards = {"VISIT": VISIT, "DETECTOR": 188}
    assert identify(makeExposure(cards)).exposureId == (VISIT << 9) + 188


@pytest.mark.parametrize("cards, message", [
    ({}, "does not tell its visit"), ({"DETECTOR": 3}, "does not tell its visit"),
    ({"VISIT": "x"}, "'x', which is no number"), ({"VISIT": -4}, "visit -4 and detector -1 are no numbers"),
    ({"VISIT": 4, "DETECTOR": 512}, "detector 512 are no numbers"),
    ({"VISIT": 10**13}, "are no numbers"),
])
def testNoIdentity(cards, message):
    with pytest.raises(TaskError, match=message):
        identify(makeExposure(cards))


def makeIds(exposureId, number=3):
    catalog = SourceCatalog(SourceTable.make(SourceTable.makeMinimalSchema(), makeIdFactory(exposureId)))
    return [catalog.addNew().getId() for _ in range(number)]


def testIds():
    assert makeIds(436861) == [(436861 << 23) + index for index in (1, 2, 3)]
    first, second = ((VISIT << 9) + detector for detector in (0, 1))
    assert len({*makeIds(first), *makeIds(second)}) == 6 and min(makeIds(first)) > 0
    largest = [(1 << 40) - 1, 1 << 40, (1 << 41) - 1, 1 << 41, (1 << 50) - 1]
    ids = sum(map(makeIds, largest), [])
    assert min(ids) > 0 and len(set(ids)) == 3*len(largest)
    for number in (-1, 1 << 50):
        with pytest.raises(TaskError, match="leaves no room"):
            makeIdFactory(number)


def testFilesOfArguments(tmp_path):
    for name in ("a/1.fits", "a/b/2.FITS.gz", "a/b/notes.txt", "a/.hidden.fits", "a/.git/3.fits", "c/4.dat"):
        (tmp_path/name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path/name).touch()
    (tmp_path/"link").symlink_to(tmp_path/"a")
    found = findImageFiles([str(tmp_path/"link"), str(tmp_path/"c/4.dat"), str(tmp_path/"a/1.fits"),
                            str(tmp_path/"c/gone.fits")])
    assert [image.name for image in found] == ["a/1.fits", "a/b/2.FITS.gz", "c/4.dat", "c/gone.fits"]
    assert [image.path for image in found] == [str((tmp_path/image.name).resolve()) for image in found]
    (alone,) = findImageFiles([str(tmp_path/"a/1.fits")])
    assert alone.name == "1.fits"
    with pytest.raises(LookupError, match="no images in it"):
        findImageFiles([str(tmp_path/"c")])
