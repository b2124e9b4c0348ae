# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""A Gen2 repository as a Gen3 one."""

import logging
import pathlib
import shutil
import sqlite3

import lsst.afw.image as afwImage
import numpy as np
import pytest
from astropy.time import Time, TimeDelta
from lsst.daf.butler import Butler as Gen3Butler
from lsst.daf.butler import DataCoordinate
from lsst.daf.persistence import Butler
from lsst.dia.repro.gen3 import convertDiaRepo
from lsst.dia.repro.gen3.visitRecords import VisitRecords
from lsst.dia.repro.sky import toVectors
from lsst.geom import Box2D
from lsst.pipe.base import Instrument, ObservationDimensionPacker
from lsst.sphgeom import UnitVector3d
from sqlalchemy.exc import OperationalError

IMAGE, CATALOG = "deepDiff_differenceExp", "deepDiff_diaSrc"
RUN = "LSSTSim/gen2"
ARCSEC = np.pi/180/3600


@pytest.fixture(scope="module")
def converted(stackData, tmp_path_factory):
    """The repository, converted, for tests that only read."""
    root = tmp_path_factory.mktemp("converted")/"gen3"
    assert convert(stackData/"repo", root) == 0
    return Gen3Butler.from_config(str(root), collections=RUN)


def convert(gen2, gen3, *args):
    return convertDiaRepo.main([str(gen2), str(gen3), *args])


def openRun(root):
    return Gen3Butler.from_config(str(root), collections=RUN)


def listData(butler, name):
    """Return visit and detector of all datasets of a type."""
    return sorted((ref.dataId["visit"], ref.dataId["detector"])
                  for ref in butler.query_datasets(name, explain=False))


def listRefs(root, name, **dataId):
    """Return references to what a Gen2 repository has."""
    return [ref for ref in Butler(str(root)).subset(name, dataId=dataId) if ref.datasetExists(name)]


def detectorOf(ref):
    return ref.get("ccdExposureId") & 511


def findRegion(butler, visit, detector):
    (record,) = butler.query_dimension_records("visit_detector_region", instrument="LSSTSim", visit=visit,
                                               detector=detector)
    return record.region


def findVisit(butler, visit):
    (record,) = butler.query_dimension_records("visit", instrument="LSSTSim", visit=visit)
    return record


def contains(region, vectors):
    return np.array([region.contains(UnitVector3d(*vector)) for vector in vectors])


def testDatasetsAreTheSame(converted, stackData):
    for name in IMAGE, CATALOG:
        refs = listRefs(stackData/"repo", name)
        assert listData(converted, name) == sorted((ref.dataId["visit"], detectorOf(ref)) for ref in refs)
        for ref in refs:
            dataId = {"instrument": "LSSTSim", "visit": ref.dataId["visit"], "detector": detectorOf(ref)}
            assert converted.getURI(name, dataId).ospath == ref.getUri(name)
    for ref in listRefs(stackData/"repo", IMAGE, visit=866):
        dataId = {"instrument": "LSSTSim", "visit": 866, "detector": detectorOf(ref)}
        mine, theirs = converted.get(IMAGE, dataId), ref.get(IMAGE)
        np.testing.assert_array_equal(mine.image.array, theirs.image.array)
        assert mine.info.id == ref.get("ccdExposureId")
        np.testing.assert_array_equal(converted.get(CATALOG, dataId)["id"], ref.get(CATALOG)["id"])


def testDataIdsSayWhatGen2Does(converted, stackData):
    for ref in listRefs(stackData/"repo", CATALOG):
        dataId = converted.registry.expandDataId(instrument="LSSTSim", visit=ref.dataId["visit"],
                                                 detector=detectorOf(ref))
        detector = dataId.records["detector"]
        assert (detector.raft, detector.name_in_raft) == (ref.dataId["raft"], ref.dataId["sensor"])
        assert detector.full_name == "R:{raft} S:{sensor}".format(**ref.dataId)
        assert dataId["physical_filter"] == dataId["band"] == ref.dataId["filter"]


@pytest.mark.parametrize("visit", [0, 840, 2**32 - 1])
def testPackerGivesCcdExposureId(converted, stackData, visit):
    gen2 = Butler(str(stackData/"repo"))
    instrument = DataCoordinate.standardize(instrument="LSSTSim", visit=visit, universe=converted.dimensions)
    (record,) = converted.query_dimension_records("instrument")
    packer = ObservationDimensionPacker(instrument.subset(["instrument"]).expanded({"instrument": record}),
                                        is_exposure=False)
    assert packer.maxBits == gen2.get("ccdExposureId_bits")
    for detector in converted.query_dimension_records("detector", instrument="LSSTSim"):
        dataId = DataCoordinate.standardize(instrument, detector=detector.id)
        expected = gen2.get("ccdExposureId", visit=visit, raft=detector.raft, sensor=detector.name_in_raft)
        assert packer.pack(dataId) == expected
        assert packer.unpack(expected) == dataId
    with pytest.raises(ValueError, match="out of bounds"):
        packer.pack(DataCoordinate.standardize(instrument, visit=2**32, detector=0))


