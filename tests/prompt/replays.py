# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Replay surveys through diaPrompt.py, and read what it wrote."""

import contextlib
import sqlite3

import numpy as np
import pandas as pd
from killing import startProcess
from lsst.daf.persistence import Butler
from smallSurvey import makeSmallSurvey

#: Options of a replay of a small survey.
CONFIG = ["--config", "loader.doCalibrate=False", "lookBack=None"]

#: Columns that tell when something was done, not what.
TIMES = ("timeProcessedMjdTai",)

TABLES = ("DiaObject", "DiaObjectLast", "DiaSource", "DiaForcedSource", "DiaReproSums", "DiaReproExposure",
          "DiaReproPending")


def makeThinSurvey(root, nImages, share):
    """Write a small survey with a share of its DIASources, so that DIAObjects begin with every visit."""
    makeSmallSurvey(root, nImages)
    butler, rng = Butler(str(root)), np.random.default_rng(3)
    for ref in butler.subset("deepDiff_diaSrc"):
        catalog = ref.get("deepDiff_diaSrc")
        butler.put(catalog[rng.random(len(catalog)) < share].copy(deep=True), "deepDiff_diaSrc", ref.dataId)


def startReplay(survey, output, apdb, *args):
    """Replay in a process of its own; return its id."""
    # Here, since without the extra the tests are skipped.
    from lsst.dia.repro.prompt.diaPrompt import DiaPromptTask
    words = [survey, "--id", "--output", output, "--apdb", apdb, "--doraise", *CONFIG, *args]
    return startProcess(lambda: DiaPromptTask.parseAndRun(list(map(str, words))))


def readTables(path):
    """Return the tables of a database, sorted, without the times of processing."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        tables = {name: pd.read_sql(f'SELECT * FROM "{name}"', connection) for name in TABLES}
    return {name: table.drop(columns=[column for column in TIMES if column in table])
            .sort_values(list(table.columns[:4])).reset_index(drop=True) for name, table in tables.items()}


def requireSameTables(path, other):
    for (name, table), wanted in zip(readTables(path).items(), readTables(other).values()):
        pd.testing.assert_frame_equal(table, wanted, check_exact=True, obj=name)


def readColumns(root, dataset):
    """Return the columns of a catalog of a repository."""
    catalog = Butler(str(root)).get(dataset).copy(deep=True)
    return {name: np.asarray(catalog[name]) for name in catalog.schema.getOrderedNames()
            if catalog.schema.find(name).field.getTypeString() != "String"}


def readCurves(root):
    return Butler(str(root)).get("diaLightCurves").toDataFrame().sort_values(
        ["diaObjectId", "ccdExposureId"]).reset_index(drop=True)
