# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Loggers with the names and levels of the stack; everything they log goes to Python's `logging`."""

__all__ = [
    "CRITICAL",
    "DEBUG",
    "ERROR",
    "FATAL",
    "INFO",
    "Log",
    "TRACE",
    "WARN",
    "WARNING",
    "getDefaultLogger",
    "getLevel",
    "getLogger",
    "isEnabledFor",
    "setLevel",
]

import logging

TRACE, DEBUG, INFO, WARN, ERROR, FATAL = 5000, 10000, 20000, 30000, 40000, 50000
WARNING, CRITICAL = WARN, FATAL

# a level of the stack is this many levels of Python's
_SCALE = 1000


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
        return Log(".".join(filter(None, (self.getName(), suffix))))

    def getName(self):
        """Return the name, empty for the root logger (`str`)."""
        return "" if self._logger.parent is None else self._logger.name

    @property
    def name(self):
        """The name (`str`)."""
        return self.getName()

    def getLevel(self):
        """Return the level set for this logger, -1 if none is (`int`)."""
        level = self._logger.level
        return -1 if level == logging.NOTSET else level * _SCALE

    @property
    def level(self):
        """The level set for this logger, -1 if none is (`int`)."""
        return self.getLevel()

    def getEffectiveLevel(self):
        """Return the level in force (`int`)."""
        return self._logger.getEffectiveLevel() * _SCALE

    def setLevel(self, level):
        """Set the level."""
        self._logger.setLevel(max(level // _SCALE, 0))

    def isEnabledFor(self, level):
        """Return whether messages of a level are logged (`bool`)."""
        return self._logger.isEnabledFor(level // _SCALE)

    def _log(self, level, message, *args):
        # two frames up is whoever called trace, debug, ...
        self._logger.log(level // _SCALE, message, *args, stacklevel=3)

    @property
    def parent(self):
        """The logger above this one (`Log`); `None` for the root logger."""
        name = self.getName()
        return Log(name.rpartition(".")[0]) if name else None

    def __repr__(self):
        return f"<lsst.log.Log '{self.getName()}' ({logging.getLevelName(self._logger.getEffectiveLevel())})>"

    def __reduce__(self):
        return (Log, (self.getName(),))


def _addLevel(method, level):
    def log(self, message, *args):
        self._log(level, message, *args)

    log.__name__ = method
    log.__doc__ = f"Log a message at level {level}, with ``%`` formatting by the other arguments."
    setattr(Log, method, log)


for _method, _level in (
    ("trace", TRACE),
    ("debug", DEBUG),
    ("info", INFO),
    ("warn", WARN),
    ("warning", WARN),
    ("error", ERROR),
    ("fatal", FATAL),
    ("critical", FATAL),
):
    _addLevel(_method, _level)


def _addTest(name, level):
    def isEnabled(self):
        return self.isEnabledFor(level)

    isEnabled.__name__ = f"is{name}Enabled"
    isEnabled.__doc__ = f"Return whether messages of level {level} are logged (`bool`)."
    setattr(Log, isEnabled.__name__, isEnabled)


for _name, _level in (("Trace", TRACE), ("Debug", DEBUG), ("Info", INFO), ("Warn", WARN), ("Error", ERROR),
                      ("Fatal", FATAL)):
    _addTest(_name, _level)


def getLogger(name=""):
    """Return the logger of a name (`Log`)."""
    return Log.getLogger(name)


def getDefaultLogger():
    """Return the root logger (`Log`)."""
    return Log()


def setLevel(name, level):
    """Set the level of the logger of a name."""
    Log(name).setLevel(level)


def getLevel(name):
    """Return the level set for the logger of a name, -1 if none is (`int`)."""
    return Log(name).getLevel()


def isEnabledFor(name, level):
    """Return whether the logger of a name logs messages of a level (`bool`)."""
    return Log(name).isEnabledFor(level)
