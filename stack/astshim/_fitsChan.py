# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Conversion between AST objects and FITS header cards."""

__all__ = ["CardType", "FitsChan", "FoundValue"]

import enum
from typing import Any, NamedTuple

from starlink import Ast

from ._channel import Channel
from ._errors import astErrors
from ._object import attribute
from ._stream import StringStream


class CardType(enum.IntEnum):
    """Data type of a FITS card."""

    NOTYPE = Ast.NOTYPE
    COMMENT = Ast.COMMENT
    INT = Ast.INT
    FLOAT = Ast.FLOAT
    STRING = Ast.STRING
    COMPLEXF = Ast.COMPLEXF
    COMPLEXI = Ast.COMPLEXI
    LOGICAL = Ast.LOGICAL
    CONTINUE = Ast.CONTINUE
    UNDEF = Ast.UNDEF


class FoundValue(NamedTuple):
    """Result of a search for a card: was it found, and its value."""

    found: bool
    value: Any


class FitsChan(Channel, astName="FitsChan"):
    """Channel that holds FITS cards in memory.

    Parameters
    ----------
    stream : `StringStream`
        Cards to begin with, one a line.
    options : `str`, optional
        Comma-separated attribute assignments.
    """

    def __init__(self, stream, options=""):
        with astErrors():
            # No sink: AST would write the cards left over when the channel is deleted
            self._impl = Ast.FitsChan(StringStream(stream.getSourceData()), None, options)

    nCard = attribute("Ncard", int, "Number of cards.", writable=False)
    nKey = attribute("Nkey", int, "Number of different keywords.", writable=False)
    encoding = attribute("Encoding", str, "How AST objects are represented as cards.")
    iwc = attribute("Iwc", bool, "Add a frame for intermediate world coordinates?")

    def __len__(self):
        return self.nCard

    def __iter__(self):
        return iter(list(self._impl))

    def _checkNext(self):
        """Do nothing: cards are no text that needs to be checked."""

    def getCard(self):
        """Return the index of the current card (`int`, from 1)."""
        return self._impl.Card

    def setCard(self, i):
        """Make card ``i`` (from 1) the current one."""
        self._impl.Card = i

    def clearCard(self):
        """Make the first card the current one."""
        self._impl.clear("Card")

    def getCardName(self):
        """Return the keyword of the current card (`str`)."""
        return self._impl.get("CardName")

    def getCardType(self):
        """Return the `CardType` of the current card."""
        return CardType(int(self._impl.get("CardType")))

    def getCardComm(self):
        """Return the comment of the current card (`str`)."""
        return self._impl.get("CardComm")

    def getAllCardNames(self):
        """Return the keywords of all cards in order (`list` [`str`]); the current card stays."""
        current = self.getCard()
        names = []
        for i in range(1, self.nCard + 1):
            self.setCard(i)
            names.append(self.getCardName())
        self.setCard(current)
        return names

    def getFitsF(self, name):
        """Return the `FoundValue` of a card as `float`."""
        return self._get(self._impl.getfitsF, name, float)

    def getFitsI(self, name):
        """Return the `FoundValue` of a card as `int`."""
        return self._get(self._impl.getfitsI, name, int)

    def getFitsL(self, name):
        """Return the `FoundValue` of a card as `bool`."""
        return self._get(self._impl.getfitsL, name, bool)

    def getFitsS(self, name):
        """Return the `FoundValue` of a card as `str`."""
        return self._get(self._impl.getfitsS, name, str)

    def getFitsCN(self, name):
        """Return the `FoundValue` of a continued string card as `str`."""
        return self._get(self._impl.getfitsCN, name, str)

    def _get(self, getter, name, cast):
        self.clearCard()
        with astErrors():
            found, value = getter(name)
        return FoundValue(bool(found), cast(value) if found else cast())

    def setFitsF(self, name, value, comment="", overwrite=False):
        """Write a `float` card at the current position."""
        self._set(self._impl.setfitsF, name, value, comment, overwrite)

    def setFitsI(self, name, value, comment="", overwrite=False):
        """Write an `int` card at the current position."""
        self._set(self._impl.setfitsI, name, value, comment, overwrite)

    def setFitsL(self, name, value, comment="", overwrite=False):
        """Write a `bool` card at the current position."""
        self._set(self._impl.setfitsL, name, value, comment, overwrite)

    def setFitsS(self, name, value, comment="", overwrite=False):
        """Write a `str` card at the current position."""
        self._set(self._impl.setfitsS, name, value, comment, overwrite)

    def _set(self, setter, name, value, comment, overwrite):
        for text in (name, value, comment):
            if isinstance(text, str) and "\0" in text:
                raise RuntimeError(f"A FITS card cannot hold the null character of {text!r}")
        with astErrors():
            setter(name, value, comment, overwrite)
