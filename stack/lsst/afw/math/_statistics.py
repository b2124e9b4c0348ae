# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Statistics of the pixels of an image or of the elements of an array, without weights."""

import enum
import math

import numpy as np
from lsst.pex.exceptions import InvalidParameterError


class Property(enum.IntFlag):
    """What `makeStatistics` computes; members combine with ``|``."""

    NOTHING = 0x0
    ERRORS = 0x1
    NPOINT = 0x2
    MEAN = 0x4
    STDEV = 0x8
    VARIANCE = 0x10
    MEDIAN = 0x20
    IQRANGE = 0x40
    MEANCLIP = 0x80
    STDEVCLIP = 0x100
    VARIANCECLIP = 0x200
    MIN = 0x400
    MAX = 0x800
    SUM = 0x1000
    MEANSQUARE = 0x2000
    ORMASK = 0x4000
    NCLIPPED = 0x8000
    NMASKED = 0x10000


globals().update(Property.__members__)

__all__ = ["Property", "Statistics", "StatisticsControl", "makeStatistics", "stringToStatisticsProperty",
           *Property.__members__]

_CLIPPED = Property.MEANCLIP | Property.STDEVCLIP | Property.VARIANCECLIP
_IQ_TO_STDEV = 0.741301109252802


def stringToStatisticsProperty(property):
    """Return the `Property` of a name; `Property.NOTHING` for an unknown one."""
    return Property.__members__.get(property, Property.NOTHING)


class StatisticsControl:
    """How statistics are computed.

    Parameters
    ----------
    numSigmaClip : `float`
        Distance from the centre, in standard deviations, at which values are clipped.
    numIter : `int`
        Number of clippings.
    andMask : `int`
        Bits of the mask that exclude a pixel.
    isNanSafe : `bool`
        Leave out values that are not finite?
    """

    class WeightsBoolean(enum.IntEnum):
        """Are weights used?"""

        WEIGHTS_FALSE = 0
        WEIGHTS_TRUE = 1
        WEIGHTS_NONE = 2

    WEIGHTS_FALSE, WEIGHTS_TRUE, WEIGHTS_NONE = WeightsBoolean

    def __init__(self, numSigmaClip=3.0, numIter=3, andMask=0x0, isNanSafe=True, useWeights=WEIGHTS_NONE):
        self.setNumSigmaClip(numSigmaClip)
        self.setNumIter(numIter)
        self.setAndMask(andMask)
        self.setNanSafe(isNanSafe)
        self.setWeighted(useWeights == self.WEIGHTS_TRUE)

    def getNumSigmaClip(self):
        """Return the distance at which values are clipped, standard deviations."""
        return self._numSigmaClip

    def setNumSigmaClip(self, numSigmaClip):
        """Set the distance at which values are clipped, standard deviations; positive."""
        if not numSigmaClip > 0:
            raise InvalidParameterError("numSigmaClip has to be positive.")
        self._numSigmaClip = numSigmaClip

    def getNumIter(self):
        """Return the number of clippings."""
        return self._numIter

    def setNumIter(self, numIter):
        """Set the number of clippings; positive."""
        if not numIter > 0:
            raise InvalidParameterError("numIter has to be positive.")
        self._numIter = numIter

    def getAndMask(self):
        """Return the bits of the mask that exclude a pixel."""
        return self._andMask

    def setAndMask(self, andMask):
        """Set the bits of the mask that exclude a pixel."""
        self._andMask = andMask

    def getNanSafe(self):
        """Tell whether values that are not finite are left out."""
        return self._isNanSafe

    def setNanSafe(self, isNanSafe):
        """Set whether values that are not finite are left out."""
        self._isNanSafe = isNanSafe

    def getWeighted(self):
        """Tell whether weights are used: they are not."""
        return False

    def setWeighted(self, useWeights):
        """Set whether weights are used; only `False` is implemented."""
        if useWeights:
            raise NotImplementedError("weighted statistics")


