# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Simulated LSST data, as the real stack wrote them."""

import sqlite3
import time

import fitsio
import numpy as np
import pytest

import lsst.afw.image as afwImage
import lsst.afw.table as afwTable
from lsst.daf.persistence import Butler, Policy, searchDataRefs
from lsst.geom import Box2I, Extent2I, Point2I
from lsst.obs.base import ExposureIdInfo
from lsst.obs.lsstSim import LsstSimMapper

ID = {"visit": 866, "raft": "2,2", "sensor": "1,2"}
EXPOSURE = "deepDiff_differenceExp"


@pytest.fixture
def butler(stackData):
    return Butler(inputs=str(stackData/"repo"))


@pytest.fixture
def mapper(tmp_path):
    return LsstSimMapper(root=str(tmp_path))


def testPaths(mapper):
    # From the template documentation of obs_lsstSim and the files in the test repositories.
    dataId = {**ID, "filter": "i"}
    expected = {
        "deepDiff_differenceExp": "deepDiff/v866-fi/R22/diffexp-S12.fits",
        "deepDiff_diaSrc": "deepDiff/v866-fi/R22/diaSrc-S12.fits",
        "deepDiff_diaSrc_schema": "schema/deepDiff_diaSrc.fits",
        "deepDiff_config": "config/deepDiff.py",
        "deepDiff_metadata": "deepDiff/v866-fi/R22/metadata-S12.yaml",
        "calexp": "calexp/v866-fi/R22/S12.fits",
        "src": "src/v866-fi/R22/S12.fits",
    }
    for datasetType, path in expected.items():
        assert mapper.map(datasetType, dataId, write=True).getLocations() == [path]
    path = mapper.map("forced_src", {**dataId, "tract": 0}, write=True).getLocations()
    assert path == ["forced/0/v866-fi/R22/S12.fits"]


def testExposureIds(mapper, butler):
    ccd = (866 << 9) + 12 * 10 + 5
    assert butler.get("ccdExposureId", ID) == ccd
    assert butler.get("ccdExposureId_bits", ID) == 41
    info = butler.get("expIdInfo", ID)
    assert isinstance(info, ExposureIdInfo) and info.expId == ccd and info.unusedBits == 22
    amp = {**ID, "snap": 1, "channel": "1,7"}
    assert mapper._computeAmpExposureId(amp) == (866 << 13) + (1 << 12) + 12 * 160 + 5 * 16 + 15
    patch = {"tract": 3, "patch": "4,5", "filter": "i"}
    assert butler.get("deepMergedCoaddId", patch) == (3 * 2**13 + 4) * 2**13 + 5
    assert butler.get("deepCoaddId", patch) == ((3 * 2**13 + 4) * 2**13 + 5) * 8 + 3
    assert butler.get("deepCoaddId_bits", patch) == 37
    with pytest.raises(RuntimeError, match="tract 128"):
        butler.get("deepCoaddId", {**patch, "tract": 128})


def testOtherNames(mapper):
    transformed = {"visit": 1, "raft": "22", "sensor": "12"}
    byName = mapper._transformId({"visit": 1, "ccdName": "R:2,2 S:1,2"})
    assert {key: byName[key] for key in transformed} == transformed
    assert mapper._transformId({"ampName": "ID12"})["channel"] == "41"
    assert mapper._transformId({"ccd": "1,1,A", "exposure": 1}) == {
        "ccd": "1,1,A", "exposure": 1, "sensor": "11A", "snap": 1}
    assert mapper.getDataId(5, "R:0,1 S:2,0") == {"visit": 5, "raft": "0,1", "sensor": "2,0"}
    assert LsstSimMapper.getCameraName() == "lsstSim"
    with pytest.raises(RuntimeError, match="ccdName"):
        mapper._transformId({"ccdName": "22"})


@pytest.mark.parametrize("value", [22, "22", "2,2,A", "x"])
def testInvalidRafts(butler, value):
    with pytest.raises(RuntimeError, match="(?i)raft identifier"):
        butler.get("deepDiff_diaSrc", {**ID, "raft": value})


def testKeys(butler):
    assert butler.getKeys("deepDiff_diaSrc") == {"visit": int, "filter": str, "raft": str, "sensor": str}
    assert set(butler.getKeys("raw", level="")) == {"visit", "filter", "raft", "sensor"}
    assert set(butler.getKeys("deepDiff_diaSrc", level="visit")) == {"visit", "filter"}
    # A caller that changes what it got changes nothing else.
    butler.getKeys("deepDiff_diaSrc")["foo"] = str
    assert "foo" not in butler.getKeys("deepDiff_diaSrc")


