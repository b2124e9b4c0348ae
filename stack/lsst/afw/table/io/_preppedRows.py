# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The size of the stack's buffer for rows of tables, which this reader, of columns, does not have."""

__all__ = ["getPreppedRowsFactor", "setPreppedRowsFactor"]

_factor = 1 << 15


def getPreppedRowsFactor():
    """Return what was set last (`int`, bytes)."""
    return _factor


def setPreppedRowsFactor(factor):
    """Set how many bytes of records to allocate at a time; it has no effect."""
    global _factor
    _factor = int(factor)
