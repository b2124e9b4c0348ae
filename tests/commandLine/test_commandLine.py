# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Commands that have nothing to do leave repositories as they are."""

import pytest


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


def testNoDataStoreNoConfig(repository, run):
    result = run("diaObjectMaker.py", repository, "--id", "visit=7")
    assert result.returncode == 1
    assert "There is no data to process" in result.stdout
    assert not (repository/"config").exists()


@pytest.mark.parametrize("figure, message", [("map", "does not end"), ("nowhere/map.png", "no directory")])
def testFigureThatCannotBe(repository, run, figure, message):
    before = listFiles(repository)
    result = run("diaObjectMaker.py", repository, "--id", "--figure", figure)
    assert result.returncode == 2 and message in result.stderr and "Traceback" not in result.stderr
    assert listFiles(repository) == before
