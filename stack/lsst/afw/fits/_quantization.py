# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Lossy compression as stacks after v23 write it: cfitsio quantizes and dithers, one quantum an image."""

__all__ = ["DITHERS", "QUANTUM_RULES", "Quantization", "QuantizedCompressionOptions"]

import copy
import dataclasses

import numpy as np

from ._imageCompressionOptions import ImageCompressionOptions

DITHERS = ("NO_DITHER", "SUBTRACTIVE_DITHER_1", "SUBTRACTIVE_DITHER_2")
_N_LEVELS = 2**32 - 1 - 10 - 2
"""32-bit integers without those that cfitsio reserves, and one at either end for rounding."""


@dataclasses.dataclass(frozen=True)
class Quantization:
    """How floating-point pixels become integers.

    Parameters
    ----------
    dither : `str`
        One of `DITHERS`; SUBTRACTIVE_DITHER_2 keeps zeros.
    scaling : `str`
        One of `QUANTUM_RULES`.
    maskPlanes : `tuple` [`str`]
        Planes whose pixels STDEV_MASKED and RANGE ignore.
    level : `float`
        Quanta in a standard deviation (STDEV_MASKED, STDEV_CFITSIO), or the quantum itself (MANUAL).
    seed : `int`
        ZDITHER0, from 1 to 10000; 0 for the clock's.
    """

    dither: str = "NO_DITHER"
    scaling: str = "STDEV_MASKED"
    maskPlanes: tuple = ("NO_DATA",)
    level: float = 0.0
    seed: int = 0

    def cfitsioLevel(self, array, ignored):
        """Return what cfitsio takes for a level: the negative of a quantum, quanta in the noise, or 0.

        Parameters
        ----------
        array, ignored : `numpy.ndarray`, (height, width)
            Pixels, and which of them the image's statistics leave out.
        """
        values = array[~ignored & np.isfinite(array)].astype(np.float64)
        return QUANTUM_RULES[self.scaling](self.level, values) if values.size else 0.0


def _fromRange(level, values):
    return -(values.max() - values.min()) / _N_LEVELS


def _fromStdev(level, values):
    n = values.size
    first, third = n // 4, n // 2 + n // 4
    ranked = np.partition(values, [first, third])
    return -0.741 * (ranked[third] - ranked[first]) / level if level else 0.0


QUANTUM_RULES = {
    "RANGE": _fromRange,
    "STDEV_MASKED": _fromStdev,
    "STDEV_CFITSIO": lambda level, values: level,
    "MANUAL": lambda level, values: -level,
}
"""Functions of (level, pixels) for the level that cfitsio takes, by the names that recipes have for them."""


class QuantizedCompressionOptions(ImageCompressionOptions):
    """Compression of floating-point pixels with a quantum that depends on the image.

    Parameters
    ----------
    algorithm, tiles
        As in `ImageCompressionOptions`.
    quantization : `Quantization`
        How to quantize.
    """

    def __init__(self, algorithm, tiles, quantization):
        super().__init__(algorithm, tiles=tiles)
        self.quantization = quantization

    def forImage(self, array, mask=None):
        """Return the options for one image; those of lossless compression if nothing can be quantized.

        Parameters
        ----------
        array : `numpy.ndarray`, (height, width)
            Pixels.
        mask : `lsst.afw.image.Mask`, optional
            Their mask.
        """
        ignored = np.zeros(array.shape, bool)
        if mask is not None:
            ignored = (mask.array & mask.getPlaneBitMask(list(self.quantization.maskPlanes))) != 0
        level = self.quantization.cfitsioLevel(array, ignored) if array.dtype.kind == "f" else 0.0
        if level == 0 or not np.isfinite(level):
            # A constant image, or none: cfitsio would fail
            return ImageCompressionOptions(self.GZIP_SHUFFLE)
        result = copy.copy(self)
        result._quantizeLevel = float(level)
        return result
