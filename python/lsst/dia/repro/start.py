# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Start a command; show its help without importing the task, which takes much longer."""

__all__ = ["start"]

import gc
import importlib
import os
import signal
import sys

PARSERS = {
    "DiaLightCurvesTask": "diaLightCurvesParser",
    "DiaObjectMakerTask": "diaObjectMakerParser",
    "ForcedDiaPhotTask": "forcedDiaPhotParser",
}
"""Modules whose ``makeArgumentParser`` makes the parser of a task."""


def start(taskName):
    """Run a task as the command line says.

    Parameters
    ----------
    taskName : `str`
        Name of the task's class in `lsst.dia.repro`.

    Raises
    ------
    SystemExit
        Raised after help, an error or Ctrl-C.
    """
    try:
        _run(taskName, sys.argv[1:])
    except KeyboardInterrupt:
        print("Interrupted", file=sys.stderr)
        sys.exit(128 + signal.SIGINT)


def _run(taskName, args):
    wantsHelp = "-h" in args or "--help" in args
    if wantsHelp or not args or args[0].startswith(("-", "@")) or not _isRepository(args[0]):
        parser = importlib.import_module("." + PARSERS[taskName], __package__).makeArgumentParser()
        if wantsHelp:
            parser.print_help()
            parser.exit()
        # The parser says so before it looks at the config.
        parser.parse_args(config=None, args=args)
    # Not with the parser from above: v23's would log everything twice.
    _importTask(taskName).parseAndRun()


def _isRepository(path):
    """Tell whether there is a directory for a path as the parser understands it."""
    return os.path.isdir(os.path.join(os.environ.get("PIPE_INPUT_ROOT", ""), path))


def _importTask(taskName):
    """Import a task without looking for garbage: there is none, and it would take a quarter of the time."""
    gc.disable()
    try:
        return getattr(importlib.import_module(__package__), taskName)
    finally:
        gc.freeze()
        gc.enable()
