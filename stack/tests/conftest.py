# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Where the tests find data."""

import pathlib
import shutil

import numpy as np
import pytest

HERE = pathlib.Path(__file__).parent
SHARED = HERE.parents[2]/"shared"


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
    """A writable copy of the small repository."""
    return pathlib.Path(shutil.copytree(stackData/"repo", tmp_path/"repo"))


@pytest.fixture(scope="session")
def sameArrays():
    """Function that tells whether two arrays have the same type and values, NaNs included."""
    return lambda a, b: a.dtype == b.dtype and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
