# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Image HDUs as cards and bytes; lossy compression, and that of integers, is done by fitsio (cfitsio)."""

__all__ = ["imageHdu", "compressedHdu"]

import os
import tempfile

import fitsio
import numpy as np

from ._cards import formatCards, formatString
from ._error import FitsError
from ._gzipTiles import writeGzipTiles
from ._hdu import scanHdus
from ._quantization import QuantizedCompressionOptions
from ._source import openSource

_BITPIX = {"u1": 8, "i2": 16, "i4": 32, "i8": 64, "f4": -32, "f8": -64}
_OFFSETS = {"u2": (16, 32768), "u4": (32, 2147483648), "u8": (64, 9223372036854775808)}
_FITSIO_NAMES = {"GZIP": "GZIP_1", "GZIP_SHUFFLE": "GZIP_2", "RICE": "RICE_1", "PLIO": "PLIO_1"}
_DEFINITION = ("  FITS (Flexible Image Transport System) format is defined in 'Astronomy",
               "  and Astrophysics', volume 376, page 359; bibcode: 2001A&A...376..359H ")
_SCALING = "Scaling: MEMORY = BZERO + BSCALE * DISK"


def _stored(array):
    """Return the pixels as stored, and the BZERO that this implies."""
    code = array.dtype.newbyteorder("=").str[1:]
    if code in _BITPIX:
        return array, 0
    if code not in _OFFSETS:
        raise FitsError(f"Pixels of type {array.dtype} cannot be written to FITS")
    bitpix, bzero = _OFFSETS[code]
    signed = (array ^ array.dtype.type(bzero)).view(f"i{bitpix // 8}")
    return signed, bzero


def _trailer(array, bzero):
    """Return the scaling cards that follow the metadata of an image that was not scaled."""
    if array.dtype.kind == "f":
        return [f"{key:<8}= {value:>20} / {_SCALING}".ljust(80)[:80]
                for key, value in (("BZERO", "0.000000000000E+00"), ("BSCALE", "1.000000000000E+00"))]
    return formatCards("BZERO", bzero, _SCALING) if bzero else []


def imageHdu(array, cards, isPrimary, trailer=None):
    """Make an uncompressed image HDU.

    Parameters
    ----------
    array : `numpy.ndarray`
        Pixels of shape (height, width).
    cards : `list` [`str`]
        The user's cards.
    isPrimary : `bool`
        Is this the first HDU of the file?
    trailer : `list` [`str`], optional
        Cards after the user's; by default BZERO and BSCALE as v23 writes them.

    Returns
    -------
    header : `list` [`str`]
        All cards.
    data : `numpy.ndarray`
        Big-endian pixels.
    """
    stored, bzero = _stored(array)
    if trailer is None:
        trailer = _trailer(array, bzero)
    head = mandatoryCards(_BITPIX[stored.dtype.newbyteorder("=").str[1:]], stored.shape[::-1], isPrimary)
    return head + list(cards) + trailer, stored.astype(stored.dtype.newbyteorder(">"))


def mandatoryCards(bitpix, axes, isPrimary):
    """Return the cards that start an image HDU."""
    if isPrimary:
        cards = formatCards("SIMPLE", True, "file does conform to FITS standard")
    else:
        cards = formatCards("XTENSION", "IMAGE", "IMAGE extension")
    cards += formatCards("BITPIX", bitpix, "number of bits per data pixel")
    cards += formatCards("NAXIS", len(axes), "number of data axes")
    for i, axis in enumerate(axes):
        cards += formatCards(f"NAXIS{i + 1}", axis, f"length of data axis {i + 1}")
    if not isPrimary:
        cards += formatCards("PCOUNT", 0, "required keyword; must = 0")
        return cards + formatCards("GCOUNT", 1, "required keyword; must = 1")
    cards += formatCards("EXTEND", True, "FITS dataset may contain extensions")
    return cards + formatCards("COMMENT", _DEFINITION[0]) + formatCards("COMMENT", _DEFINITION[1])


