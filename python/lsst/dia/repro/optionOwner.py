# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Where options are in a config, and what they are called: ``associator['assignment'].radius``."""

from __future__ import annotations

__all__ = ["findOptionOwner", "nameOption"]

import re
from typing import Any

import lsst.pex.config as pexConfig

#: A key in brackets.
KEY = re.compile(r"\[[^\]]*\]")

#: What is in front of the last bracket, the key in it, and the option.
BRACKET = re.compile(r"""(?P<owner>.+)\[(?P<quote>['"]?)(?P<key>[^'"\]]+)(?P=quote)\]\.(?P<rest>[^\[\]]+)""")


def findOptionOwner(config: Any, name: str) -> tuple[Any, str]:
    """Follow the name of an option as far as there are brackets in it.

    ``--show config`` names options so of a choice that is not the one in use,
    and of each plugin, and no attribute has such a name.

    Parameters
    ----------
    config : `lsst.pex.config.Config`
        What the name begins at.
    name : `str`
        Name with dots, and perhaps with brackets.

    Returns
    -------
    owner : `lsst.pex.config.Config`
        What has the option; the config itself if there are no brackets.
    rest : `str`
        The name of the option there, with dots.

    Raises
    ------
    LookupError
        Raised if there is no such thing; the name is its argument.
    """
    match = BRACKET.fullmatch(name)
    if not match:
        return config, name
    try:
        return _follow(config, match["owner"])[match["key"]], match["rest"]
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise LookupError(name) from error


def nameOption(config: pexConfig.Config, name: str) -> str:
    """Return what ``--config`` calls an option of a task in use.

    Parameters
    ----------
    config : `lsst.pex.config.Config`
        The options of the task, which may be part of a larger config.
    name : `str`
        Name of the option among them.

    Returns
    -------
    name : `str`
        Its name from the outermost config on, with ``active`` for the choice
        of a registry, which no shell has to be kept from.
    """
    return ".".join([*filter(None, [KEY.sub(".active", config._name or "")]), name])


def _follow(config: Any, name: str) -> Any:
    """Return what a name with dots, and perhaps with brackets, means."""
    owner, rest = findOptionOwner(config, name)
    for part in rest.split("."):
        owner = getattr(owner, part)
    return owner
