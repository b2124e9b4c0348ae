# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""What forcedLightCurves.py makes of good and of bad files, and what it leaves behind."""

import json
import os
import pathlib
import shutil
import signal
import time
from importlib.util import find_spec

import lsst.afw.image as afwImage
import numpy as np
import pyarrow.parquet as pq
import pytest
from lsst.dia.repro.imageFiles import imageMeasurement
from lsst.dia.repro.imageFiles.forcedLightCurves import main
from lsst.dia.repro.provenance import Fingerprint
from rubinLikeImages import (
    DETECTOR,
    VISIT,
    assertSame,
    makeImages,
    makeRubinImage,
    readCurves,
    writePositions,
)

N_POSITIONS, N_IMAGES = 20, 4

VISIT_CARD = "LSST BUTLER DATAID VISIT"


@pytest.fixture(scope="module")
def originals(tmp_path_factory):
    """A directory of images, and positions beside it."""
    directory = tmp_path_factory.mktemp("originals")
    makeImages(directory/"images", N_IMAGES)
    writePositions(directory/"mine.csv", N_POSITIONS)
    return directory


@pytest.fixture
def folder(originals, tmp_path):
    """A copy to spoil."""
    return pathlib.Path(shutil.copytree(originals, tmp_path/"folder"))


@pytest.fixture(autouse=True)
def logAll(caplog):
    caplog.set_level("INFO")


def make(folder, *args, images=None, output="curves.parq"):
    """Run the command in this process; return its exit status."""
    images = [folder/"images"] if images is None else images
    return main([*map(str, images), "--refCat", str(folder/"mine.csv"), "--output", str(folder/output),
                 *map(str, args)])


def refuse(capsys, folder, *args, **kwargs):
    """Run a command that has to end at once, and return its message."""
    before = sorted(folder.rglob("*"))
    with pytest.raises(SystemExit) as ending:
        make(folder, *args, **kwargs)
    assert ending.value.code == 2 and sorted(folder.rglob("*")) == before
    return capsys.readouterr().err.splitlines()[-1]


def readMetadata(path):
    return {key.decode(): value.decode() for key, value in pq.read_schema(path).metadata.items()}


def testLightCurves(folder):
    assert make(folder) == 0
    curves, summary = readCurves(folder/"curves.parq"), readCurves(folder/"curvesSummary.parq")
    assert len(curves["diaObjectId"]) == N_POSITIONS*N_IMAGES and len(summary["diaObjectId"]) == N_POSITIONS
    assert sorted(set(curves["visit"])) == [VISIT + index for index in range(N_IMAGES)]
    assert set(curves["detector"]) == {DETECTOR} and set(curves["instrument"]) == {"LSSTCam"}
    assert set(curves["band"]) == {"r"} and len(set(curves["diaForcedSourceId"])) == len(curves["visit"])
    (order,) = np.nonzero(curves["diaObjectId"] == 7)
    assert np.diff(curves["midpointMjdTai"][order]).tolist() == [1.0]*(N_IMAGES - 1)
    # Noise of 10 nJy a pixel and a PSF of 2 pixels.
    measured = curves["reason"] == 0
    assert measured.sum() > 0.8*len(measured)
    assert np.median(curves["psfDiffFluxErr"][measured]) == pytest.approx(10*np.sqrt(4*np.pi)*2, rel=0.02)
    assert sorted(path.name for path in folder.iterdir()) == [
        "curves.parq", "curvesSummary.parq", "images", "mine.csv"]


def testFingerprint(folder):
    assert make(folder) == 0
    for name in ("curves.parq", "curvesSummary.parq"):
        stored = Fingerprint.fromCards(readMetadata(folder/name))
        assert stored.task == "forcedLightCurves" and stored.failed == ()
        assert stored.positions.origin == "mine.csv" and stored.positions.count == N_POSITIONS + 1
        assert stored.inputs.count == N_IMAGES
        assert stored.inputs.nBytes == sum(path.stat().st_size for path in (folder/"images").iterdir())


def testSameWhateverTheOrderAndTheDirectory(folder, tmp_path):
    images = sorted((folder/"images").iterdir())
    assert make(folder) == 0
    assert make(folder, "-j", "2", images=images[::-1], output="other.parq") == 0
    assert readMetadata(folder/"curves.parq") == readMetadata(folder/"other.parq")
    # Links and names that come twice.
    (tmp_path/"link.fits").symlink_to(images[0])
    assert make(folder, images=[*images, tmp_path/"link.fits", folder/"images"], output="third.parq") == 0
    expected = readCurves(folder/"curves.parq")
    for name in ("other.parq", "third.parq"):
        assertSame(readCurves(folder/name), expected)


