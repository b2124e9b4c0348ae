# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The simulated survey, from its making to its score."""

import logging
import re
import runpy
import shutil
import sys

import lsst.afw.table as afwTable
import numpy as np
import pytest
from astropy.table import Table
from lsst.afw.image import ExposureFitsReader
from lsst.dia.repro.simulate import gen2Repository
from lsst.dia.repro.simulate.score import main, readResults
from lsst.dia.repro.simulate.surveyScore import measurePulls, scoreSurvey, truthOfDiaObjects

SMALL = ["--visits", 6, "--objects", 40, "--size", 400]


@pytest.fixture(scope="module")
def survey(tmp_path_factory):
    return tmp_path_factory.mktemp("survey")


@pytest.fixture(scope="module")
def scored(survey, run):
    repo, out = survey/"repo", survey/"out"
    for command in (["simulateDiaRepo.py", repo, *SMALL],
                    ["diaObjectMaker.py", repo, "--id", "--output", out, "--config", "associator=assignment"],
                    ["forcedDiaPhot.py", out, "--id", "-j", 2]):
        result = run(*command)
        assert result.returncode == 0, result.stderr
    return readResults(str(repo), str(out))


def testScore(scored):
    score = scoreSurvey(*scored)
    assert score["completeness"] > 0.9
    assert score["purity"] > 0.9
    assert score["nPulls"] > 50
    # Four standard errors of the mean and of the width of that many pulls.
    assert abs(score["pullMean"]) < 4/np.sqrt(score["nPulls"])
    assert abs(score["pullWidth"] - 1) < 4/np.sqrt(2*score["nPulls"])


def testTruthHasAllKinds(scored):
    assert set(scored[0]["objects"]["kind"]) == {"variable", "transient", "moving"}


def testSameSeedSameSurvey(survey, scored, run):
    assert run("simulateDiaRepo.py", survey/"again", *SMALL).returncode == 0
    for path in sorted((survey/"repo"/"deepDiff").rglob("*.fits")):
        if "repro" not in path.name:
            assert path.read_bytes() == (survey/"again"/path.relative_to(survey/"repo")).read_bytes()


def testDirectoryInUse(survey, scored, run):
    result = run("simulateDiaRepo.py", survey/"repo")
    assert result.returncode == 2 and "not empty" in result.stderr and "Traceback" not in result.stderr


def testScoreCommandDraws(survey, scored, monkeypatch, capsys):
    figure = survey/"curves.png"
    monkeypatch.setattr(sys, "argv", ["score", *map(str, (survey/"repo", survey/"out", "--figure", figure))])
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("lsst.dia.repro.simulate.score", run_name="__main__")
    assert ended.value.code == 0
    assert "completeness" in capsys.readouterr().out
    assert figure.stat().st_size > 10000


@pytest.mark.parametrize("figure, words", [("curves.nope", "does not end with one of"),
                                           ("nowhere/curves.png", "no directory")])
def testFigureThatCannotBeDrawn(survey, scored, capsys, figure, words):
    with pytest.raises(SystemExit) as ended:
        main([str(survey/"repo"), str(survey/"out"), "--figure", str(survey/figure)])
    assert ended.value.code == 2 and words in capsys.readouterr().err


def testResultsOfAnotherSurvey(survey, scored, run, caplog):
    assert run("simulateDiaRepo.py", survey/"other", *SMALL, "--ra", "150").returncode == 0
    assert main([str(survey/"other"), str(survey/"out")]) == 1
    assert "it is of another survey" in caplog.text


def testImageWithoutDiaObjects(survey, scored, caplog):
    """Its table has no rows to tell the type of a column from."""
    empty = survey/"emptied"
    shutil.copytree(survey/"out", empty, symlinks=True)
    path = next(empty.rglob("forcedDIASource-*.fits"))
    afwTable.SourceCatalog(afwTable.SourceCatalog.readFits(str(path)).schema).writeFits(str(path))
    assert main([str(survey/"repo"), str(empty)]) == 0