def _tiles(tiles, shape):
    """Return tile dimensions in numpy order from (columns, rows, ...) of `ImageCompressionOptions`."""
    nx, ny = int(tiles[0]), int(tiles[1])
    width = shape[1] if nx <= 0 else min(nx, shape[1])
    height = shape[0] if ny < 0 else (1 if ny == 0 else min(ny, shape[0]))
    return (height, width)


def compressedHdu(array, cards, compression, trailer=None):
    """Make a tile-compressed image HDU.

    Parameters
    ----------
    array : `numpy.ndarray`
        Pixels of shape (height, width).
    cards : `list` [`str`]
        The user's cards.
    compression : `ImageCompressionOptions`
        Algorithm (an enum member with a ``name``), tiles and quantizeLevel.
    trailer : `list` [`str`], optional
        Cards after the user's; by default BZERO and BSCALE as v23 writes them.

    Returns
    -------
    header : `list` [`str`]
        All cards.
    data : `bytes`
        Table and heap.

    Raises
    ------
    FitsError
        Raised if the algorithm cannot compress these pixels.
    """
    stored, bzero = _stored(array)
    if trailer is None:
        trailer = _trailer(array, bzero)
    algorithm = compression.algorithm.name
    isFloat = array.dtype.kind == "f"
    if isFloat and algorithm in ("GZIP", "GZIP_SHUFFLE") and not compression.quantizeLevel:
        head, _ = _compressWithFitsio(np.zeros_like(stored), compression)
        # fitsio takes infinities for missing pixels and makes them NaN.
        tileShape = _tiles(compression.tiles, array.shape)
        rows, heap = writeGzipTiles(array, tileShape, algorithm == "GZIP_SHUFFLE")
        head = _withHeap(head, rows, heap)
        data = rows.tobytes() + heap
    else:
        head, data = _compressWithFitsio(stored, compression)
    own = {card[:8].rstrip() for card in trailer} | {"EXTNAME"}
    if not isinstance(compression, QuantizedCompressionOptions):
        own |= {"ZBLANK"}
    if bzero:
        own |= {"BZERO", "BSCALE"}
    return [card for card in head if card[:8].rstrip() not in own] + list(cards) + trailer, data


def _withHeap(head, rows, heap):
    """Return the header of a compressed image with another size of the heap and of its largest tile."""
    new = {"PCOUNT": len(heap), "TFORM1": formatString(f"1PB({rows[:, 0].max()})")}
    for key, value in new.items():
        i = next(i for i, card in enumerate(head) if card.startswith(key.ljust(8)))
        value = value.ljust(20) if isinstance(value, str) else f"{value:>20}"
        head[i] = head[i][:10] + value + head[i][30:]
    return head


def _quantization(compression, dtype):
    """Return fitsio's arguments about quantization."""
    if dtype.kind != "f":
        return {"qlevel": 0}
    arguments = {"qlevel": float(compression.quantizeLevel)}
    if isinstance(compression, QuantizedCompressionOptions):
        arguments["qmethod"] = compression.quantization.dither
        arguments["dither_seed"] = compression.quantization.seed
    return arguments


def _compressWithFitsio(stored, compression):
    """Return the cards that cfitsio makes of a compressed image, and table and heap."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "compressed.fits")
        try:
            with fitsio.FITS(path, "rw") as file:
                file.create_image_hdu(dims=[0], dtype="i2")
                file.write_image(
                    np.ascontiguousarray(stored.astype(stored.dtype.newbyteorder("="), copy=False)),
                    compress=_FITSIO_NAMES[compression.algorithm.name],
                    tile_dims=_tiles(compression.tiles, stored.shape),
                    **_quantization(compression, stored.dtype))
        except (OSError, ValueError) as err:
            raise FitsError(f"Could not compress an image with {compression.algorithm.name}: {err}") from err
        source = openSource(path)
        hdu = [h for h in scanHdus(source) if h.isCompressedImage][-1]
        data = source.read(hdu.dataStart, hdu.dataSize)
        source.close()
    return list(hdu.cards), data
