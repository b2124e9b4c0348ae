# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The Gen2 command-line task framework, as `lsst.pipe.base` had it up to v23.

`lsst.pipe.base` on PyPI kept ``Task`` and ``Struct`` but no longer has ``CmdLineTask`` and
its ``ArgumentParser``; this package supplies them under their v23 names.

To import PyPI's `lsst.pipe.base` takes longer than anything else, for it brings the Gen3 butler along.
What stands on it is imported when it is asked for, so that a parser can show its help without.
"""

import importlib

from lsst import _noMixing

from ._actions import (
    ConfigFileAction,
    ConfigValueAction,
    IdValueAction,
    LogLevelAction,
    LongLogAction,
    ReuseAction,
)
from ._argumentParser import ArgumentParser, InputOnlyArgumentParser
from ._dataIdArgument import ConfigDatasetType, DataIdArgument, DatasetArgument, DynamicDatasetType
from ._dataIdContainer import DataIdContainer
from ._dottedAttr import getDottedAttr, setDottedAttr
from ._logging import TaskLogAdapter, configureLogging, getTaskLogger
from ._profile import profile
from ._show import getTaskDict, obeyShowArgument, showTaskHierarchy

_LAZY = {
    "ButlerInitializedTaskRunner": "lsst.pipe.cmdline._taskRunner",
    "CmdLineTask": "lsst.pipe.cmdline._cmdLineTask",
    "ConfigOverrides": "lsst.pipe.base.configOverrides",
    "LegacyTaskRunner": "lsst.pipe.cmdline._taskRunner",
    "Struct": "lsst.pipe.base.struct",
    "Task": "lsst.pipe.base.task",
    "TaskError": "lsst.pipe.base.task",
    "TaskRunner": "lsst.pipe.cmdline._taskRunner",
    "timeMethod": "lsst.utils.timer",
}
"""The modules of what stands on `lsst.pipe.base` or Astropy."""

__all__ = [
    "ArgumentParser",
    "ButlerInitializedTaskRunner",
    "CmdLineTask",
    "ConfigDatasetType",
    "ConfigFileAction",
    "ConfigOverrides",
    "ConfigValueAction",
    "DataIdArgument",
    "DataIdContainer",
    "DatasetArgument",
    "DynamicDatasetType",
    "IdValueAction",
    "InputOnlyArgumentParser",
    "LegacyTaskRunner",
    "LogLevelAction",
    "LongLogAction",
    "ReuseAction",
    "Struct",
    "Task",
    "TaskError",
    "TaskLogAdapter",
    "TaskRunner",
    "configureLogging",
    "getDottedAttr",
    "getTaskDict",
    "getTaskLogger",
    "obeyShowArgument",
    "profile",
    "setDottedAttr",
    "showTaskHierarchy",
    "timeMethod",
]


def __getattr__(name):
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(importlib.import_module(_LAZY[name]), name)
    return value


def __dir__():
    return sorted({*globals(), *__all__})