def testInstrumentIsFoundByName(converted):
    assert Instrument.fromName("LSSTSim", converted.registry).getName() == "LSSTSim"


@pytest.mark.parametrize("padding", [30.0, 90.0])
def testRegionsReachAsFarAsThePadding(stackData, tmp_path, padding):
    assert convert(stackData/"repo", tmp_path/"gen3", "--padding", str(padding)) == 0
    butler = openRun(tmp_path/"gen3")
    rng = np.random.default_rng(1)
    for ref in listRefs(stackData/"repo", IMAGE):
        # Positions all over the image, on its sides too, then moved in any direction.
        box, wcs = Box2D(ref.get(IMAGE + "_bbox")), ref.get(IMAGE + "_wcs")
        u, v = np.clip(rng.uniform(-0.5, 1.5, (2, 1000)), 0, 1)
        inside = toVectors(*wcs.pixelToSkyArray(box.minX + u*box.width, box.minY + v*box.height))
        moved = np.cross(inside, rng.normal(size=inside.shape))
        moved /= np.linalg.norm(moved, axis=1, keepdims=True)
        region = findRegion(butler, ref.dataId["visit"], detectorOf(ref))
        assert contains(region, np.cos(padding*ARCSEC)*inside + np.sin(padding*ARCSEC)*moved).all()
        assert contains(findVisit(butler, ref.dataId["visit"]).region, inside).all()
        # No farther at the corners than those of a square around the padding.
        center = wcs.pixelToSky(box.getCenter()).getVector()
        radius = max(np.arccos(np.clip(inside @ list(center), -1, 1)))
        farthest = max(np.arccos(center.dot(type(center)(*vertex))) for vertex in region.getVertices())
        assert farthest < radius + 1.5*padding*ARCSEC


def testTimesAreThoseOfTheImages(converted, stackData):
    for ref in listRefs(stackData/"repo", IMAGE):
        info, record = ref.get(IMAGE + "_visitInfo"), findVisit(converted, ref.dataId["visit"])
        begin, end = record.timespan.nsec
        assert (begin + end)/2 == info.getDate().nsecs(info.getDate().TAI)
        assert (end - begin)/1e9 == record.exposure_time == info.getExposureTime()


def testTimeAndPlaceWithoutImage(converted, stackData):
    """Visit 840 has catalogs alone; its registry says 2022-01-01T05:01:47 UTC, for 30 s."""
    record = findVisit(converted, 840)
    begin = Time("2022-01-01T05:01:47", scale="utc")
    assert abs(record.timespan.begin - begin) < TimeDelta(1e-3, format="sec")
    assert abs(record.timespan.end - begin - TimeDelta(30, format="sec")) < TimeDelta(1e-3, format="sec")
    assert record.day_obs == 20211231
    for ref in listRefs(stackData/"repo", CATALOG, visit=840):
        sources = ref.get(CATALOG)
        assert contains(findRegion(converted, 840, detectorOf(ref)),
                        toVectors(sources["coord_ra"], sources["coord_dec"])).all()


def testVisitWithoutTime(repository, tmp_path, caplog):
    with sqlite3.connect(repository/"registry.sqlite3") as registry:
        for table in "raw", "raw_visit":
            registry.execute(f"UPDATE {table} SET taiObs = 'unknown'")
    assert convert(repository, tmp_path/"gen3", "--id", "visit=840") == 0
    assert "Visit 840 has no time" in caplog.text
    assert findVisit(openRun(tmp_path/"gen3"), 840).timespan is None


def testBandOfTheFilterLabel(repository, tmp_path):
    (ref,) = listRefs(repository, IMAGE, visit=853)
    exposure = ref.get(IMAGE)
    exposure.info.setFilterLabel(afwImage.FilterLabel(band="z", physical="r"))
    ref.put(exposure, IMAGE)
    with sqlite3.connect(repository/"registry.sqlite3") as registry:
        for table in "raw", "raw_visit":
            registry.execute(f"UPDATE {table} SET filter = 'r2' WHERE visit = 853")
    (repository/"deepDiff"/"v853-fr").rename(repository/"deepDiff"/"v853-fr2")
    assert convert(repository, tmp_path/"gen3") == 0
    dataId = openRun(tmp_path/"gen3").registry.expandDataId(instrument="LSSTSim", visit=853)
    assert (dataId["physical_filter"], dataId["band"]) == ("r2", "z")


