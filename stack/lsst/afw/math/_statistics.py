# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Statistics of the pixels of an image or of the elements of an array."""

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
        self._useWeights = useWeights
        self._noGoodPixelsMask = _findNoDataMask()
        self._calcErrorFromInputVariance = False
        self._maskPropagationThresholds = {}

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
        """Tell whether weights are used."""
        return self._useWeights == self.WEIGHTS_TRUE

    def getWeightedIsSet(self):
        """Tell whether it has been said if weights are used."""
        return self._useWeights != self.WEIGHTS_NONE

    def setWeighted(self, useWeights):
        """Set whether weights are used: those given, or else inverse variances."""
        self._useWeights = self.WEIGHTS_TRUE if useWeights else self.WEIGHTS_FALSE

    def getCalcErrorFromInputVariance(self):
        """Tell whether errors of means come from the variances, not from the scatter."""
        return self._calcErrorFromInputVariance

    def setCalcErrorFromInputVariance(self, calcErrorFromInputVariance):
        """Set whether errors of means come from the variances, not from the scatter."""
        self._calcErrorFromInputVariance = bool(calcErrorFromInputVariance)

    def getNoGoodPixelsMask(self):
        """Return the mask of a result without any good pixel, for stacks of images."""
        return self._noGoodPixelsMask

    def setNoGoodPixelsMask(self, noGoodPixelsMask):
        """Set the mask of a result without any good pixel, for stacks of images."""
        self._noGoodPixelsMask = noGoodPixelsMask

    def getMaskPropagationThreshold(self, bit):
        """Return the share of excluded weight above which a bit is set in the union of the masks."""
        return self._maskPropagationThresholds.get(bit, 1.0)

    def setMaskPropagationThreshold(self, bit, threshold):
        """Set the share of excluded weight above which a bit is set in the union of the masks."""
        self._maskPropagationThresholds[bit] = threshold


