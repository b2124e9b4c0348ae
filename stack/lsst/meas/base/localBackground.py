# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Background in an annulus around each source."""

import dataclasses

import numpy as np

from ._clippedStatistics import computeClippedStatistics
from ._control import Control, ControlField
from ._ellipseSpans import EllipseSpans
from ._rows import Failure
from .algorithm import SimpleAlgorithm
from .exceptions import MeasurementError
from .flagHandler import FlagDefinitionList, FlagHandler
from .fluxUtilities import FluxResultKey, FluxTransform
from .inputUtilities import SafeCentroidExtractor

__all__ = ["LocalBackgroundAlgorithm", "LocalBackgroundControl", "LocalBackgroundTransform"]

_flags = FlagDefinitionList()

_CHUNK_PIXELS = 2**20  # in work at a time


class LocalBackgroundControl(Control):
    """Settings of `LocalBackgroundAlgorithm`."""

    badMaskPlanes = ControlField(
        "std::vector<std::string>", ["BAD", "SAT", "NO_DATA"], "mask planes of the pixels that are left out"
    )
    annulusInner = ControlField("float", 7.0, "inner radius of the annulus, in units of the PSF's sigma")
    annulusOuter = ControlField("float", 15.0, "outer radius of the annulus, in units of the PSF's sigma")
    bgRej = ControlField("float", 3.0, "clipping threshold (standard deviations)")
    bgIter = ControlField("int", 3, "number of clipping iterations")


class LocalBackgroundAlgorithm(SimpleAlgorithm):
    """Clipped mean and standard deviation of the pixels in an annulus around each source.

    Parameters
    ----------
    ctrl : `LocalBackgroundControl`
        Settings.
    name : `str`
        Prefix of the fields.
    schema : `lsst.afw.table.Schema`
        Gets the fields.
    logName : `str`, optional
        Name of the log.
    """

    Control = LocalBackgroundControl

    FAILURE = _flags.addFailureFlag()
    NO_GOOD_PIXELS = _flags.add("flag_noGoodPixels", "no good pixels in the annulus")
    NO_PSF = _flags.add("flag_noPsf", "no PSF provided")

    def __init__(self, ctrl, name, schema, logName=""):
        self._ctrl = ctrl
        self._logName = logName or name
        self._resultKey = FluxResultKey.addFields(schema, name, "background in annulus around source")
        self._flagHandler = FlagHandler.addFields(schema, name, _flags)
        self._centroidExtractor = SafeCentroidExtractor(schema, name)

    @staticmethod
    def getFlagDefinitions():
        """Return the definitions of the flags."""
        return _flags

    def measureCatalog(self, measCat, exposure):
        """Measure all sources of a catalog; see `SingleFrameAlgorithm.measureCatalog`."""
        positions, failures = self._centroidExtractor.extract(measCat, self._flagHandler)
        rows = np.flatnonzero(np.isfinite(positions).all(axis=1))
        psf = exposure.getPsf()
        if psf is None:
            return [*failures, Failure(rows, MeasurementError(self.NO_PSF.doc, self.NO_PSF.number))]
        sigma = np.float32(psf.computeShape(psf.getAveragePosition()).getDeterminantRadius())
        inner, outer = (
            float(np.float32(factor) * sigma) for factor in (self._ctrl.annulusInner, self._ctrl.annulusOuter)
        )
        badBits = exposure.mask.getPlaneBitMask(list(self._ctrl.badMaskPlanes))
        mean, stdev = np.full((2, len(rows)), np.nan)
        nPixels = np.zeros(len(rows), dtype=np.int64)
        order = np.argsort(positions[rows, 1], kind="stable")
        step = max(1, int(_CHUNK_PIXELS / (2 * outer + 1) ** 2))
        for start in range(0, len(rows), step):
            chunk = order[start : start + step]
            values, nPixels[chunk] = _gather(exposure, badBits, positions[rows[chunk]], inner, outer)
            mean[chunk], stdev[chunk] = self._computeStatistics(values)
        good = nPixels > 0
        self._resultKey.setRows(measCat, rows[good], mean[good], stdev[good])
        if not good.all():
            error = MeasurementError(self.NO_GOOD_PIXELS.doc, self.NO_GOOD_PIXELS.number)
            failures.append(Failure(rows[~good], error))
        return failures

    def _computeStatistics(self, values):
        counts = np.isfinite(values).sum(axis=1)
        return computeClippedStatistics(values, counts, self._ctrl.bgRej, self._ctrl.bgIter)


