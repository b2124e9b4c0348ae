# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Tiles that are compressed with gzip.

cfitsio never comes back from a damaged gzip stream, so these are inflated here; of images that were quantized
too the streams are only checked, and cfitsio does the rest.
"""

__all__ = ["readGzipTiles", "checkGzipTiles"]

import zlib

import numpy as np

from ._error import FitsError
from ._readTable import readRows, tableLayout

_DTYPES = {8: ">u1", 16: ">i2", 32: ">i4", 64: ">i8", -32: ">f4", -64: ">f8"}
_GZIP_COLUMNS = ("COMPRESSED_DATA", "GZIP_COMPRESSED_DATA")
_MAX_RATIO = 1100  # more than deflate can do


def _inflate(hdu, data, tile, limit):
    """Undo gzip.

    Raises
    ------
    FitsError
        Raised if the stream is damaged or gives more than ``limit`` bytes.
    """
    try:
        stream = zlib.decompressobj(wbits=31)
        result = stream.decompress(data, limit + 1)
    except zlib.error as err:
        raise FitsError(f"cfitsio error ({hdu.where}): tile {tile} cannot be uncompressed: {err}") from err
    if len(result) > limit or not stream.eof:
        raise FitsError(f"cfitsio error ({hdu.where}): tile {tile} has the wrong size")
    return result


class _Tiles:
    """The compressed tiles of an image HDU, whose descriptors were checked."""

    def __init__(self, source, hdu):
        self.hdu = hdu
        layout = tableLayout(hdu)
        self.columns = {column.name: column for column in layout.columns if column.descriptor}
        self._rows = readRows(source, hdu)
        self._source = source
        self._heap = hdu.dataStart + layout.heapStart

    def descriptors(self, name):
        """Return (length, offset) of all tiles of a column in bytes."""
        column = self.columns[name]
        stored = np.ascontiguousarray(self._rows[:, column.offset:column.offset + column.dtype.itemsize])
        return stored.view(column.dtype.base).reshape(-1, 2).tolist()

    def data(self, length, offset):
        """Return the bytes of a tile."""
        return self._source.read(self._heap + offset, length)


def _isPlainGzip(hdu, tiles):
    """Is this an image whose tiles are its pixels and nothing else?"""
    columns = tableLayout(hdu).columns
    return (hdu.get("ZCMPTYPE") in ("GZIP_1", "GZIP_2") and [c.name for c in columns] == ["COMPRESSED_DATA"]
            and "COMPRESSED_DATA" in tiles.columns and hdu.get("ZDITHER0") is None
            and hdu.get("ZQUANTIZ", "NONE") in ("NONE", "NO_DITHER"))


def readGzipTiles(source, hdu, shape, tileShape, box):
    """Read the stored pixels of a box of a losslessly compressed image.

    Parameters
    ----------
    source : `Source`
        The open file.
    hdu : `Hdu`
        The HDU, whose tile shape and descriptors were checked.
    shape, tileShape : `tuple` [`int`]
        (height, width) of the image and of a tile.
    box : `tuple` [`int`]
        (x0, y0, x1, y1).

    Returns
    -------
    stored : `numpy.ndarray` or `None`
        Big-endian pixels; None if this is not a losslessly gzipped image.
    """
    tiles = _Tiles(source, hdu)
    dtype = np.dtype(_DTYPES.get(hdu.get("ZBITPIX"), "V"))
    if dtype.kind == "V" or not _isPlainGzip(hdu, tiles):
        return None
    shuffled = hdu.get("ZCMPTYPE") == "GZIP_2"
    (height, width), (tileHeight, tileWidth) = shape, tileShape
    x0, y0, x1, y1 = box
    descriptors = tiles.descriptors("COMPRESSED_DATA")
    perRow = -(-width // tileWidth)
    result = np.empty((y1 - y0, x1 - x0), dtype)
    for row in range(y0 // tileHeight, -(-y1 // tileHeight)):
        top, bottom = row * tileHeight, min((row + 1) * tileHeight, height)
        for column in range(x0 // tileWidth, -(-x1 // tileWidth)):
            left, right = column * tileWidth, min((column + 1) * tileWidth, width)
            number = row * perRow + column
            size = (bottom - top) * (right - left) * dtype.itemsize
            data = _inflate(hdu, tiles.data(*descriptors[number]), number, size)
            if len(data) != size:
                raise FitsError(f"cfitsio error ({hdu.where}): tile {number} has the wrong size")
            pixels = np.frombuffer(data, "u1")
            if shuffled:
                pixels = np.ascontiguousarray(pixels.reshape(dtype.itemsize, -1).T)
            pixels = pixels.reshape(-1).view(dtype).reshape(bottom - top, right - left)
            rows = slice(max(top, y0), min(bottom, y1))
            columns = slice(max(left, x0), min(right, x1))
            result[rows.start - y0:rows.stop - y0, columns.start - x0:columns.stop - x0] = \
                pixels[rows.start - top:rows.stop - top, columns.start - left:columns.stop - left]
    return result


def checkGzipTiles(source, hdu):
    """Check all gzip streams of an image that cfitsio shall read.

    Raises
    ------
    FitsError
        Raised if one is damaged.
    """
    isGzip = str(hdu.get("ZCMPTYPE")).startswith("GZIP")
    tiles = _Tiles(source, hdu)
    for name in _GZIP_COLUMNS:
        if name in tiles.columns and (isGzip or name != "COMPRESSED_DATA"):
            for number, (length, offset) in enumerate(tiles.descriptors(name)):
                if length:
                    _inflate(hdu, tiles.data(length, offset), number, _MAX_RATIO * length)
