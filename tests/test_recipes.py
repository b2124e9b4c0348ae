# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""What the cookbook shows of the output of its commands."""

import importlib.util
import pathlib

import pytest

ROOT = pathlib.Path(__file__).parent.parent

LOG = ["CameraMapper INFO: Loading exposure registry", "diaObjectMaker.associator WARN: Position errors",
       "root INFO: Running", "diaObjectMaker INFO: DIAObjects: 77",
       "root INFO: diaObjectMaker: 1 of 1, 0.02/s"]


@pytest.fixture(scope="module")
def shorten():
    spec = importlib.util.spec_from_file_location("shownOutput", ROOT/"doc"/"_extensions"/"shownOutput.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.shorten


def testWarningsAreShown(shorten):
    assert shorten(LOG, 1).split("\n") == ["...", LOG[1], "...", LOG[3]]
    assert shorten(LOG, 3).split("\n") == ["...", *LOG[1:4]]


def testSpeedIsNotShown(shorten):
    assert shorten(LOG).split("\n") == LOG[:4]
    assert shorten([]) == shorten(LOG[4:], 2) == ""
