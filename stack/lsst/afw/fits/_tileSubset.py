# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The tiles of a compressed image that hold a box, as a file of their own.

cfitsio reads a small file in less time than it takes to find its way in a large one.
"""

__all__ = ["tileSubset"]

import io
import re

import numpy as np

from ._cards import BLOCK, formatCards
from ._hdu import Hdu
from ._readTable import readDescriptors, readRows, tableLayout
from ._source import Source

_NEEDED = re.compile("XTENSION|BITPIX|NAXIS|PCOUNT|GCOUNT|TFIELDS|TTYPE|TFORM|TSCAL|TZERO|TNULL|Z"
                     "|BSCALE|BZERO|BLANK")
_PRIMARY = formatCards("SIMPLE", True) + formatCards("BITPIX", 8) + formatCards("NAXIS", 0)
_N_DITHERS = 10000


def tileSubset(source, hdu, shape, tileShape, box):
    """Copy the tiles that hold a box into a file in memory.

    Parameters
    ----------
    source : `Source`
        The open file.
    hdu : `Hdu`
        The HDU, whose tile shape was checked.
    shape, tileShape : `tuple` [`int`]
        (height, width) of the image and of a tile.
    box : `tuple` [`int`]
        (x0, y0, x1, y1).

    Returns
    -------
    source : `Source`
        The new file, of which the HDU 1 is the image.
    hdu : `Hdu`
        That HDU; its name for messages is the old one's.
    box : `tuple` [`int`]
        Where the box is in it.

    Raises
    ------
    FitsError
        Raised if a tile is not inside the heap.
    """
    (height, width), (tileHeight, tileWidth) = shape, tileShape
    x0, y0, x1, y1 = box
    top, bottom = y0 // tileHeight * tileHeight, min(-(-y1 // tileHeight) * tileHeight, height)
    perRow = -(-width // tileWidth)
    first, last = top // tileHeight * perRow, -(-bottom // tileHeight) * perRow
    rows, heap = _copyTiles(source, hdu, first, last)
    changed = {"NAXIS2": last - first, "PCOUNT": len(heap), "ZNAXIS2": bottom - top}
    if hdu.get("ZCMPTYPE") == "RICE_1" and tileHeight == 1 and perRow == 1:
        # The pixels of a stream come one after the other, so it may end with the last that is needed.
        changed.update({"ZNAXIS1": x1, "ZTILE1": x1})
    if hdu.get("ZDITHER0") is not None:
        changed["ZDITHER0"] = (hdu.getTyped("ZDITHER0", int, 1) - 1 + first) % _N_DITHERS + 1
    cards = [card for card in hdu.cards if _NEEDED.match(card) and card[:8].rstrip() not in changed]
    # The mandatory cards have an order.
    for key, value in changed.items():
        position = {"NAXIS2": 4, "PCOUNT": 5}.get(key, len(cards))
        cards[position:position] = formatCards(key, value)
    head = _header(_PRIMARY) + _header(cards)
    size = rows.size + len(heap)
    stream = io.BytesIO(b"".join([head, rows.data, heap, bytes(-size % BLOCK)]))
    return (Source(stream, hdu.fileName, None), Hdu(hdu.fileName, 1, cards, len(head)),
            (x0, y0 - top, x1, y1 - top))


def _header(cards):
    text = "".join(cards) + "END"
    return (text + " " * (-len(text) % BLOCK)).encode("latin-1", errors="replace")


def _copyTiles(source, hdu, first, last):
    """Return some rows of the table, and the part of the heap that they point to."""
    layout = tableLayout(hdu)
    rows = readRows(source, hdu, first, last)
    columns = [column for column in layout.columns if column.descriptor]
    places = [readDescriptors(hdu, layout, column, rows) for column in columns]
    begin = min((int(start[size > 0].min(initial=layout.heapSize)) for start, size in places), default=0)
    end = max((int((start + size)[size > 0].max(initial=begin)) for start, size in places), default=0)
    for column, (start, size) in zip(columns, places):
        word = column.dtype.base
        offsets = np.ndarray((len(rows),), word, rows, column.offset + word.itemsize, (layout.rowBytes,))
        offsets[:] = np.where(size > 0, start - begin, 0)
    return rows, source.read(hdu.dataStart + layout.heapStart + begin, end - begin)
