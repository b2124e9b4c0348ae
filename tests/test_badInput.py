# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""What a user's mistakes and broken files lead to: one clear message, and the rest goes on."""

import json
import random
import shutil

import lsst.afw.image as afwImage
import lsst.afw.table as afwTable
import numpy as np
import pytest
from lsst.daf.persistence import Butler
from lsst.dia.repro.forced.missingFluxReasons import Reason
from smallSurvey import makeSmallSurvey

IMAGE = "deepDiff/v892-fr/R22/diffexp-S12.fits"
CATALOG = "deepDiff/v840-fg/R22/diaSrc-S11.fits"
ID = ["--id", "visit=866^892", "sensor=1,2"]


@pytest.fixture(scope="module")
def original(stackData, run, tmp_path_factory):
    """A folder of a repository with DIAObjects and its parent."""
    folder = tmp_path_factory.mktemp("original")
    shutil.copytree(stackData/"repo", folder/"repo")
    result = run("diaObjectMaker.py", folder/"repo", "--id", "--output", folder/"out", "--no-versions")
    assert result.returncode == 0, result.stderr
    return folder


@pytest.fixture
def made(original, tmp_path):
    """A copy of both, to be changed."""
    shutil.copytree(original, tmp_path, dirs_exist_ok=True)
    return tmp_path/"out", tmp_path/"repo"


def assertFails(result, *words, status=None):
    assert result.returncode != 0 if status is None else result.returncode == status, result.stderr
    assert "Traceback" not in result.stderr
    output = result.stdout + result.stderr
    for word in words:
        assert word in output, output


def testMissingRepository(run, tmp_path):
    assertFails(run("diaObjectMaker.py", tmp_path/"nowhere", "--id"), str(tmp_path/"nowhere"), status=2)


def testNotARepository(run, tmp_path):
    assertFails(run("diaObjectMaker.py", tmp_path, "--id"), str(tmp_path), status=2)


def testDataIdThatMatchesNothing(repository, run, tmp_path):
    result = run("diaObjectMaker.py", repository, "--id", "visit=7", "--id", "visit=866", "--output",
                 tmp_path/"out", "--no-versions")
    assertFails(result, "visit", "7", status=1)
    assert (tmp_path/"out/deepDiff/reproDIAObjects.fits").exists()


def testNothingToDo(repository, run, tmp_path):
    result = run("diaObjectMaker.py", repository, "--id", "visit=7", "--output", tmp_path/"out")
    assertFails(result, "No deepDiff_diaSrc found", status=1)


def testMistypedConfigField(repository, run):
    assertFails(run("diaObjectMaker.py", repository, "--id", "--config", "asociator=assignment"), "asociator",
                status=2)


def testWrongValueOfDataId(repository, run):
    assertFails(run("diaObjectMaker.py", repository, "--id", "visit=first"), "visit", "first", status=2)


@pytest.mark.parametrize("content", [b"", b"not a FITS file\n"*300, None], ids=["empty", "text", "truncated"])
def testBrokenCatalog(repository, run, tmp_path, content):
    path = repository/CATALOG
    path.write_bytes(path.read_bytes()[:40000] if content is None else content)
    result = run("diaObjectMaker.py", repository, "--id", "--output", tmp_path/"out", "--no-versions")
    assertFails(result, "diaSrc-S11.fits", "840", "1 of 18", status=1)
    diaSources = Butler(str(tmp_path/"out")).get("reproDIASources", immediate=True)
    assert len(np.unique(diaSources["ccdExposureId"])) == 17


def testBrokenImageOfACatalog(repository, run, tmp_path):
    """Its DIASources are used, without position errors."""
    path = repository/IMAGE
    path.write_bytes(path.read_bytes()[:20000])
    result = run("diaObjectMaker.py", repository, "--id", "--output", tmp_path/"out", "--no-versions")
    assertFails(result, "No position errors", "diffexp-S12.fits", "892", "1 of 18 data IDs", status=1)
    diaSources = Butler(str(tmp_path/"out")).get("reproDIASources", immediate=True)
    isOfImage = np.array(diaSources["visit"] == 892) & (np.array(diaSources["sensor"]) == "1,2")
    assert isOfImage.any() and (np.array(diaSources["diaObjectId"])[isOfImage] > 0).any()
    assert np.isnan(diaSources["coord_raErr"][isOfImage]).all()
    assert np.isfinite(diaSources["coord_raErr"][~isOfImage]).any()


def testCatalogWithoutColumnThatAnOptionNeeds(repository, run, tmp_path):
    afwTable.SourceCatalog(afwTable.SourceTable.makeMinimalSchema()).writeFits(str(repository/CATALOG))
    result = run("diaObjectMaker.py", repository, "--id", "--output", tmp_path/"out", "--no-versions",
                 "--config", "cleaning.minSignalToNoise=5")
    assertFails(result, "base_PsfFlux_instFlux, base_PsfFlux_instFluxErr", "cleaning.minSignalToNoise", "840",
                "1 of 18", status=1)


