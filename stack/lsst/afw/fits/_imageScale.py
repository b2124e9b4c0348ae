# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Conversion of floating-point pixels to the integers of a file, with BSCALE, BZERO and BLANK.

The dithering ("fuzz") follows the SUBTRACTIVE_DITHER_1 convention of tile-compressed FITS images, so that
readers can take it off again: Pence, White & Seaman 2010 (PASP 122, 1065), FITS standard 4.0, section 10.2.
"""

__all__ = ["ImageScale", "N_RANDOM", "N_RESERVED_VALUES"]

import functools
import math

import numpy as np

from lsst.pex.exceptions import InvalidParameterError

N_RANDOM = 10000
"""Number of random values in the dithering sequence of the FITS standard."""

N_RESERVED_VALUES = 10
"""Number of the lowest 32-bit integers that cfitsio keeps for special pixels."""

_BITPIX = {"u1": 8, "i2": 16, "u2": 16, "i4": 32, "u4": 32, "i8": 64, "u8": 64, "f4": -32, "f8": -64}
_STORED = {8: "u1", 16: "i2", 32: "i4", 64: "i8", -32: "f4", -64: "f8"}


def bitpixOf(dtype):
    """Return the BITPIX that pixels of a type have by default."""
    return _BITPIX[np.dtype(dtype).newbyteorder("=").str[1:]]


@functools.lru_cache(maxsize=1)
def randomSequence():
    """Return the random values that the FITS standard prescribes for dithering.

    Returns
    -------
    values : `numpy.ndarray`, (`N_RANDOM`,) of `numpy.float32`
        Park & Miller's minimal standard generator, seed 1, divided by its modulus 2**31 - 1.
    """
    modulus, multiplier = 2**31 - 1, 16807
    seeds = np.empty(N_RANDOM, dtype=np.int64)
    seed = 1
    for i in range(N_RANDOM):
        seed = seed * multiplier % modulus
        seeds[i] = seed
    return (seeds / modulus).astype(np.float32)


def _tileDither(size, start):
    """Return the dither values of one tile whose sequence starts at entry ``start``."""
    randoms = randomSequence()
    pieces = []
    while size > 0:
        first = int(randoms[start] * 500)
        piece = randoms[first:first + size]
        pieces.append(piece)
        size -= len(piece)
        start = (start + 1) % N_RANDOM
    return np.concatenate(pieces) if pieces else randoms[:0]


def ditherImage(shape, tiles, seed):
    """Return the dither value of each pixel.

    Parameters
    ----------
    shape : `tuple` [`int`]
        (height, width) of the image.
    tiles : sequence of `int`
        Size of the tiles along x and y; x: 0 means the width, y: 0 means one row.
    seed : `int`
        ZDITHER0, from 1 to `N_RANDOM`.

    Returns
    -------
    dither : `numpy.ndarray` of `numpy.float32`
        Values in [0, 1) that cfitsio subtracts when it reads pixels of these tiles.
    """
    height, width = shape
    tileWidth = int(tiles[0]) if tiles[0] > 0 else width
    tileHeight = height if tiles[1] < 0 else max(int(tiles[1]), 1)
    dither = np.empty(shape, dtype=np.float32)
    index = 0
    for y in range(0, height, max(tileHeight, 1)):
        for x in range(0, width, max(tileWidth, 1)):
            tile = dither[y:y + tileHeight, x:x + tileWidth]
            tile[...] = _tileDither(tile.size, (index + seed - 1) % N_RANDOM).reshape(tile.shape)
            index += 1
    return dither


class ImageScale:
    """A linear scale between pixels in memory and in a file: memory = bzero + bscale * disk.

    Parameters
    ----------
    bitpix : `int`
        Type in the file: 8, 16, 32, 64, -32, -64.
    bscale : `float`
        Scale.
    bzero : `float`
        Zero point; it is rounded to a multiple of ``bscale``, so that the scale survives repeated
        compression.
    """

    def __init__(self, bitpix, bscale, bzero):
        self._bitpix = bitpix
        self._bscale = bscale
        with np.errstate(all="ignore"):
            self._bzero = float(np.floor(np.float64(bzero) / np.float64(bscale) + 0.5) * bscale)
        self._blank = 0 if bitpix <= 0 else 255 if bitpix == 8 else 2**(bitpix - 1) - 1

    @property
    def bitpix(self):
        """Type in the file (`int`)."""
        return self._bitpix

    @property
    def bscale(self):
        """Scale (`float`)."""
        return self._bscale

    @property
    def bzero(self):
        """Zero point (`float`)."""
        return self._bzero

    @property
    def blank(self):
        """Integer that stands for pixels without a value (`int`)."""
        return self._blank

    def toFits(self, image, forceNonfiniteRemoval=False, fuzz=True, tiles=(), seed=1):
        """Convert pixels to the values of the file.

        Parameters
        ----------
        image : `numpy.ndarray`
            Pixels of shape (height, width).
        forceNonfiniteRemoval : `bool`, optional
            Replace non-finite pixels by the largest number even where nothing is scaled?
        fuzz : `bool`, optional
            Dither before quantizing?
        tiles : sequence of `int`, optional
            Size of the compression tiles along x and y, needed for the dithering.
        seed : `int`, optional
            Where the dithering sequence starts, 1 to `N_RANDOM`.

        Returns
        -------
        stored : `numpy.ndarray`
            Values of the type that ``bitpix`` names.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised for a conversion between floating-point types, for a scaling of floating-point values in
            the file, or for dithering without tiles.
        """
        image = np.asarray(image)
        isFloat = image.dtype.kind == "f"
        if isFloat and self.bitpix < 0:
            self._checkUnscaled(image.dtype)
        unscaled = self.bscale == 1.0 and self.bzero == 0.0 and not fuzz
        if self.bitpix < 0 or (self.bitpix == 0 and isFloat) or unscaled:
            if not forceNonfiniteRemoval:
                return self._asStored(image)
            if isFloat:
                return self._asStored(np.where(np.isfinite(image), image, np.finfo(image.dtype).max))
        return self._quantize(image, fuzz and isFloat and self.bitpix > 0, tiles, seed)

    def _checkUnscaled(self, dtype):
        if self.bitpix != bitpixOf(dtype):
            raise InvalidParameterError(
                "Floating-point images may not be converted to different floating-point types")
        if self.bscale != 1.0 or self.bzero != 0.0:
            raise InvalidParameterError("Scaling may not be applied to floating-point images")

    def _asStored(self, values):
        if self.bitpix == 0:
            return values
        if self.bitpix not in _STORED:
            raise InvalidParameterError(f"Unrecognized bitpix: {self.bitpix}")
        with np.errstate(invalid="ignore"):
            return values.astype(_STORED[self.bitpix], copy=False)

    def _quantize(self, image, dither, tiles, seed):
        low = 0.0 if self.bitpix == 8 else -math.pow(2.0, self.bitpix - 1)
        high = 255.0 if self.bitpix == 8 else math.pow(2.0, self.bitpix - 1) - 1
        if image.dtype.kind == "f" and self.bitpix == 32:
            low += N_RESERVED_VALUES
        if dither and len(tiles) == 0:
            raise InvalidParameterError("Tile sizes must be provided if fuzzing is desired")
        with np.errstate(invalid="ignore", over="ignore"):
            # In double precision, whatever NumPy's rules of promotion: BLANK is no single-precision number.
            values = (image.astype(np.float64) - self.bzero) * (1.0 / self.bscale)
            bad = ~np.isfinite(values)
            if dither:
                values += ditherImage(image.shape, tiles, seed)
            bad |= (values < low) | (values > high)
            np.floor(values, out=values)
        values[bad] = self.blank
        return self._asStored(values)

    def fromFits(self, image):
        """Convert values of the file to memory (`numpy.ndarray` of the same type)."""
        image = np.asarray(image)
        return (self.bscale * image + self.bzero).astype(image.dtype)
