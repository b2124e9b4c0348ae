# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""What each command-line option does when `argparse` meets it."""

import argparse
import difflib
import itertools
import math
import re

from lsst.pex.config.configChoiceField import ConfigInstanceDict, SelectionSet
from lsst.pex.config.listField import List, ListField

from ._dottedAttr import getDottedAttr, setDottedAttr
from ._literals import parseLiteral
from ._logging import configureLogging, getTaskLogger

__all__ = [
    "ConfigFileAction",
    "ConfigValueAction",
    "IdValueAction",
    "LogLevelAction",
    "LongLogAction",
    "ReuseAction",
]

_LOG_LEVELS = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")
# Far more than there are exposures of a survey that one command works on.
_MAX_DATA_IDS = 1_000_000
_CHOSEN = re.compile(r"(?P<choice>[\w.]+)\['(?P<key>[^']+)'\]\.(?P<rest>[\w.]+)")
_RANGE = re.compile(r"^(\d{1,18})\.\.(\d{1,18})(?::(\d{1,18}))?$")


class ConfigValueAction(argparse.Action):
    """Override config fields from ``name=value`` pairs.

    The text is tried as it stands and then as a literal (see `parseLiteral`). For a list it must be a
    literal, unless its field reads text by itself: the original takes any text for the list of its letters.
    """

    def __call__(self, parser, namespace, values, option_string=None):
        """Update ``namespace.config``; ``values`` is the list of pairs."""
        if namespace.config is None:
            return
        for nameValue in values:
            name, _, text = nameValue.partition("=")
            if not text:
                parser.error(f"{option_string} value {nameValue} must be in form name=value")
            self._override(parser, namespace.config, name, text)

    @staticmethod
    def _override(parser, config, name, text):
        try:
            if _takesText(getDottedAttr(config, name)):
                setDottedAttr(config, name, text)
                return
        except AttributeError:
            parser.error(f"no config field: {name}{_suggestName(config, name)}")
        except Exception as error:
            # Not a string field: the text must mean something else.
            reason = f": {str(error).splitlines()[0]}{_listChoices(config, name)}"
        else:
            reason = ""
        try:
            value = parseLiteral(text)
        except ValueError:
            reason = reason or _describeList(config, name)
            parser.error(f"cannot parse {text!r} as a value for {name}{reason}")
        try:
            setDottedAttr(config, name, value)
        except Exception as error:
            message = str(error).splitlines()[0]
            parser.error(f"cannot set config.{name}={value!r}: {message}{_listChoices(config, name)}")


def _suggestName(config, name):
    """Return the names of fields that may have been meant, for the end of a message."""
    names = [_dropName(config, _useActive(config, name)) for name in config.names()]
    # What is still in brackets can be set in files only.
    close = difflib.get_close_matches(name, [name for name in names if "[" not in name])
    return f"; did you mean {' or '.join(close)}?" if close else '; "--show config" lists them'


def _useActive(config, name):
    """Return the name by which a field of the choice in use can be set; other names as they are."""
    match = _CHOSEN.fullmatch(name)
    if not match:
        return name
    choice = getDottedAttr(config, match["choice"])
    isActive = not choice._field.multi and choice.name == match["key"]
    return f"{match['choice']}.active.{match['rest']}" if isActive else name


def _dropName(config, name):
    """Return the name of a choice for the field that holds its name: a choice is set without that."""
    choice = name.removesuffix(".name")
    isChoice = choice != name and isinstance(getDottedAttr(config, choice), ConfigInstanceDict)
    return choice if isChoice else name


def _listChoices(config, name):
    """Return the values that a field can have, for the end of a message, if they are few."""
    parent, _, last = name.rpartition(".")
    owner = getDottedAttr(config, parent) if parent else config
    if last == "names" and isinstance(owner, ConfigInstanceDict):
        return f"; known are {', '.join(sorted(owner.types))}"
    field = getattr(owner, "_fields", {}).get(last)
    if getattr(field, "dtype", None) is bool:
        return " (it can be True, False)"
    choices = getattr(field, "allowed", None) or getattr(field, "typemap", None)
    return f" (it can be {', '.join(sorted(map(str, choices)))})" if choices else ""


