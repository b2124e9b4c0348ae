# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""PSF flux on an image that has been convolved with its own PSF: the value of its peak."""

import numpy as np

import lsst.geom
from lsst.afw.math import makeWarpingKernel
from lsst.pex.exceptions import InvalidParameterError, RangeError

from ._control import Control, ControlField
from ._psfStamps import computePsfStamps
from ._rows import Failure, setRows
from .algorithm import SimpleAlgorithm
from .flagHandler import FlagDefinitionList, FlagHandler
from .fluxUtilities import FluxResultKey
from .inputUtilities import SafeCentroidExtractor

__all__ = ["PeakLikelihoodFluxAlgorithm", "PeakLikelihoodFluxControl"]

_flags = FlagDefinitionList()


class PeakLikelihoodFluxControl(Control):
    """Settings of `PeakLikelihoodFluxAlgorithm`."""

    warpingKernelName = ControlField(
        "std::string", "lanczos4", "warping kernel that interpolates the image at the position"
    )


class PeakLikelihoodFluxAlgorithm(SimpleAlgorithm):
    """Flux from the value at the position, on an image that has been convolved with its own PSF.

    With phi the PSF at the pixel of the position: flux = value sum(phi)^2/sum(phi^2); the error is
    computed from the variance in the same way. The value is interpolated, with the squares of the weights
    for the variance. It is the flux of `PsfFluxAlgorithm` on the image before the convolution.

    Parameters
    ----------
    ctrl : `PeakLikelihoodFluxControl`
        Settings.
    name : `str`
        Prefix of the fields.
    schema : `lsst.afw.table.Schema`
        Gets the fields.

    Notes
    -----
    The original takes other pixels than those at the position if the image does not start at (0, 0).
    """

    Control = PeakLikelihoodFluxControl

    FAILURE = _flags.addFailureFlag()

    def __init__(self, ctrl, name, schema):
        self._ctrl = ctrl
        self._logName = name
        self._fluxKey = FluxResultKey.addFields(schema, name, "instFlux from PeakLikelihood Flux algorithm")
        self._centroidExtractor = SafeCentroidExtractor(schema, name)
        self._flagHandler = FlagHandler.addFields(schema, name, _flags)

    @staticmethod
    def getFlagDefinitions():
        """Return the definitions of the flags."""
        return _flags

    def measureCatalog(self, measCat, exposure):
        """Measure all sources of a catalog; see `SingleFrameAlgorithm.measureCatalog`."""
        positions, failures = self._centroidExtractor.extract(measCat, self._flagHandler)
        psf = exposure.getPsf()
        if psf is None:
            raise InvalidParameterError("exposure has no PSF")
        rows = np.flatnonzero(np.isfinite(positions).all(axis=1))
        pixels = np.floor(positions + 0.5)
        values = _Interpolator(exposure, self._ctrl.warpingKernelName)
        inside = _contains(exposure.getBBox(), positions[rows])
        failures += _fail(rows[~inside], "Center not in exposure bbox")
        fits = values.reaches(positions[rows], pixels[rows])
        failures += _fail(rows[inside & ~fits], "Warping kernel extends off the edge")
        rows = rows[inside & fits]
        for chunk in computePsfStamps(psf, pixels, rows):
            if isinstance(chunk, Failure):
                failures.append(chunk)
                continue
            weight = chunk.images.sum(axis=(1, 2)) ** 2 / (chunk.images**2).sum(axis=(1, 2))
            value, variance = values(positions[chunk.rows], pixels[chunk.rows])
            with np.errstate(invalid="ignore"):
                self._fluxKey.setRows(measCat, chunk.rows, value * weight, np.sqrt(variance) * weight)
            # The original takes back what a suspicious position made it set.
            setRows(measCat, self._flagHandler._findKey(self.FAILURE.number), chunk.rows, False)
        return failures


def _contains(box, positions):
    limits = lsst.geom.Box2D(box)
    low, high = np.array(list(limits.getMin())), np.array(list(limits.getMax()))
    return ((positions >= low) & (positions < high)).all(axis=1)


def _fail(rows, why):
    return [Failure(rows, RangeError(why))] if len(rows) else []


class _Interpolator:
    """Interpolates an exposure at many positions."""

    def __init__(self, exposure, kernelName):
        self._kernel = makeWarpingKernel(kernelName)
        self._size = self._kernel.getWidth()
        self._exposure = exposure
        self._xy0 = np.array(list(exposure.getXY0()))

    def _findFirst(self, positions, pixels):
        """Return the first pixels (x, y) that the kernel takes: its even size prefers one side."""
        return pixels.astype(np.int64) - (self._size - 1) // 2 - (positions < pixels)

    def reaches(self, positions, pixels):
        """Say where the kernel is wholly on the image."""
        first = self._findFirst(positions, pixels) - self._xy0
        last = first + self._size - 1
        size = np.array(list(self._exposure.getDimensions()))
        return ((first >= 0) & (last < size)).all(axis=1)

    def __call__(self, positions, pixels):
        """Return values and variances."""
        first = self._findFirst(positions, pixels)
        index = first[:, :, np.newaxis] + np.arange(self._size)
        weights = self._kernel._evaluateAt(
            index - pixels[:, :, np.newaxis], (positions - pixels)[:, :, np.newaxis]
        )
        weights = weights / weights.sum(axis=2, keepdims=True)
        weights = weights[:, 1, :, np.newaxis] * weights[:, 0, np.newaxis, :]
        columns, rows = (index - self._xy0[:, np.newaxis]).transpose(1, 0, 2)
        where = (rows[:, :, np.newaxis], columns[:, np.newaxis, :])
        image, variance = (plane.array[where] for plane in (self._exposure.image, self._exposure.variance))
        return _combine(weights, image), _combine(weights**2, variance)


def _combine(weights, pixels):
    """Sum weighted pixels; those of weight zero do not count whatever they are."""
    return np.where(weights == 0.0, 0.0, weights * pixels).sum(axis=(1, 2))