def testColumnThatAnOptionNeeds(repository, run, tmp_path):
    result = run("diaObjectMaker.py", repository, "--id", "--output", tmp_path/"out", "--no-versions",
                 "--config", "cleaning.badFlags=no_such_flag")
    assertFails(result, "no_such_flag", "badFlags", status=1)
    assert not (tmp_path/"out/deepDiff/reproDIAObjects.fits").exists()


def testForcedBeforeObjects(repository, run):
    assertFails(run("forcedDiaPhot.py", repository, "--id"), "reproDIAObjects", "diaObjectMaker.py", status=2)


@pytest.mark.parametrize("content", [b"", b"not a FITS file\n"*300, None], ids=["empty", "text", "truncated"])
def testBrokenImage(made, run, content):
    output, repository = made
    path = repository/IMAGE
    path.write_bytes(path.read_bytes()[:60000] if content is None else content)
    result = run("forcedDiaPhot.py", output, *ID, "--no-versions")
    assertFails(result, "diffexp-S12.fits", "892", status=1)
    forced = sorted(path.name for path in output.rglob("forcedDIASource-*"))
    assert forced == ["forcedDIASource-S12.fits"]


@pytest.mark.parametrize("seed", range(3))
def testBrokenImagesAmongGoodOnes(seed, run, tmp_path):
    """Where a flipped bit is one of a pixel nobody can tell; wherever it is, the others are measured."""
    paths = makeSmallSurvey(tmp_path/"repo", 10)
    choice = random.Random(seed)
    broken = choice.sample(paths, 6)
    for number, path in enumerate(broken):
        content = bytearray(path.read_bytes())
        if number < 2:
            del content[0 if number else choice.randrange(1, len(content) - 2880):]
        else:
            # Two in the headers, where they are most likely to matter.
            place = choice.randrange(8*len(content) if number < 4 else 8*8000)
            content[place//8] ^= 1 << place % 8
        path.write_bytes(content)
    result = run("forcedDiaPhot.py", tmp_path/"repo", "--id", "-j", "2", "--no-versions", "--report",
                 tmp_path/"report.json")
    targets = json.loads((tmp_path/"report.json").read_text())["targets"]
    failed = [target for target in targets if target["status"] == "failed"]
    assertFails(result, status=len(failed))
    assert 2 <= len(failed) <= len(broken) and all(target["reason"] for target in failed)
    outputs = len(list((tmp_path/"repo").rglob("forcedDIASource-*.fits")))
    assert outputs == len(targets) - len(failed) >= len(paths) - len(broken)


@pytest.mark.parametrize("part", ["WCS", "PhotoCalib"])
def testImageWithoutAPart(made, run, part):
    output, repository = made
    exposure = afwImage.ExposureF(str(repository/IMAGE))
    info = exposure.getInfo()
    {"WCS": info.setWcs, "PhotoCalib": info.setPhotoCalib}[part](None)
    exposure.writeFits(str(repository/IMAGE))
    assertFails(run("forcedDiaPhot.py", output, *ID, "--no-versions"), f"no {part}", "892", status=1)
    assert len(list(output.rglob("forcedDIASource-*"))) == 1


def testImageWithoutPsf(made, run):
    output, repository = made
    exposure = afwImage.ExposureF(str(repository/IMAGE))
    exposure.getInfo().setPsf(None)
    exposure.writeFits(str(repository/IMAGE))
    result = run("forcedDiaPhot.py", output, *ID, "--no-versions")
    assert result.returncode == 0 and "has no PSF" in result.stdout + result.stderr
    forced = Butler(str(output)).get("forcedDIASource", visit=892, raft="2,2", sensor="1,2", immediate=True)
    assert len(forced) > 10 and set(forced["reason"]) == {Reason.PSF_FAILED}


def testOtherColumnsThanEarlier(made, run):
    output, _ = made
    command = ["forcedDiaPhot.py", output, "--id", "visit=866", "sensor=1,2", "--no-versions"]
    assert run(*command).returncode == 0
    result = run(*command, "--config", "nanPolicy=leaveOut", "--clobber-config")
    assert result.returncode == 0 and "other columns" in result.stdout + result.stderr
    result = run(*command, "--config", "nanPolicy=leaveOut", "minPsfFraction=0.6", "--clobber-config")
    assert result.returncode == 0 and "other columns" not in result.stdout + result.stderr


def testEarlierOutputsStay(made, run):
    output, repository = made
    before = (output/"deepDiff/reproDIAObjects.fits").read_bytes()
    shutil.rmtree(repository/"deepDiff")
    (repository/"deepDiff").mkdir()
    assertFails(run("diaObjectMaker.py", repository, "--id", "--output", output, "--no-versions"), status=1)
    assert (output/"deepDiff/reproDIAObjects.fits").read_bytes() == before


def testOtherOptionsNeedClobber(made, run):
    output, repository = made
    again = ["diaObjectMaker.py", repository, "--id", "--output", output, "--no-versions"]
    assertFails(run(*again, "--config", "removeAmbiguous=False"), "clobber-config", status=1)
    assert run(*again, "--config", "removeAmbiguous=False", "--clobber-config").returncode == 0
