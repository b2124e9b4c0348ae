# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Which outputs --skip-existing leaves alone, and what --dry-run says of them."""

import contextlib
import functools
import os
import shutil

import lsst.afw.image as afwImage
import lsst.afw.table as afwTable
import numpy as np
import pytest
from lsst.dia.repro import DiaLightCurvesTask, DiaObjectMakerTask, ForcedDiaPhotTask
from lsst.pipe.base import TaskError

COMMON = ("--no-versions", "--doraise", "--loglevel", "warn")
IDS = {DiaObjectMakerTask: ["--id"], ForcedDiaPhotTask: ["--id", "visit=866^892", "sensor=1,2"],
       DiaLightCurvesTask: ["--id", "visit=866^892", "sensor=1,2"]}
TASKS = list(IDS)
OBJECTS = {"reproDIAObjects.fits", "reproDIASources.fits"}
FORCED = {"v866-fi/R22/forcedDIASource-S12.fits", "v892-fr/R22/forcedDIASource-S12.fits"}
CURVES = {"diaLightCurves.parq", "diaLightCurveSummary.parq"}
OUTPUTS = dict(zip(TASKS, (OBJECTS, FORCED, CURVES)))


@pytest.fixture(scope="module")
def original(stackData, tmp_path_factory):
    """A repository in which all was done."""
    root = shutil.copytree(stackData/"repo", tmp_path_factory.mktemp("original")/"repo")
    for Task in TASKS:
        Task.parseAndRun([str(root), *IDS[Task], *COMMON])
    return root


@pytest.fixture
def made(original, tmp_path):
    """A copy of it, to be changed."""
    return shutil.copytree(original, tmp_path/"repo")


def findFiles(repository):
    """Return what is new of a file when it is written again, by its name."""
    directory = repository/"deepDiff"
    return {str(path.relative_to(directory)): path.lstat().st_ino
            for path in directory.rglob("*") if path.suffix in (".fits", ".parq")}


def runAgain(repository, Task, *args, ids=None):
    """Run a command with --skip-existing and return the names of the files that it wrote."""
    before = findFiles(repository)
    Task.parseAndRun([str(repository), *(ids or IDS[Task]), *COMMON, "--skip-existing", *args])
    return {name for name, inode in findFiles(repository).items() if before.get(name) != inode}


def listTargets(repository, Task, capsys, *args, ids=None):
    """Return what --dry-run prints, after a look that it writes nothing."""
    before = findFiles(repository)
    capsys.readouterr()
    Task.parseAndRun([str(repository), *(ids or IDS[Task]), *COMMON, "--dry-run", *args])
    assert findFiles(repository) == before
    return [line for line in capsys.readouterr().out.splitlines() if line.startswith(("make", "skip"))]


def changeObject(repository, index, by):
    """Move a DIAObject, radians."""
    path = str(repository/"deepDiff"/"reproDIAObjects.fits")
    objects = afwTable.SourceCatalog.readFits(path)
    objects = objects.copy(deep=True)
    objects["coord_dec"][index] += by
    objects.writeFits(path)


@pytest.mark.parametrize("processes", [1, 2])
def testNothingIsMadeAgain(made, processes):
    for Task in TASKS:
        assert runAgain(made, Task, "-j", str(processes)) == set()


@pytest.mark.parametrize("Task", TASKS)
def testWithoutTheOptionAllIsMadeAgain(made, Task):
    before = findFiles(made)
    Task.parseAndRun([str(made), *IDS[Task], *COMMON])
    after = findFiles(made)
    assert {name for name in after if before.get(name) != after[name]} == OUTPUTS[Task]


@pytest.mark.parametrize("Task", TASKS)
def testWhatIsMissingIsMade(made, Task):
    name = sorted(OUTPUTS[Task])[0]
    (made/"deepDiff"/name).unlink()
    assert name in runAgain(made, Task) <= OUTPUTS[Task]
    assert runAgain(made, Task) == set()