def testAgainAddsNothing(repository, tmp_path, caplog):
    caplog.set_level(logging.INFO)
    for text in "24 files added to the 0 that were there", "0 files added to the 24 that were there":
        caplog.clear()
        assert convert(repository, tmp_path/"gen3") == 0
        assert text in caplog.text


def testPartsMakeTheWhole(converted, repository, tmp_path):
    """What comes later joins what was there: another detector, another visit, an image of a catalog."""
    image = repository/"deepDiff"/"v866-fi"/"R22"/"diffexp-S12.fits"
    image.rename(tmp_path/"aside.fits")
    assert convert(repository, tmp_path/"gen3", "--id", "visit=866", "sensor=1,1") == 0
    assert listData(openRun(tmp_path/"gen3"), CATALOG) == [(866, 124)]
    assert convert(repository, tmp_path/"gen3", "--id", "visit=853^866") == 0
    shutil.move(tmp_path/"aside.fits", image)
    assert convert(repository, tmp_path/"gen3") == 0
    whole = openRun(tmp_path/"gen3")
    for name in IMAGE, CATALOG:
        assert listData(whole, name) == listData(converted, name)
    assert findVisit(whole, 866).region == findVisit(converted, 866).region
    assert findRegion(whole, 866, 125) == findRegion(converted, 866, 125)


def testInterruptedIsTakenUp(converted, stackData, tmp_path, monkeypatch):
    add = VisitRecords.add

    def interrupt(self, visit):
        if visit.number == 879:
            raise KeyboardInterrupt
        add(self, visit)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(VisitRecords, "add", interrupt)
        convert(stackData/"repo", tmp_path/"gen3")
    assert {visit for visit, _ in listData(openRun(tmp_path/"gen3"), CATALOG)} == {840, 853, 866}
    assert convert(stackData/"repo", tmp_path/"gen3") == 0
    assert listData(openRun(tmp_path/"gen3"), CATALOG) == listData(converted, CATALOG)


def testAVisitIsAddedWholeOrNotAtAll(stackData, tmp_path, monkeypatch):
    def fail(*args, **kwargs):
        raise OSError("no more room")

    with monkeypatch.context() as patch, pytest.raises(SystemExit, match="no more room"):
        patch.setattr("lsst.daf.butler.direct_butler.DirectButler.ingest", fail)
        convert(stackData/"repo", tmp_path/"gen3")
    assert not openRun(tmp_path/"gen3").query_dimension_records("visit", explain=False)


def testImageWithoutWcs(converted, repository, tmp_path, caplog):
    """It is named and left out; its catalog is where its sources are."""
    ref = listRefs(repository, IMAGE, visit=866)[0]
    exposure = ref.get(IMAGE)
    exposure.setWcs(None)
    ref.put(exposure, IMAGE)
    assert convert(repository, tmp_path/"gen3") == 1
    (message,) = [record.getMessage() for record in caplog.records if "Left out" in record.getMessage()]
    assert "'visit': 866" in message and "it has no WCS" in message
    butler, lost = openRun(tmp_path/"gen3"), (866, detectorOf(ref))
    assert listData(butler, IMAGE) == [found for found in listData(converted, IMAGE) if found != lost]
    assert listData(butler, CATALOG) == listData(converted, CATALOG)


def testUnreadableFiles(converted, repository, tmp_path, caplog):
    for name in "diffexp", "diaSrc":
        (repository/"deepDiff"/"v905-fi"/"R22"/f"{name}-S11.fits").write_bytes(b"SIMPLE  =")
    assert convert(repository, tmp_path/"gen3") == 2
    assert "diffexp-S11.fits" in caplog.text and "diaSrc-S11.fits" in caplog.text
    butler = openRun(tmp_path/"gen3")
    for name in IMAGE, CATALOG:
        assert listData(butler, name) == [found for found in listData(converted, name)
                                          if found != (905, 124)]


def testNowhere(repository, tmp_path, caplog):
    """A catalog without image and sources is no failure, and has no place."""
    ref = listRefs(repository, CATALOG, visit=840)[0]
    ref.put(ref.get(CATALOG)[:0], CATALOG)
    assert convert(repository, tmp_path/"gen3", "--id", "visit=840") == 0
    assert "no place on the sky" in caplog.text
    assert listData(openRun(tmp_path/"gen3"), CATALOG) == [(840, detectorOf(listRefs(repository, CATALOG,
                                                                                    visit=840)[1]))]


def testOtherFilesOfTheSameVisits(stackData, repository, tmp_path, caplog):
    assert convert(stackData/"repo", tmp_path/"gen3", "--id", "visit=866") == 0
    before = listData(openRun(tmp_path/"gen3"), IMAGE)
    assert convert(repository, tmp_path/"gen3", "--id", "visit=866") == 4
    assert str(stackData) in caplog.text and str(repository) in caplog.text
    assert listData(openRun(tmp_path/"gen3"), IMAGE) == before
    assert convert(repository, tmp_path/"gen3", "--id", "visit=866", "--collection", "mine") == 0


