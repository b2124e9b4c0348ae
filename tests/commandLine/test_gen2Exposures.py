# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""When exposures were taken: by their images, else by the registry."""

import logging
import sqlite3

import numpy as np
from astropy.time import Time
from lsst.daf.persistence import Butler
from lsst.dia.repro.commandLine.gen2Exposures import readMidpointMjds
from lsst.dia.repro.simulate.gen2Repository import makeRepository

LOG = logging.getLogger("times")


def listRefs(root, **dataId):
    return list(Butler(str(root)).subset("deepDiff_diaSrc", dataId=dataId))


def testRegistryHasTheBeginInUtc(repository, caplog):
    """Without images the time is 37 s (of TAI - UTC in 2022) and half of 30 s after taiObs."""
    caplog.set_level(logging.INFO)
    refs = listRefs(repository, visit=840, raft="2,2")
    begin = Time("2022-01-01T05:01:47", scale="tai").mjd
    times = readMidpointMjds(refs, "deepDiff_differenceExp", LOG)
    np.testing.assert_allclose(times, begin + (37.0 + 15.0)/86400.0, rtol=0, atol=0.001/86400.0)
    assert f"The times of {len(refs)} of {len(refs)} images are from the registry" in caplog.text


def testImagesComeFirst(repository, caplog):
    caplog.set_level(logging.INFO)
    refs = listRefs(repository, visit=853, raft="2,2")
    visitInfo = Butler(str(repository)).get("deepDiff_differenceExp_visitInfo", visit=853, raft="2,2",
                                            sensor="1,2", immediate=True)
    # The sensor without an image has the time of the other.
    assert len(refs) > 1
    assert readMidpointMjds(refs, "deepDiff_differenceExp", LOG) == [visitInfo.getDate().get()]*len(refs)
    assert "from the registry (" not in caplog.text


def testRegistryWithoutTimes(repository, caplog):
    caplog.set_level(logging.INFO)
    with sqlite3.connect(repository/"registry.sqlite3") as registry:
        registry.execute("UPDATE raw SET taiObs = 'unknown'")
        registry.execute("UPDATE raw_visit SET taiObs = 'unknown'")
    assert np.isnan(readMidpointMjds(listRefs(repository, visit=840), "deepDiff_differenceExp", LOG)).all()
    assert "from the registry (" not in caplog.text


def testSimulatorWritesTimesAsTheyAreRead(tmp_path):
    mjd = 59580.123456789
    makeRepository(str(tmp_path), [(840, "r", mjd)])
    refs = list(Butler(str(tmp_path)).subset("raw", visit=840))
    times = readMidpointMjds(refs, "deepDiff_differenceExp", LOG)
    np.testing.assert_allclose(times, mjd, rtol=0, atol=0.001/86400.0)
    with sqlite3.connect(tmp_path/"registry.sqlite3") as registry:
        (taiObs,), *_ = registry.execute("SELECT taiObs FROM raw_visit").fetchall()
    assert abs((Time(taiObs, scale="tai").mjd - mjd)*86400.0 + 52.0) < 0.01