@pytest.mark.parametrize("Task", TASKS)
@pytest.mark.parametrize("content", [b"", b"text\n", None], ids=["empty", "text", "of others"])
def testWhatCannotBeComparedIsMade(made, Task, content):
    path = made/"deepDiff"/sorted(OUTPUTS[Task])[0]
    if content is None and path.suffix == ".fits":
        afwTable.SourceCatalog(afwTable.SourceTable.makeMinimalSchema()).writeFits(str(path))
    else:
        path.write_bytes(content or b"")
    assert sorted(OUTPUTS[Task])[0] in runAgain(made, Task)


@pytest.mark.parametrize("Task, option", [
    (DiaObjectMakerTask, "removeAmbiguous=False"), (ForcedDiaPhotTask, "edgeMargin=3"),
    (DiaLightCurvesTask, "detectionThreshold=4"),
])
def testOtherOptions(made, Task, option, capsys):
    args = ["--config", option]
    # Nor does a run without the permission do more.
    with pytest.raises(SystemExit):
        listTargets(made, Task, capsys, *args)
    args.append("--clobber-config")
    assert all("the options are others" in line for line in listTargets(made, Task, capsys, *args))
    assert runAgain(made, Task, *args) == OUTPUTS[Task]
    assert runAgain(made, Task, *args) == set()


def testOptionsThatDoNotMatter(made):
    assert runAgain(made, DiaObjectMakerTask, "--config", "tileHalo=60", "--clobber-config") == set()
    assert runAgain(made, DiaLightCurvesTask, "--config", "products.nStamps=3", "--clobber-config") == set()


def testOtherVisits(made, capsys):
    ids = ["--id", "visit=840..892:13"]
    (line,) = listTargets(made, DiaObjectMakerTask, capsys, "--skip-existing", ids=ids)
    assert line.startswith("make") and "18 data IDs, not 10" in line
    assert runAgain(made, DiaObjectMakerTask, ids=ids) == OBJECTS


def testOnlyTheImageThatChanged(made, capsys):
    path = made/"deepDiff"/"v892-fr"/"R22"/"diffexp-S12.fits"
    exposure = afwImage.ExposureF(str(path))
    exposure.image.array[200:220, 200:220] += 100
    exposure.writeFits(str(path))
    skipped, listed = sorted(listTargets(made, ForcedDiaPhotTask, capsys, "--skip-existing"), reverse=True)
    assert skipped.startswith("skip {'visit': 866") and listed.startswith("make {'visit': 892")
    assert "its inputs have changed" in listed
    assert runAgain(made, ForcedDiaPhotTask) == {"v892-fr/R22/forcedDIASource-S12.fits"}
    assert runAgain(made, DiaLightCurvesTask) == CURVES


def testAnImageThatWasCopied(made):
    path = made/"deepDiff"/"v892-fr"/"R22"/"diffexp-S12.fits"
    os.utime(path)
    assert runAgain(made, ForcedDiaPhotTask) == set()


def testOneObjectMoved(made):
    """An image that it is far from is left alone, and belongs together with those measured again."""
    ids = ["--id", "visit=866"]
    east, west = "v866-fi/R22/forcedDIASource-S12.fits", "v866-fi/R22/forcedDIASource-S11.fits"
    assert runAgain(made, ForcedDiaPhotTask, ids=ids) == {west}
    objects = afwTable.SourceCatalog.readFits(str(made/"deepDiff"/"reproDIAObjects.fits"))
    changeObject(made, int(np.argmin(objects["coord_ra"])), 1e-8)
    with pytest.raises(TaskError, match="1 of 2 forcedDIASource were measured at reproDIAObjects .*'1,1'"):
        runAgain(made, DiaLightCurvesTask, ids=ids)
    assert runAgain(made, ForcedDiaPhotTask, ids=ids) == {west}
    assert runAgain(made, DiaLightCurvesTask, ids=ids) == CURVES
    changeObject(made, int(np.argmax(objects["coord_ra"])), 1e-8)
    assert runAgain(made, ForcedDiaPhotTask, ids=ids) == {east}


