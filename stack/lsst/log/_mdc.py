# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The mapped diagnostic context: what a thread says about all its messages."""

__all__ = ["MDC", "MDCDict", "MDCRemove"]

import threading

_context = threading.local()


class MDCDict(dict):
    """A dictionary that is empty where it has no value, and prints its values without quotes."""

    def __getitem__(self, name):
        return self.get(name, "")

    def __str__(self):
        return "{" + ", ".join(f"{key}={self[key]}" for key in sorted(self)) + "}"

    __repr__ = __str__


def currentMDC():
    """Return the context of this thread (`dict`)."""
    return _context.__dict__.setdefault("values", {})


def MDC(key, value):
    """Set a value of the context of this thread, and return the one it had (`str`)."""
    old = currentMDC().get(key, "")
    currentMDC()[key] = str(value)
    return old


def MDCRemove(key):
    """Remove a value from the context of this thread."""
    currentMDC().pop(key, None)
