# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Fluxes in apertures of several radii: by sinc interpolation if small, by sums of whole pixels if large."""

import dataclasses

import numpy as np
from lsst.afw.math._shiftStamps import shiftCombinations, shiftWeights

from ._control import Control, ControlField
from ._ellipseSpans import EllipseSpans
from ._sincCoefficients import sincCoefficients
from ._singleApertureFlux import SingleApertureFlux
from ._spanSums import sumSpans
from ._stamps import Stamps
from .algorithm import SimpleAlgorithm
from .flagHandler import FlagDefinitionList, FlagHandler
from .fluxUtilities import FluxResultKey, MagResultKey
from .inputUtilities import SafeCentroidExtractor
from .transform import BaseTransform

__all__ = ["ApertureFluxAlgorithm", "ApertureFluxControl", "ApertureFluxTransform"]

_flags = FlagDefinitionList()

_CHUNK_PIXELS = 2**19  # in work at a time


class ApertureFluxControl(Control):
    """Settings of aperture fluxes."""

    radii = ControlField(
        "std::vector<double>",
        [3.0, 4.5, 6.0, 9.0, 12.0, 17.0, 25.0, 35.0, 50.0, 70.0],
        "radii of the apertures (pixels)",
    )
    maxSincRadius = ControlField(
        "double",
        10.0,
        "largest radius (pixels; of an ellipse, its minor axis) for which sinc interpolation is used",
    )
    shiftKernel = ControlField(
        "std::string", "lanczos5", "warping kernel that shifts sinc coefficients to the position"
    )


@dataclasses.dataclass
class ApertureResults:
    """Fluxes of many sources in one aperture each, and the flags."""

    instFlux: np.ndarray
    instFluxErr: np.ndarray
    apertureTruncated: np.ndarray
    sincCoeffsTruncated: np.ndarray

    @classmethod
    def makeEmpty(cls, n):
        """Make results without fluxes and flags."""
        return cls(*np.full((2, n), np.nan), *np.zeros((2, n), dtype=bool))


class ApertureFluxAlgorithm(SingleApertureFlux, SimpleAlgorithm):
    """Base of the algorithms that measure fluxes in apertures of several radii.

    Parameters
    ----------
    ctrl : `ApertureFluxControl`
        Settings.
    name : `str`
        Prefix of the fields.
    schema : `lsst.afw.table.Schema`
        Gets the fields.
    metadata : `lsst.daf.base.PropertySet`
        Gets the radii.
    """

    Control = ApertureFluxControl

    FAILURE = _flags.addFailureFlag()
    APERTURE_TRUNCATED = _flags.add("flag_apertureTruncated", "aperture did not fit within measurement image")
    SINC_COEFFS_TRUNCATED = _flags.add(
        "flag_sincCoeffsTruncated", "full sinc coefficient image did not fit within measurement image"
    )

    def __init__(self, ctrl, name, schema, metadata):
        self._ctrl = ctrl
        self._logName = name
        self._centroidExtractor = SafeCentroidExtractor(schema, name)
        self._fluxKeys, self._flagHandlers = [], []
        for radius in ctrl.radii:
            metadata.add(name.upper() + "_RADII", float(radius))
            prefix = self.makeFieldPrefix(name, radius)
            doc = f"instFlux within {radius:f}-pixel aperture"
            self._fluxKeys.append(FluxResultKey.addFields(schema, prefix, doc))
            excluded = FlagDefinitionList([self.SINC_COEFFS_TRUNCATED] if radius > ctrl.maxSincRadius else [])
            self._flagHandlers.append(FlagHandler.addFields(schema, prefix, _flags, excluded))

    @staticmethod
    def getFlagDefinitions():
        """Return the definitions of the flags."""
        return _flags

    @staticmethod
    def makeFieldPrefix(name, radius):
        """Make the prefix of the fields of one radius, such as ``base_CircularApertureFlux_4_5``."""
        return f"{name}_{radius:.1f}".replace(".", "_")

    def fail(self, measRecord, error=None):
        """Set the flags of all radii."""
        for handler in self._flagHandlers:
            handler.handleFailure(measRecord, error)

    def failRows(self, measCat, rows, error):
        """Set the flags of all radii for several sources."""
        for handler in self._flagHandlers:
            handler.handleFailures(measCat, rows, error)

    def _store(self, measCat, rows, index, results):
        self._fluxKeys[index].setRows(measCat, rows, results.instFlux, results.instFluxErr)
        handler = self._flagHandlers[index]
        handler.orValues(measCat, self.FAILURE.number, rows[results.apertureTruncated])
        handler.orValues(measCat, self.APERTURE_TRUNCATED.number, rows[results.apertureTruncated])
        if results.sincCoeffsTruncated.any():
            handler.orValues(measCat, self.SINC_COEFFS_TRUNCATED.number, rows[results.sincCoeffsTruncated])


def computeCircularFluxes(exposure, x, y, radius, ctrl):
    """Measure fluxes in circular apertures.

    Parameters
    ----------
    exposure : `lsst.afw.image.Exposure`
        The image.
    x, y : `numpy.ndarray`, (n,)
        Centers (pixels).
    radius : `float`
        Radius (pixels).
    ctrl : `ApertureFluxControl`
        Settings.

    Returns
    -------
    results : `ApertureResults`
        Fluxes and flags.
    """
    compute = _computeSincFluxes if radius <= ctrl.maxSincRadius else _computeNaiveFluxes
    return compute(exposure, x, y, radius, ctrl)


