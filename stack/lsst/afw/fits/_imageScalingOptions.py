# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""How the scale of a quantized image is chosen from its pixels."""

__all__ = ["ImageScalingOptions", "scalingAlgorithmFromString", "scalingAlgorithmToString"]

import enum
import math

import numpy as np

from lsst.pex.exceptions import InvalidParameterError

from ._imageScale import N_RANDOM, N_RESERVED_VALUES, ImageScale, bitpixOf


class ScalingAlgorithm(enum.IntEnum):
    """Ways to choose BSCALE and BZERO."""

    NONE = 0
    """Write the pixels as they are."""

    RANGE = 1
    """Cover the range of the pixels."""

    STDEV_POSITIVE = 2
    """Sample the standard deviation; spend the range on positive values."""

    STDEV_NEGATIVE = 3
    """Sample the standard deviation; spend the range on negative values."""

    STDEV_BOTH = 4
    """Sample the standard deviation; share the range among both signs."""

    MANUAL = 5
    """Take the given BSCALE and BZERO."""


def scalingAlgorithmFromString(name):
    """Return the algorithm of a name.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        Raised if there is no such algorithm.
    """
    try:
        return ScalingAlgorithm[name]
    except KeyError:
        raise InvalidParameterError(f"Unrecognized scaling algorithm: {name}") from None


def scalingAlgorithmToString(algorithm):
    """Return the name of an algorithm."""
    return ScalingAlgorithm(algorithm).name


def _medianStdev(values):
    """Return median and standard deviation (from the quartiles) of some pixels, in their own type."""
    dtype = values.dtype.type
    n = values.size
    q1, q2, q3 = n // 4, n // 2, n // 4 + n // 2
    ranked = np.partition(values, [q1, max(q2 - 1, 0), q2, q3])
    median = ranked[q2] if n % 2 else dtype(0.5 * float(ranked[q2] + ranked[q2 - 1]))
    return median, dtype(0.741 * float(ranked[q3] - ranked[q1]))


def _minMax(values):
    finite = values[np.isfinite(values)]
    info = np.finfo(values.dtype)
    # C++'s numeric_limits::min of a floating-point type is its smallest positive number.
    low = finite.min() if finite.size else info.max
    high = max(finite.max(), info.tiny) if finite.size else info.tiny
    return low, high


