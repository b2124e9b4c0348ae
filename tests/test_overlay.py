# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The dataset types of this package reach a repository through its own configuration."""

import subprocess
import sys

import pytest
from lsst.daf.persistence import Butler
from lsst.dia.repro.overlay import getOverlay, installOverlay

READ = """
import sys
from lsst.daf.persistence import Butler
assert len(Butler(sys.argv[1]).get("reproDIAObjects", immediate=True)) > 0
assert "lsst.dia" not in sys.modules
"""


def testOverlayNamesTheDatasets():
    names = set(getOverlay()["datasets"].names(True))
    assert {"reproDIAObjects", "reproDIAObjects_schema", "reproDIASources", "forcedDIASource",
            "forcedDIASource_schema", "diaObjectMaker_config", "forcedDiaPhot_metadata"} <= names


def testAnyButlerReadsTheOutput(repository, tmp_path, run):
    assert run("diaObjectMaker.py", repository, "--id", "--output", tmp_path/"out").returncode == 0
    subprocess.run([sys.executable, "-c", READ, str(tmp_path/"out")], check=True)


def testInPlace(repository, run):
    assert run("diaObjectMaker.py", repository, "--id").returncode == 0
    assert run("forcedDiaPhot.py", repository, "--id", "visit=866").returncode == 0
    assert Butler(str(repository)).datasetExists("forcedDIASource", visit=866, raft="2,2", sensor="1,1")


def testRerun(repository, run):
    assert run("diaObjectMaker.py", repository, "--id", "--rerun", "first").returncode == 0
    assert run("forcedDiaPhot.py", repository, "--id", "visit=866", "--rerun", "first:second").returncode == 0
    butler = Butler(str(repository/"rerun"/"second"))
    assert butler.datasetExists("forcedDIASource", visit=866, raft="2,2", sensor="1,1")
    assert butler.datasetExists("reproDIAObjects")


def testClobberOutput(repository, tmp_path, run):
    command = ["diaObjectMaker.py", repository, "--id", "--output", tmp_path/"out"]
    assert run(*command).returncode == 0
    (tmp_path/"out"/"stray").write_text("")
    assert run(*command, "--clobber-output").returncode == 0
    assert not (tmp_path/"out"/"stray").exists()
    assert Butler(str(tmp_path/"out")).datasetExists("reproDIAObjects")


def testRepositoryThatCannotBeExtended(repository, run, tmp_path):
    # A butler that writes leaves a configuration without our dataset types.
    Butler(inputs=str(repository), outputs={"root": str(tmp_path/"other"), "mode": "rw"})
    with pytest.raises(RuntimeError, match="--output or --rerun"):
        installOverlay(str(tmp_path/"other"))
    result = run("diaObjectMaker.py", tmp_path/"other", "--id")
    assert result.returncode == 2 and "--output or --rerun" in result.stderr
    assert run("diaObjectMaker.py", tmp_path/"other", "--id", "--output", tmp_path/"new").returncode == 0
