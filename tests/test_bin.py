# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The files of the commands."""

import pathlib
import runpy
import subprocess
import sys

import pytest

COMMANDS = sorted((pathlib.Path(__file__).parents[1]/"bin").glob("*.py"))


#: What takes a tenth of a second or more to import, and no command needs to tell what it does.
SLOW = {"bokeh", "galsim", "matplotlib", "numba", "piff", "scipy.interpolate", "scipy.optimize",
        "scipy.signal", "scipy.stats"}

HELP = """
import gc, runpy, sys
sys.argv = [sys.argv[1], "--help"]
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
except SystemExit as end:
    assert not end.code, end
assert gc.isenabled() and gc.get_freeze_count() > 100_000
print("IMPORTED", *sys.modules)
"""


@pytest.mark.parametrize("path", COMMANDS, ids=lambda path: path.stem)
def testHelpImportsNothingSlow(path):
    done = subprocess.run([sys.executable, "-c", HELP, path], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert not SLOW & set(done.stdout.rpartition("IMPORTED")[2].split())


@pytest.mark.parametrize("path", COMMANDS, ids=lambda path: path.stem)
def testImportingACommandRunsNothing(path, monkeypatch):
    """Under parsl a function has the name of its task, and to pickle it the module of that name is imported.

    That is the command beside `bps`, whose directory is the first on the path.
    """
    monkeypatch.setattr(sys, "argv", [str(path), "--nosuch"])
    assert "main" not in runpy.run_path(str(path), run_name=path.stem)


def testTheCommandsAreThere():
    assert {"diaObjectMaker", "forcedDiaPhot", "diaLightCurves"} <= {path.stem for path in COMMANDS}