def testPositionsOfOneNameInTwoFolders(made, tmp_path):
    """Two files of one name are not one file."""
    for folder, dec in (("a", -27.44), ("b", -27.43)):
        (tmp_path/folder).mkdir()
        (tmp_path/folder/"mine.csv").write_text(f"id,ra,dec\n1,53.03,{dec}\n")
    for visit, folder in ((866, "a"), (892, "b")):
        runAgain(made, ForcedDiaPhotTask, "--refCat", str(tmp_path/folder/"mine.csv"),
                 ids=["--id", f"visit={visit}", "sensor=1,2"])
    with pytest.raises(TaskError, match="mine.csv"):
        runAgain(made, DiaLightCurvesTask)
    assert runAgain(made, DiaLightCurvesTask, "--allowMixed") == CURVES
    assert runAgain(made, ForcedDiaPhotTask, "--refCat", str(tmp_path/"a"/"mine.csv")) == {
        "v892-fr/R22/forcedDIASource-S12.fits"}
    assert runAgain(made, DiaLightCurvesTask) == CURVES


def testEditedPositionsAreMeasuredEverywhere(made, tmp_path):
    """Nobody could tell later that images far from the change belong together with the others."""
    mine, ids = tmp_path/"mine.csv", ["--id", "visit=866"]
    rows = ["id,ra,dec", "1,53.03,-27.44", "2,52.9985,-27.44"]
    for text in (rows, rows[:2]):
        mine.write_text("\n".join(text) + "\n")
        assert len(runAgain(made, ForcedDiaPhotTask, "--refCat", str(mine), ids=ids)) == 2
        assert runAgain(made, DiaLightCurvesTask, ids=ids) == CURVES


def testMixtureThatWasAllowedIsMadeAnew(made, tmp_path):
    (tmp_path/"mine.csv").write_text("id,ra,dec\n1,53.03,-27.44\n")
    runAgain(made, ForcedDiaPhotTask, "--refCat", str(tmp_path/"mine.csv"),
             ids=["--id", "visit=866", "sensor=1,2"])
    assert runAgain(made, DiaLightCurvesTask, "--allowMixed") == CURVES
    assert runAgain(made, DiaLightCurvesTask, "--allowMixed") == set()
    with pytest.raises(TaskError, match="mine.csv"):
        runAgain(made, DiaLightCurvesTask)


def testRunThatDidNotComeToItsEnd(made):
    """What is written after the output is missing."""
    (made/"deepDiff"/"v892-fr"/"R22"/"forcedDiaPhot_metadata-S12.yaml").unlink()
    assert runAgain(made, ForcedDiaPhotTask) == {"v892-fr/R22/forcedDIASource-S12.fits"}


@pytest.mark.parametrize("hasFingerprint", [True, False])
def testObjectsThatAreNotAmongTheDiaObjects(made, hasFingerprint, caplog):
    """So it is where bits flip, and of results of older versions, which do not tell what made them."""
    path = str(made/"deepDiff"/sorted(FORCED)[0])
    forced = afwTable.SourceCatalog.readFits(path).copy(deep=True)
    forced["diaObjectId"][3] += 1
    if not hasFingerprint:
        forced.table.setMetadata(None)
    forced.writeFits(path)
    with pytest.raises(TaskError, match="1 of 2 forcedDIASource .*866"):
        runAgain(made, DiaLightCurvesTask)
    assert runAgain(made, DiaLightCurvesTask, "--allowMixed") == CURVES
    assert "positionsDiffer marks" in caplog.text


@pytest.mark.parametrize("name", ["v840-fg/R22/diaSrc-S11.fits", "v892-fr/R22/diffexp-S12.fits"])
def testOneInputThatIsALinkToNowhere(repository, name):
    path = repository/"deepDiff"/name
    path.unlink()
    path.symlink_to(repository/"nowhere")
    with contextlib.suppress(TaskError, SystemExit):
        DiaObjectMakerTask.parseAndRun([str(repository), "--id", *COMMON])
    assert OBJECTS <= set(findFiles(repository))


