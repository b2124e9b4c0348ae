# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Tile compression of images: algorithm, tile size, quantization."""

__all__ = ["ImageCompressionOptions", "compressionAlgorithmFromString", "compressionAlgorithmToString",
           "getAllowImageCompression", "imageCompressionDisabled", "setAllowImageCompression"]

import contextlib
import enum

import numpy as np

from lsst.pex.exceptions import InvalidParameterError

_N_AXES = 6
_allowed = True


def setAllowImageCompression(allow):
    """Allow or forbid compression in all that this process writes from now on."""
    global _allowed
    _allowed = bool(allow)


def getAllowImageCompression():
    """Is compression allowed?"""
    return _allowed


@contextlib.contextmanager
def imageCompressionDisabled():
    """Forbid compression in a ``with`` block."""
    old = getAllowImageCompression()
    setAllowImageCompression(False)
    try:
        yield
    finally:
        setAllowImageCompression(old)


class CompressionAlgorithm(enum.IntEnum):
    """The compression algorithms of FITS that the stack supports."""

    NONE = 0
    GZIP = 1
    GZIP_SHUFFLE = 2
    RICE = 3
    PLIO = 4


def compressionAlgorithmFromString(name):
    """Return the algorithm of a name.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if there is no such algorithm.
    """
    try:
        return CompressionAlgorithm[name]
    except KeyError:
        raise InvalidParameterError(f"Unrecognized compression algorithm: {name}") from None


def compressionAlgorithmToString(algorithm):
    """Return the name of an algorithm."""
    return CompressionAlgorithm(algorithm).name


class ImageCompressionOptions:
    """How to compress an image.

    Parameters
    ----------
    algorithm : `ImageCompressionOptions.CompressionAlgorithm`
        Algorithm; an image or mask in its place stands for the default of its type, which is NONE.
    rows : `int` or sequence of `int`, optional
        Rows in a tile of full width (0: the whole image), or the sizes of a tile along x and y (0: all).
        May be given as ``tiles``, too.
    quantizeLevel : `float`, optional
        Quantization that cfitsio applies to floating-point pixels; 0 for none, which needs GZIP or
        GZIP_SHUFFLE.
    """

    CompressionAlgorithm = CompressionAlgorithm
    NONE = CompressionAlgorithm.NONE
    GZIP = CompressionAlgorithm.GZIP
    GZIP_SHUFFLE = CompressionAlgorithm.GZIP_SHUFFLE
    RICE = CompressionAlgorithm.RICE
    PLIO = CompressionAlgorithm.PLIO

    def __init__(self, algorithm, rows=1, quantizeLevel=0.0, *, tiles=None):
        isImage = hasattr(algorithm, "getBBox")
        self._algorithm = self.NONE if isImage else CompressionAlgorithm(algorithm)
        tiles = rows if tiles is None else tiles
        if np.ndim(tiles) == 0:
            tiles = [0, tiles] + [1] * (_N_AXES - 2)
        self._tiles = np.array(tiles, dtype=np.int64)
        self._quantizeLevel = float(np.float32(quantizeLevel))

    @property
    def algorithm(self):
        """The compression algorithm (`ImageCompressionOptions.CompressionAlgorithm`)."""
        return self._algorithm

    @property
    def tiles(self):
        """Size of a tile along x, y, ...; 0 means the size of the image (`numpy.ndarray` of `int`)."""
        return self._tiles

    @property
    def quantizeLevel(self):
        """Quantization that cfitsio applies to floating-point pixels (`float`)."""
        return self._quantizeLevel

    def __repr__(self):
        return (f"ImageCompressionOptions(algorithm={self.algorithm.name!r}, "
                f"tiles={self.tiles.tolist()!r}, quantizeLevel={self.quantizeLevel:f})")