@pytest.mark.parametrize("repository, output, words", [
    ("out", "out", "objects.ecsv, which simulateDiaRepo.py writes"),
    ("repo", "nowhere", "there is no repository .*nowhere"),
    ("repo", "repo/truth", "truth cannot be read as a Gen2 repository"),
    ("repo", "repo", "has no reproDIASources; run diaObjectMaker.py first"),
    ("repo", "associated", "no forcedDIASource; run forcedDiaPhot.py first"),
])
def testWhatCannotBeScored(survey, scored, caplog, repository, output, words):
    if output == "associated":
        shutil.copytree(survey/"out", survey/output, ignore=shutil.ignore_patterns("forcedDIASource-*"),
                        symlinks=True)
    assert main([str(survey/repository), str(survey/output)]) == 1
    assert re.search(words, caplog.text)


def testTruthFluxesAreOnTheImages(survey, scored):
    fluxes = Table.read(survey/"repo"/"truth"/"fluxes.ecsv")
    assert (np.abs(fluxes["x"] - 200) < 226).all() and (np.abs(fluxes["y"] - 200) < 226).all()


def testTrueFluxesFollowFromTheObjects(survey, scored):
    objects, fluxes = (Table.read(survey/"repo"/"truth"/name) for name in ("objects.ecsv", "fluxes.ecsv"))
    assert all(column.description for column in objects.itercols())
    each = objects[np.searchsorted(objects["id"], fluxes["id"])]
    days, age = fluxes["mjd"] - objects.meta["reference"], fluxes["mjd"] - each["start"]
    burst = np.where(age > 0, (1 - np.exp(-age/3))*np.exp(-age/25), 0)
    shape = np.select([each["kind"] == "variable", each["kind"] == "transient"],
                      [np.sin(2*np.pi*age/each["period"]), burst], 1.0)
    factor = [objects.meta["bandFactor"][band] for band in fluxes["filter"]]
    np.testing.assert_allclose(fluxes["flux"], each["peak"]*factor*shape, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(fluxes["dec"], each["dec"] + each["pmDec"]*days, atol=1e-12)
    east = (fluxes["ra"] - each["ra"] + 180) % 360 - 180
    np.testing.assert_allclose(east, each["pmRa"]*days/np.cos(np.radians(each["dec"])), atol=1e-12)


def testTakesEveryPsfAndStorage(survey, scored):
    fluxes = scored[0]["fluxes"]
    assert len(set(fluxes["psf"])) == 6
    assert set(fluxes["storage"]) == {"lossless", "noCompression", "lossyBasic"}
    pixels = ExposureFitsReader(str(next((survey/"repo").rglob("v1001-fr/R22/diffexp-S11.fits"))))
    assert type(pixels.readPsf()).__name__ == "KernelPsf"
    coadd = ExposureFitsReader(str(next((survey/"repo").rglob("v1005-fi/R22/diffexp-S11.fits"))))
    assert type(coadd.readPsf()).__name__ == "GaussianPsf"


def testPullsTellEdgesAndMasksApart(scored):
    truth, sources, forced = scored
    pulls = measurePulls(truth, truthOfDiaObjects(sources[sources["diaObjectId"] != 0]), forced)
    size = 400
    inside = np.minimum(np.minimum(pulls["trueX"], size - pulls["trueX"]),
                        np.minimum(pulls["trueY"], size - pulls["trueY"]))
    assert (inside[pulls["place"] == "clear"] > 20).all()
    assert np.count_nonzero(pulls["place"] == "edge") > 0 and np.count_nonzero(pulls["place"] == "masked") > 0


def testInterruptedSimulationLeavesNothing(tmp_path, monkeypatch):
    """It would pass for a survey of fewer images."""
    def interrupt(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(gen2Repository, "writeExposure", interrupt)
    with pytest.raises(KeyboardInterrupt):
        gen2Repository.simulateRepository(str(tmp_path/"sim"), logging.getLogger(), nVisits=1, size=100)
    assert list(tmp_path.iterdir()) == []
