# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Commands that have nothing to do leave repositories as they are."""

import sqlite3

import pytest
from lsst.daf.persistence import Butler
from lsst.dia.repro import DiaObjectMakerTask
from lsst.dia.repro.commandLine.gen2Classes import ArgumentParser


def listFiles(root):
    return sorted(path.relative_to(root) for path in root.rglob("*"))


@pytest.mark.parametrize("command", ["diaObjectMaker.py", "forcedDiaPhot.py"])
def testNoDataIds(repository, run, command):
    before = listFiles(repository)
    result = run(command, repository)
    assert result.returncode == 2
    assert "no data IDs; give --id" in result.stderr
    assert listFiles(repository) == before


def testOnlyShowing(repository, run):
    before = listFiles(repository)
    result = run("diaObjectMaker.py", repository, "--id", "visit=866", "--show", "data", "history=coaddName")
    assert result.returncode == 0, result.stderr
    assert "'visit': 866" in result.stdout and "diaObjectMaker.py" in result.stdout
    assert listFiles(repository) == before


def testOutputThatIsAFile(repository, run, tmp_path):
    (tmp_path/"file").touch()
    result = run("diaObjectMaker.py", repository, "--id", "--output", tmp_path/"file")
    assert result.returncode == 2 and f"output {tmp_path/'file'} is not a directory" in result.stderr


def testLightCurvesWithoutForcedPhotometry(repository, run):
    result = run("diaLightCurves.py", repository, "--id")
    assert result.returncode == 1 and "forcedDIASource of these data: run forcedDiaPhot.py" in result.stderr


def testNoDataStoreNoConfig(repository, run):
    result = run("diaObjectMaker.py", repository, "--id", "visit=7")
    assert result.returncode == 1
    assert "There is no data to process" in result.stderr
    assert not (repository/"config").exists()


def testKeyThatTheRegistryLacks(repository, run):
    result = run("diaObjectMaker.py", repository, "--id", "nosuchkey=7")
    assert result.returncode == 2 and "Traceback" not in result.stderr
    (line,) = [line for line in result.stderr.splitlines() if "cannot look up data for --id" in line]
    assert "nosuchkey" in line


def testRegistryThatRefuses(repository, monkeypatch, capsys):
    """As that of v23 does with a key that it lacks."""
    def refuse(*args, **kwargs):
        raise sqlite3.OperationalError("no such column: nosuchkey")

    monkeypatch.setattr(Butler, "subset", refuse)
    with pytest.raises(SystemExit) as ending:
        DiaObjectMakerTask.parseAndRun([str(repository), "--id", "visit=853"])
    assert ending.value.code == 2
    assert "cannot look up data for --id: no such column: nosuchkey" in capsys.readouterr().err


def testMapperThatIsNotSetUp(repository, monkeypatch, capsys):
    """The parser of v23 lets the error pass."""
    def read(*args, **kwargs):
        raise ModuleNotFoundError("No module named 'lsst.obs.other'")

    monkeypatch.setattr(ArgumentParser, "parse_args", read)
    with pytest.raises(SystemExit) as ending:
        DiaObjectMakerTask.parseAndRun([str(repository), "--id"])
    assert ending.value.code == 2
    assert "cannot be imported: No module named 'lsst.obs.other'" in capsys.readouterr().err


@pytest.mark.parametrize("figure, message", [("map", "does not end"), ("nowhere/map.png", "no directory")])
def testFigureThatCannotBe(repository, run, figure, message):
    before = listFiles(repository)
    result = run("diaObjectMaker.py", repository, "--id", "--figure", figure)
    assert result.returncode == 2 and message in result.stderr and "Traceback" not in result.stderr
    assert listFiles(repository) == before


def testStandardOutputHasResultsAlone(repository, run):
    result = run("diaObjectMaker.py", repository, "--id", "--config", "tileLevel=6", "--listTiles")
    assert result.returncode == 0, result.stderr
    assert len(result.stdout.split()) > 0 and all(line.isdigit() for line in result.stdout.splitlines())
    assert "CameraMapper INFO" in result.stderr


def testLongLogGoesToStandardErrorToo(repository, run):
    result = run("diaObjectMaker.py", repository, "--id", "visit=7", "--longlog", "--no-versions")
    assert result.stdout == "" and "ERROR 20" in result.stderr


@pytest.mark.parametrize("name", ["associator['assignment'].radius", "associator[\"assignment\"].radius",
                                  "associator[assignment].radius"])
def testOptionsOfAChoiceThatIsNotInUse(name, repository, run):
    result = run("diaObjectMaker.py", repository, "--config", f"{name}=0.75", "removeAmbiguous=True",
                 "--show", "config")
    assert result.returncode == 0, result.stderr
    assert "config.associator['assignment'].radius=0.75" in result.stdout
    assert "config.associator['multiMatch'].radius=0.5" in result.stdout
    assert "config.removeAmbiguous=True" in result.stdout


@pytest.mark.parametrize("option, message", [
    ("associator['assignment'].radus=0.7", "no config field: radus"),
    ("associator['assig'].radius=0.7", "no config field: associator['assig'].radius"),
    ("nothing['assignment'].radius=0.7", "no config field: nothing['assignment'].radius"),
    ("associator['assignment'].radius", "must be in form name=value"),
    ("associator['assignment'].radius=x", "radius"),
])
def testOptionsOfAChoiceThatAreWrong(option, message, repository, run):
    result = run("diaObjectMaker.py", repository, "--id", "--config", option)
    assert result.returncode == 2 and message in result.stderr.splitlines()[-1]


def testWhatCannotBeShown(repository, tmp_path, run):
    result = run("diaObjectMaker.py", repository, "--id", "--output", tmp_path/"out", "--show", "foo")
    assert result.returncode == 2 and "--show foo: choose from config, data" in result.stderr
    assert not (tmp_path/"out").exists()


def testShowingMakesNoRepository(repository, tmp_path, run):
    result = run("diaObjectMaker.py", repository, "--id", "--output", tmp_path/"out", "--show", "data",
                 "tasks")
    assert result.returncode == 0 and "'visit': 866" in result.stdout
    assert not (tmp_path/"out").exists()


def testManyMissingDataAreOneLine(repository, run):
    (repository/"none.csv").write_text("id,ra,dec\n1,53,-27\n")
    result = run("forcedDiaPhot.py", repository, "--id", "visit=1..40", "--id", "visit=840^879", "--refCat",
                 repository/"none.csv")
    assert result.returncode == 42
    lines = [line for line in result.stderr.splitlines() if "No deepDiff_differenceExp" in line]
    assert len(lines) == 2
    assert "for 4 data IDs, such as {'visit': 840" in lines[0] and lines[0].endswith("; left out")
    assert "found for 42 data IDs, such as {'visit': 1}, {'visit': 2}, {'visit': 3}" in lines[1]