def _gather(exposure, badBits, positions, inner, outer):
    """Return the pixels of annuli and the number of those that are not masked.

    Parameters
    ----------
    exposure : `lsst.afw.image.Exposure`
        The image.
    badBits : `int`
        Mask of the pixels that are left out.
    positions : `numpy.ndarray`, (n, 2)
        Centers (pixels), which should be near each other in y.
    inner, outer : `float`
        Radii (pixels).

    Returns
    -------
    values : `numpy.ndarray`, (n, m), `float32`
        The finite pixels of each annulus, in any order, filled up with infinity.
    nPixels : `numpy.ndarray`, (n,)
        Numbers of pixels on the image that are not masked, finite or not.
    """
    x, y = positions.T
    box = exposure.getBBox()
    spans = EllipseSpans.fromCircles(x, y, outer)
    x0, y0, shape = spans.getStamps()
    inside = spans.contains(x0, y0, shape)
    hole = _stopAtEdge(EllipseSpans.fromCircles(x, y, inner), box.getMaxX())
    inside &= ~hole.contains(x0, y0, shape)
    band, masked = _cutBand(exposure, badBits, x0, y0, shape)
    window = (y0 - y0.min(), x0 - x0.min())
    inside &= ~np.lib.stride_tricks.sliding_window_view(masked, shape)[window]
    nPixels = np.count_nonzero(inside, axis=(1, 2))
    values = np.lib.stride_tricks.sliding_window_view(band, shape)[window][inside]
    return _pack(values, nPixels), nPixels


def _cutBand(exposure, badBits, x0, y0, shape):
    """Return image and mask of the region that stamps cover; what is off the image is masked."""
    left, bottom = int(x0.min()) - exposure.getX0(), int(y0.min()) - exposure.getY0()
    right, top = int(x0.max()) - exposure.getX0() + shape[1], int(y0.max()) - exposure.getY0() + shape[0]
    band = np.full((top - bottom, right - left), np.nan, dtype=np.float32)
    masked = np.ones(band.shape, dtype=bool)
    height, width = exposure.image.array.shape
    source = np.s_[max(bottom, 0) : max(min(top, height), 0), max(left, 0) : max(min(right, width), 0)]
    rows, columns = exposure.image.array[source].shape
    if rows and columns:
        first = (max(-bottom, 0), max(-left, 0))
        target = np.s_[first[0] : first[0] + rows, first[1] : first[1] + columns]
        band[target] = exposure.image.array[source]
        masked[target] = (exposure.mask.array[source] & badBits) != 0
    return band, masked


def _pack(values, counts):
    """Arrange values that follow each other in rows, with infinity for the rest and what is not finite."""
    values[~np.isfinite(values)] = np.inf
    packed = np.full((len(counts), int(counts.max(initial=1))), np.inf, dtype=np.float32)
    packed[np.arange(packed.shape[1]) < counts[:, np.newaxis]] = values
    return packed


def _stopAtEdge(spans, maxX):
    """Drop the rows of circles above the first that leaves the image on the right.

    The `intersectNot` of the original's spans stops subtracting there, so that these pixels count.
    """
    leaves = (spans.xMax >= spans.xMin) & (spans.xMax > maxX)
    dropped = np.cumsum(leaves, axis=1) - leaves > 0
    return dataclasses.replace(spans, xMax=np.where(dropped, spans.xMin - 1, spans.xMax))


class LocalBackgroundTransform(FluxTransform):
    """Turns the background into a magnitude; the flags are copied."""

    Control = LocalBackgroundControl

    def __init__(self, ctrl, name, mapper):
        super().__init__(name, mapper)
        self._mapFlags(mapper, _flags)
