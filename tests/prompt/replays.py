# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Replay surveys through diaPrompt.py, and read what it wrote."""

import contextlib
import sqlite3

import numpy as np
import pandas as pd
from lsst.daf.persistence import Butler

#: Columns that tell when something was done, not what.
TIMES = ("timeProcessedMjdTai",)

TABLES = ("DiaObject", "DiaObjectLast", "DiaSource", "DiaForcedSource", "DiaReproSums", "DiaReproExposure",
          "DiaReproPending")


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