class Statistics:
    """The statistics of some values; made by `makeStatistics`.

    Parameters
    ----------
    values : `numpy.ndarray`
        Values.
    mask : `numpy.ndarray` or `None`
        Mask bits of the values.
    flags : `int`
        What to compute.
    control : `StatisticsControl`
        How to compute it.
    """

    def __init__(self, values, mask, flags, control):
        if values.size == 0:
            raise InvalidParameterError("Image contains no pixels")
        if mask is not None and mask.shape != values.shape:
            raise InvalidParameterError(f"Image sizes don't match: {values.shape} vs {mask.shape}")
        self._flags = int(flags)
        used = np.isfinite(values) if control.getNanSafe() else np.ones(values.shape, dtype=bool)
        if mask is not None:
            used &= (mask & control.getAndMask()) == 0
        good = values[used]
        self._n, self._mean, self._variance = _moments(good)
        self._sum = self._n*self._mean if self._n else 0.0
        self._min, self._max = _range(good, self._mean)
        self._nMasked = values.size - self._n
        self._orMask = int(np.bitwise_or.reduce(mask[used])) if mask is not None and self._n else 0
        if self._flags & (Property.MEDIAN | Property.IQRANGE | _CLIPPED):
            onlyMedian = not self._flags & (Property.IQRANGE | _CLIPPED)
            self._median, self._iqRange = _medianAndRange(np.sort(good), onlyMedian)
        if self._flags & _CLIPPED:
            self._clip(good, control)

    def _clip(self, values, control):
        centre, width = self._median, control.getNumSigmaClip()*_IQ_TO_STDEV*self._iqRange
        for _ in range(control.getNumIter()):
            kept = values[np.abs(values - centre) <= width]
            nKept, self._meanClip, self._varianceClip = _moments(kept)
            self._nKept = np.float64(nKept)
            centre = self._meanClip
            if self._n > 1:
                width = control.getNumSigmaClip()*np.sqrt(self._varianceClip)
        self._nClipped = self._n - self._nKept

    def getResult(self, prop=Property.NOTHING):
        """Return a statistic and its error (NaN unless `Property.ERRORS` was asked for).

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            If it was not asked for, or several were and none is named.
        """
        prop = (int(prop) or self._flags) & ~Property.ERRORS
        if not prop & self._flags:
            raise InvalidParameterError(f"You didn't ask me to calculate {int(prop)}")
        with np.errstate(invalid="ignore", divide="ignore"):
            value, error = self._result(prop)
        return float(value), float(error) if self._flags & Property.ERRORS else math.nan

    def _result(self, prop):
        n = np.float64(self._n)
        if prop == Property.MEAN:
            return self._mean, np.sqrt(self._variance/n)
        if prop == Property.MEANCLIP:
            return self._meanClip, np.sqrt(self._varianceClip/self._nKept)
        if prop == Property.VARIANCE:
            return self._variance, np.sqrt(_varianceError(self._variance, n))
        if prop == Property.STDEV:
            stdev = np.sqrt(self._variance)
            return stdev, 0.5*np.sqrt(_varianceError(self._variance, n))/stdev
        if prop == Property.VARIANCECLIP:
            return self._varianceClip, math.nan
        if prop == Property.STDEVCLIP:
            stdev = np.sqrt(self._varianceClip)
            return stdev, 0.5*np.sqrt(_varianceError(self._varianceClip, self._nKept))/stdev
        if prop == Property.MEANSQUARE:
            value = (n - 1)/n*self._variance + self._mean**2
            return value, np.sqrt(2.0*(value/n)**2)
        if prop == Property.MEDIAN:
            return self._median, np.sqrt(math.pi/2*self._variance/n)
        return self._plainResult(prop)

    def _plainResult(self, prop):
        plain = {Property.NPOINT: ("_n", 0.0), Property.NMASKED: ("_nMasked", 0.0),
                 Property.NCLIPPED: ("_nClipped", 0.0), Property.SUM: ("_sum", 0.0),
                 Property.MIN: ("_min", 0.0), Property.MAX: ("_max", 0.0),
                 Property.IQRANGE: ("_iqRange", math.nan), Property.ORMASK: ("_orMask", math.nan)}
        if prop not in plain:
            raise InvalidParameterError(f"getValue() may only be called without a parameter if you asked for "
                                        f"only one statistic; saw {int(prop):#x}")
        name, error = plain[prop]
        return getattr(self, name, 0), error

    def getValue(self, prop=Property.NOTHING):
        """Return a statistic; see `getResult`."""
        return self.getResult(prop)[0]

    def getError(self, prop=Property.NOTHING):
        """Return the error of a statistic; see `getResult`."""
        return self.getResult(prop)[1]

    def getOrMask(self):
        """Return the union of the mask bits of the values that were used."""
        return self._orMask


