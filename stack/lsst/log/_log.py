# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Loggers with the names and levels of the stack; everything they log goes to Python's `logging`."""

__all__ = ["CRITICAL", "DEBUG", "ERROR", "FATAL", "INFO", "LevelTranslator", "Log", "TRACE", "WARN",
           "WARNING", "critical", "debug", "doNotUsePythonLogging", "error", "fatal", "getDefaultLogger",
           "getEffectiveLevel", "getLevel", "getLevelName", "getLogger", "info", "isEnabledFor", "log",
           "lwpID", "setLevel", "trace", "usePythonLogging", "warn", "warning"]

import logging
import threading
from functools import partialmethod

TRACE, DEBUG, INFO, WARN, ERROR, FATAL = 5000, 10000, 20000, 30000, 40000, 50000
WARNING, CRITICAL = WARN, FATAL


class LevelTranslator:
    """The levels of the stack in those of Python's `logging`, and back."""

    @staticmethod
    def lsstLog2logging(level):
        """Return the level of `logging` for one of the stack (`int`)."""
        return level // 1000

    @staticmethod
    def logging2lsstLog(level):
        """Return the level of the stack for one of `logging` (`int`)."""
        return level * 1000


class Log:
    """A logger of the stack.

    Parameters
    ----------
    name : `str`, optional
        Its name; the root logger by default.
    """

    TRACE, DEBUG, INFO, WARN, ERROR, FATAL = TRACE, DEBUG, INFO, WARN, ERROR, FATAL
    WARNING, CRITICAL = WARN, FATAL

    def __init__(self, name=""):
        self._logger = logging.getLogger(name or None)

    @classmethod
    def getLogger(cls, name=""):
        """Return the logger of a name (`Log`)."""
        return cls(name)

    @classmethod
    def getDefaultLogger(cls):
        """Return the root logger (`Log`)."""
        return cls()

    def getChild(self, suffix):
        """Return the logger of a name below this one (`Log`)."""
        return Log(".".join(filter(None, (self.name, suffix))))

    def getName(self):
        """Return the name, empty for the root logger (`str`)."""
        return "" if self._logger.parent is None else self._logger.name

    name = property(getName)

    @property
    def parent(self):
        """The logger above this one (`Log`); `None` for the root logger."""
        return Log(self.name.rpartition(".")[0]) if self.name else None

    def getLevel(self):
        """Return the level set for this logger, -1 if none is (`int`)."""
        return LevelTranslator.logging2lsstLog(self._logger.level) or -1

    level = property(getLevel)

    def getEffectiveLevel(self):
        """Return the level in force (`int`)."""
        return LevelTranslator.logging2lsstLog(self._logger.getEffectiveLevel())

    def setLevel(self, level):
        """Set the level; a negative one removes it."""
        self._logger.setLevel(max(LevelTranslator.lsstLog2logging(level), logging.NOTSET))

    def isEnabledFor(self, level):
        """Return whether messages of a level are logged (`bool`)."""
        return self._logger.isEnabledFor(LevelTranslator.lsstLog2logging(level))

    isTraceEnabled = partialmethod(isEnabledFor, TRACE)
    isDebugEnabled = partialmethod(isEnabledFor, DEBUG)
    isInfoEnabled = partialmethod(isEnabledFor, INFO)
    isWarnEnabled = partialmethod(isEnabledFor, WARN)
    isErrorEnabled = partialmethod(isEnabledFor, ERROR)
    isFatalEnabled = partialmethod(isEnabledFor, FATAL)

    def _log(self, level, fmt, *args):
        """Log a message, with ``%`` formatting by the other arguments."""
        # the message is that of the caller, one frame up
        self._logger.log(LevelTranslator.lsstLog2logging(level), fmt, *args, stacklevel=2)

    trace = partialmethod(_log, TRACE)
    debug = partialmethod(_log, DEBUG)
    info = partialmethod(_log, INFO)
    warn = warning = partialmethod(_log, WARN)
    error = partialmethod(_log, ERROR)
    fatal = critical = partialmethod(_log, FATAL)

    def __repr__(self):
        return f"<lsst.log.Log '{self.name}' ({getLevelName(self.getEffectiveLevel())})>"

    def __reduce__(self):
        return (Log, (self.name,))


getLogger, getDefaultLogger = Log.getLogger, Log.getDefaultLogger

trace, debug, info, error = Log().trace, Log().debug, Log().info, Log().error
warn = warning = Log().warn
fatal = critical = Log().fatal


def log(loggername, level, fmt, *args):
    """Log a message at a level, with ``%`` formatting by the other arguments."""
    Log(loggername)._logger.log(LevelTranslator.lsstLog2logging(level), fmt, *args, stacklevel=2)


def setLevel(loggername, level):
    """Set the level of the logger of a name."""
    Log(loggername).setLevel(level)


def getLevel(loggername):
    """Return the level set for the logger of a name, -1 if none is (`int`)."""
    return Log(loggername).getLevel()


def getEffectiveLevel(loggername):
    """Return the level in force for the logger of a name (`int`)."""
    return Log(loggername).getEffectiveLevel()


def isEnabledFor(loggername, level):
    """Return whether the logger of a name logs messages of a level (`bool`)."""
    return Log(loggername).isEnabledFor(level)


def getLevelName(level):
    """Return the name of a level; "Level N" if it has none."""
    names = {TRACE: "TRACE", DEBUG: "DEBUG", INFO: "INFO", WARN: "WARNING", ERROR: "ERROR", FATAL: "FATAL"}
    return names.get(level, f"Level {level}")


def usePythonLogging():
    """Do nothing: messages always go to Python's logging here."""


doNotUsePythonLogging = usePythonLogging


def lwpID():
    """Return the number that the system has for this thread (`int`)."""
    return threading.get_native_id()
