# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The small repository of real files, and an output beside it."""

import pathlib
import sys

import pytest

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE))


@pytest.fixture
def repo(repository, monkeypatch):
    for name in ("PIPE_INPUT_ROOT", "PIPE_CALIB_ROOT", "PIPE_OUTPUT_ROOT"):
        monkeypatch.delenv(name, raising=False)
    return repository


@pytest.fixture
def output(repo, tmp_path):
    from cmdlineTestTask import makeOutput

    makeOutput(repo, tmp_path / "out")
    return tmp_path / "out"
