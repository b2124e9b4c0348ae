# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The mapped diagnostic context: what a thread says about all its messages."""

__all__ = ["MDC", "MDCDict", "MDCRemove", "configure_pylog_MDC"]

import logging
import threading

from ._log import Log

_context = threading.local()


class MDCDict(dict):
    """A dictionary that is empty where it has no value, and prints its values without quotes."""

    def __getitem__(self, name):
        return self.get(name, "")

    def __str__(self):
        return "{" + ", ".join(f"{key}={self[key]}" for key in sorted(self)) + "}"

    __repr__ = __str__


def MDC(key, value):
    """Set a value of the context of this thread, and return the one it had (`str`)."""
    old = _context.__dict__.get(key, "")
    _context.__dict__[key] = str(value)
    return old


def MDCRemove(key):
    """Remove a value from the context of this thread."""
    _context.__dict__.pop(key, None)


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
        record.MDC = MDC_class(_context.__dict__)
        return record

    logging.setLogRecordFactory(makeRecordWithMDC)
