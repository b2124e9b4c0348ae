# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""What a command prints: the console format of v23's ``lsst.log``, on Python logging."""

import logging
import sys
import time

from lsst.utils.logging import LsstLogAdapter as TaskLogAdapter
from lsst.utils.logging import getLogger as getTaskLogger

from lsst.pex.exceptions._printable import printable, printableLines

from ._endings import dropOutput

__all__ = ["TaskLogAdapter", "configureLogging", "getTaskLogger", "setLabel"]

_LEVEL_NAMES = {"WARNING": "WARN", "CRITICAL": "FATAL"}
_label = ""


def setLabel(label):
    """Set the data ID that ``--longlog`` shows with every message.

    Parameters
    ----------
    label : `str`
        The data ID as text; an empty string removes it.
    """
    global _label
    _label = label


class _ConsoleHandler(logging.StreamHandler):
    """Writes to whatever `sys.stdout` or `sys.stderr` is at the time, as log4cxx's console appender does."""

    def __init__(self, toStandardError):
        logging.Handler.__init__(self)
        self._streamName = "stderr" if toStandardError else "stdout"

    def handleError(self, record):
        """Go on without a log if its reader is gone: the work is not the worse for it."""
        if isinstance(sys.exc_info()[1], BrokenPipeError):
            dropOutput(self.stream)
        else:
            super().handleError(record)

    @property
    def stream(self):
        return getattr(sys, self._streamName)


class _ShortFormatter(logging.Formatter):
    """``component LEVEL: message``, with the level names of ``lsst.log``."""

    def format(self, record):
        return f"{record.name} {_levelName(record)}: {_message(self, record)}"


class _LongFormatter(logging.Formatter):
    """Level, time, component, data ID and source line before the message."""

    def format(self, record):
        date = time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(record.created))
        zone = time.strftime("%z", time.localtime(record.created))
        return (
            f"{_levelName(record):<5s} {date}.{int(record.msecs):03d}{zone} {record.name} "
            f"({_label})({record.filename}:{record.lineno})- {_message(self, record)}"
        )


def _levelName(record):
    return _LEVEL_NAMES.get(record.levelname, record.levelname)


def _message(formatter, record):
    text = printableLines(record.getMessage())
    if record.exc_info:
        trace = formatter.formatException(record.exc_info).split("\n")
        text += "\n" + "\n".join(map(printable, trace))
    return text


def configureLogging(longLog=False, toStandardError=False):
    """Send the log to the console, at level INFO.

    Parameters
    ----------
    longLog : `bool`, optional
        Use the verbose format?
    toStandardError : `bool`, optional
        Write to the standard error, and not to the standard output as v23 does?

    Notes
    -----
    Repeated calls replace the earlier console handler, so that no message appears twice.
    """
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if isinstance(handler, _ConsoleHandler)]:
        root.removeHandler(handler)
    handler = _ConsoleHandler(toStandardError)
    handler.setFormatter(_LongFormatter() if longLog else _ShortFormatter())
    root.addHandler(handler)
    root.setLevel(logging.INFO)
