# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Where the tests find data and how they run the commands."""

import pathlib
import shutil

import pytest
from commandProcesses import runInFork

HERE = pathlib.Path(__file__).parent
BIN = HERE.parent/"bin"
SHARED = HERE.parent.parent/"shared"


@pytest.fixture(scope="session")
def stackData():
    """Files that the real v23.0.2 stack wrote, and its answers for them."""
    return HERE/"data"/"stack-v23"


@pytest.fixture(scope="session")
def shared():
    """Real survey data, which is not part of the repository."""
    if not (SHARED/"real").is_dir():
        pytest.skip("there is no ../shared with real survey data")
    return SHARED


@pytest.fixture
def repository(stackData, tmp_path):
    """A writable copy of the small repository, without difference images' weight."""
    return pathlib.Path(shutil.copytree(stackData/"repo", tmp_path/"repo"))


@pytest.fixture(scope="session")
def run():
    """A function that runs a command of bin/ and returns the finished process."""

    return lambda command, *args: runInFork(BIN/command, *args)
