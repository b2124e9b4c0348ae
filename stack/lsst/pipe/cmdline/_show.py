# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The ``--show`` option: configuration, its history, and the subtasks."""

import ast
import fnmatch
import re
import sys
import types

import lsst.pex.config as pexConfig
from lsst.pex.config import history
from lsst.pex.config.configurableField import ConfigurableInstance

__all__ = ["getTaskDict", "obeyShowArgument", "showTaskHierarchy"]

# An attribute, or a key in brackets.
_NAME_PARTS = re.compile(r"(\w+)(?=\.|\[|$)|\[('[^']*'|\"[^\"]*\"|-?\d+)\]")


def getTaskDict(config, taskDict=None, baseName=""):
    """Find the subtasks of a config.

    Parameters
    ----------
    config : `lsst.pex.config.Config`
        Configuration of a task.
    taskDict : `dict`, optional
        Updated in place if given (for recursion only).
    baseName : `str`, optional
        Prefix of the keys (for recursion only).

    Returns
    -------
    taskDict : `dict` [`str`, `str`]
        Dotted config field name to full task class name.
    """
    taskDict = {} if taskDict is None else taskDict
    for fieldName, field in config.items():
        if not (hasattr(field, "value") and hasattr(field, "target")):
            continue
        if isinstance(field.value, pexConfig.Config):
            name = f"{baseName}.{fieldName}" if baseName else fieldName
            taskDict[name] = _targetName(field.target)
            getTaskDict(field.value, taskDict, name)
    return taskDict


def _targetName(target):
    try:
        return f"{target.__module__}.{target.__name__}"
    except AttributeError:
        return repr(target)


def showTaskHierarchy(config):
    """Print the subtasks of a config.

    Parameters
    ----------
    config : `lsst.pex.config.Config`
        Configuration of a task.
    """
    print("Subtasks:")
    for fieldName, taskName in sorted(getTaskDict(config).items()):
        print(f"{fieldName}: {taskName}")


def obeyShowArgument(showOpts, config=None, exit=False):
    """Print what ``--show`` asks for; ``data`` and ``run`` are left to the caller.

    Parameters
    ----------
    showOpts : sequence of `str`
        Any of ``config[=PATTERN]``, ``history=PATTERN``, ``tasks``, ``data``, ``run``.
    config : `lsst.pex.config.Config`
        Configuration to show.
    exit : `bool`, optional
        Leave the program afterwards unless ``run`` is among the options?

    Raises
    ------
    SystemExit
        With status 1 if an option is unknown or no config field matches the pattern of a history.
    """
    for option in showOpts:
        command, _, argument = option.partition("=")
        if command == "config":
            _showConfig(config, _stripConfigPrefix(argument))
        elif command == "history":
            _showHistory(config, _stripConfigPrefix(argument))
        elif command == "tasks":
            showTaskHierarchy(config)
        elif command not in ("data", "run"):
            _fail(
                f"Unknown value for show: {option} "
                "(choose from 'config[=XXX]', 'data', 'history=XXX', 'tasks', 'run')"
            )
    if showOpts and exit and "run" not in showOpts:
        sys.exit(0)


def _stripConfigPrefix(pattern):
    return re.sub(r"^config\.", "", pattern)


def _fail(message):
    print(message, file=sys.stderr)
    sys.exit(1)


def _showConfig(config, pattern):
    if not pattern:
        config.saveToStream(sys.stdout, "config")
        return
    stream = _FilteredStream(pattern)
    config.saveToStream(stream, "config")
    if not stream.found:
        print(f"Warning: no config field matches {pattern!r}", file=sys.stderr)


class _FilteredStream:
    """Prints the config entries whose names match a glob pattern.

    A pattern with capitals matches without regard to case, and says so, unless it ends in
    ``:NOIGNORECASE``. ``found`` tells whether any entry matched.
    """

    def __init__(self, pattern):
        flags = re.IGNORECASE
        if pattern.endswith(":NOIGNORECASE"):
            pattern, flags = pattern[: -len(":NOIGNORECASE")], 0
        elif pattern != pattern.lower():
            print(f"Matching {pattern!r} without regard to case (append :NOIGNORECASE to prevent this)")
        self._pattern = re.compile(fnmatch.translate(pattern), flags)
        self.found = False

    def write(self, entry):
        """Print one entry: comment lines, then ``name=value``."""
        entry = entry.rstrip()
        name = entry.split("\n")[-1].split("=")[0]
        if self._pattern.search(name):
            self.found = True
            print("\n" + entry)


def _showHistory(config, pattern):
    if not pattern:
        _fail("Please provide a value with --show history (e.g. history=*.doXXX)")
    names = fnmatch.filter(config.names(), pattern)
    if not names:
        _fail(f"Error: no config field matches {pattern!r}")
    for i, name in enumerate(names):
        if i > 0:
            print()
        print(_formatHistory(*_findOwner(config, name)))


def _findOwner(config, name):
    """Find the config that keeps the history of a field, and the field's name there.

    The name is one of `lsst.pex.config.Config.names`, such as ``plugins['base_PsfFlux'].doMeasure``.
    What is no field of a config, as ``plugins.names``, has the history of the field that it belongs to.
    """
    owner, field, value = config, name, config
    for attribute, key in _NAME_PARTS.findall(name):
        if key:
            value = value[ast.literal_eval(key)]
            continue
        if isinstance(value, (pexConfig.Config, ConfigurableInstance)):
            owner, field = value, attribute
        value = getattr(value, attribute)
    return owner, field


def _formatHistory(config, field):
    # The formatter of pex_config 29 and 30 cannot format values such as lists, only their text.
    events = [
        (value if value is None else str(value), *rest) for value, *rest in config.history.get(field, [])
    ]
    return history.format(types.SimpleNamespace(_name=config._name, history={field: events}), field)
