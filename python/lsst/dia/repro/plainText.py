# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Text where not every character can be: in headers of FITS, and on some terminals."""

from __future__ import annotations

__all__ = ["escapeOutput", "fromHeader", "toHeader"]

import io
import string
import sys
from urllib.parse import quote, unquote

#: What a header may have, without the sign of escapes.
_PLAIN = (string.punctuation + " ").replace("%", "")


def toHeader(text: str) -> str:
    """Write text with the characters that a header of FITS may have.

    Parameters
    ----------
    text : `str`
        Any text, such as the name of a file.

    Returns
    -------
    plain : `str`
        The same in printable ASCII: others are written as the bytes of UTF-8
        in hexadecimal, ``%C3%A9``, as in the address of a web page, and ``%``
        as ``%25``.
    """
    # Names of files may have bytes that are no UTF-8 at all.
    return quote(text, safe=_PLAIN, errors="surrogateescape")


def fromHeader(plain: str) -> str:
    """Return the text that `toHeader` wrote.

    Parameters
    ----------
    plain : `str`
        What it wrote.

    Returns
    -------
    text : `str`
        The text.
    """
    return unquote(plain, errors="surrogateescape")


def escapeOutput() -> None:
    r"""Let messages be printed as ``\u661f`` where the terminal or file has no such character.

    By default Python raises an error, so that a message would be lost for the
    name of a file in it.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="backslashreplace")
