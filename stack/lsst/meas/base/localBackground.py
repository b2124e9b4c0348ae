# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Background in an annulus around each source."""

import dataclasses

import numpy as np

from ._clippedStatistics import computeClippedStatistics
from ._control import Control, ControlField
from ._ellipseSpans import EllipseSpans
from ._rows import Failure
from ._stamps import Stamps
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
        stamps = Stamps(exposure, self._ctrl.badMaskPlanes)
        mean, stdev = np.full((2, len(rows)), np.nan)
        nPixels = np.zeros(len(rows), dtype=np.int64)
        step = max(1, int(_CHUNK_PIXELS / (2 * outer + 1) ** 2))
        for start in range(0, len(rows), step):
            chunk = slice(start, start + step)
            values, nPixels[chunk] = _gather(stamps, positions[rows[chunk]], inner, outer)
            mean[chunk], stdev[chunk] = self._computeStatistics(values)
        good = nPixels > 0
        self._resultKey.setRows(measCat, rows[good], mean[good], stdev[good])
        if not good.all():
            error = MeasurementError(self.NO_GOOD_PIXELS.doc, self.NO_GOOD_PIXELS.number)
            failures.append(Failure(rows[~good], error))
        return failures

    def _computeStatistics(self, values):
        counts = np.isfinite(values).sum(axis=1)
        values[~np.isfinite(values)] = np.inf
        return computeClippedStatistics(values, counts, self._ctrl.bgRej, self._ctrl.bgIter)


def _gather(stamps, positions, inner, outer):
    """Return the pixels of annuli, others as infinity, and the number of pixels of each."""
    x, y = positions.T
    outerSpans = EllipseSpans.fromCircles(x, y, outer)
    x0, y0, shape = outerSpans.getStamps()
    used = outerSpans.contains(x0, y0, shape)
    innerSpans = _stopAtEdge(EllipseSpans.fromCircles(x, y, inner), stamps.maxX)
    used &= ~innerSpans.contains(x0, y0, shape)
    values, good = stamps.cutImage(np.stack([x0, y0], axis=-1), shape)
    if good is not None:
        used &= good
    values[~used] = np.inf
    return values.reshape(len(values), -1), used.sum(axis=(1, 2))


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
