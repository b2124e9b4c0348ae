# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Looking things up in registries."""

import sqlite3

import pytest

from lsst.daf.persistence import PosixRegistry, Registry


@pytest.fixture
def registry(tmp_path):
    path = str(tmp_path/"registry.sqlite3")
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE raw (visit INT, filter TEXT, start INT, stop INT)")
        connection.executemany("INSERT INTO raw VALUES (?, ?, ?, ?)", [
            (1, "g", 0, 5), (1, "g", 0, 5), (2, "r", 3, 9), (3, "r", 8, 9)])
    connection.close()
    return Registry.create(path)


def testSqlite(registry):
    assert registry.lookup(["visit"], ["raw"], {}) == [(1,), (2,), (3,)]
    assert registry.lookup("visit", "raw", {"filter": "r"}) == [(2,), (3,)]
    assert registry.lookup(["visit"], ["raw"], {("start", "stop"): 4}) == [(1,), (2,)]
    assert registry.executeQuery(["visit"], ["raw"], [("filter", "?")], None, ("g",)) == [(1,)]


def testErrorsNameTheRegistry(registry, tmp_path):
    with pytest.raises(sqlite3.OperationalError, match="registry.sqlite3: no such column: foo"):
        registry.lookup(["visit"], ["raw"], {"foo": 1})
    (tmp_path/"bad.sqlite3").write_text("this is not a database, but long enough to have a header" * 4)
    with pytest.raises(sqlite3.DatabaseError, match="bad.sqlite3"):
        Registry.create(str(tmp_path/"bad.sqlite3")).lookup(["visit"], ["raw"], {})
    with pytest.raises(RuntimeError, match="PostgreSQL is not supported"):
        Registry.create(str(tmp_path/"registry.pgsql"))


def testFiles(tmp_path):
    for visit, name in ((1, "g"), (2, "g"), (2, "r")):
        (tmp_path/f"raw-{visit:02d}-{name}.fits").touch()
    registry = PosixRegistry(str(tmp_path))
    template = "raw-%(visit)02d-%(filter)s.fits"
    assert sorted(registry.lookup(["visit"], None, {"filter": "g"}, template=template)) == [(1,), (2,)]
    assert registry.lookup(("filter", "visit"), None, {"visit": 1}, template=template) == [("g", 1)]
