# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""What a camera mapper makes of its policy."""

import gc
import os
import sqlite3
import weakref

import pytest

import lsst.afw.image as afwImage
from lsst.daf.persistence import Butler, NoResults, Policy
from lsst.obs.base import CameraMapper

POLICY = {
    "defaultLevel": "ccd",
    "levels": {"visit": "ccd"},
    "defaultSubLevels": {"visit": "ccd"},
    "exposures": {"raw": {"template": "raw-%(visit)d-%(filter)s-%(ccd)02d.fits", "tables": "raw"},
                  "calexp": {"template": "calexp-%(visit)d-%(ccd)02d.fits"}},
    "images": {"thumb": {"template": "thumb-%(ccd)d.fits[%(hdu)d]", "python": "lsst.afw.image.ImageF",
                         "tables": "raw"}},
    "calibrations": {"flat": {
        "template": "flat-%(filter)s-%(runId)s.fits", "python": "lsst.afw.image.ExposureF", "level": "Amp",
        "tables": "flat", "validRange": True, "reference": "raw", "refCols": ["visit", "ccd"],
        "columns": ["filter", "taiObs"]}},
    "datasets": {
        "a": {"template": "a-%(id)s.yaml", "python": "lsst.daf.base.PropertySet", "storage": "YamlStorage"},
        "pair": {"python": "builtins.dict", "composite": {
            "x": {"datasetType": "a"}, "y": {"datasetType": "a", "inputOnly": True}}},
        "patchCat": {"template": "%(tract)d/%(patch)s/%(filter)s-%(visit)d.fits", "tables": "raw",
                     "python": "lsst.afw.table.SourceCatalog", "storage": "FitsCatalogStorage"}},
    "needCalibRegistry": True,
}


class CamMapper(CameraMapper):
    packageName = "obs_base"

    def __init__(self, **kwargs):
        super().__init__(policy=Policy(POLICY), repositoryDir="", **kwargs)


def makeRegistry(path, statements):
    with sqlite3.connect(path) as connection:
        connection.executescript(statements)
    connection.close()


@pytest.fixture
def root(tmp_path):
    makeRegistry(tmp_path/"registry.sqlite3", """
        CREATE TABLE raw (visit INT, ccd INT, filter TEXT, taiObs TEXT);
        INSERT INTO raw VALUES
            (1, 3, 'r', '2005-01-05'), (1, 4, 'r', '2005-01-05'), (2, 3, 'i', '2005-02-05');
        CREATE TABLE raw_visit (visit INT, filter TEXT, taiObs TEXT);
        INSERT INTO raw_visit VALUES (1, 'r', '2005-01-05'), (2, 'i', '2005-02-05');
        """)
    makeRegistry(tmp_path/"calibRegistry.sqlite3", """
        CREATE TABLE flat (runId TEXT, filter TEXT, validStart TEXT, validEnd TEXT);
        INSERT INTO flat VALUES
            ('A', 'r', '2005-01-01', '2005-01-31'), ('B', 'r', '2005-02-01', '2005-02-28'),
            ('C', 'i', '2005-02-01', '2005-02-28');
        """)
    return str(tmp_path)


@pytest.fixture
def mapper(root):
    return CamMapper(root=root)


def testLookups(mapper):
    assert mapper.map("raw", {"visit": 2, "ccd": 3}).getLocations() == ["raw-2-i-03.fits"]
    assert mapper.queryMetadata("raw", ["visit", "filter"], {"ccd": 4}) == [(1, "r")]
    with pytest.raises(NoResults, match="0 matches"):
        mapper.map("raw", {"visit": 9, "ccd": 3})
    location = mapper.map("thumb", {"ccd": 3, "hdu": 2})
    assert location.getLocations() == ["thumb-3.fits[2]"]
    assert location.getAdditionalData().getScalar("hdu") == 2


def testCalibrationsByTheirValidity(mapper):
    assert mapper.map("flat", {"visit": 1, "ccd": 3}).getLocations() == ["flat-r-A.fits"]
    assert mapper.map("flat", {"visit": 2, "ccd": 3}).getLocations() == ["flat-i-C.fits"]
    with pytest.raises(RuntimeError, match="No unique lookup"):
        mapper.map("flat", {"visit": 9, "ccd": 3})


def testSkyMapKeysAreGiven(mapper):
    dataId = {"visit": 1, "tract": 5, "patch": "1,2"}
    assert mapper.map("patchCat", dataId).getLocations() == ["5/1,2/r-1.fits"]
    assert mapper.queryMetadata("patchCat", ["tract", "filter", "patch"], dataId) == [(5, "r", "1,2")]
    with pytest.raises(RuntimeError, match="skymap key 'tract'"):
        mapper.queryMetadata("patchCat", ["tract", "filter"], {"visit": 1})


def testDatasetsOfAllCameras(mapper):
    types = mapper.getDatasetTypes()
    for name in ("src_schema", "calexp_wcs", "calexp_sub", "deepDiff_diaSrc", "packages", "thumb_bbox"):
        assert name in types
    assert "src_schema_schema" not in types
    assert mapper.mappings["calexp"].python == "lsst.afw.image.ExposureF"
    with pytest.raises(RuntimeError, match="Template is not defined for the src dataset type"):
        mapper.map("src", {"visit": 1})


def testWrongPolicies(root):
    policy = Policy({**POLICY, "exposures": {"packages": {"template": "x"}}})
    with pytest.raises(ValueError, match="packages"):
        CameraMapper(policy=policy, repositoryDir="", root=root)
    with pytest.raises(ValueError, match="packageName"):
        CameraMapper(policy=Policy(POLICY), repositoryDir="", root=root)
    with pytest.raises(RuntimeError, match="Unable to locate registry other.sqlite3"):
        CamMapper(root=root, registry="other.sqlite3")


def testRegistryIsClosedWithTheMapper(root):
    mapper = CamMapper(root=root)
    registry = weakref.ref(mapper.registry)
    del mapper
    gc.collect()
    assert registry() is None


def testCompositesAreRefused(root):
    butler = Butler(root=root, mapper=CamMapper)
    for datasetType, error in (("pair", AttributeError), ("pair.x", AttributeError), ("a.x", RuntimeError)):
        with pytest.raises(error):
            butler.get(datasetType, id="p")


def testFilterDefinitionsAreRefused(root):
    class OtherMapper(CamMapper):
        _gen3instrument = "other.Instrument"

    with pytest.raises(NotImplementedError, match="other.Instrument"):
        OtherMapper(root=root)


def testImagesBecomeExposures(mapper):
    image = afwImage.ImageF(4, 3)
    image.array[1, 2] = 5
    mapping = mapper.mappings["flat"]
    exposure = mapping.standardize(mapper, image, {"visit": 1, "ccd": 3})
    assert isinstance(exposure, afwImage.ExposureF)
    assert exposure.image.array[1, 2] == 5


def testPolicyOfTheRepository(root, tmp_path):
    overlay = Policy({"exposures": {"raw": {"template": "other-%(visit)d.fits"}}})
    out = str(tmp_path/"out")
    Butler(outputs={"root": out, "mode": "rw", "mapper": CamMapper, "policy": overlay})
    butler = Butler(out)
    assert butler.getUri("raw", visit=1, write=True) == os.path.join(out, "other-1.fits")
