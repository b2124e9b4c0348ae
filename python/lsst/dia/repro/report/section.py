# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""A section of the first page of a report."""

from __future__ import annotations

__all__ = ["Section"]

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Section:
    """A section of the first page: a figure or a table, and how to judge by it.

    Attributes
    ----------
    title : `str`
        What it is about.
    text : `str`
        One line that says what a good run looks like.
    figure : `bokeh.model.Model` or `None`
        The figure, if it has one.
    head : sequence [`str`]
        Names of the columns of the table; none where they need no names.
    table : sequence [sequence [`str`]]
        The rows of the table; what is from files is not escaped yet.
    missing : `str`
        Why there is neither, if so.
    """

    title: str
    text: str
    figure: Any = None
    head: Sequence[str] = ()
    table: Sequence[Sequence[str]] = ()
    missing: str = ""
