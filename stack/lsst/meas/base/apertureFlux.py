# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Fluxes in apertures of several radii: by sinc interpolation if small, by sums of whole pixels if large."""

import dataclasses

import numpy as np

from lsst.afw.math._sincCoefficients import sincCoefficients

from ._control import Control, ControlField
from ._planes import getPlanes
from .algorithm import SimpleAlgorithm
from .flagHandler import FlagDefinitionList, FlagHandler
from .fluxUtilities import FluxResultKey
from .inputUtilities import SafeCentroidExtractor

__all__ = ["ApertureFluxAlgorithm", "ApertureFluxControl"]

_flags = FlagDefinitionList()


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

    missed: np.ndarray
    """Is no coefficient on the image? There is no other flag then."""

    @classmethod
    def makeEmpty(cls, n):
        """Make results without fluxes and flags."""
        return cls(*np.full((2, n), np.nan), *np.zeros((3, n), dtype=bool))

    def take(self, rows):
        """Select some of the sources."""
        return ApertureResults(*(getattr(self, field.name)[rows] for field in dataclasses.fields(self)))


class ApertureFluxAlgorithm(SimpleAlgorithm):
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


def computeCircularFluxes(exposure, x, y, radii, ctrl):
    """Measure fluxes in circular apertures.

    Parameters
    ----------
    exposure : `lsst.afw.image.Exposure`
        The image.
    x, y : `numpy.ndarray`, (n,)
        Centers (pixels).
    radii : sequence of `float`
        Radii (pixels).
    ctrl : `ApertureFluxControl`
        Settings.

    Returns
    -------
    results : `list` of `ApertureResults`
        Fluxes and flags for each radius.
    """
    results = [ApertureResults.makeEmpty(len(x)) for _ in radii]
    isSinc = np.asarray(radii) <= ctrl.maxSincRadius
    for chosen, measure in ((np.flatnonzero(isSinc), _measureSinc), (np.flatnonzero(~isSinc), _measureNaive)):
        if len(chosen):
            measure(exposure, x, y, [radii[i] for i in chosen], ctrl, [results[i] for i in chosen])
    return results


def _measureNaive(exposure, x, y, radii, ctrl, results):
    # Here, as what it imports takes long: see lsst._compiled.
    from ._circleSums import sumCircles

    limits = _makeLimits(exposure.getBBox())
    for radius, result in zip(radii, results):
        result.apertureTruncated = ~_contains(limits, _findPixels(x, y, radius))
    wanted = ~np.array([result.apertureTruncated for result in results])
    _store(results, *sumCircles(exposure, x, y, radii, wanted))


def _measureSinc(exposure, x, y, radii, ctrl, results):
    image = _makeLimits(exposure.getBBox())
    # Here, as what it imports takes long: see lsst._compiled.
    from lsst.afw.math._shiftStamps import Shifts, sumShifted

    pixels, dx, dy = _splitPositions(x, y)
    apertures = [sincCoefficients(radius) for radius in radii]
    for radius, coefficients, result in zip(radii, apertures, results):
        half = len(coefficients) // 2
        stamps = (*(pixels.T - half), *(pixels.T + half))
        result.sincCoeffsTruncated = ~_contains(image, stamps)
        overlap = tuple(
            choose(limit, edge)
            for choose, limit, edge in zip((np.maximum,) * 2 + (np.minimum,) * 2, image, stamps)
        )
        result.missed = (overlap[0] > overlap[2]) | (overlap[1] > overlap[3])
        result.apertureTruncated = result.sincCoeffsTruncated & ~_contains(overlap, _findPixels(x, y, radius))
    wanted = ~np.array([result.apertureTruncated for result in results])
    planes, starts = getPlanes(exposure), pixels - np.array(exposure.getXY0())
    shifts = Shifts.make(dx, dy, ctrl.shiftKernel)
    _store(results, *sumShifted(planes[0], planes[2], starts, apertures, shifts, wanted))


def _splitPositions(x, y):
    """Return the pixels of positions, (n, 2), and the rests, in single precision as `offsetImage` does."""
    positions = np.stack([x, y], axis=-1).astype(np.float32).astype(np.float64)
    pixels = np.floor(positions + 0.5)
    pixels[(np.abs(positions) < 1).all(axis=1)] = 0.0
    return pixels.astype(np.int64), *(positions - pixels).T


def _store(results, fluxes, variances):
    with np.errstate(invalid="ignore"):
        errors = np.sqrt(variances)
    for result, flux, error in zip(results, fluxes, errors):
        result.instFlux, result.instFluxErr = flux, error


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
