# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""A config field that is a list of names and can be set on the command line."""

from __future__ import annotations

__all__ = ["NameListField"]

from collections.abc import Iterable
from typing import Any

import lsst.pex.config as pexConfig


class NameListField(pexConfig.ListField):
    """List of names, which also takes them in one string, separated by commas.

    `lsst.pex.config.ListField` would take such a string, as ``--config`` hands
    it over, for a list of its letters.
    """

    def __init__(self, doc: str, default: list[str]) -> None:
        super().__init__(doc=doc, dtype=str, default=default)

    def __set__(self, instance: pexConfig.Config, value: str | Iterable[str] | None, at: Any = None,
                label: str = "assignment") -> None:
        """Set the field; see `lsst.pex.config.Field`."""
        if isinstance(value, str):
            names = [name.strip(" '\"") for name in value.strip("[]() ").split(",")]
            value = [name for name in names if name]
        if at is None:
            at = pexConfig.callStack.getCallStack()
        super().__set__(instance, value, at=at, label=label)