def testListInAFile(folder, monkeypatch):
    monkeypatch.chdir(folder)
    (folder/"images"/"image0.fits").rename(folder/"images"/"an image.fits")
    names = sorted(str(path) for path in pathlib.Path("images").iterdir())
    (folder/"list.txt").write_text("\n".join(names) + "\n\n")
    assert make(folder, images=["@list.txt"]) == 0
    assert len(set(readCurves(folder/"curves.parq")["visit"])) == N_IMAGES


def truncate(path):
    path.write_bytes(path.read_bytes()[:20000])


def notFits(path):
    path.write_text("<html>You have to log in</html>\n")


def change(path, change):
    exposure = afwImage.ExposureF(str(path))
    change(exposure)
    exposure.writeFits(str(path))


def withoutVisit(path):
    makeRubinImage(path, visit=None)


def withOddVisit(path):
    makeRubinImage(path, **{VISIT_CARD: "tonight"})


SPOILT = {
    "missing": (pathlib.Path.unlink, "there is no such file"),
    "truncated": (truncate, "cannot be read"),
    "not FITS": (notFits, "cannot be read"),
    "lsst.images": (lambda path: path.write_text('{"schema_version": "1.0.0"}'),
                    "cannot be read" if find_spec("lsst.images") else "pip install 'dia-repro[images]'"),
    "no WCS": (lambda path: change(path, lambda each: each.setWcs(None)), "no WCS"),
    "no PhotoCalib": (lambda path: change(path, lambda each: each.setPhotoCalib(None)), "no PhotoCalib"),
    "no visit": (withoutVisit, "does not tell its visit"),
    "odd visit": (withOddVisit, "'tonight', which is no number"),
    "huge visit": (lambda path: makeRubinImage(path, **{VISIT_CARD: 2**62}), "no numbers of an image"),
    "no such detector": (lambda path: makeRubinImage(path, detector=-7), "no numbers of an image"),
}


@pytest.mark.parametrize("processes", ["1", "2"])
@pytest.mark.parametrize("kind", SPOILT)
def testBadImageAmongGoodOnes(kind, processes, folder, caplog):
    spoil, reason = SPOILT[kind]
    images, report = sorted((folder/"images").iterdir()), folder/"report.json"
    bad = images[2]
    spoil(bad)
    assert make(folder, "-j", processes, "--report", report, images=images) == 1
    assert sorted(set(readCurves(folder/"curves.parq")["visit"])) == [VISIT, VISIT + 1, VISIT + 3]
    assert json.loads(readMetadata(folder/"curves.parq")["FAILED"]) == [{"image": "image2.fits"}]
    told = json.loads(report.read_text())
    assert told["counts"] == {"done": 3, "failed": 1, "skipped": 0, "not run": 0}
    (failed,) = (target for target in told["targets"] if target["status"] == "failed")
    assert reason in failed["reason"]
    if processes == "1":
        # Others log in their own processes.
        assert any(str(bad) in message and reason in message for message in caplog.messages)


def testUnreadableAlone(folder, caplog):
    notFits(folder/"images"/"image0.fits")
    assert make(folder, images=[folder/"images"/"image0.fits"]) == 1
    assert not (folder/"curves.parq").exists()
    assert "None of the images can be used" in caplog.text


def testImageWithoutPsfHasRowsAndAReason(folder, caplog):
    change(folder/"images"/"image1.fits", lambda each: each.setPsf(None))
    assert make(folder) == 0
    curves = readCurves(folder/"curves.parq")
    without = curves["visit"] == VISIT + 1
    assert without.sum() == N_POSITIONS
    assert set(curves["reason"][without]) == {3} and np.isnan(curves["psfDiffFlux"][without]).all()
    assert "image1.fits has no PSF" in caplog.text


def testPixelsInNanojanskyNeedNoPhotoCalib(folder):
    assert make(folder) == 0

    def onlyUnit(exposure):
        exposure.setPhotoCalib(None)
        exposure.getMetadata().set("BUNIT", "nJy")

    for path in (folder/"images").iterdir():
        change(path, onlyUnit)
    assert make(folder, output="unit.parq") == 0
    assertSame(readCurves(folder/"unit.parq"), readCurves(folder/"curves.parq"))


