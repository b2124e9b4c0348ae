# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""A database of another survey, whose exposures have the same numbers, is refused."""

import lsst.afw.image as afwImage
import pytest
from killing import finish
from lsst.afw.geom import makeSkyWcs
from lsst.daf.base import DateTime
from lsst.daf.persistence import Butler
from lsst.geom import SpherePoint, degrees
from replays import CONFIG, readTables, startReplay
from smallSurvey import FIRST_DAY, makeSmallSurvey

pytest.importorskip("lsst.dax.apdb", reason="the extra dia-repro[prompt] is not installed")

IMAGE = "deepDiff_differenceExp"


@pytest.fixture(scope="module")
def replayed(tmp_path_factory):
    """Where the database of a survey is."""
    root = tmp_path_factory.mktemp("replayed")
    makeSmallSurvey(root/"survey", 4)
    assert finish(startReplay(root/"survey", root/"out", root/"apdb.db")) == 0
    return root


def changeImages(root, change, **dataId):
    """Change the images of a repository."""
    butler = Butler(str(root))
    for ref in butler.subset(IMAGE, dataId=dataId):
        image = ref.get(IMAGE)
        change(image)
        butler.put(image, IMAGE, ref.dataId)


def shiftTime(seconds):
    def change(image):
        mjd = image.getInfo().getVisitInfo().getDate().get(DateTime.MJD, DateTime.TAI) + seconds/86400
        image.getInfo().setVisitInfo(afwImage.VisitInfo(date=DateTime(mjd, DateTime.MJD, DateTime.TAI)))
    return change


def shiftPlace(arcsec):
    def change(image):
        center = image.getWcs().getSkyOrigin()
        there = SpherePoint(center.getRa(), center.getDec() + arcsec/3600*degrees)
        image.setWcs(makeSkyWcs(image.getWcs().getPixelOrigin(), there, image.getWcs().getCdMatrix()))
    return change


def replay(run, survey, replayed, output, *args):
    return run("diaPrompt.py", survey, "--output", output, "--apdb", replayed/"apdb.db", "--id", *CONFIG,
               *args)


@pytest.mark.parametrize("change, difference", [
    (shiftTime(3600.0), f"its 636 is of MJD {FIRST_DAY + 0.01:.5f}, and dataId="),
    (shiftPlace(3600.0), "its 636 is at ra 53.0000, dec -27.4400, and dataId=")], ids=["time", "place"])
@pytest.mark.parametrize("dryRun", [False, True])
def testOtherSurveyIsRefused(run, replayed, tmp_path, change, difference, dryRun):
    # Its third visit is new: none of it may come into the database.
    makeSmallSurvey(tmp_path/"survey", 6)
    changeImages(tmp_path/"survey", change)
    before = readTables(replayed/"apdb.db")
    result = replay(run, tmp_path/"survey", replayed, tmp_path/"out", *["--dry-run"]*dryRun)
    assert result.returncode == 1 and "Traceback" not in result.stderr
    assert f"has other exposures of these numbers, {difference}" in result.stderr
    assert not result.stdout and not list(tmp_path.rglob("promptForced-*"))
    for name, table in readTables(replayed/"apdb.db").items():
        assert table.equals(before[name]), name


@pytest.mark.parametrize("change", [shiftTime(52.0), shiftPlace(2.0)], ids=["time", "place"])
def testSameSurveyIsSkipped(run, replayed, tmp_path, change):
    """A time of the registry, and another calibration, make no other exposure."""
    makeSmallSurvey(tmp_path/"survey", 4)
    changeImages(tmp_path/"survey", change)
    result = replay(run, tmp_path/"survey", replayed, tmp_path/"out")
    assert result.returncode == 0, result.stderr
    assert "2 of 2 targets are visits that the database has" in result.stderr


def testUnreadableImagesTellNothing(run, replayed, tmp_path):
    makeSmallSurvey(tmp_path/"survey", 4)
    for path in (tmp_path/"survey"/"deepDiff").rglob("diffexp-*"):
        path.write_bytes(path.read_bytes()[:2000])
    result = replay(run, tmp_path/"survey", replayed, tmp_path/"out")
    assert result.returncode == 0, result.stderr
    assert "2 of 2 targets are visits that the database has" in result.stderr
