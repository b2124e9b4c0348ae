# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The sequence of HDUs of a file: header cards, data position and size."""

__all__ = ["Hdu", "scanHdus"]

import math

from ._cards import BLOCK, CARD, iterCards, splitCards
from ._error import FitsError
from ._metadata import UNDEFINED, valueFromText

_MAX_HEADER = 64 * 1024 * 1024
_BITPIX = (8, 16, 32, 64, -32, -64)
_CHUNK = 8 * BLOCK


class Hdu:
    """One header and data unit of a file.

    Parameters
    ----------
    name : `str`
        Name of the file, for messages.
    index : `int`
        Number of the HDU, 0 for the primary.
    cards : `list` [`str`]
        The header.
    dataStart : `int`
        Offset of the data in bytes.
    """

    def __init__(self, name, index, cards, dataStart):
        self.fileName = name
        self.index = index
        self.cards = cards
        self.dataStart = dataStart
        self.layout = None  # of a table, once it is known
        self._texts = None
        self._values = {}
        self._entries = None
        self.naxes = self._readAxes()
        self.pcount = self._size("PCOUNT", 0)
        self.dataSize = self._dataSize()

    @property
    def where(self):
        """File and HDU for error messages."""
        return f"{self.fileName}, HDU {self.index}"

    @property
    def nextStart(self):
        """Offset of the HDU that follows."""
        return self.dataStart + (self.dataSize + BLOCK - 1) // BLOCK * BLOCK

    @property
    def entries(self):
        """The cards as a list of (key, value text, comment); see `iterCards`."""
        if self._entries is None:
            try:
                self._entries = list(iterCards(self.cards))
            except FitsError as err:
                raise FitsError(f"cfitsio error ({self.where}): {err}") from err
        return self._entries

    def _textMap(self):
        if self._texts is None:
            self._texts = {}
            for key, text, _ in self.entries:
                self._texts.setdefault(key, text)
        return self._texts

    def get(self, key, default=None):
        """Return the typed value of a header key, or ``default`` if it is absent or undefined."""
        if key not in self._values:
            self._values[key] = self._parse(key)
        value = self._values[key]
        return default if value is UNDEFINED else value

    def _parse(self, key):
        try:
            return valueFromText(key, self._textMap().get(key))
        except FitsError as err:
            raise FitsError(f"cfitsio error ({self.where}): {err}") from err

    def getTyped(self, key, kind, default):
        """Return a header value that has to be of a given type (float accepts int).

        Raises
        ------
        FitsError
            Raised if the value is of another type.
        """
        value = self.get(key, default)
        if kind is float and type(value) is int:
            return float(value)
        if value is not default and type(value) is not kind:
            raise FitsError(f"cfitsio error ({self.where}): {key} = {value!r} is not of type {kind.__name__}")
        return value

    def _size(self, key, default):
        value = self.getTyped(key, int, default)
        if value < 0:
            raise FitsError(f"cfitsio error ({self.where}): negative {key} = {value}")
        return value

    def _readAxes(self):
        bitpix = self.getTyped("BITPIX", int, 0)
        if bitpix not in _BITPIX:
            raise FitsError(f"cfitsio error ({self.where}): illegal BITPIX = {bitpix}")
        self.bitpix = bitpix
        naxis = self._size("NAXIS", 0)
        if naxis > 999:
            raise FitsError(f"cfitsio error ({self.where}): illegal NAXIS = {naxis}")
        return [self._size(f"NAXIS{i + 1}", 0) for i in range(naxis)]

    def _dataSize(self):
        if not self.naxes:
            return 0
        gcount = self._size("GCOUNT", 1)
        return abs(self.bitpix) // 8 * gcount * (self.pcount + math.prod(self.naxes))

    @property
    def name(self):
        """EXTNAME, or an empty string."""
        value = self.get("EXTNAME", "")
        return value.strip() if isinstance(value, str) else ""

    @property
    def isTable(self):
        """Is this a binary table (and not a compressed image)?"""
        return self.get("XTENSION") == "BINTABLE" and not self.isCompressedImage

    @property
    def isCompressedImage(self):
        """Is this a binary table that holds a tile-compressed image?"""
        return self.get("ZIMAGE") is True


def _readHeader(source, start):
    """Return the cards of the header at an offset, and the offset where it ends; None if there is none."""
    text = source.read(start, BLOCK).decode("latin-1")
    expected = "SIMPLE  " if start == 0 else "XTENSION"
    if not text.startswith(expected):
        return None, start
    pos = 0
    while True:
        for i in range(pos, len(text) - CARD + 1, CARD):
            if text.startswith("END", i) and not text[i + 3:i + CARD].strip():
                end = (i + CARD + BLOCK - 1) // BLOCK * BLOCK
                return splitCards(text[:i + CARD]), start + end
        pos = len(text) // CARD * CARD
        more = source.read(start + len(text), _CHUNK).decode("latin-1")
        if not more or len(text) > _MAX_HEADER:
            raise FitsError(f"cfitsio error ({source.name}): header at byte {start} has no END card")
        text += more


def scanHdus(source, start=0, index=0):
    """Yield the HDUs of a file one after the other, as far as the caller asks for them.

    Parameters
    ----------
    source : `Source`
        The open file.
    start, index : `int`, optional
        Offset and number of the HDU to begin with.

    Raises
    ------
    FitsError
        Raised if the file is not FITS, or a header is broken.
    """
    while True:
        cards, dataStart = _readHeader(source, start)
        if cards is None:
            break
        hdu = Hdu(source.name, index, cards, dataStart)
        yield hdu
        start = hdu.nextStart
        index += 1
    if index == 0:
        raise FitsError(f"cfitsio error ({source.name}): not a FITS file "
                        "(first keyword is not SIMPLE)")
