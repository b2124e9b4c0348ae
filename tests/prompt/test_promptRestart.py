# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""A replay that is killed and started again makes what an undisturbed one makes."""

import os
import random
import time

import pytest
from killing import finish, killAt
from replays import makeThinSurvey, readTables, requireSameTables, startReplay

pytest.importorskip("lsst.dax.apdb", reason="the extra dia-repro[prompt] is not installed")

#: In each of so many repositories, a run is killed so many times. DIA_REPOSITORIES=10 makes it 50 in all.
N_REPOSITORIES, N_KILLS = int(os.environ.get("DIA_REPOSITORIES", 2)), 5


@pytest.fixture(scope="module")
def survey(tmp_path_factory):
    """A repository in which DIAObjects begin with every visit."""
    root = tmp_path_factory.mktemp("survey")/"repo"
    makeThinSurvey(root, 12, 0.4)
    return root


@pytest.fixture(scope="module")
def undisturbed(survey, tmp_path_factory):
    """Where one run has written, and how long it took."""
    root = tmp_path_factory.mktemp("undisturbed")
    start = time.monotonic()
    assert finish(startReplay(survey, root/"out", root/"apdb.db")) == 0
    return root, time.monotonic() - start


def readForced(root):
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("promptForced*")}


@pytest.mark.parametrize("seed", range(N_REPOSITORIES))
def testKilledAtRandomMoments(seed, survey, undisturbed, tmp_path):
    expected, duration = undisturbed
    moments = random.Random(seed)
    for _ in range(N_KILLS):
        killAt(startReplay(survey, tmp_path/"out", tmp_path/"apdb.db"), moments.uniform(0.0, duration))
    assert finish(startReplay(survey, tmp_path/"out", tmp_path/"apdb.db")) == 0
    requireSameTables(tmp_path/"apdb.db", expected/"apdb.db")
    assert readForced(tmp_path) == readForced(expected) and len(readForced(expected)) > 12
    assert not list(tmp_path.rglob(".partial-*"))


@pytest.mark.parametrize("when", ["before", "after"])
def testEndsBetweenTransactions(when, survey, undisturbed, tmp_path, monkeypatch):
    """What Rubin's interface has stored is finished, and what it has not is forgotten."""
    from lsst.dax.apdb.sql import ApdbSql
    store, nCalls = ApdbSql.store, 0

    def storeAndEnd(self, *args):
        nonlocal nCalls
        nCalls += 1
        if nCalls < 3 or when == "after":
            store(self, *args)
        if nCalls == 3:
            os._exit(9)

    with monkeypatch.context() as context:
        context.setattr(ApdbSql, "store", storeAndEnd)
        assert finish(startReplay(survey, tmp_path/"out", tmp_path/"apdb.db")) == 9
    tables = readTables(tmp_path/"apdb.db")
    assert len(tables["DiaReproPending"]) == 1 and len(tables["DiaReproExposure"]) == 4
    assert tables["DiaSource"]["visit"].nunique() == (3 if when == "after" else 2)
    assert finish(startReplay(survey, tmp_path/"out", tmp_path/"apdb.db")) == 0
    expected, _ = undisturbed
    requireSameTables(tmp_path/"apdb.db", expected/"apdb.db")


def testSecondWriterWaits(survey, undisturbed, tmp_path):
    """Two replays at once do not disturb each other, and nothing is there twice."""
    children = [startReplay(survey, tmp_path/"out", tmp_path/"apdb.db") for _ in range(2)]
    assert [finish(child) for child in children] == [0, 0]
    expected, _ = undisturbed
    requireSameTables(tmp_path/"apdb.db", expected/"apdb.db")
