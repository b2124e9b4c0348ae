# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Level 1 on a server of PostgreSQL, which the tests start themselves."""

import glob
import os
import pathlib
import pwd
import shutil
import subprocess
import sys
import tempfile

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa
from killing import finish, killAt
from replays import TABLES, TIMES, readTables, startReplay
from smallSurvey import makeSmallSurvey

pytest.importorskip("lsst.dax.apdb", reason="the extra dia-repro[prompt] is not installed")
pytest.importorskip("psycopg2", reason="psycopg2 is not installed")

PROGRAMS = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))


def findUser():
    """Return the user that the server runs as, which root must not be; `None` if there is none."""
    if os.getuid():
        return pwd.getpwuid(os.getuid())
    for name in "postgres", "nobody":
        try:
            return pwd.getpwnam(name)
        except KeyError:
            pass
    return None


@pytest.fixture(scope="module")
def server():
    """URL of a new server."""
    if not PROGRAMS:
        pytest.skip("the programs of a PostgreSQL server are not installed")
    user = findUser()
    if user is None:
        pytest.skip("PostgreSQL does not run as root, and there is no other user")
    programs = pathlib.Path(PROGRAMS[-1]).parent
    # Not below the directory of the tests, which other users must not read.
    root = pathlib.Path(tempfile.mkdtemp(prefix="dia-postgresql-"))
    os.chown(root, user.pw_uid, user.pw_gid)
    become = dict(user=user.pw_uid, group=user.pw_gid, extra_groups=[]) if not os.getuid() else {}

    def call(program, *args):
        subprocess.run([programs/program, *args], check=True, cwd=root, stdout=subprocess.DEVNULL,
                       timeout=120, **become)

    try:
        call("initdb", "-D", root/"data", "-U", "dia", "-A", "trust", "--no-sync")
        call("pg_ctl", "-D", root/"data", "-w", "-l", root/"log", "-o",
             f"-k {root} -c listen_addresses='' -c fsync=off", "start")
        try:
            yield f"postgresql+psycopg2://dia@/postgres?host={root}"
        finally:
            call("pg_ctl", "-D", root/"data", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(root)


@pytest.fixture
def database(server, tmp_path):
    """Configuration of an empty database, in a namespace of its own."""
    namespace = "n" + str(abs(hash(tmp_path)))
    return createDatabase(server, tmp_path, "--namespace", namespace), sa.create_engine(server), namespace


def createDatabase(server, directory, *args):
    """Make a database as the documents say, and return its configuration."""
    subprocess.run([pathlib.Path(sys.executable).parent/"apdb-cli", "create-sql", "--dia-object-index",
                    "last_object_table", *args, server, directory/"apdb.yaml"], check=True, timeout=120)
    return directory/"apdb.yaml"


@pytest.fixture(scope="module")
def survey(tmp_path_factory):
    root = tmp_path_factory.mktemp("survey")/"repo"
    makeSmallSurvey(root, 8)
    return root


@pytest.fixture(scope="module")
def onSqlite(survey, tmp_path_factory):
    """The tables that a replay makes in SQLite."""
    root = tmp_path_factory.mktemp("sqlite")
    assert finish(startReplay(survey, root/"out", root/"apdb.db")) == 0
    return readTables(root/"apdb.db")


def requireSame(database, expected):
    """Require that the tables are those of SQLite, which keeps more digits of numbers in single precision."""
    _, engine, namespace = database
    for name in TABLES:
        with engine.connect() as connection:
            found = pd.read_sql(sa.text(f'SELECT * FROM {namespace}."{name}"'), connection)
        found = found.drop(columns=[column for column in TIMES if column in found])
        wanted = expected[name]
        assert set(found) == set(wanted)
        found = found[list(wanted)]
        numbers = [column for column in wanted if pd.api.types.is_numeric_dtype(wanted[column])]
        found, wanted = (table.sort_values(numbers[:4]).reset_index(drop=True) for table in (found, wanted))
        assert len(found) == len(wanted), name
        for column in wanted:
            if column in ("dataId", "exposures"):
                continue
            if not pd.api.types.is_numeric_dtype(found[column]):
                assert list(map(toPlain, found[column])) == list(map(toPlain, wanted[column])), column
            else:
                np.testing.assert_allclose(*(each[column].astype(float) for each in (found, wanted)),
                                           rtol=1e-6, err_msg=f"{name}.{column}")


def toPlain(value):
    if isinstance(value, memoryview):
        return bytes(value)
    return None if value is None or value != value else value


def testTablesAreThoseOfSqlite(survey, database, onSqlite, tmp_path):
    assert finish(startReplay(survey, tmp_path/"out", database[0], "--export")) == 0
    requireSame(database, onSqlite)
    # Again, nothing comes twice.
    assert finish(startReplay(survey, tmp_path/"out", database[0])) == 0
    requireSame(database, onSqlite)


def testNoTablesToExport(run, survey, database, tmp_path):
    apdb, engine, namespace = database
    result = run("diaPrompt.py", survey, "--output", tmp_path/"out", "--apdb", apdb, "--export")
    assert result.returncode != 0 and "Traceback" not in result.stderr
    assert f"The database {apdb} has no visits" in result.stderr and not (tmp_path/"out").exists()
    assert not sa.inspect(engine).has_table("DiaReproExposure", schema=namespace)


def testKilled(survey, database, onSqlite, tmp_path):
    for seconds in 0.3, 0.8, 1.3:
        killAt(startReplay(survey, tmp_path/"out", database[0]), seconds)
    assert finish(startReplay(survey, tmp_path/"out", database[0])) == 0
    requireSame(database, onSqlite)


def testSecondWriterWaits(survey, database, onSqlite, tmp_path):
    children = [startReplay(survey, tmp_path/"out", database[0]) for _ in range(2)]
    assert [finish(child) for child in children] == [0, 0]
    requireSame(database, onSqlite)


def testNoServer(run, survey, tmp_path, server):
    apdb = createDatabase(server, tmp_path)
    text = apdb.read_text()
    (tmp_path/"apdb.yaml").write_text(text.replace("host=", "host=/nowhere"))
    result = run("diaPrompt.py", survey, "--output", tmp_path/"out", "--apdb", tmp_path/"apdb.yaml", "--id")
    assert result.returncode == 1 and "Traceback" not in result.stderr
    assert f"Cannot open the database {tmp_path/'apdb.yaml'}" in result.stderr