def testReuseComparesNoOptions(made):
    args = [str(made), "--reuse", "--format", "ecsv", *COMMON]
    DiaLightCurvesTask.parseAndRun([*args, "--config", "detectionThreshold=4"])


def testFiguresAreMadeOfWhatIsThere(made, tmp_path):
    figure = tmp_path/"map.png"
    assert runAgain(made, DiaObjectMakerTask, "--figure", str(figure)) == set() and figure.exists()
    assert runAgain(made, DiaLightCurvesTask, "--plot", "1", "--directory", str(tmp_path)) == set()
    assert list(tmp_path.glob("diaObject-*.png"))


def testFailuresAreTriedAgain(made, capsys):
    broken = made/"deepDiff"/"v840-fg"/"R22"/"diaSrc-S11.fits"
    content = broken.read_bytes()
    broken.write_bytes(content[:5000])
    with pytest.raises(TaskError, match="1 of 18"):
        runAgain(made, DiaObjectMakerTask)
    (line,) = listTargets(made, DiaObjectMakerTask, capsys, "--skip-existing")
    assert "lacks 1 data IDs" in line
    with pytest.raises(TaskError, match="1 of 18"):
        runAgain(made, DiaObjectMakerTask)
    broken.write_bytes(content)
    assert runAgain(made, DiaObjectMakerTask) == OBJECTS


def testDryRunMakesNoRepository(made, tmp_path, capsys):
    (line,) = listTargets(made, DiaObjectMakerTask, capsys, "--output", str(tmp_path/"new"))
    assert line.startswith("make") and not (tmp_path/"new").exists()


def testReuseSaysWhatItIsMadeOf(made, caplog):
    args = [str(made), "--reuse", "--format", "ecsv", *COMMON[:2]]
    DiaLightCurvesTask.parseAndRun(args)
    assert "of 2 images (0 without a usable catalog), measured at reproDIAObjects" in caplog.text
    assert "others by now" not in caplog.text
    changeObject(made, 0, 1e-8)
    DiaLightCurvesTask.parseAndRun(args)
    assert "The DIAObjects are others by now" in caplog.text


TILED = ["--config", "tileLevel=12"]


def listTiles(repository, capsys):
    capsys.readouterr()
    with pytest.raises(SystemExit):
        DiaObjectMakerTask.parseAndRun([str(repository), "--id", *COMMON, *TILED, "--listTiles"])
    return [word for word in capsys.readouterr().out.split() if word.isdigit()]


def testTiles(repository, capsys):
    """Tiles that are done are left alone, and tiles of other data or options are not merged."""
    tiles = listTiles(repository, capsys)
    run = functools.partial(runAgain, repository, DiaObjectMakerTask, *TILED)
    assert len(run("--tile", *tiles)) == 2*len(tiles) > 4
    assert run("--tile", *tiles) == set()
    assert run("--tile", *tiles[1:], "--config", "removeAmbiguous=False", "--clobber-config")
    with pytest.raises(TaskError, match=f"{tiles[1]} .*run them with --tile") as refused:
        run("--mergeTiles", "--clobber-config")
    assert tiles[0] not in str(refused.value).split("merge: ")[1]
    run("--tile", *tiles)
    assert run("--mergeTiles") == OBJECTS
    # The same is what a run on the whole sky would write.
    assert runAgain(repository, DiaObjectMakerTask, "--clobber-config") == set()
    with pytest.raises(TaskError, match="run them with --tile"):
        run("--mergeTiles", "--clobber-config", ids=["--id", "visit=840..892:13"])


def testTilesOfAFailedRun(repository, capsys):
    broken = repository/"deepDiff"/"v840-fg"/"R22"/"diaSrc-S11.fits"
    broken.write_bytes(b"")
    for args in [*(["--tile", tile] for tile in listTiles(repository, capsys)), ["--mergeTiles"]]:
        with pytest.raises(TaskError, match="1 of 18"):
            runAgain(repository, DiaObjectMakerTask, *TILED, *args)
