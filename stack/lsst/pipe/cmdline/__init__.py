# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The Gen2 command-line task framework, as `lsst.pipe.base` had it up to v23.

`lsst.pipe.base` on PyPI kept ``Task`` and ``Struct`` but no longer has ``CmdLineTask`` and
its ``ArgumentParser``; this package supplies them under their v23 names.
"""

from lsst.pipe.base.configOverrides import ConfigOverrides
from lsst.pipe.base.struct import Struct
from lsst.pipe.base.task import Task, TaskError
from lsst.utils.timer import timeMethod

from ._actions import (
    ConfigFileAction,
    ConfigValueAction,
    IdValueAction,
    LogLevelAction,
    LongLogAction,
    ReuseAction,
)
from ._argumentParser import ArgumentParser, InputOnlyArgumentParser
from ._cmdLineTask import CmdLineTask
from ._dataIdArgument import ConfigDatasetType, DataIdArgument, DatasetArgument, DynamicDatasetType
from ._dataIdContainer import DataIdContainer
from ._dottedAttr import getDottedAttr, setDottedAttr
from ._logging import TaskLogAdapter, getTaskLogger
from ._profile import profile
from ._show import getTaskDict, obeyShowArgument, showTaskHierarchy
from ._taskRunner import ButlerInitializedTaskRunner, LegacyTaskRunner, TaskRunner

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
    "getDottedAttr",
    "getTaskDict",
    "getTaskLogger",
    "obeyShowArgument",
    "profile",
    "setDottedAttr",
    "showTaskHierarchy",
    "timeMethod",
]