class ImageScalingOptions:
    """How to choose the scale of an image.

    Parameters
    ----------
    algorithm : `ImageScalingOptions.ScalingAlgorithm`, optional
        Algorithm.
    bitpix : `int`, optional
        Type in the file: 8, 16, 32, 64, -32, -64; 0 for that of the pixels.
    maskPlanes : `list` [`str`], optional
        Planes whose pixels statistics ignore.
    seed : `int`, optional
        Seed of the dithering; any integer is mapped to 1 ... 9999.
    quantizeLevel : `float`, optional
        Standard deviation in quanta, for STDEV_*.
    quantizePad : `float`, optional
        Standard deviations to keep on the short side, for STDEV_POSITIVE and STDEV_NEGATIVE.
    fuzz : `bool`, optional
        Dither?
    bscale, bzero : `float`, optional
        The scale, for MANUAL.
    """

    ScalingAlgorithm = ScalingAlgorithm
    NONE = ScalingAlgorithm.NONE
    RANGE = ScalingAlgorithm.RANGE
    STDEV_POSITIVE = ScalingAlgorithm.STDEV_POSITIVE
    STDEV_NEGATIVE = ScalingAlgorithm.STDEV_NEGATIVE
    STDEV_BOTH = ScalingAlgorithm.STDEV_BOTH
    MANUAL = ScalingAlgorithm.MANUAL

    def __init__(self, algorithm=None, bitpix=0, maskPlanes=(), seed=1, quantizeLevel=4.0, quantizePad=5.0,
                 fuzz=True, bscale=1.0, bzero=0.0):
        if algorithm is None:
            algorithm, fuzz, bscale, bzero = self.NONE, False, math.nan, math.nan
        self.algorithm = ScalingAlgorithm(algorithm)
        self.bitpix = int(bitpix)
        self.maskPlanes = list(maskPlanes)
        # cfitsio would take 0 as a request for a seed of its own.
        self.seed = abs(int(seed) - 1) % (N_RANDOM - 1) + 1
        self.quantizeLevel = float(np.float32(quantizeLevel))
        self.quantizePad = float(np.float32(quantizePad))
        self.fuzz = bool(fuzz)
        self.bscale = float(bscale)
        self.bzero = float(bzero)

    def determine(self, image, mask=None):
        """Choose the scale for an image.

        Parameters
        ----------
        image : `lsst.afw.image.Image` or `numpy.ndarray`
            Image.
        mask : `lsst.afw.image.Mask`, or `numpy.ndarray` of `bool`, optional
            Its mask, or the pixels to ignore.

        Returns
        -------
        scale : `ImageScale`
            The scale.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if integer pixels are to be scaled.
        """
        array = image.getArray() if hasattr(image, "getArray") else np.asarray(image)
        if array.dtype.kind != "f" and self.algorithm != self.NONE:
            raise InvalidParameterError("Image scaling not supported for integral types")
        if self.algorithm == self.NONE:
            offset = 2**(8*array.itemsize - 1) if array.dtype.kind == "u" and array.itemsize < 8 else 0
            return ImageScale(bitpixOf(array.dtype), 1.0, float(offset))
        if self.algorithm == self.MANUAL:
            return ImageScale(self.bitpix, self.bscale, self.bzero)
        values = array[~self._ignored(array, mask)]
        # 32-bit integers from floating-point pixels leave room for the values that cfitsio reserves.
        padding = N_RESERVED_VALUES if self.bitpix == 32 else 0
        bitpix = self.bitpix or bitpixOf(array.dtype)
        valueRange = math.pow(2.0, bitpix) - 1 - padding
        if values.size == 0:
            return ImageScale(self.bitpix, 1.0, 0.0)
        with np.errstate(all="ignore"):
            median, stdev = _medianStdev(values)
            if self.algorithm == self.RANGE:
                return self._fromRange(values, valueRange, padding)
            if not stdev > 0:
                # v23 divides by a standard deviation of 0 and loses every pixel; the range is a safe scale,
                # short of what rounding BSCALE to a float can add to it.
                if values.min() == values.max():
                    return self._fromConstant(median)
                return self._fromRange(values, valueRange * (1 - 1e-6), padding)
            return self._fromStdev(values, median, stdev, valueRange, padding)

    def _ignored(self, array, mask):
        if mask is None:
            return ~np.isfinite(array)
        if not hasattr(mask, "getArray"):
            return np.asarray(mask, dtype=bool)
        bits = mask.getPlaneBitMask(self.maskPlanes)
        return (mask.getArray() & bits).astype(bool) | ~np.isfinite(array)

    def _fromRange(self, values, valueRange, padding):
        dtype = values.dtype.type
        low, high = _minMax(values)
        if low == high:
            return ImageScale(self.bitpix, 1.0, float(low))
        # Two quanta are kept for rounding and dithering, one at either end.
        valueRange -= 2
        bscale = max(float(dtype(float(dtype(high - low)) / valueRange)), float(np.finfo(dtype).tiny))
        bzero = float(low) if self.bitpix == 8 else float(dtype(float(low) + 0.5 * valueRange * bscale))
        return ImageScale(self.bitpix, bscale, bzero - bscale * padding - bscale)

    def _fromConstant(self, value):
        """Return a scale at which an image of a single value loses nothing to dithering."""
        quantum = max(np.spacing(np.abs(value)), np.finfo(value.dtype).tiny)
        return ImageScale(self.bitpix, float(quantum), float(value))

    def _fromStdev(self, values, median, stdev, valueRange, padding):
        dtype = values.dtype.type
        bscale = float(dtype(float(stdev) / self.quantizeLevel))
        low, high = _minMax(values)
        lowest = 0 if self.bitpix == 8 else -2**(self.bitpix - 1)
        highest = 255 if self.bitpix == 8 else 2**(self.bitpix - 1) - 1
        inMemory, onDisk = float(median), padding // 2
        if not np.float64(dtype(high - low)) / bscale < valueRange:
            if self.algorithm == self.STDEV_POSITIVE:
                inMemory = float(median) - self.quantizePad * float(stdev)
                onDisk = lowest - padding
            elif self.algorithm == self.STDEV_NEGATIVE:
                inMemory = float(median) + self.quantizePad * float(stdev)
                onDisk = highest
        return ImageScale(self.bitpix, bscale, float(dtype(inMemory - bscale * onDisk)))

    def __repr__(self):
        return (f"ImageScalingOptions(algorithm={self.algorithm.name!r}, bitpix={self.bitpix}, "
                f"maskPlanes={self.maskPlanes}, seed={self.seed} quantizeLevel={self.quantizeLevel}, "
                f"quantizePad={self.quantizePad}, fuzz={self.fuzz}, bscale={self.bscale}, "
                f"bzero={self.bzero})")
