# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""``butler``, ``pipetask`` and ``bps`` start, run and log where there is an `lsst.log`."""

import json
import os
import pathlib
import subprocess
import sys

import pytest
from conftest import Repository

from lsst.afw.image import ExposureF, FilterLabel

HERE = pathlib.Path(__file__).parent
BIN = pathlib.Path(sys.executable).parent


def run(*command, **kwargs):
    """Run a command with this folder's modules, and return what it printed."""
    environment = {**os.environ, "PYTHONPATH": str(HERE)}
    result = subprocess.run([str(BIN/command[0]), *map(str, command[1:])], env=environment, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, **kwargs)
    assert result.returncode == 0, result.stdout
    return result.stdout


def readLog(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_butler(tmp_path):
    levels = ["--log-level", "VERBOSE", "--log-level", "lsst.daf.butler._config=DEBUG"]
    text = run("butler", *levels, "--log-file", tmp_path/"log.json", "create", tmp_path/"repo")
    assert "lsst.daf.butler._butler VERBOSE: Wrote new Butler configuration" in text
    levels = {record["name"]: record["levelname"] for record in readLog(tmp_path/"log.json")}
    assert levels == {"lsst.daf.butler._butler": "VERBOSE", "lsst.daf.butler._config": "DEBUG"}
    assert (tmp_path/"repo"/"butler.yaml").exists()


def test_bps():
    assert "submit" in run("bps", "--log-level", "DEBUG", "--help")


@pytest.fixture
def exposureRepo(tmp_path):
    repo = Repository(str(tmp_path/"repo"))
    exposure = ExposureF(10, 20)
    exposure.image.set(2.5)
    exposure.setFilterLabel(FilterLabel(band="r", physical="r_03"))
    repo.put(exposure, "ExposureF", "exposure")
    return repo


def test_pipetask(exposureRepo, tmp_path):
    """A task's catalog and schema get there, and messages of either kind of logger into both logs."""
    pipeline = tmp_path/"pipeline.yaml"
    pipeline.write_text("description: means\ntasks: {mean: {class: meanTask.MeanTask}}\n")
    levels = ["--log-level", "WARNING", "--log-level", "meanTask=INFO"]
    text = run("pipetask", *levels, "--long-log", "--log-file", tmp_path/"log.json", "run", "-p", pipeline,
               "-b", exposureRepo.root, "-i", "tests", "-o", "means", "--register-dataset-types")
    assert "WARN" in text and "from the stack's logging" in text
    messages = {record["message"]: record for record in readLog(tmp_path/"log.json")}
    assert messages["from the stack's logging"]["name"] == "lsst.mean.stack"
    assert messages["from the stack's logging"]["levelname"] == "WARNING"
    assert "visit: 5" in messages["from the stack's logging"]["MDC"]["LABEL"]
    catalog = exposureRepo.get("mean", collections="means")
    assert catalog["mean"] == [2.5]
    assert catalog.getTable().getMetadata()["LSST BUTLER INPUT 0 DATASETTYPE"] == "exposure"
    schema = exposureRepo.butler.get("mean_schema", collections="means")
    assert len(schema) == 0 and schema.schema == catalog.schema
    assert messages["from Python's logging"]["name"] == "meanTask.mean"
    logged = exposureRepo.get("mean_log", collections="means")
    assert {"from Python's logging", "from the stack's logging"} <= {record.message for record in logged}
