# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Options of command lines as those of tasks have them, without the stack's parsers, which are of Gen2."""

from __future__ import annotations

__all__ = ["addTaskArguments", "showConfig"]

import argparse
import ast
import difflib
import fnmatch
import io
import logging
import operator
from collections.abc import Sequence
from typing import Any

import lsst.pex.config as pexConfig
from lsst.pex.config.configChoiceField import SelectionSet
from lsst.pex.config.listField import List

from ..describeError import describeError
from ..nameListField import NameListField
from ..optionOwner import findOptionOwner

LEVELS = {"trace": 5, "debug": logging.DEBUG, "info": logging.INFO, "warn": logging.WARNING,
          "error": logging.ERROR, "fatal": logging.CRITICAL}
LONG = "%(levelname)-5s %(asctime)s %(name)s (%(filename)s:%(lineno)d)- %(message)s"


def addTaskArguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that set options of a task, show them, and say what to log.

    Parameters
    ----------
    parser : `argparse.ArgumentParser`
        Where to add them. The namespace that it fills must have the ``config``
        of the task from the beginning.
    """
    parser.add_argument("-c", "--config", nargs="*", action=ConfigValueAction, metavar="NAME=VALUE",
                        help="options, e.g. -c nanPolicy=leaveOut lightCurves.detectionThreshold=4")
    parser.add_argument("-C", "--config-file", "--configfile", nargs="*", dest="configFile",
                        action=ConfigFileAction, metavar="FILE", help="files of options")
    parser.add_argument("--show", nargs="+", default=(), metavar="config[=PATTERN]",
                        help="print the options, or those whose names match, and quit, unless run is given")
    parser.add_argument("-L", "--loglevel", nargs="*", action=LogLevelAction, metavar="[NAME=]LEVEL",
                        help=f"what to log: {', '.join(LEVELS)}")
    parser.add_argument("--longlog", action=LongLogAction, help="log time and source line as well")


class ConfigValueAction(argparse.Action):
    """Set options from ``name=value``: what is no Python literal is text."""

    def __call__(self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any,
                 option_string: str | None = None) -> None:
        """Update ``namespace.config``."""
        for nameValue in values:
            name, sign, text = nameValue.partition("=")
            if not text:
                parser.error(f"{option_string} {nameValue} must be in form name=value")
            try:
                owner, last = _findField(namespace.config, name)
            except (AttributeError, LookupError):
                parser.error(f"no config field: {name}{_suggest(namespace.config, name)}")
            try:
                _setField(owner, last, text)
            except Exception as error:
                # pex_config raises many kinds, and its messages go on with where the field is defined.
                reason = str(error).splitlines()[0]
                parser.error(f"cannot set {name}={text}: {reason}{_listKnown(owner, last)}")


class ConfigFileAction(argparse.Action):
    """Load files of options."""

    def __call__(self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any,
                 option_string: str | None = None) -> None:
        """Update ``namespace.config``."""
        for path in values:
            try:
                namespace.config.load(path)
            except Exception as error:
                parser.error(f"cannot load config file {path}: {describeError(error)}")


class LogLevelAction(argparse.Action):
    """Say what to log, of all or of a logger."""

    def __call__(self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any,
                 option_string: str | None = None) -> None:
        """Set the levels, at once."""
        for value in values:
            name, _, level = value.rpartition("=")
            if level.lower() not in LEVELS:
                parser.error(f"{option_string} {value}: choose from {', '.join(LEVELS)}")
            # The loggers of tasks have a prefix that nobody types.
            for full in {name, f"lsst.{name}"} if name else {""}:
                logging.getLogger(full).setLevel(LEVELS[level.lower()])


class LongLogAction(argparse.Action):
    """Make log messages long, at once."""

    def __init__(self, option_strings: Sequence[str], dest: str, **kwargs: Any) -> None:
        super().__init__(option_strings, dest, nargs=0, **kwargs)

    def __call__(self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any,
                 option_string: str | None = None) -> None:
        """Change the format of all handlers."""
        for handler in logging.getLogger().handlers:
            handler.setFormatter(logging.Formatter(LONG))


def showConfig(config: pexConfig.Config, shown: Sequence[str]) -> None:
    """Print options.

    Parameters
    ----------
    config : `lsst.pex.config.Config`
        The options.
    shown : sequence [`str`]
        What ``--show`` was given.

    Raises
    ------
    ValueError
        Raised if something else is to be shown.
    """
    for what in shown:
        kind, _, pattern = what.partition("=")
        if kind == "config":
            stream = io.StringIO()
            config.saveToStream(stream)
            for entry in filter(str.strip, stream.getvalue().split("\n\n")):
                # Comments, and then name and value; the first has imports.
                name = entry.rstrip().splitlines()[-1].partition("=")[0].replace("config.", "", 1)
                if not pattern or fnmatch.fnmatchcase(name, pattern):
                    print(entry.rstrip() + "\n")
        elif what != "run":
            raise ValueError(f"--show {what}: choose from config, run")


def _findField(config: pexConfig.Config, name: str) -> tuple[Any, str]:
    """Return what has an option, and how that is called there."""
    owner, rest = findOptionOwner(config, name)
    parent, _, last = rest.rpartition(".")
    owner = operator.attrgetter(parent)(owner) if parent else owner
    getattr(owner, last)
    return owner, last


def _setField(owner: Any, name: str, text: str) -> None:
    """Set an option to what a text means."""
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        value = text
    field = getattr(owner, "_fields", {}).get(name)
    isPlainList = (isinstance(getattr(owner, name), (List, SelectionSet))
                   and not isinstance(field, NameListField))
    if isPlainList and isinstance(value, str):
        # It would be taken for the list of its letters.
        value = value.split(",")
    try:
        setattr(owner, name, value)
    except Exception:
        if isPlainList or value == text:
            raise
        # It is of text, and this looks like a number.
        setattr(owner, name, text)


def _listKnown(owner: Any, name: str) -> str:
    """Return what an option can be, for the end of a message, if it is names or a yes or no."""
    if isinstance(getattr(owner, name), SelectionSet):
        return f"; known are {', '.join(sorted(owner))}"
    return " (it can be True, False)" if getattr(owner._fields.get(name), "dtype", None) is bool else ""


def _suggest(config: pexConfig.Config, name: str) -> str:
    """Return names that may have been meant, for the end of a message."""
    close = difflib.get_close_matches(name, config.names())
    return f"; did you mean {' or '.join(close)}?" if close else '; "--show config" lists them'