class _MaskStatistics(Statistics):
    """The number of pixels and the union of the bits of a mask."""

    def __init__(self, values, flags):
        if int(flags) & ~(Property.NPOINT | Property.SUM):
            raise InvalidParameterError("Statistics<Mask> only supports NPOINT and SUM")
        if values.size == 0:
            raise InvalidParameterError("Image contains no pixels")
        self._flags = int(flags)
        self._n = values.size
        self._sum = int(np.bitwise_or.reduce(values, axis=None))


def makeStatistics(image, *args, flags=None, sctrl=None, msk=None):
    """Compute statistics.

    Parameters
    ----------
    image : `lsst.afw.image.Image`, `lsst.afw.image.MaskedImage` or sequence of `float`
        Values; or an `lsst.afw.image.Mask`, whose "sum" is the union of its bits.
    msk : `lsst.afw.image.Mask`, optional
        Mask of the values.
    flags : `Property`
        What to compute.
    sctrl : `StatisticsControl`, optional
        How to compute it.

    Returns
    -------
    statistics : `Statistics`
        Results.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        If there are no values, or the mask is of another size, or a mask has no such statistic.
    """
    args = list(args)
    if args and hasattr(args[0], "getMaskPlaneDict"):
        msk = args.pop(0)
    if args and not isinstance(args[0], int):
        raise NotImplementedError("weighted statistics")
    flags = args.pop(0) if args else flags
    control = args.pop(0) if args else sctrl
    if hasattr(image, "mask"):
        image, msk = image.image, image.mask
    values = image.array if hasattr(image, "array") else np.asarray(image)
    if hasattr(image, "getMaskPlaneDict"):
        return _MaskStatistics(values, flags)
    return Statistics(values, None if msk is None else msk.array, flags, control or StatisticsControl())


def _moments(values):
    """Return the number, the mean and the unbiased variance."""
    n = len(values)
    if n == 0:
        return 0, math.nan, math.nan
    mean = float(values.mean(dtype=np.float64))
    variance = float(np.square(values - mean, dtype=np.float64).sum()/(n - 1)) if n > 1 else math.nan
    return n, mean, variance


def _range(values, mean):
    """Return the extremes; values that are not finite only count through the mean, as in the stack."""
    if len(values) == 0:
        return math.nan, math.nan
    if math.isfinite(mean):
        return float(values.min()), float(values.max())
    finite = np.append(values[np.isfinite(values)].astype(np.float64), mean)
    return float(finite.min()), float(finite.max())


def _varianceError(variance, n):
    """Return the variance of a variance of n Gaussian values, as the stack estimates it."""
    return 2.0*(n - 1)*variance*variance/(n*n)


def _medianAndRange(values, onlyMedian):
    """Return the median and the distance of the quartiles of sorted values."""
    n = len(values)
    if n < 2:
        return (float(values[0]), 0.0) if n else (math.nan, math.nan)
    if values.dtype.kind == "f":
        low, median, high = np.quantile(values.astype(np.float64), [0.25, 0.5, 0.75])
        return float(median), float(high - low)
    start = [int(fraction*(n - 1)) for fraction in (0.25, 0.5, 0.75)]
    if onlyMedian:
        return _integerQuantile(values, values[start[1]], 0.5*n), math.nan
    low = _integerQuantile(values[:start[1]], values[start[0]], 0.25*n)
    median = _integerQuantile(values[start[0]:start[2]], values[start[1]], 0.5*n - start[0])
    high = _integerQuantile(values[start[1]:], values[start[2]], 0.75*n - start[1])
    return median, high - low


def _integerQuantile(values, naive, target):
    """Interpolate a quantile among equal integers, each spread over an interval of one."""
    left = np.searchsorted(values, naive, side="left")
    middle = np.searchsorted(values, naive, side="right") - left
    return float(naive) - 0.5 + (target - left)/middle
