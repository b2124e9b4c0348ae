# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Where the command-line classes come from.

A Gen2 stack has them in `lsst.pipe.base`. On a machine without one,
`lsst.pipe.cmdline` of this package provides the same names. That is looked
for first, and each name when it is asked for: PyPI's `lsst.pipe.base` takes
longer to import than all the rest, which a command need not do to show its
help.
"""

try:
    import lsst.pipe.cmdline as _home
except ImportError:
    import lsst.pipe.base as _home

_NAMES = ("ArgumentParser", "CmdLineTask", "ConfigDatasetType", "DataIdContainer", "TaskRunner", "timeMethod")


def __getattr__(name):
    if name not in _NAMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(_home, name)
