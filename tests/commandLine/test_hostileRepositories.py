# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Commands execute nothing that the repositories of others hold."""

import os

import pytest
from lsst.daf.persistence import Policy, RepositoryCfg, Storage
from lsst.obs.lsstSim import LsstSimMapper

EVIL = "open({!r}, 'w').close()\n"

#: A stack executes stored configs, shows a mapper's name as it is and waits for a pipe.
needsSlice = pytest.mark.skipif("AFW_DIR" in os.environ, reason="a stack trusts its repositories")


@pytest.fixture
def canary(tmp_path):
    return tmp_path/"canary"


def testInputThatIsAProgram(repository, run, tmp_path, canary):
    """The catalogs of an input were executed as configs, at the first command."""
    (repository/"evil.py").write_text(EVIL.format(str(canary)))
    types = {"deepDiff_diaSrc": {"storage": "ConfigStorage", "template": "evil.py",
                                 "python": "lsst.pex.config.Config"}}
    Storage.putRepositoryCfg(
        RepositoryCfg(str(repository), LsstSimMapper, {}, [], Policy({"datasets": types})), str(repository))
    result = run("diaObjectMaker.py", repository, "--id", "--output", tmp_path/"mine")
    assert result.returncode == 2 and "'deepDiff_diaSrc'" in result.stderr
    assert "Traceback" not in result.stderr
    assert not canary.exists() and not (tmp_path/"mine").exists()


@needsSlice
def testStoredConfigThatIsAProgram(repository, run, tmp_path, canary):
    """The config of a shared output was executed when a second run compared it."""
    command = ["diaObjectMaker.py", repository, "--id", "visit=866", "--output", tmp_path/"out"]
    assert run(*command).returncode == 0
    path = tmp_path/"out"/"config"/"diaObjectMaker.py"
    stored = path.read_text()
    path.write_text(stored + EVIL.format(str(canary)))
    result = run(*command)
    nLines = stored.count("\n") + 1
    said = result.stdout + result.stderr
    assert result.returncode != 0 and f"Refused line {nLines} of the stored config {path}" in said
    assert not canary.exists()
    path.write_text(stored)
    assert run(*command).returncode == 0


@needsSlice
def testNamesAreShownHarmlessly(repository, run, tmp_path):
    (repository/"_mapper").write_text("lsst.obs.\x1b[2J\u202ex\n")
    result = run("diaObjectMaker.py", repository, "--id", "--output", tmp_path/"out")
    assert result.returncode == 2 and "\\x1b[2J" in result.stderr
    assert all(line.isprintable() for line in (result.stderr + result.stdout).split("\n"))


@needsSlice
@pytest.mark.parametrize("name", ["repositoryCfg.yaml", "registry.sqlite3"])
def testEndlessFilesEnd(repository, run, name):
    (repository/name).unlink(missing_ok=True)
    os.mkfifo(repository/name)
    result = run("diaObjectMaker.py", repository, "--id")
    assert result.returncode == 2 and "Not a regular file" in result.stderr and name in result.stderr
    assert "Traceback" not in result.stderr
