# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The sample options, and the figure."""

import pathlib

import pytest
from lsst.dia.repro import DiaObjectMakerConfig, ForcedDiaPhotConfig

FILES = sorted((pathlib.Path(__file__).parent.parent/"config").glob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def testConfigFileLoads(path):
    config = (ForcedDiaPhotConfig if path.stem.startswith("forced") else DiaObjectMakerConfig)()
    before = config.toDict()
    config.load(str(path))
    config.validate()
    assert config.toDict() != before


def testFigure(stackData, tmp_path, run):
    figure = tmp_path/"figure.png"
    result = run("diaObjectMaker.py", stackData/"repo", "--id", "--output", tmp_path/"out", "--no-versions",
                 "--figure", figure, "--configfile", *FILES[:1])
    assert result.returncode == 0, result.stderr
    assert figure.stat().st_size > 10000