def _describeList(config, name):
    """Return how to write a list, for the end of a message, if the field is one."""
    if _takesText(getDottedAttr(config, name)):
        return ""
    return f": write a list as {name}=\"['a','b']\"{_listChoices(config, name)}"


def _takesText(value):
    """Tell whether a field with this value may be set to text; a list must not, nor several choices."""
    if isinstance(value, SelectionSet):
        return False
    return not isinstance(value, List) or type(value._field).__set__ is not ListField.__set__


class ConfigFileAction(argparse.Action):
    """Load files of config overrides."""

    def __call__(self, parser, namespace, values, option_string=None):
        """Update ``namespace.config``; ``values`` is the list of file names."""
        if namespace.config is None:
            return
        for configFile in values:
            try:
                namespace.config.load(configFile)
            except Exception as error:
                parser.error(f"cannot load config file {configFile!r}: {error}")


class IdValueAction(argparse.Action):
    """Turn ``key=value1^value2 ...`` into data IDs.

    Integers may be given as ranges that include their end, with an optional stride:
    ``0^2..4^7..9:2`` is ``0^2^3^4^7^9``. Keys with several values yield the cross product, the
    last key varying fastest. No keys at all is one empty data ID, which matches everything.
    """

    def __call__(self, parser, namespace, values, option_string=None):
        """Append to ``namespace.<dest>.idList``; ``values`` is the list of pairs."""
        if namespace.config is None:
            return
        choices = {}
        for nameValue in values:
            name, separator, text = nameValue.partition("=")
            if name in choices:
                parser.error(f"{name} appears multiple times in one ID argument: {option_string}")
            if not separator or not name:
                parser.error(f"{option_string} value {nameValue!r} must be in form key=value")
            choices[name] = list(map(_expandRange, text.split("^")))
            if not any(map(len, choices[name])):
                parser.error(f"{option_string} value {nameValue!r} has no values: a range goes upwards")
        number = math.prod(sum(map(len, parts)) for parts in choices.values())
        if number > _MAX_DATA_IDS:
            parser.error(f"{option_string} means {number:,} data IDs; {_MAX_DATA_IDS:,} can be given")
        allValues = [map(str, itertools.chain(*parts)) for parts in choices.values()]
        getattr(namespace, self.dest).idList += [
            dict(zip(choices, combination)) for combination in itertools.product(*allValues)
        ]


def _expandRange(text):
    """Return the values that a part of a text means, without making them."""
    match = _RANGE.match(text)
    if not match:
        return [text]
    first, last, stride = (int(group or 1) for group in match.groups())
    return range(first, last + 1, max(stride, 1))


class LongLogAction(argparse.Action):
    """Make log messages long, at once, so that later log level options still apply."""

    def __init__(self, option_strings, dest, **kwargs):
        super().__init__(option_strings, dest, nargs=0, **kwargs)

    def __call__(self, parser, namespace, values, option_string=None):
        """Reconfigure the console log."""
        configureLogging(longLog=True)


class LogLevelAction(argparse.Action):
    """Set the level of the root log or of a component from ``[component=]level``."""

    def __call__(self, parser, namespace, values, option_string=None):
        """Set each level in ``values``; level names in any case."""
        for componentLevel in values:
            component, _, level = componentLevel.rpartition("=")
            if level.upper() not in _LOG_LEVELS:
                parser.error(f"loglevel={level!r} not one of {_LOG_LEVELS}")
            log = getTaskLogger(component) if component else namespace.log
            log.setLevel(getattr(log, level.upper()))


class ReuseAction(argparse.Action):
    """Collect the steps that ``--reuse-outputs-from`` allows to skip."""

    def __call__(self, parser, namespace, values, option_string=None):
        """Set ``namespace.reuse`` to the named step and all before it."""
        last = self.choices[-2] if values == "all" else values
        namespace.reuse = self.choices[: self.choices.index(last) + 1]