def _findNoDataMask():
    from lsst.afw.image import Mask  # Images stand on this package.

    planes = Mask().getMaskPlaneDict()
    return 1 << planes["NO_DATA"] if "NO_DATA" in planes else 0


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
    variance : `numpy.ndarray`, optional
        Variances of the values.
    weights : `numpy.ndarray`, optional
        Weights of the values. Otherwise, if the control wants weights, inverse variances.

    Notes
    -----
    With weights w the mean is sum(w x)/sum(w). The variance is that of values that all have the same
    variance, whatever the weights; the variance v of the mean is sum(w^2)/sum(w)^2 times it, or
    sum(w^2 v)/sum(w)^2 if it is to be calculated from the variances. Medians and quartiles have no weights.
    """

    def __init__(self, values, mask, flags, control, variance=None, weights=None):
        if values.size == 0:
            raise InvalidParameterError("Image contains no pixels")
        for other in (mask, variance, weights):
            if other is not None and other.shape != values.shape:
                raise InvalidParameterError(f"Image sizes don't match: {values.shape} vs {other.shape}")
        if weights is not None and control.getWeightedIsSet() and not control.getWeighted():
            raise InvalidParameterError("You must use the weights if you provide them")
        self._flags = int(flags)
        self._variances = variance if control.getCalcErrorFromInputVariance() else None
        self._calculatesError = control.getCalcErrorFromInputVariance()
        self._weights = weights
        used = _isFinite(values) if control.getNanSafe() else np.ones(values.shape, dtype=bool)
        if mask is not None:
            used &= (mask & control.getAndMask()) == 0
        allGood = values[used]
        if weights is None and control.getWeighted():
            hasWeight = variance > 0 if variance is not None else np.zeros(values.shape, dtype=bool)
            with np.errstate(divide="ignore"):
                self._weights = None if variance is None else 1/variance.astype(np.float64)
            counts = used & hasWeight
        else:
            counts, hasWeight = used, None
        self._n, self._mean, self._meanVariance, self._variance, self._sum = self._moments(values, counts)
        self._min, self._max = _range(values[counts], self._mean)
        self._nMasked = values.size - self._n
        self._orMask = 0 if mask is None else self._uniteMasks(mask, counts, used, hasWeight, control)
        if self._flags & (Property.MEDIAN | Property.IQRANGE | _CLIPPED):
            onlyMedian = not self._flags & (Property.IQRANGE | _CLIPPED)
            self._median, self._iqRange = _medianAndRange(np.sort(allGood), onlyMedian)
        if self._flags & _CLIPPED:
            self._clip(values, counts, control)

    def _moments(self, values, used):
        """Return the number, the mean and its variance, the variance, and the sum."""
        x = values[used]
        n = len(x)
        if n == 0:
            return 0, math.nan, math.nan, math.nan, 0.0
        if self._weights is None and not self._calculatesError:
            mean, variance = _plainMoments(x)
            return n, mean, variance/n, variance, n*mean
        x = x.astype(np.float64)
        w = np.ones(n) if self._weights is None else self._weights[used].astype(np.float64)
        with np.errstate(invalid="ignore", divide="ignore"):
            sumW, sumW2 = np.float64(w.sum()), np.float64(np.square(w).sum())
            mean = (w*x).sum()/sumW
            variance = (w*np.square(x - mean)).sum()/sumW*(sumW**2/(sumW**2 - sumW2))
            if self._calculatesError:
                inputs = 0.0 if self._variances is None else self._variances[used].astype(np.float64)
                meanVariance = (inputs*np.square(w)).sum()/sumW**2
            else:
                meanVariance = variance*sumW2/sumW**2
        return n, float(mean), float(meanVariance), float(variance), float(sumW*mean)

    def _uniteMasks(self, mask, counts, used, hasWeight, control):
        """Return the union of the masks of what counts, and of bits that exclude much weight."""
        union = int(np.bitwise_or.reduce(mask[counts])) if counts.any() else 0
        excluded = ~used if hasWeight is None else ~used & hasWeight
        weights = np.ones(mask.shape) if self._weights is None else self._weights
        total = float(weights[counts].sum())
        for bit, threshold in control._maskPropagationThresholds.items():
            lost = float(weights[excluded & ((mask & (1 << bit)) != 0)].sum())
            if lost > threshold*(total + lost):
                union |= 1 << bit
        return union

    def _clip(self, values, counts, control):
        centre, width = self._median, control.getNumSigmaClip()*_IQ_TO_STDEV*self._iqRange
        for _ in range(control.getNumIter()):
            if math.isnan(centre) or math.isnan(width):
                nKept = 0
                self._meanClip = self._meanVarianceClip = self._varianceClip = math.nan
            else:
                with np.errstate(invalid="ignore"):
                    kept = counts & (np.abs(values - centre) <= width)
                nKept, self._meanClip, self._meanVarianceClip, self._varianceClip, _sum = self._moments(
                    values, kept)
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
            return self._mean, np.sqrt(self._meanVariance)
        if prop == Property.MEANCLIP:
            return self._meanClip, np.sqrt(self._meanVarianceClip)
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


def makeStatistics(image, *args, flags=None, sctrl=None, msk=None, weights=None):
    """Compute statistics. Forms: ``(image, flags, sctrl)``, ``(image, msk, flags, sctrl)`` and
    ``(image, weights, flags, sctrl)``.

    Parameters
    ----------
    image : `lsst.afw.image.Image`, `lsst.afw.image.MaskedImage` or sequence of `float`
        Values; or an `lsst.afw.image.Mask`, whose "sum" is the union of its bits.
    msk : `lsst.afw.image.Mask`, optional
        Mask of the values.
    weights : `lsst.afw.image.Image` or sequence of `float`, optional
        Weights of a masked image or a sequence.
    flags : `Property`
        What to compute.
    sctrl : `StatisticsControl`, optional
        How to compute it. If it wants weights, and none are given, they are the inverse variances.

    Returns
    -------
    statistics : `Statistics`
        Results.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        If there are no values, or the mask is of another size, or a mask has no such statistic, or weights
        are given but not wanted.
    """
    args = list(args)
    if args and hasattr(args[0], "getMaskPlaneDict"):
        msk = args.pop(0)
    if args and not isinstance(args[0], int):
        weights = args.pop(0)
    flags = args.pop(0) if args else flags
    control = (args.pop(0) if args else sctrl) or StatisticsControl()
    variance = None
    if hasattr(image, "mask"):
        image, msk, variance = image.image, image.mask, image.variance.array
    values = _asArray(image)
    if hasattr(image, "getMaskPlaneDict"):
        return _MaskStatistics(values, flags)
    weights = None if weights is None else _asArray(weights)
    if weights is not None and weights.size == 0:
        weights = None
    return Statistics(values, None if msk is None else msk.array, flags, control, variance, weights)


def _asArray(image):
    return image.array if hasattr(image, "array") else np.asarray(image)


def _isFinite(values):
    """Tell which values are finite in single precision, as the stack asks."""
    if values.dtype != np.float64:
        return np.isfinite(values)
    with np.errstate(over="ignore"):
        return np.isfinite(values.astype(np.float32))


def _plainMoments(values):
    """Return the mean and the unbiased variance of at least one value."""
    n = len(values)
    mean = float(values.mean(dtype=np.float64))
    return mean, float(np.square(values - mean, dtype=np.float64).sum()/(n - 1)) if n > 1 else math.nan


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
