# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Names that come from files, in a form for terminals and logs.

A name of a file, filter, mapper or column may hold anything: escape sequences that terminals obey, line
breaks that make up lines of a log, marks that turn the direction of the text.
"""

__all__ = ["printable", "printableLines"]


def printable(text):
    r"""Return a text with an escape sequence, such as ``\x1b``, for each character that does not print."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text
    )


def printableLines(text):
    r"""Return a text of several lines, each made `printable`, those that follow the first indented.

    Only line feeds part lines, and no line but the first begins where those of others do.
    """
    return text if text.isprintable() else "\n    ".join(map(printable, text.split("\n")))
