# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Level 1 under Gen3 leaves the database that it leaves under Gen2."""

import contextlib
import sqlite3

import numpy as np
import pandas as pd
import pytest
from gen3.pipelines import convert, runPipeline
from lsst.daf.butler import Butler
from lsst.pipe.base import TaskError
from replays import makeThinSurvey, readTables

pytest.importorskip("lsst.dax.apdb", reason="the extra dia-repro[prompt] is not installed")

N_VISITS = 4


@pytest.fixture(scope="module")
def survey(tmp_path_factory):
    """A Gen2 repository and its Gen3 one; DIAObjects begin with every visit."""
    root = tmp_path_factory.mktemp("survey")
    makeThinSurvey(root/"gen2", 2*N_VISITS, 0.5)
    convert(root/"gen2", root/"gen3")
    return root


def runVisit(survey, apdb, visit, output, **options):
    overrides = [("diaPrompt", "apdb", str(apdb)), ("diaPrompt", "loader.doCalibrate", False),
                 *(("diaPrompt", name, value) for name, value in options.items())]
    return runPipeline(survey/"gen3", "diaPrompt.yaml", output, overrides, f"visit = {visit}")


def testDatabaseIsThatOfGen2(run, survey, tmp_path):
    for visit in range(1, N_VISITS + 1):
        butler = runVisit(survey, tmp_path/"gen3.db", visit, f"u/same{visit}", lookBack=None)
    done = run("diaPrompt.py", survey/"gen2", "--output", tmp_path/"out", "--apdb", tmp_path/"gen2.db",
               "--id", "--config", "lookBack=None", "loader.doCalibrate=False")
    assert done.returncode == 0, done.stderr
    found, expected = readTables(tmp_path/"gen3.db"), readTables(tmp_path/"gen2.db")
    assert len(expected["DiaForcedSource"]) > 150
    for name in "DiaObject", "DiaSource", "DiaForcedSource", "DiaReproSums":
        pd.testing.assert_frame_equal(found[name], expected[name], check_exact=True, obj=name)
    rows = butler.get("promptForced", instrument="LSSTSim", visit=N_VISITS, detector=124).copy(deep=True)
    earlier = set((np.asarray(rows["ccdExposureId"]) >> 9).tolist())
    assert earlier == set(range(1, N_VISITS + 1))


def testOtherExposureIsRefused(survey, tmp_path):
    runVisit(survey, tmp_path/"apdb.db", 1, "u/first")
    runVisit(survey, tmp_path/"apdb.db", 1, "u/again")
    with contextlib.closing(sqlite3.connect(tmp_path/"apdb.db")) as connection, connection:
        connection.execute("UPDATE DiaReproExposure SET midpointMjdTai = midpointMjdTai - 1")
    with pytest.raises(TaskError, match="has other exposures of these numbers"):
        runVisit(survey, tmp_path/"apdb.db", 1, "u/other")


def testLookBackAndLateVisit(survey, tmp_path):
    # The visits are 0.01 days apart.
    for visit in 1, 2, 4:
        butler = runVisit(survey, tmp_path/"apdb.db", visit, f"u/back{visit}", lookBack=0.025)
    rows = butler.get("promptForced", instrument="LSSTSim", visit=4, detector=124).copy(deep=True)
    assert set((np.asarray(rows["ccdExposureId"]) >> 9).tolist()) == {2, 4}
    with pytest.raises(TaskError, match="is earlier than one of MJD"):
        runVisit(survey, tmp_path/"apdb.db", 3, "u/late")
    runVisit(survey, tmp_path/"apdb.db", 3, "u/allowed", allowLate=True)
    assert readTables(tmp_path/"apdb.db")["DiaReproExposure"]["visit"].nunique() == 4
    assert Butler.from_config(str(survey/"gen3"), collections="u/allowed").query_datasets("promptForced")