def _computeNaiveFluxes(exposure, x, y, radius, ctrl):
    results = ApertureResults.makeEmpty(len(x))
    results.apertureTruncated = ~_contains(_makeLimits(exposure.getBBox()), _findPixels(x, y, radius))
    good = ~results.apertureTruncated
    spans = EllipseSpans.fromCircles(x[good], y[good], radius)
    xy0 = exposure.getXY0()
    results.instFlux[good] = sumSpans(exposure.image.array, xy0, spans)
    results.instFluxErr[good] = np.sqrt(sumSpans(exposure.variance.array, xy0, spans))
    return results


def _computeSincFluxes(exposure, x, y, radius, ctrl):
    results = ApertureResults.makeEmpty(len(x))
    coefficients = sincCoefficients(radius)
    size = len(coefficients)
    origins, dx, dy = _splitPositions(x, y)
    origins -= size // 2
    image = _makeLimits(exposure.getBBox())
    stamps = (origins[:, 0], origins[:, 1], origins[:, 0] + size - 1, origins[:, 1] + size - 1)
    results.sincCoeffsTruncated = ~_contains(image, stamps)
    overlap = tuple(
        choose(limit, edge)
        for choose, limit, edge in zip((np.maximum,) * 2 + (np.minimum,) * 2, image, stamps)
    )
    results.apertureTruncated = results.sincCoeffsTruncated & ~_contains(overlap, _findPixels(x, y, radius))
    rows = np.flatnonzero(~results.apertureTruncated)
    cutter = Stamps(exposure)
    step = max(1, _CHUNK_PIXELS // size**2)
    for start in range(0, len(rows), step):
        chunk = rows[start : start + step]
        weights = _shiftCoefficients(coefficients, dx[chunk], dy[chunk], ctrl.shiftKernel)
        data, variance, used, _ = cutter.cut(origins[chunk], coefficients.shape)
        if used is not None:
            weights = np.where(used, weights, 0.0)
        results.instFlux[chunk] = np.einsum("nij,nij->n", weights, data)
        results.instFluxErr[chunk] = np.sqrt(np.einsum("nij,nij,nij->n", weights, weights, variance))
    return results


def _splitPositions(x, y):
    """Split positions, in single precision, into pixels and fractions, as `offsetImage` does."""
    positions = np.stack([x, y], axis=-1).astype(np.float32).astype(np.float64)
    origins = np.floor(positions + 0.5)
    origins[(np.abs(positions) < 1).all(axis=1)] = 0.0
    dx, dy = (positions - origins).T
    return origins.astype(np.int64), dx, dy


def _shiftCoefficients(coefficients, dx, dy, kernelName):
    """Shift the coefficients; where the kernel does not fit they stay as they are, as in `offsetImage`."""
    shifted = shiftCombinations(
        coefficients[np.newaxis], np.ones((len(dx), 1)), dx, dy, algorithmName=kernelName
    )
    size = len(coefficients)
    fits = _fits(dy, size, kernelName)[:, :, np.newaxis] & _fits(dx, size, kernelName)[:, np.newaxis, :]
    return np.where(fits, shifted, coefficients)


def _fits(shift, size, kernelName):
    """Say at which pixels of a row the kernel does not reach over the ends."""
    taps = shiftWeights(kernelName, np.zeros(1)).shape[1]
    first = taps // 2 - (shift <= 0)
    pixels = np.arange(size)
    return (pixels >= first[:, np.newaxis]) & (pixels < first[:, np.newaxis] + size - taps + 2)


def _makeLimits(box):
    return box.getMinX(), box.getMinY(), box.getMaxX(), box.getMaxY()


def _findPixels(x, y, radius):
    """Return the limits of the pixels that circles touch."""
    return (
        np.ceil(x - radius - 0.5),
        np.ceil(y - radius - 0.5),
        np.floor(x + radius + 0.5),
        np.floor(y + radius + 0.5),
    )


def _contains(outer, inner):
    """Say which boxes, given by their limits, contain which others."""
    return (outer[0] <= inner[0]) & (outer[1] <= inner[1]) & (outer[2] >= inner[2]) & (outer[3] >= inner[3])


class ApertureFluxTransform(BaseTransform):
    """Turns the fluxes of all radii into magnitudes; the flags are copied."""

    Control = ApertureFluxControl

    def __init__(self, ctrl, name, mapper):
        super().__init__(name)
        self._prefixes = [ApertureFluxAlgorithm.makeFieldPrefix(name, radius) for radius in ctrl.radii]
        self._magKeys = []
        for radius, prefix in zip(ctrl.radii, self._prefixes):
            for flag in _flags:
                if radius > ctrl.maxSincRadius and flag == ApertureFluxAlgorithm.SINC_COEFFS_TRUNCATED:
                    continue
                mapper.addMapping(mapper.getInputSchema().find(f"{prefix}_{flag.name}").key)
            self._magKeys.append(MagResultKey.addFields(mapper.editOutputSchema(), prefix))

    def __call__(self, inputCatalog, outputCatalog, wcs, photoCalib):
        """Fill the magnitudes."""
        self.checkCatalogSize(inputCatalog, outputCatalog)
        for prefix, magKey in zip(self._prefixes, self._magKeys):
            fluxKey = FluxResultKey(inputCatalog.schema[prefix])
            for inRecord, outRecord in zip(inputCatalog, outputCatalog):
                flux = fluxKey.get(inRecord)
                magKey.set(outRecord, photoCalib.instFluxToMagnitude(flux.instFlux, flux.instFluxErr))
