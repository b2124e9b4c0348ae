# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Cameras made of configs and tables, against the geometry worked out by hand."""

import numpy as np
import pytest

import lsst.afw.cameraGeom as cameraGeom
import lsst.afw.table as afwTable
from lsst.afw.geom import TransformConfig
from lsst.geom import Box2I, Extent2I, Point2D, Point2I
from lsst.pex.exceptions import InvalidParameterError

SCALE = np.deg2rad(20/3600)  # Radians a mm.


def makeDetectorConfig(number, offset, yaw):
    config = cameraGeom.DetectorConfig()
    config.name, config.id, config.serial = f"R:{number}", number, f"s{number}"
    config.detectorType = number % 2
    config.bbox_x0, config.bbox_y0, config.bbox_x1, config.bbox_y1 = 0, 0, 999, 1999
    config.offset_x, config.offset_y = offset
    config.refpos_x, config.refpos_y = 499.5, 999.5
    config.yawDeg, config.pitchDeg, config.rollDeg = yaw, 0.0, 0.0
    config.pixelSize_x = config.pixelSize_y = 0.01
    config.transposeDetector = False
    config.transformDict.nativeSys = cameraGeom.PIXELS.getSysName()
    return config


@pytest.fixture
def cameraConfig():
    """Two detectors of 10 x 20 mm beside each other; the second is turned by a quarter."""
    config = cameraGeom.CameraConfig()
    config.name = "two"
    config.detectorList = {0: makeDetectorConfig(5, (-10.0, 0.0), 0.0),
                           1: makeDetectorConfig(2, (15.0, 3.0), 90.0)}
    config.transformDict.nativeSys = cameraGeom.FOCAL_PLANE.getSysName()
    transform = TransformConfig()
    transform.transform.name = "affine"
    transform.transform.active.linear = [SCALE, 0, 0, SCALE]
    config.transformDict.transforms = {cameraGeom.FIELD_ANGLE.getSysName(): transform}
    return config


@pytest.fixture
def camera(cameraConfig, tmp_path):
    for config in cameraConfig.detectorList.values():
        catalog = afwTable.BaseCatalog(cameraGeom.Amplifier.getRecordSchema())
        for name in ("A", "B"):
            builder = cameraGeom.Amplifier.Builder()
            builder.setName(name)
            builder.setBBox(Box2I(Point2I(0, 0), Extent2I(500, 2000)))
            builder.finish().toRecord(catalog.addNew())
        catalog.writeFits(str(tmp_path/f"{config.name.replace(':', '')}.fits"))
    return cameraGeom.makeCameraFromPath(cameraConfig, str(tmp_path), lambda name: name.replace(":", ""))


def test_detectorsAreFoundByNameAndNumber(camera):
    assert camera.getName() == "two" and len(camera) == 2
    assert [detector.getId() for detector in camera] == list(camera.getIdIter()) == [2, 5]
    assert camera["R:5"] is camera[5] and "R:2" in camera and 3 not in camera
    assert camera.get("R:9") is None and list(camera.getNameIter()) == ["R:2", "R:5"]
    assert [amplifier.getName() for amplifier in camera[5]] == ["A", "B"]
    assert camera[5].getType() == cameraGeom.DetectorType.FOCUS and camera[2].getSerial() == "s2"
    with pytest.raises(KeyError, match="R:9"):
        camera["R:9"]


def test_positions(camera):
    plane, angle, pixels = cameraGeom.FOCAL_PLANE, cameraGeom.FIELD_ANGLE, cameraGeom.PIXELS
    center, right = Point2D(499.5, 999.5), Point2D(599.5, 999.5)
    np.testing.assert_allclose(camera[5].transform(center, pixels, plane), (-10, 0), atol=1e-12)
    np.testing.assert_allclose(camera[2].transform(right, pixels, plane), (15, 4), atol=1e-12)
    np.testing.assert_allclose(camera[5].transform(right, pixels, angle), (-9*SCALE, 0),
                               atol=1e-15)
    np.testing.assert_allclose(camera.transform(Point2D(3, 4), plane, angle), (3*SCALE, 4*SCALE))
    np.testing.assert_allclose(camera[5].transform(Point2D(20, 30), pixels, cameraGeom.TAN_PIXELS), (20, 30))
    bbox = camera.getFpBBox()
    np.testing.assert_allclose((*bbox.getMin(), *bbox.getMax()), (-15, -10, 25, 10), atol=1e-9)
    assert camera.computeMaxFocalPlaneRadius() == pytest.approx(np.hypot(25, 8))


def test_detectorsAreFoundByPosition(camera):
    def find(x, y):
        return [detector.getId() for detector in camera.findDetectors(Point2D(x, y), cameraGeom.FOCAL_PLANE)]

    assert (find(-14.9, 9.9), find(-15.1, 0), find(24.9, 7.9), find(24.9, 8.1)) == ([5], [], [2], [])
    angles = [Point2D(-10*SCALE, 0), Point2D(0, 0)]
    found = camera.findDetectorsList(angles, cameraGeom.FIELD_ANGLE)
    assert [[detector.getId() for detector in here] for here in found] == [[5], []]


def test_detectorsShareTheirCoordinateSystems(camera):
    assert camera[5].getTransformMap() is camera[2].getTransformMap() is camera.getTransformMap()
    other = cameraGeom.CameraSys(cameraGeom.PIXELS, "R:2")
    np.testing.assert_allclose(
        camera[5].transform(Point2D(499.5, 999.5), cameraGeom.PIXELS, other), (199.5, 3499.5), rtol=1e-9)


def test_mistakes(cameraConfig):
    builder = cameraGeom.Camera.Builder("x")
    detector = builder.add("a", 1)
    with pytest.raises(InvalidParameterError, match="name a or number 2"):
        builder.add("a", 2)
    with pytest.raises(InvalidParameterError, match="detector 'b' to detector 'a'"):
        detector.setTransformFromPixelsTo(cameraGeom.CameraSys(cameraGeom.TAN_PIXELS, "b"), None)
    cameraConfig.transformDict.nativeSys = cameraGeom.PIXELS.getSysName()
    with pytest.raises(InvalidParameterError, match="FOCAL_PLANE"):
        cameraGeom.makeCameraFromAmpLists(cameraConfig, {})
    config = makeDetectorConfig(1, (0.0, 0.0), 0.0)
    config.crosstalk = [1, 2, 3]
    with pytest.raises(RuntimeError, match="square"):
        config.getCrosstalk(2)
