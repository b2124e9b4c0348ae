# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""How long it takes to list what a repository has."""

import os
import pathlib
import sqlite3
import tempfile

from lsst.daf.persistence import Butler

from ._timing import Row, bestOf

N_VISITS, N_SENSORS = 133, 189
SCHEMA = """
    CREATE TABLE raw (id INTEGER PRIMARY KEY AUTOINCREMENT, visit INT, filter TEXT, snap INT, raft TEXT,
                      sensor TEXT, channel TEXT, taiObs TEXT, expTime DOUBLE);
    CREATE TABLE raw_visit (visit INT, filter TEXT, taiObs TEXT, expTime DOUBLE, UNIQUE(visit));
"""


def makeRepository(root):
    """Write a registry of 25,137 images."""
    pathlib.Path(root, "_mapper").write_text("lsst.obs.lsstSim.LsstSimMapper\n")
    registry = sqlite3.connect(os.path.join(root, "registry.sqlite3"))
    with registry:
        registry.executescript(SCHEMA)
        for visit in range(N_VISITS):
            band, date = "ugrizy"[visit % 6], "2022-01-01T05:01:47"
            registry.execute("INSERT INTO raw_visit VALUES (?, ?, ?, 30)", (visit, band, date))
            registry.executemany(
                "INSERT INTO raw VALUES (NULL, ?, ?, 0, ?, ?, '0,0', ?, 30)",
                ((visit, band, f"{i//9//5},{i//9 % 5}", f"{i//3 % 3},{i % 3}", date)
                 for i in range(N_SENSORS)))
    registry.close()


def listData(root):
    """Open a repository and list its data IDs."""
    return [ref.dataId for ref in Butler(root).subset("deepDiff_differenceExp")]


def select(root):
    """Do what that needs of the registry."""
    registry = sqlite3.connect(os.path.join(root, "registry.sqlite3"))
    rows = registry.execute("SELECT DISTINCT visit, filter, raft, sensor FROM raw").fetchall()
    registry.close()
    return rows


def run():
    """Yield the rows of the report."""
    with tempfile.TemporaryDirectory() as root:
        makeRepository(root)
        # 0.3 s where the query alone takes 0.045 s.
        yield Row("opening a repository of 25,137 images and listing them", bestOf(listData, root),
                  "SQLite's SELECT", bestOf(select, root), 6.5)
