# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""When and where loops are compiled."""

import os
import subprocess
import sys

import pytest

LOOP = """
from lsst._compiled import compiled

@compiled
def divide(a, b):
    return a/b

assert divide(1.0, 0.0) == float("inf")
print(sum(divide.stats.cache_hits.values()), sum(divide.stats.cache_misses.values()))
"""


def run(code, folder, **environment):
    """Run code as a module of a folder, and return what it prints."""
    if not (folder / "loop.py").exists():
        # Once: old versions of Numba go by the date of a file.
        (folder / "loop.py").write_text(code)
    path = os.pathsep.join(filter(None, sys.path))
    places = {name: str(value) for name, value in environment.items()}
    environment = {**os.environ, "PYTHONPATH": path, **places}
    done = subprocess.run([sys.executable, "-c", "import loop"], env=environment, cwd=folder, check=True,
                          capture_output=True, text=True)
    return done.stdout.split()


def test_codeIsKeptOnDisk(tmp_path):
    cache = tmp_path / "cache"
    assert run(LOOP, tmp_path, NUMBA_CACHE_DIR=cache) == ["0", "1"]
    assert run(LOOP, tmp_path, NUMBA_CACHE_DIR=cache) == ["1", "0"]


@pytest.fixture
def sealed(tmp_path):
    """Return a folder with no place for compiled code, whoever runs it."""
    (tmp_path / "__pycache__").write_text("not a folder")
    return tmp_path


def test_codeIsKeptInTheHomeOfTheUser(sealed):
    (sealed / "home").mkdir()
    places = dict(NUMBA_CACHE_DIR="", XDG_CACHE_HOME=sealed / "home")
    assert run(LOOP, sealed, **places) == ["0", "1"]
    assert run(LOOP, sealed, **places) == ["1", "0"]


def test_loopsRunWhereNothingCanBeKept(sealed):
    nowhere = sealed / "__pycache__" / "home"
    places = dict(NUMBA_CACHE_DIR=nowhere, XDG_CACHE_HOME=nowhere, HOME=nowhere)
    for _ in range(2):
        assert run(LOOP, sealed, **places) == ["0", "1"]


def test_importsDoNotWaitForNumba(tmp_path):
    imports = "import sys, lsst.meas.base, lsst.meas.algorithms, lsst.pipe.cmdline"
    assert run(f"{imports}\nprint('numba' in sys.modules)", tmp_path) == ["False"]
