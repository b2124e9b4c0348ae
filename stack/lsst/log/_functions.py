# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Logging functions of the module, most of which use the root logger."""

__all__ = ["configure_pylog_MDC", "critical", "debug", "error", "fatal", "getEffectiveLevel", "getLevelName",
           "info", "log", "lwpID", "trace", "usePythonLogging", "doNotUsePythonLogging", "warn", "warning"]

import logging
import threading

from ._log import Log
from ._mdc import MDCDict, currentMDC


def log(loggername, level, fmt, *args):
    """Log a message at a level, with ``%`` formatting by the other arguments."""
    Log(loggername)._log(level, fmt, *args)


def trace(fmt, *args):
    """Log a message at level `TRACE` to the root logger."""
    Log()._log(Log.TRACE, fmt, *args)


def debug(fmt, *args):
    """Log a message at level `DEBUG` to the root logger."""
    Log()._log(Log.DEBUG, fmt, *args)


def info(fmt, *args):
    """Log a message at level `INFO` to the root logger."""
    Log()._log(Log.INFO, fmt, *args)


def warn(fmt, *args):
    """Log a message at level `WARN` to the root logger."""
    Log()._log(Log.WARN, fmt, *args)


def error(fmt, *args):
    """Log a message at level `ERROR` to the root logger."""
    Log()._log(Log.ERROR, fmt, *args)


def fatal(fmt, *args):
    """Log a message at level `FATAL` to the root logger."""
    Log()._log(Log.FATAL, fmt, *args)


warning, critical = warn, fatal


def getEffectiveLevel(loggername):
    """Return the level in force for the logger of a name (`int`)."""
    return Log(loggername).getEffectiveLevel()


def getLevelName(level):
    """Return the name of a level; "Level N" if it has none."""
    for name in ("DEBUG", "TRACE", "WARNING", "FATAL", "INFO", "ERROR"):
        if getattr(Log, name) == level:
            return name
    return f"Level {level}"


def configure_pylog_MDC(level, MDC_class=MDCDict):
    """Send the stack's messages, all of which go to `logging` here, with the diagnostic context.

    Parameters
    ----------
    level : `str`
        Name of the level of the root logger.
    MDC_class : `type`, optional
        Class of the attribute ``MDC`` that every record gets; `None` for none.
    """
    Log().setLevel(getattr(Log, level.upper()))
    if MDC_class is None:
        return
    makeRecord = logging.getLogRecordFactory()

    def makeRecordWithMDC(*args, **kwargs):
        record = makeRecord(*args, **kwargs)
        record.MDC = MDC_class(currentMDC())
        return record

    logging.setLogRecordFactory(makeRecordWithMDC)


def usePythonLogging():
    """Do nothing: messages always go to Python's logging here."""


def doNotUsePythonLogging():
    """Do nothing: messages always go to Python's logging here."""


def lwpID():
    """Return the number that the system has for this thread (`int`)."""
    return threading.get_native_id()
