# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Inputs without an end are errors that name the file, soon and without much memory."""

import os
import resource
import sqlite3
import subprocess
import sys
import time

import pytest
from lsst.pex.config import Config

from lsst.daf.persistence import Butler, Policy
from lsst.daf.persistence._storedConfig import loadStoredConfig

MAPPER = "lsst.obs.lsstSim.LsstSimMapper"


def runLimited(code, *args):
    """Run Python code with 3 GiB of address space and 20 s of processor time."""
    def limit():
        resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
        resource.setrlimit(resource.RLIMIT_CPU, (20, 20))

    result = subprocess.run([sys.executable, "-c", code, *args], capture_output=True, text=True, timeout=60,
                            preexec_fn=limit)
    return result.stderr


def makeEndless(path, kind):
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    else:
        with open(path, "wb") as stream:
            stream.truncate(1 << 40)


OPEN = "import sys; from lsst.daf.persistence import Butler; Butler(sys.argv[1]).getKeys('raw')"


@pytest.mark.parametrize("kind", ["fifo", "device", "sparse"])
@pytest.mark.parametrize("name", ["repositoryCfg.yaml", "_mapper", "registry.sqlite3"])
def testFilesOfRepositories(tmp_path, kind, name):
    if name == "registry.sqlite3":
        (tmp_path/"_mapper").write_text(MAPPER)
    makeEndless(tmp_path/name, kind)
    stderr = runLimited(OPEN, str(tmp_path))
    if (name, kind) == ("registry.sqlite3", "sparse"):
        # It is no database; that is found out when something is looked up.
        assert stderr == ""
        with pytest.raises(sqlite3.DatabaseError, match="registry.sqlite3: file is not a database"):
            Butler(str(tmp_path)).queryMetadata("raw", "visit")
        return
    assert name in stderr and "MemoryError" not in stderr, stderr
    assert ("it has more than 4,194,304 characters" if kind == "sparse" else "Not a regular file") in stderr


@pytest.mark.parametrize("kind", ["fifo", "device", "sparse"])
def testTexts(tmp_path, kind):
    path = tmp_path/"text.yaml"
    makeEndless(path, kind)
    for read in (Policy, lambda path: loadStoredConfig(Config(), path)):
        with pytest.raises((RuntimeError, OSError), match="text.yaml"):
            read(str(path))


ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT {} FROM n"


@pytest.mark.parametrize("select, message", [
    ("i AS visit, 'r' AS filter, '2,2' AS raft, '1,1' AS sensor", "more than the 2.,... rows"),
    ("i AS visit, zeroblob(1000000000) AS filter, '2,2' AS raft, '1,1' AS sensor", "too big"),
    ("i AS visit, printf('%.*c%d', 9000, 'x', i) AS filter, '2,2' AS raft, '1,1' AS sensor", "more than the"),
    ("1 AS visit, 'r' AS filter, '2,2' AS raft, '1,1' AS sensor", "the tables have no end")])
def testRegistries(tmp_path, select, message):
    (tmp_path/"_mapper").write_text(MAPPER)
    with sqlite3.connect(tmp_path/"registry.sqlite3") as connection:
        connection.execute("CREATE VIEW raw AS " + ENDLESS.format(select))
    connection.close()
    butler = Butler(str(tmp_path))
    start = time.process_time()
    with pytest.raises(sqlite3.Error, match=f"Registry .*registry.sqlite3: .*{message}"):
        butler.subset("deepDiff_diaSrc")
    assert time.process_time() - start < 20
    # What does not ask for all of it works.
    assert butler.getKeys("raw")


def testRegistryIsNotWrittenTo(tmp_path):
    (tmp_path/"_mapper").write_text(MAPPER)
    connection = sqlite3.connect(tmp_path/"registry.sqlite3")
    connection.execute("CREATE TABLE raw (visit INT)")
    connection.close()
    butler = Butler(str(tmp_path))
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        butler._repos.all()[0].repo.getRegistry().conn.execute("INSERT INTO raw VALUES (1)")


def testLargeRegistryIsRead(tmp_path):
    """The limits grow with the file: two tables of 200,000 rows, joined."""
    (tmp_path/"_mapper").write_text(MAPPER)
    with sqlite3.connect(tmp_path/"registry.sqlite3") as connection:
        for table in ("raw", "other"):
            connection.execute(f"CREATE TABLE {table} (visit INT, v_{table} INT)")
            connection.executemany(f"INSERT INTO {table} VALUES (?, ?)", [(i, i) for i in range(200_000)])
    connection.close()
    butler = Butler(str(tmp_path))
    registry = butler._repos.all()[0].repo.getRegistry()
    assert len(registry.lookup(("visit", "v_raw", "v_other"), ("raw", "other"), {})) == 200_000
