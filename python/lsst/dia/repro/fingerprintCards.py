# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The cards of a fingerprint in the header of a FITS table, without a look at the others.

The tables have two hundred cards and more, of which these are a dozen: `lsst.afw.fits.readMetadata` takes ten
times as long, which shows where thousands of files are compared.
"""

from __future__ import annotations

__all__ = ["readFingerprintCards"]

import re

from .provenance import CARDS

#: Bytes of a card, of the blocks of a file, and of the headers that are looked at: both of a table have less.
CARD, BLOCK, HEADERS = 80, 2880, 2**19

#: Key, and number or text in quotes, of a card that is not a CONTINUE.
_PATTERN = re.compile(rb"([A-Z]+) *= *(?:'((?:[^']|'')*)'|([0-9]+))")
_CONTINUED = re.compile(rb"CONTINUE +'((?:[^']|'')*)'")
_KEYS = {key.encode() for key, _ in CARDS.values()}
_FIRST = CARDS["task"][0].encode().ljust(8) + b"="


def readFingerprintCards(path: str) -> dict[str, int | str]:
    """Read the cards of a fingerprint.

    Parameters
    ----------
    path : `str`
        FITS table.

    Returns
    -------
    cards : `dict` [`str`, `int` or `str`]
        What `Fingerprint.toCards` returned when the file was written; empty if
        it has no fingerprint.

    Raises
    ------
    OSError
        Raised if it cannot be read, or is no FITS file or not a whole one.
    """
    with open(path, "rb") as stream:
        text = stream.read(HEADERS)
        size = stream.seek(0, 2)
    if not text.startswith(b"SIMPLE  =") or size % BLOCK:
        raise OSError("it is no FITS file, or its end is missing")
    place = text.find(_FIRST)
    while place > 0 and place % CARD:
        place = text.find(_FIRST, place + 1)
    return _parse(text, place) if place > 0 else {}


def _parse(text: bytes, place: int) -> dict[str, int | str]:
    """Return the cards of the fingerprint from a place on."""
    cards: dict[str, int | str] = {}
    key = ""
    for start in range(place, len(text), CARD):
        card = text[start:start + CARD]
        if card.startswith(b"END "):
            break
        more = _CONTINUED.match(card)
        if more and key:
            # The text before it ends with an ampersand, which stands for what follows.
            cards[key] = str(cards[key])[:-1] + _unquote(more[1])
            continue
        match = _PATTERN.match(card)
        key = match[1].decode() if match and match[1] in _KEYS else ""
        if match and key:
            cards[key] = int(match[3]) if match[3] else _unquote(match[2])
    return cards


def _unquote(text: bytes) -> str:
    return text.decode("ascii").replace("''", "'").rstrip(" ")
