# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Options of what is in brackets, such as ``associator['assignment'].radius=0.7``."""

from __future__ import annotations

__all__ = ["NestedConfigAction"]

import argparse
from collections.abc import Sequence

from ..optionOwner import findOptionOwner
from .gen2Classes import ConfigValueAction


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
            name, sign, rest = value.partition("=")
            try:
                owner, name = findOptionOwner(namespace.config, name)
            except LookupError as error:
                parser.error(f"no config field: {error.args[0]}")
            super().__call__(parser, argparse.Namespace(config=owner), [name + sign + rest], option_string)
