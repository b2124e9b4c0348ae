# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Options of what is in brackets, such as ``associator['assignment'].radius=0.7``."""

from __future__ import annotations

__all__ = ["NestedConfigAction"]

import argparse
import re
from collections.abc import Sequence
from typing import Any

from .gen2Classes import ConfigValueAction

#: What is in front of the last bracket, the key in it, and the option.
BRACKET = re.compile(r"""(?P<owner>.+)\[(?P<quote>['"]?)(?P<key>[^'"\]]+)(?P=quote)\]\.(?P<rest>[^\[\]]+)""")


class NestedConfigAction(ConfigValueAction):
    """Override options, as v23 does, and also those of a choice that is not the one in use.

    ``--show config`` names them so, but v23 looks for an attribute of that
    name.
    """

    def __call__(self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Sequence[str],
                 option_string: str | None = None) -> None:
        """Update ``namespace.config``; ``values`` is the list of names and values."""
        if namespace.config is None:
            return
        for value in values:
            owner, text = namespace.config, value
            name, sign, rest = value.partition("=")
            match = BRACKET.fullmatch(name)
            if match:
                try:
                    owner = _findOwner(owner, match["owner"])[match["key"]]
                except (AttributeError, LookupError, TypeError, ValueError):
                    parser.error(f"no config field: {name}")
                text = match["rest"] + sign + rest
            super().__call__(parser, argparse.Namespace(config=owner), [text], option_string)


def _findOwner(config: Any, name: str) -> Any:
    """Return what a name with dots, and perhaps with brackets, means."""
    match = BRACKET.fullmatch(name)
    if match:
        config, name = _findOwner(config, match["owner"])[match["key"]], match["rest"]
    for part in name.split("."):
        config = getattr(config, part)
    return config
