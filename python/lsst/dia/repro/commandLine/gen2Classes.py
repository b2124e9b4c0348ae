# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The classes of Gen2 commands: the stack's own, else the slice's."""

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
        timeMethod,
    )
