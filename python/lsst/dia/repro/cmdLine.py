# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Where the command-line classes come from.

A Gen2 stack has them in `lsst.pipe.base`. On a machine without one,
`lsst.pipe.cmdline` of this package provides the same names.
"""

__all__ = ["ArgumentParser", "CmdLineTask", "ConfigDatasetType", "DataIdContainer", "TaskRunner",
           "timeMethod"]

try:
    from lsst.pipe.base import (
        ArgumentParser,
        CmdLineTask,
        ConfigDatasetType,
        DataIdContainer,
        TaskRunner,
        timeMethod,
    )
except ImportError:
    from lsst.pipe.cmdline import (
        ArgumentParser,
        CmdLineTask,
        ConfigDatasetType,
        DataIdContainer,
        TaskRunner,
    )
    from lsst.utils.timer import timeMethod