@pytest.mark.parametrize("order", [1, -1])
def testTwoOfOneImageAreRefused(order, folder, caplog):
    makeRubinImage(folder/"images"/"copy.fits", VISIT + 2, seed=3)
    images = sorted((folder/"images").iterdir())[::order]
    assert make(folder, images=images) == 2
    assert sorted(set(readCurves(folder/"curves.parq")["visit"])) == [VISIT, VISIT + 1, VISIT + 3]
    told = [message for message in caplog.messages if message.startswith("Cannot use")]
    assert len(told) == 2 and all("copy.fits" in each and "image2.fits" in each for each in told)


def testOddNamesDoNotReachTheTerminal(folder, caplog):
    odd = folder/"images"/"odd\x1b[31m\nname.fits"
    notFits(odd)
    assert make(folder) == 1
    assert "\x1b" not in caplog.text and "odd\\x1b[31m\\nname.fits: it cannot be read" in caplog.text


def testSameVisitOnAnotherDetectorIsAnother(folder):
    makeRubinImage(folder/"images"/"other.fits", VISIT, DETECTOR + 1, seed=7)
    assert make(folder) == 0
    curves = readCurves(folder/"curves.parq")
    assert len(set(zip(curves["visit"], curves["detector"]))) == N_IMAGES + 1


REFCATS = {
    "no columns": ("a,b\n1,2\n", "no column id"),
    "no numbers": ("id,ra,dec\n1,53:00,-27:00\n", "has no number, but"),
    "one id twice": ("id,ra,dec\n1,53,-27\n1,54,-27\n", "1 more than once"),
    "empty": ("id,ra,dec\n", "has no positions"),
}


@pytest.mark.parametrize("kind", REFCATS)
def testBadPositions(kind, folder, capsys):
    text, reason = REFCATS[kind]
    (folder/"mine.csv").write_text(text)
    assert reason in refuse(capsys, folder)


def testNamedColumns(folder):
    text = (folder/"mine.csv").read_text()
    (folder/"mine.csv").write_text(text.replace("id,ra,dec", "snid,right,decl", 1))
    assert make(folder, "--config", "refCat.idColumn=snid", "refCat.raColumn=right") == 0


@pytest.mark.parametrize("output, reason", [
    ("nowhere/curves.parq", "there is no directory"), ("images/image0.fits", "light curves are Parquet"),
    ("taken.parq", "cannot be written"),
])
def testOutputThatCannotBe(output, reason, folder, capsys):
    (folder/"taken.parq").mkdir()
    assert reason in refuse(capsys, folder, output=output)


@pytest.mark.parametrize("args, reason", [
    (["--config", "nanPolicyy=fail"], "did you mean nanPolicy"),
    (["--config", "nanPolicy=sometimes"], "cannot set nanPolicy=sometimes"),
    (["--config", "nanPolicy"], "name=value"),
    (["--config", "doCalibrate=Yes"], "Expected type bool (it can be True, False)"),
    (["--config", "measurement.plugins.names=base_PsfFlx"], "Unknown key 'base_PsfFlx'"),
    (["--config", "measurement.plugins.names=base_PsfFlx"], "; known are base_"),
    (["--config", "doControl=True", "doCalibrate=False"], "doControl needs doCalibrate"),
    (["--configfile", "nowhere.py"], "cannot load config file nowhere.py"),
    (["--show", "data"], "choose from config, run"),
    (["-L", "loud"], "choose from trace"),
    (["-j", "0"], "0 is not a number from 1 up"),
    (["--format", "parquet"], "needs --objects"),
    (["--report", "nowhere/report.json"], "there is no directory"),
])
def testWrongOptions(args, reason, folder, capsys):
    assert reason in refuse(capsys, folder, *args)


def testNothingGiven(capsys):
    for args, missing in (([], "IMAGE"), (["a.fits"], "--refCat"),
                          (["a.fits", "--refCat", "b.csv"], "--output")):
        with pytest.raises(SystemExit):
            main(args)
        assert f"{missing} is missing" in capsys.readouterr().err


def testDirectoryWithoutImages(folder, capsys):
    (folder/"empty").mkdir()
    assert "no images in it" in refuse(capsys, folder, images=[folder/"empty"])


