# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Names that come from files, in a form for terminals, figures and tables of other programs."""

from __future__ import annotations

__all__ = ["figureText", "printable", "spreadsheetText"]

#: What a spreadsheet takes for the beginning of a formula.
_FORMULA = ("=", "+", "-", "@")


def printable(text: str) -> str:
    r"""Return a text with an escape sequence for each character that does not print.

    A name of a file, filter, mapper or column may hold anything: escape
    sequences that terminals obey, line breaks that make up lines of a log,
    marks that turn the direction of the text.

    Parameters
    ----------
    text : `str`
        A name, or a message with names.

    Returns
    -------
    text : `str`
        The same, with ``\x1b`` and the like where needed.
    """
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else character.encode("unicode_escape").decode()
                   for character in text)


def figureText(text: str) -> str:
    """Return a text as Matplotlib shows it literally: nothing in it is mathematics."""
    return printable(text).replace("$", r"\$")


def spreadsheetText(text: str) -> str:
    """Return a text that a spreadsheet does not run as a formula: an apostrophe goes before one."""
    return "'" + text if text.startswith(_FORMULA) else text
