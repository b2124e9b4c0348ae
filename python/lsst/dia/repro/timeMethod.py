# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The decorator that records how long a task's method takes, from wherever it is."""

__all__ = ["timeMethod"]

try:
    from lsst.pipe.base import timeMethod
except ImportError:
    # Stacks later than v23 have it here.
    from lsst.utils.timer import timeMethod