def testFilesOfTheParent(repository, tmp_path, run):
    assert run("diaObjectMaker.py", repository, "--id", "--output", tmp_path/"out").returncode == 0
    assert convert(tmp_path/"out", tmp_path/"gen3") == 0
    butler = openRun(tmp_path/"gen3")
    dataId = {"instrument": "LSSTSim", "visit": 866, "detector": 124}
    path = pathlib.Path(butler.getURI(IMAGE, dataId).ospath)
    assert path.resolve() == (repository/"deepDiff"/"v866-fi"/"R22"/"diffexp-S11.fits").resolve()
    assert butler.get(IMAGE, dataId).getWcs() is not None


def testUnusualNames(stackData, tmp_path):
    gen2 = shutil.copytree(stackData/"repo", tmp_path/"a 100%25 [x] é")
    assert convert(gen2, tmp_path/"b é"/"", "--id", "visit=866") == 0
    butler = openRun(tmp_path/"b é")
    assert len(butler.get(CATALOG, instrument="LSSTSim", visit=866, detector=124))


@pytest.mark.parametrize("gen2, text", [("nowhere", "there is no repository"),
                                        ("empty", "cannot be read as a Gen2 repository")])
def testNoGen2Repository(tmp_path, run, gen2, text):
    (tmp_path/"empty").mkdir()
    result = run("convertDiaRepo.py", tmp_path/gen2, tmp_path/"gen3")
    assert result.returncode == 1 and text in result.stderr and "Traceback" not in result.stderr
    assert not (tmp_path/"gen3").exists() and not (tmp_path/"nowhere").exists()


def testNoGen3Repository(repository, tmp_path, caplog):
    (tmp_path/"gen3").mkdir()
    (tmp_path/"gen3"/"precious").write_text("")
    assert convert(repository, tmp_path/"gen3") == 1
    assert "is there and is no Gen3 repository" in caplog.text
    assert [path.name for path in (tmp_path/"gen3").iterdir()] == ["precious"]


@pytest.mark.parametrize("name", ["butler.yaml", "gen3.sqlite3"])
def testDamagedGen3Repository(stackData, tmp_path, caplog, name):
    Gen3Butler.makeRepo(str(tmp_path/"gen3"))
    (tmp_path/"gen3"/name).write_text("{[")
    assert convert(stackData/"repo", tmp_path/"gen3") == 1
    (message,) = [record.getMessage() for record in caplog.records if record.name == "convertDiaRepo"]
    assert str(tmp_path/"gen3") in message and "SQL:" not in message and "\n" not in message


def testAnotherInstrumentOfThisName(stackData, tmp_path, caplog):
    Gen3Butler.makeRepo(str(tmp_path/"gen3"))
    Gen3Butler.from_config(str(tmp_path/"gen3"), writeable=True).registry.insertDimensionData(
        "instrument", {"name": "LSSTSim", "detector_max": 5, "visit_max": 5, "exposure_max": 5})
    assert convert(stackData/"repo", tmp_path/"gen3") == 1
    assert "cannot take the data" in caplog.text and "detector_max" in caplog.text


def testDiskIsFull(stackData, tmp_path, monkeypatch, caplog):
    def fail(*args, **kwargs):
        raise OperationalError("INSERT", None, sqlite3.OperationalError("database or disk is full"))

    monkeypatch.setattr(VisitRecords, "add", fail)
    assert convert(stackData/"repo", tmp_path/"gen3") == 1
    assert f"Cannot write to {tmp_path/'gen3'}: database or disk is full" in caplog.text


@pytest.mark.parametrize("dataId", ["visit=one", "visit=7"])
def testNoSuchData(repository, tmp_path, dataId):
    assert convert(repository, tmp_path/"gen3", "--id", dataId) == 1
    assert not (tmp_path/"gen3").exists()


@pytest.mark.parametrize("padding", ["0", "-1", "nan", "wide"])
def testPaddingMustBePositive(repository, tmp_path, capsys, padding):
    with pytest.raises(SystemExit):
        convert(repository, tmp_path/"gen3", f"--padding={padding}")
    assert "argument --padding" in capsys.readouterr().err


def testComCam(shared, tmp_path):
    """183 real catalogs without images: regions are those of their sources."""
    assert convert(shared/"real"/"comcam"/"repo", tmp_path/"gen3") == 0
    butler = openRun(tmp_path/"gen3")
    assert len(listData(butler, CATALOG)) == 183 and not butler.query_datasets(IMAGE, explain=False)


def testStackRepository(shared, tmp_path):
    assert convert(shared/"stack-v23"/"repo", tmp_path/"gen3") == 0
    assert len(listData(openRun(tmp_path/"gen3"), IMAGE)) == 18