def testPartsOfExposures(butler):
    exposure = butler.get(EXPOSURE, ID)
    assert isinstance(exposure, afwImage.ExposureF)
    assert butler.get(EXPOSURE + "_bbox", ID) == exposure.getBBox()
    assert butler.get(EXPOSURE + "_wcs", ID) == exposure.getWcs()
    assert butler.get(EXPOSURE + "_photoCalib", ID) == exposure.getPhotoCalib()
    assert str(butler.get(EXPOSURE + "_visitInfo", ID)) == str(exposure.getInfo().getVisitInfo())
    assert butler.get(EXPOSURE + "_filterLabel", ID) == exposure.getFilterLabel()
    assert butler.get(EXPOSURE + "_filename", ID)[0].endswith("v866-fi/R22/diffexp-S12.fits")
    assert butler.get(EXPOSURE + "_md", ID).exists("SIMPLE")
    with pytest.raises(RuntimeError, match="No camera"):
        butler.get(EXPOSURE + "_detector", ID)


def testPartsOfImages(butler):
    exposure = butler.get(EXPOSURE, ID)
    bbox = Box2I(exposure.getXY0() + Extent2I(11, 23), Extent2I(40, 30))
    part = butler.get(EXPOSURE + "_sub", ID, bbox=bbox, imageOrigin="PARENT")
    assert part.getBBox() == bbox
    np.testing.assert_array_equal(part.image.array, exposure[bbox].image.array)
    local = butler.get(EXPOSURE + "_sub", ID, bbox=Box2I(Point2I(11, 23), bbox.getDimensions()),
                       imageOrigin="LOCAL")
    np.testing.assert_array_equal(local.image.array, part.image.array)
    with pytest.raises(RuntimeError, match="needs bbox"):
        butler.get(EXPOSURE + "_sub", ID)


def testCatalogs(butler):
    catalog = butler.get("deepDiff_diaSrc", ID)
    assert butler.get("deepDiff_diaSrc_schema").schema == catalog.schema
    assert butler.get("deepDiff_diaSrc_len", ID) == len(catalog) > 0
    assert butler.get("deepDiff_diaSrc_md", ID).getScalar("NAXIS2") == len(catalog)
    assert catalog[0].getFootprint() is not None
    light = butler.get("deepDiff_diaSrc", ID, flags=afwTable.SOURCE_IO_NO_FOOTPRINTS)
    assert light[0].getFootprint() is None


def testCompressedFilesAreFound(repository):
    path = repository/"deepDiff"/"v866-fi"/"R22"/"diaSrc-S12.fits"
    path.rename(str(path) + ".gz")
    uri = Butler(inputs=str(repository)).getUri("deepDiff_diaSrc", ID)
    assert uri == str(path) + ".gz"


def testRecipes(mapper):
    settings = mapper.getImageCompressionSettings("calexp", ID)
    assert settings.getScalar("image.compression.algorithm") == "GZIP_SHUFFLE"
    assert settings.getScalar("variance.scaling.algorithm") == "NONE"
    seed = settings.getScalar("image.scaling.seed")
    assert seed > 0
    assert mapper.getImageCompressionSettings("calexp", ID).getScalar("image.scaling.seed") == seed
    mapper.mappings["calexp"].recipe = "lossyBasic"
    settings = mapper.getImageCompressionSettings("calexp", ID)
    assert settings.getScalar("image.compression.algorithm") == "RICE"
    assert settings.getScalar("mask.compression.algorithm") == "GZIP_SHUFFLE"
    mapper.mappings["calexp"].recipe = "unknown"
    with pytest.raises(RuntimeError, match="unknown"):
        mapper.getImageCompressionSettings("calexp", ID)


def testRecipesAreUsed(repository):
    butler = Butler(str(repository))
    exposure = butler.get(EXPOSURE, ID)
    butler.put(exposure, EXPOSURE, ID)
    header = butler.get(EXPOSURE + "_md", ID)
    again = butler.get(EXPOSURE, ID)
    assert header.getScalar("ZCMPTYPE") == "GZIP_2" or header.getScalar("XTENSION") == "IMAGE"
    np.testing.assert_array_equal(again.image.array, exposure.image.array)
    np.testing.assert_array_equal(again.mask.array, exposure.mask.array)


def testRealData(shared):
    for name, nCatalogs, nRows, nImages in (("comcam", 183, 2994, 0), ("lsstcam-2025-12-31", 19, 19, 19)):
        butler = Butler(inputs=str(shared/"real"/name/"repo"))
        refs = searchDataRefs(butler, "deepDiff_diaSrc")
        assert len(refs) == nCatalogs
        assert sum(ref.get("deepDiff_diaSrc_len") for ref in refs) == nRows
        images = searchDataRefs(butler, EXPOSURE)
        assert len(images) == nImages
        assert all(ref.get(EXPOSURE + "_wcs") is not None for ref in images)


