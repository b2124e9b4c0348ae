# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The files of the commands."""

import pathlib
import runpy
import sys

import pytest

COMMANDS = sorted((pathlib.Path(__file__).parents[1]/"bin").glob("*.py"))


@pytest.mark.parametrize("path", COMMANDS, ids=lambda path: path.stem)
def testImportingACommandRunsNothing(path, monkeypatch):
    """Under parsl a function has the name of its task, and to pickle it the module of that name is imported.

    That is the command beside `bps`, whose directory is the first on the path.
    """
    monkeypatch.setattr(sys, "argv", [str(path), "--nosuch"])
    assert "main" not in runpy.run_path(str(path), run_name=path.stem)


def testTheCommandsAreThere():
    assert {"diaObjectMaker", "forcedDiaPhot", "diaLightCurves"} <= {path.stem for path in COMMANDS}
