# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Tiles that are compressed with gzip.

cfitsio never comes back from a damaged gzip stream, so these are inflated here; of images that were quantized
too the streams are only checked, and cfitsio does the rest.
"""

__all__ = ["readGzipTiles", "checkGzipTiles", "writeGzipTiles"]

import zlib

import numpy as np

from ._error import FitsError
from ._readTable import readDescriptors, readRows, tableLayout

_DTYPES = {8: ">u1", 16: ">i2", 32: ">i4", 64: ">i8", -32: ">f4", -64: ">f8"}
_GZIP_COLUMNS = ("COMPRESSED_DATA", "GZIP_COMPRESSED_DATA")
_MAX_RATIO = 1100  # more than deflate can do


def _inflate(hdu, data, tile, limit, needed=None):
    """Undo gzip.

    Raises
    ------
    FitsError
        Raised if the stream is damaged or gives more than ``limit`` bytes, or less than ``needed``; what
        comes after these is not looked at.
    """
    isAll = needed is None or needed >= limit
    try:
        stream = zlib.decompressobj(wbits=31)
        result = stream.decompress(data, limit + 1 if isAll else needed)
    except zlib.error as err:
        raise FitsError(f"cfitsio error ({hdu.where}): tile {tile} cannot be uncompressed: {err}") from err
    if len(result) > limit or len(result) < (needed or 0) or isAll and not stream.eof:
        raise FitsError(f"cfitsio error ({hdu.where}): tile {tile} has the wrong size")
    return result


class _Tiles:
    """The compressed tiles in a column of an image HDU, or some consecutive ones.

    Raises
    ------
    FitsError
        Raised if a tile is not inside the heap.
    """

    def __init__(self, source, hdu, name, first=0, last=None):
        layout = tableLayout(hdu)
        column = next(column for column in layout.columns if column.name == name)
        places = readDescriptors(hdu, layout, column, readRows(source, hdu, first, last))
        self._places = np.transpose(places).tolist()
        self._first = first
        self._source = source
        self._heap = hdu.dataStart + layout.heapStart

    def data(self, number):
        """Return the bytes of a tile."""
        start, size = self._places[number - self._first]
        return self._source.read(self._heap + start, size)

    def all(self):
        """Yield number and bytes of the tiles that are not empty."""
        for i, (start, size) in enumerate(self._places):
            if size:
                yield self._first + i, self._source.read(self._heap + start, size)


def _isPlainGzip(hdu):
    """Is this an image whose tiles are its pixels and nothing else?"""
    columns = tableLayout(hdu).columns
    return (hdu.get("ZCMPTYPE") in ("GZIP_1", "GZIP_2") and [c.name for c in columns] == ["COMPRESSED_DATA"]
            and columns[0].descriptor and hdu.get("ZDITHER0") is None and hdu.get("ZBITPIX") in _DTYPES
            and hdu.get("ZQUANTIZ", "NONE") in ("NONE", "NO_DITHER"))


def readGzipTiles(source, hdu, shape, tileShape, box):
    """Read the stored pixels of a box of a losslessly compressed image.

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
    stored : `numpy.ndarray` or `None`
        Big-endian pixels; None if this is not a losslessly gzipped image.

    Raises
    ------
    FitsError
        Raised if a tile is damaged.
    """
    if not _isPlainGzip(hdu):
        return None
    dtype = np.dtype(_DTYPES[hdu.get("ZBITPIX")])
    (height, width), (tileHeight, tileWidth) = shape, tileShape
    x0, y0, x1, y1 = box
    perRow = -(-width // tileWidth)
    firstRow, lastRow = y0 // tileHeight, -(-y1 // tileHeight)
    tiles = _Tiles(source, hdu, "COMPRESSED_DATA", firstRow * perRow, lastRow * perRow)
    result = np.empty((y1 - y0, x1 - x0), dtype)
    for row in range(firstRow, lastRow):
        top, bottom = row * tileHeight, min((row + 1) * tileHeight, height)
        rows = slice(max(top, y0), min(bottom, y1))
        for column in range(x0 // tileWidth, -(-x1 // tileWidth)):
            left, right = column * tileWidth, min((column + 1) * tileWidth, width)
            columns = slice(max(left, x0), min(right, x1))
            number = row * perRow + column
            pixels = _readTile(hdu, tiles.data(number), number, dtype, (bottom - top, right - left),
                               (_shifted(rows, top), _shifted(columns, left)))
            result[_shifted(rows, y0), _shifted(columns, x0)] = pixels
    return result


def _readTile(hdu, data, number, dtype, shape, part):
    """Return a part of the pixels of a tile, and inflate only as much as that needs."""
    isShuffled = hdu.get("ZCMPTYPE") == "GZIP_2"
    nPixels = shape[0] * shape[1]
    nBytes = nPixels * dtype.itemsize
    unused = nPixels - (part[0].stop - 1) * shape[1] - part[1].stop
    # Of shuffled pixels only the last bytes come last.
    needed = nBytes - unused * (1 if isShuffled else dtype.itemsize)
    data = _inflate(hdu, data, number, nBytes, needed).ljust(nBytes, b"\0")
    return (_unshuffled if isShuffled else _asStored)(data, dtype, shape, part)


def _shifted(part, origin):
    return slice(part.start - origin, part.stop - origin)


def _asStored(data, dtype, shape, part):
    """Return a part of the pixels of a tile."""
    return np.frombuffer(data, dtype).reshape(shape)[part]


def _unshuffled(data, dtype, shape, part):
    """Return a part of the pixels of a tile that holds the first bytes of all, then the second, and so on."""
    planes = np.frombuffer(data, "u1").reshape((dtype.itemsize, *shape))
    pixels = np.empty((*planes[0][part].shape, dtype.itemsize), "u1")
    for i, plane in enumerate(planes):
        pixels[..., i] = plane[part]
    return pixels.view(dtype)[..., 0]


def checkGzipTiles(source, hdu):
    """Check all gzip streams of an image that cfitsio shall read.

    Raises
    ------
    FitsError
        Raised if one is damaged.
    """
    isGzip = str(hdu.get("ZCMPTYPE")).startswith("GZIP")
    names = {column.name for column in tableLayout(hdu).columns if column.descriptor}
    for name in _GZIP_COLUMNS:
        if name in names and (isGzip or name != "COMPRESSED_DATA"):
            for number, data in _Tiles(source, hdu, name).all():
                _inflate(hdu, data, number, _MAX_RATIO * len(data))


def writeGzipTiles(array, tileShape, shuffle):
    """Compress the tiles of an image without loss, infinities and NaNs included.

    Parameters
    ----------
    array : `numpy.ndarray`
        Pixels of shape (height, width).
    tileShape : `tuple` [`int`]
        (height, width) of a tile.
    shuffle : `bool`
        Put the first bytes of all pixels first, then the second ones and so on (GZIP_2)?

    Returns
    -------
    rows : `numpy.ndarray`, (n, 2) of ``>i4``
        Length and place in the heap of each tile.
    heap : `bytes`
        The compressed tiles.
    """
    stored = array.astype(array.dtype.newbyteorder(">"), copy=False)
    pieces = []
    for y in range(0, array.shape[0], tileShape[0]):
        for x in range(0, array.shape[1], tileShape[1]):
            tile = np.ascontiguousarray(stored[y:y + tileShape[0], x:x + tileShape[1]]).view("u1")
            if shuffle:
                tile = tile.reshape(-1, array.itemsize).T
            # Level and window are cfitsio's.
            stream = zlib.compressobj(1, zlib.DEFLATED, 31)
            pieces.append(stream.compress(tile.tobytes()) + stream.flush())
    sizes = np.array([len(piece) for piece in pieces])
    return np.stack([sizes, np.cumsum(sizes) - sizes], axis=1).astype(">i4"), b"".join(pieces)