def testOldForcedSources(shared):
    root = shared/"real"/"twinkles-forced"
    mapper = LsstSimMapper(root=str(root))
    paths = sorted(root.glob("forced/0/*/R22/*.fits"))
    assert paths
    visit, band = paths[0].parts[-3].lstrip("v").split("-f")
    dataId = {"visit": int(visit), "filter": band, "raft": "2,2", "sensor": "1,1", "tract": 0}
    assert mapper.map("forced_src", dataId).getLocationsWithRoot() == [str(paths[0])]


def testManyDataIds(tmp_path):
    """A night of data is listed with one query, not one for each detector."""
    (tmp_path/"_mapper").write_text("lsst.obs.lsstSim.LsstSimMapper")
    rows = [(visit, "r", f"{r//5},{r % 5}", f"{s//3},{s % 3}")
            for visit in range(133) for r in range(21) for s in range(9)]
    with sqlite3.connect(tmp_path/"registry.sqlite3") as connection:
        connection.execute("CREATE TABLE raw (visit INT, filter TEXT, raft TEXT, sensor TEXT)")
        connection.executemany("INSERT INTO raw VALUES (?, ?, ?, ?)", rows)
    connection.close()
    Butler(str(tmp_path))
    start = time.perf_counter()
    butler = Butler(str(tmp_path))
    subset = butler.subset(EXPOSURE)
    elapsed = time.perf_counter() - start
    assert len(subset) == len(rows) == 25137
    assert subset.cache[-1] == {"visit": 132, "filter": "r", "raft": "4,0", "sensor": "2,2"}
    # 0.1 s on an idle machine.
    assert elapsed < 2


def testBadFilesAreErrors(repository):
    butler = Butler(str(repository))
    path = repository/"deepDiff"/"v866-fi"/"R22"/"diffexp-S12.fits"
    path.write_bytes(path.read_bytes()[:20000])
    for datasetType in (EXPOSURE, EXPOSURE + "_wcs"):
        with pytest.raises(OSError, match="v866-fi/R22/diffexp-S12.fits"):
            butler.get(datasetType, ID)
    with pytest.raises(RuntimeError, match="Can only get header WCS for raw"):
        butler.get(EXPOSURE + "_header_wcs", ID)
    path.unlink()
    with pytest.raises(RuntimeError, match="nothing at .*v866-fi/R22/diffexp-S12.fits"):
        butler.get(EXPOSURE + "_wcs", ID)


def testOldForcedSourcesAsTables(shared, tmp_path):
    """What Twinkles stored in 2016 has lost the keywords of sources, and is read as what it is: tables.

    The real v23 crashes when it reads them as sources.
    """
    root = tmp_path/"repo"
    (root/"forced").mkdir(parents=True)
    (root/"_mapper").write_text("lsst.obs.lsstSim.LsstSimMapper")
    original = shared/"real"/"twinkles-forced"/"forced"/"0"
    (root/"forced"/"0").symlink_to(original)
    policy = Policy({"datasets": {"forcedTable": {
        "template": "forced/%(tract)d/v%(visit)d-f%(filter)s/R%(raft)s/S%(sensor)s.fits",
        "python": "lsst.afw.table.BaseCatalog", "persistable": "BaseCatalog",
        "storage": "FitsCatalogStorage", "tables": "raw"}}})
    tables = Butler(outputs={"root": str(tmp_path/"tables"), "mode": "rw", "mapper": LsstSimMapper,
                             "policy": policy})
    (tmp_path/"tables"/"forced").symlink_to(root/"forced")
    sources = Butler(str(root))
    paths = sorted(original.glob("v*/R22/S11.fits"))
    assert len(paths) == 10
    for path in paths:
        visit, band = path.parts[-3].lstrip("v").split("-f")
        dataId = {"visit": int(visit), "filter": band, "raft": "2,2", "sensor": "1,1", "tract": 0}
        with pytest.raises(RuntimeError, match="SourceCatalog cannot hold; BaseCatalog can.*S11.fits"):
            sources.get("forced_src", dataId)
        catalog = tables.get("forcedTable", dataId)
        table = fitsio.read(str(path), ext=1)
        assert len(catalog) == len(table) and catalog.schema.getFieldCount() == len(table.dtype.names) - 1
        for name in ("objectId", "coord_ra", "base_PsfFlux_flux", "base_PsfFlux_fluxSigma"):
            np.testing.assert_array_equal(catalog[name], table[name])
        assert dict(catalog.schema.getAliasMap().items()) == {}
