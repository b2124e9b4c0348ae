# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The classes of Gen2 commands: the stack's own, else the slice's."""

__all__ = ["ArgumentParser", "CmdLineTask", "ConfigDatasetType", "ConfigValueAction", "DataIdContainer",
           "TaskRunner", "configureLogging", "profile"]

_HOMES = ("lsst.pipe.base", "lsst.pipe.cmdline")

try:
    import lsst.pipe.base as home

    # Stacks later than v23 have it without these classes, and so has PyPI.
    if not hasattr(home, "CmdLineTask"):
        import lsst.pipe.cmdline as home
except ModuleNotFoundError as error:
    if error.name != "lsst.pipe" and error.name not in _HOMES:
        raise
    raise ImportError(
        "dia_repro needs the Gen2 butler and tasks of an LSST stack for this command, which are not here: "
        "set up a stack v23, or install the distribution gen2-slice with \"pip install ./stack\" in a "
        "checkout of dia_repro; a later stack has pipetask instead"
    ) from error

ArgumentParser = home.ArgumentParser
CmdLineTask = home.CmdLineTask
ConfigDatasetType = home.ConfigDatasetType
ConfigValueAction = home.ConfigValueAction
DataIdContainer = home.DataIdContainer
TaskRunner = home.TaskRunner

# v23 has it in a module of its own, without showing it.
profile = getattr(home, "cmdLineTask", home).profile

# The slice's; v23 has lsst.log for it.
configureLogging = getattr(home, "configureLogging", None)