def testShowConfig(capsys):
    args = ["--config", "lightCurves.detectionThreshold=4",
            "measurement.plugins['base_PsfFlux'].badMaskPlanes=BAD,SAT",
            "lightCurves.badFlags=pixelFlags", "refCat.idColumn=12", "--show"]
    with pytest.raises(SystemExit) as ending:
        main([*args, "config"])
    text = capsys.readouterr().out
    assert not ending.value.code
    for line in ("config.lightCurves.detectionThreshold=4.0", "config.nanPolicy='fail'",
                 "config.measurement.plugins['base_PsfFlux'].badMaskPlanes=['BAD', 'SAT']",
                 "config.lightCurves.badFlags=['pixelFlags']", "config.refCat.idColumn='12'"):
        assert line in text.splitlines()
    with pytest.raises(SystemExit):
        main([*args, "config=lightCurves.*hreshold"])
    shown = capsys.readouterr().out
    assert "config.lightCurves.detectionThreshold=4.0" in shown and "badFlags=" not in shown


def testLogLevels(folder, run):
    def log(*levels):
        done = run("forcedLightCurves.py", folder/"images", "--refCat", folder/"mine.csv", "--output",
                   folder/"curves.parq", "--clobber-output", *levels)
        assert done.returncode == 0
        return done.stderr

    assert log("-L", "warn") == ""
    text = log("-L", "warn", "forcedLightCurves=info", "forcedLightCurves.measurement=warn", "--longlog")
    assert "Measured 20 objects of 20" in text and "INFO  20" in text and "Performing forced" not in text


def testConfigChangesTheResult(folder):
    (folder/"options.py").write_text("config.nanPolicy = 'leaveOut'\n")
    assert make(folder, "--configfile", folder/"options.py", "--config",
                "lightCurves.copyColumns=psfUsedFraction") == 0
    curves = readCurves(folder/"curves.parq")
    assert "reason" not in curves and np.nanmax(curves["psfUsedFraction"]) == pytest.approx(1)


def testExistingOutput(folder, capsys, caplog):
    def identify():
        # Not the time of the last access: it is read.
        state = (folder/"curves.parq").stat()
        return state.st_ino, state.st_mtime_ns

    assert make(folder) == 0
    before = identify()
    assert "is there: --clobber-output replaces it" in refuse(capsys, folder)
    assert make(folder, "--skip-existing") == 0
    assert identify() == before and "it is there, and what this run would write" in caplog.text
    assert make(folder, "--clobber-output") == 0
    assert identify() != before


CHANGES = {
    "options": (lambda folder: ["--config", "nanPolicy=leaveOut"], "the options are others"),
    "curves": (lambda folder: ["--config", "lightCurves.detectionThreshold=3"], "the options are others"),
    "positions": (lambda folder: writePositions(folder/"mine.csv", 10) and [], "was measured at"),
    "images": (lambda folder: makeRubinImage(folder/"images"/"new.fits", 5, seed=9) and [],
               "was made of 4 data IDs, not 5"),
    "image": (lambda folder: makeRubinImage(folder/"images"/"image0.fits", VISIT, seed=9) and [],
              "inputs have changed"),
    "summary": (lambda folder: (folder/"curvesSummary.parq").unlink() or [], "there is no"),
    "broken": (lambda folder: (folder/"curves.parq").write_text("no") and [], "cannot be read"),
}


@pytest.mark.parametrize("kind", CHANGES)
def testSkipExistingMakesWhatDiffers(kind, folder, caplog):
    assert make(folder) == 0
    changeIt, reason = CHANGES[kind]
    options = changeIt(folder)
    assert make(folder, "--skip-existing", *options) == 0
    assert any(message.startswith("make ") and reason in message for message in caplog.messages)
    caplog.clear()
    assert make(folder, "--skip-existing", *options) == 0
    assert "it is there, and what this run would write" in caplog.text


def testDryRun(folder, capsys):
    def listed(*args):
        before = sorted(folder.rglob("*"))
        assert make(folder, "--dry-run", "--plot", "3", *args) == 0
        assert sorted(folder.rglob("*")) == before
        return capsys.readouterr().out

    path = folder/"curves.parq"
    assert listed() == f"make {path}: there is no {path}\n"
    assert make(folder) == 0
    assert listed("--skip-existing") == f"skip {path}: it is there, and what this run would write\n"
    assert listed("--clobber-output") == f"make {path}: it is there, and what this run would write\n"
    assert listed("--skip-existing", "--config", "doJointFit=True") == (
        f"make {path}: {path}: the options are others\n")


def testSkipExistingGoesByContentsWhereDatesDiffer(folder, caplog):
    assert make(folder) == 0
    os.utime(folder/"images"/"image0.fits", (0, 0))
    assert make(folder, "--skip-existing", "--config", "lightCurves.products.nStamps=1",
                "refCat.idColumn=id") == 0
    assert "it is there, and what this run would write" in caplog.text


