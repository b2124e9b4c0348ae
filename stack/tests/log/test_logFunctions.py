# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The functions of `lsst.log` and the context of messages."""

import logging
import pickle
import threading

import pytest
from lsst.daf.butler.cli.cliLog import CliLog

import lsst.log as lsstLog


@pytest.fixture(autouse=True)
def restored():
    factory, level = logging.getLogRecordFactory(), logging.getLogger().level
    yield
    logging.setLogRecordFactory(factory)
    logging.captureWarnings(False)
    logging.getLogger().setLevel(level)


def test_functionsLogToTheRoot(caplog):
    lsstLog.configure_pylog_MDC("DEBUG", None)
    for name in ("debug", "info", "warn", "warning", "error", "fatal", "critical"):
        getattr(lsstLog, name)("%s %d", name, 1)
    lsstLog.log("some.where", lsstLog.WARN, "there %s", "too")
    lsstLog.trace("not at this level")
    assert [record.getMessage() for record in caplog.records] == [
        "debug 1", "info 1", "warn 1", "warning 1", "error 1", "fatal 1", "critical 1", "there too"]
    assert [record.levelno for record in caplog.records] == [10, 20, 30, 30, 40, 50, 50, 30]
    assert caplog.records[-1].name == "some.where"
    assert {record.funcName for record in caplog.records} == {"test_functionsLogToTheRoot"}


def test_recordsHaveTheContextOfTheirThread(caplog):
    lsstLog.configure_pylog_MDC("INFO")
    assert lsstLog.MDC("LABEL", 12) == ""
    assert lsstLog.MDC("LABEL", "visit 12") == "12"
    lsstLog.info("here")
    thread = threading.Thread(target=lambda: lsstLog.info("there"))
    thread.start()
    thread.join()
    lsstLog.MDCRemove("LABEL")
    lsstLog.info("after")
    here, there, after = (record.MDC for record in caplog.records)
    assert str(here) == "{LABEL=visit 12}" and here["other"] == ""
    assert not there and not after


def test_levels():
    log = lsstLog.getLogger("a.b")
    log.setLevel(lsstLog.WARN)
    assert log.isWarnEnabled() and log.isErrorEnabled() and not log.isInfoEnabled()
    assert lsstLog.getEffectiveLevel("a.b.c") == lsstLog.WARN
    assert lsstLog.getLevelName(lsstLog.WARN) == "WARNING" and lsstLog.getLevelName(3) == "Level 3"
    assert log.parent.name == "a" and log.parent.parent.name == "" and log.parent.parent.parent is None
    assert repr(log) == "<lsst.log.Log 'a.b' (WARNING)>"
    assert pickle.loads(pickle.dumps(log)).name == "a.b"
    assert lsstLog.lwpID() == threading.get_native_id()


def test_levelsSurviveTheButlersCommands():
    # which look for lsst.log, and set up its levels with Python's
    names = (None, "lsst", "a.b")
    lsstLog.setLevel("a.b", lsstLog.ERROR)
    before = [logging.getLogger(name).level for name in names]
    CliLog.initLog(longlog=False, log_tty=False)
    CliLog.setLogLevels({"a.b": "DEBUG"})
    assert [lsstLog.getLevel(name or "") for name in names] == [lsstLog.WARN, lsstLog.INFO, lsstLog.DEBUG]
    CliLog.resetLog()
    assert lsstLog.getLevel("a.b") == lsstLog.ERROR and logging.getLogger().level == before[0]
    logging.getLogger("lsst").setLevel(before[1])
    assert lsstLog.LevelTranslator.lsstLog2logging(lsstLog.TRACE) == 5
