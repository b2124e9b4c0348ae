# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Cameras that the package of a mapper has as files."""

import pytest

import lsst.afw.cameraGeom as cameraGeom
import lsst.afw.table as afwTable
from lsst.daf.persistence import Butler, Policy
from lsst.obs.base import CameraMapper
from lsst.pex.exceptions import Exception as LsstException

POLICY = {"defaultLevel": "ccd", "defaultSubLevels": {}, "needCalibRegistry": False, "camera": "description"}
CAMERA = """
import lsst.afw.cameraGeom.cameraConfig
config.name = "two"
config.transformDict.nativeSys = "FocalPlane"
config.transformDict.transforms = {}
config.transformDict.transforms["FieldAngle"] = lsst.afw.geom.transformConfig.TransformConfig()
config.transformDict.transforms["FieldAngle"].transform.name = "affine"
config.transformDict.transforms["FieldAngle"].transform["affine"].linear = [1e-4, 0.0, 0.0, 1e-4]
detector = lsst.afw.cameraGeom.cameraConfig.DetectorConfig()
detector.name, detector.id, detector.serial, detector.detectorType = "R:1", 7, "s", 0
detector.bbox_x0 = detector.bbox_y0 = 0
detector.bbox_x1 = detector.bbox_y1 = 99
detector.offset_x = detector.offset_y = detector.refpos_x = detector.refpos_y = 0.0
detector.yawDeg = detector.pitchDeg = detector.rollDeg = 0.0
detector.pixelSize_x = detector.pixelSize_y = 0.01
detector.transposeDetector = False
detector.transformDict.nativeSys = "Pixels"
config.detectorList = {0: detector}
"""


class DiskMapper(CameraMapper):
    packageName = "obs_base"

    def __init__(self, package, **kwargs):
        super().__init__(policy=Policy(POLICY), repositoryDir=str(package), **kwargs)

    @staticmethod
    def getShortCcdName(ccdName):
        return ccdName.replace(":", "")


@pytest.fixture
def package(tmp_path):
    directory = tmp_path/"package"/"description"
    directory.mkdir(parents=True)
    (directory/"camera.py").write_text(CAMERA)
    catalog = afwTable.BaseCatalog(cameraGeom.Amplifier.getRecordSchema())
    catalog.writeFits(str(directory/"R1.fits"))
    return tmp_path/"package"


def makeButler(package, root, **kwargs):
    return Butler(outputs={"root": str(root), "mode": "rw", "mapper": DiskMapper,
                           "mapperArgs": {"package": str(package)}, **kwargs})


def test_cameraIsRead(package, tmp_path):
    camera = makeButler(package, tmp_path/"repo").get("camera")
    assert camera.getName() == "two" and camera["R:1"].getId() == 7


def test_noFileNoCamera(tmp_path):
    with pytest.raises(RuntimeError, match="No camera dataset"):
        makeButler(tmp_path/"empty", tmp_path/"repo").get("camera")


def test_missingTableIsNamed(package, tmp_path):
    (package/"description"/"R1.fits").unlink()
    with pytest.raises((LsstException, RuntimeError, OSError), match=r"R1\.fits"):
        makeButler(package, tmp_path/"repo")


def test_repositoriesCannotNameACamera(package, tmp_path):
    evil = tmp_path/"evil"
    evil.mkdir()
    (evil/"camera.py").write_text("raise AssertionError('the file was run')\n")
    policy = Policy({"camera": str(evil)})
    camera = makeButler(package, tmp_path/"repo", policy=policy).get("camera")
    assert camera.getName() == "two"