def testPlots(folder):
    assert make(folder, "--plot", "2", "--format", "csv") == 0
    plots = sorted(path.name for path in (folder/"curvesLightCurves").glob("*.png"))
    assert len(plots) == 2 and len(list((folder/"curvesLightCurves").glob("*.csv"))) == 1
    assert make(folder, "--skip-existing", "--objects", "3,4", "--figureFormat", "pdf", "--directory",
                folder/"more") == 0
    assert sorted(path.name for path in (folder/"more").iterdir()) == ["diaObject-3.pdf", "diaObject-4.pdf"]
    assert make(folder, "--skip-existing", "--objects", "999") == 1


def testStampsAreOfTheImages(folder, caplog, monkeypatch):
    """They are cut where the object is, from files that were measured and that were only looked up."""
    from lsst.dia.repro.lightCurves import lightCurveProducts
    drawn = []
    monkeypatch.setattr(lightCurveProducts, "drawLightCurve",
                        lambda table, path, usable, threshold, stamps, label: drawn.append((table, stamps)))
    for options in ([], ["--skip-existing"]):
        assert make(folder, "--objects", "5", *options) == 0
    for table, stamps in drawn:
        assert len(stamps) == N_IMAGES
        for row, stamp in stamps:
            image = afwImage.ImageF(str(folder/"images"/f"image{table['visit'][row] - VISIT}.fits")).array
            x, y = round(table["x"][row]), round(table["y"][row])
            assert stamp[20, 20] == image[y, x]
    assert len(drawn) == 2 and "No stamp" not in caplog.text


def testKilledWorkerCostsItsImage(folder, monkeypatch, caplog):
    read = imageMeasurement.readImage

    def readOrDie(path):
        if path.endswith("image1.fits"):
            os.kill(os.getpid(), signal.SIGKILL)
        return read(path)

    monkeypatch.setattr(imageMeasurement, "readImage", readOrDie)
    assert make(folder, "-j", "2") == 1
    assert sorted(set(readCurves(folder/"curves.parq")["visit"])) == [VISIT, VISIT + 2, VISIT + 3]
    assert "exit code -9" in caplog.text


def testTimeout(folder, monkeypatch):
    monkeypatch.setattr(imageMeasurement, "readImage", lambda path: time.sleep(60))
    report = folder/"report.json"
    assert make(folder, "-j", "2", "--timeout", "0.5", "--report", report) == N_IMAGES
    assert json.loads(report.read_text())["failures"] == {"it was not done in time": N_IMAGES}


@pytest.mark.parametrize("end", ["Ctrl-C", "SIGTERM"])
def testInterruptedLeavesNothing(end, folder, monkeypatch):
    before = sorted(folder.rglob("*"))

    def interrupt(path):
        if end == "Ctrl-C":
            raise KeyboardInterrupt
        os.kill(os.getpid(), signal.SIGTERM)
        signal.pause()

    monkeypatch.setattr(imageMeasurement, "readImage", interrupt)
    with pytest.raises(KeyboardInterrupt if end == "Ctrl-C" else SystemExit):
        make(folder, "--report", folder/"report.json")
    assert json.loads((folder/"report.json").read_text())["counts"]["not run"] == N_IMAGES
    (folder/"report.json").unlink()
    assert sorted(folder.rglob("*")) == before


def testNothingElseOfTheOldOutputIsLostWhenAllFail(folder):
    assert make(folder) == 0
    before = (folder/"curves.parq").read_bytes()
    for path in (folder/"images").iterdir():
        notFits(path)
    assert make(folder, "--clobber-output") == N_IMAGES
    assert (folder/"curves.parq").read_bytes() == before


def testPositionsElsewhere(folder, caplog):
    (folder/"mine.csv").write_text("id,ra,dec\n1,10,10\n")
    assert make(folder) == 0
    assert len(readCurves(folder/"curves.parq")["visit"]) == 0
    assert "none of the positions is on any of the images" in caplog.text


def testSomePositionsElsewhere(folder, caplog):
    rows = (folder/"mine.csv").read_text().splitlines()
    (folder/"mine.csv").write_text("\n".join([*rows, "999999,10,10"]) + "\n")
    assert make(folder) == 0
    # One of the file is beside them anyhow.
    assert f"2 of the {len(rows)} positions are on none of the images" in caplog.text


def testUnexpectedErrorIsNamed(folder, monkeypatch, caplog):
    def fail(exposure):
        raise ZeroDivisionError("oops")

    monkeypatch.setattr(imageMeasurement, "identify", fail)
    assert make(folder) == N_IMAGES
    assert "ZeroDivisionError: oops" in caplog.text
