# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The options that every command-line task has."""

import argparse
import os
import textwrap

from ._actions import ConfigFileAction, ConfigValueAction, LogLevelAction, LongLogAction
from ._rootPaths import DEFAULT_CALIB_NAME, DEFAULT_INPUT_NAME, DEFAULT_OUTPUT_NAME

__all__ = ["EPILOG", "addStandardOptions"]

EPILOG = textwrap.dedent("""Notes:
    * --config, --configfile, --id, --loglevel and @file may be given more than once; all are used,
      from left to right
    * @file reads options from a file: any number on a line; blank lines and all after # are ignored
    * an option with several values takes them after a space:
        right: --configfile foo bar
        wrong: --configfile=foo bar
    """)


def addStandardOptions(parser):
    """Add the standard options to a parser.

    Parameters
    ----------
    parser : `argparse.ArgumentParser`
        Parser to add to.
    """
    _addRepositories(parser)
    _addConfig(parser)
    _addLogging(parser)
    _addRunning(parser)
    _addClobbering(parser)


def _addRepositories(parser):
    parser.add_argument(
        metavar="input",
        dest="rawInput",
        help=f"path to input data repository, relative to ${DEFAULT_INPUT_NAME}",
    )
    parser.add_argument(
        "--calib",
        dest="rawCalib",
        help=f"path to input calibration repository, relative to ${DEFAULT_CALIB_NAME}",
    )
    parser.add_argument(
        "--output",
        dest="rawOutput",
        help=f"path to output data repository (need not exist), relative to ${DEFAULT_OUTPUT_NAME}",
    )
    parser.add_argument(
        "--rerun",
        dest="rawRerun",
        metavar="[INPUT:]OUTPUT",
        help="set the output to ROOT/rerun/OUTPUT, and the input to ROOT/rerun/INPUT if given",
    )


def _addConfig(parser):
    parser.add_argument(
        "-c",
        "--config",
        nargs="*",
        action=ConfigValueAction,
        metavar="NAME=VALUE",
        help="config override(s), e.g. -c foo=newfoo bar.baz=3",
    )
    parser.add_argument(
        "-C",
        "--config-file",
        "--configfile",
        dest="configfile",
        nargs="*",
        action=ConfigFileAction,
        help="config override file(s)",
    )
    parser.add_argument(
        "--show",
        nargs="+",
        default=(),
        help="print information and quit, unless run is among it: "
        "config[=PATTERN] | history=PATTERN | tasks | data | run",
    )


def _addLogging(parser):
    parser.add_argument(
        "-L",
        "--loglevel",
        nargs="*",
        action=LogLevelAction,
        metavar="LEVEL|COMPONENT=LEVEL",
        help="logging level: trace, debug, info, warn, error or fatal",
    )
    parser.add_argument("--longlog", action=LongLogAction, help="log time, data ID and source line as well")
    parser.add_argument("--debug", action="store_true", help="import the user's debug module")


def _addRunning(parser):
    parser.add_argument(
        "--doraise", action="store_true", help="let an error end the command, instead of the data ID"
    )
    parser.add_argument(
        "--noExit", action="store_true", help="return to the calling script even if data IDs failed"
    )
    parser.add_argument("--profile", type=_newFile, help="file for cProfile statistics")
    parser.add_argument("-j", "--processes", type=_count, default=1, help="number of processes to use")
    parser.add_argument(
        "--threads",
        type=_count,
        default=1,
        help="number of threads for compiled loops over pixels, in one process",
    )
    parser.add_argument(
        "-t", "--timeout", type=float, help="maximum wall time of all processes together (sec)"
    )


def _newFile(path):
    """Refuse a path where no file can be made; it would be found out only after all the work."""
    directory = os.path.dirname(os.path.abspath(path))
    if os.path.isdir(path) or not os.access(directory, os.W_OK):
        raise argparse.ArgumentTypeError(f"cannot write a file {path!r}")
    return path


def _count(text):
    """Convert a number of processes or threads."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is less than 1")
    return number


_count.__name__ = "int"  # argparse names the type so where the text is no number.


def _addClobbering(parser):
    for option, dest, help in (
        ("--clobber-output", "clobberOutput", "remove an existing output directory first"),
        ("--clobber-config", "clobberConfig", "back up and overwrite stored configs and schemas"),
        ("--no-backup-config", "noBackupConfig", "do not back up configs to file~N"),
        ("--clobber-versions", "clobberVersions", "back up and overwrite stored package versions"),
        ("--no-versions", "noVersions", "neither store nor compare package versions"),
    ):
        parser.add_argument(option, action="store_true", dest=dest, help=help)
