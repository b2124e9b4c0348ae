# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""How long it takes until a command does something, and to list what a repository has."""

import os
import pathlib
import resource
import sqlite3
import subprocess
import sys
import tempfile

from lsst.daf.persistence import Butler

from stack.benchmarks._timing import Row, bestOf

BIN = pathlib.Path(__file__).parents[1]/"bin"
N_VISITS, N_SENSORS = 133, 189
SCHEMA = """
    CREATE TABLE raw (id INTEGER PRIMARY KEY AUTOINCREMENT, visit INT, filter TEXT, snap INT, raft TEXT,
                      sensor TEXT, channel TEXT, taiObs TEXT, expTime DOUBLE);
    CREATE TABLE raw_visit (visit INT, filter TEXT, taiObs TEXT, expTime DOUBLE, UNIQUE(visit));
"""


def processSeconds(*arguments, repeats=3):
    """Return the least processor time that a Python process takes, seconds."""
    times = []
    for _ in range(repeats):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(times)


def commands():
    """Yield the rows on commands that only help."""
    reference = processSeconds("-c", "import lsst.pipe.base")
    for path in sorted(BIN.glob("*.py")):
        # Importing takes 1.6 s where numpy.sort of 1e7 doubles takes 0.9 s, and help shall take 1.5 s.
        yield Row(f"{path.name} --help", processSeconds(str(path), "--help"), "import lsst.pipe.base",
                  reference, 0.9)


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
    yield from commands()
    with tempfile.TemporaryDirectory() as root:
        makeRepository(root)
        # 0.3 s where the query alone takes 0.045 s.
        yield Row("opening a repository of 25,137 images and listing them", bestOf(listData, root),
                  "SQLite's SELECT", bestOf(select, root), 6.5)
