# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Flux in a circle whose radius is a multiple of the width of the PSF."""

import math

import numpy as np

from lsst.pex.exceptions import InvalidParameterError, LengthError

from ._control import Control, ControlField
from ._rows import Failure
from .algorithm import SimpleAlgorithm
from .apertureFlux import ApertureFluxAlgorithm, ApertureFluxControl, computeCircularFluxes
from .exceptions import FatalAlgorithmError
from .flagHandler import FlagHandler
from .fluxUtilities import FluxResultKey
from .inputUtilities import SafeCentroidExtractor

__all__ = ["ScaledApertureFluxAlgorithm", "ScaledApertureFluxControl"]

_FWHM = 2.0 * math.sqrt(2.0 * math.log(2.0))  # of a Gaussian, in standard deviations


class ScaledApertureFluxControl(Control):
    """Settings of `ScaledApertureFluxAlgorithm`."""

    shiftKernel = ControlField(
        "std::string", "lanczos5", "warping kernel that shifts sinc coefficients to the position"
    )
    scale = ControlField(
        "double",
        3.14,
        "radius of the aperture in units of the FWHM of the PSF; the default makes magnitudes that are on "
        "average equal to Kron magnitudes",
    )


class ScaledApertureFluxAlgorithm(SimpleAlgorithm):
    """Flux by sinc interpolation in a circle whose radius is ``scale`` times the FWHM of the PSF there.

    Parameters
    ----------
    ctrl : `ScaledApertureFluxControl`
        Settings.
    name : `str`
        Prefix of the fields.
    schema : `lsst.afw.table.Schema`
        Gets the fields.
    """

    Control = ScaledApertureFluxControl

    def __init__(self, ctrl, name, schema):
        self._ctrl = ctrl
        self._logName = name
        self._fluxKey = FluxResultKey.addFields(schema, name, "instFlux derived from PSF-scaled aperture")
        self._centroidExtractor = SafeCentroidExtractor(schema, name)
        self._flagHandler = FlagHandler.addFields(schema, name, ApertureFluxAlgorithm.getFlagDefinitions())
        self._apertureControl = ApertureFluxControl()
        self._apertureControl.shiftKernel = ctrl.shiftKernel
        self._apertureControl.maxSincRadius = math.inf

    def measureCatalog(self, measCat, exposure):
        """Measure all sources of a catalog; see `SingleFrameAlgorithm.measureCatalog`."""
        psf = exposure.getPsf()
        if psf is None:
            raise FatalAlgorithmError("ScaledApertureFlux algorithm requires a Psf with every exposure")
        positions, failures = self._centroidExtractor.extract(measCat, self._flagHandler)
        rows = np.flatnonzero(np.isfinite(positions).all(axis=1))
        ixx, iyy, ixy = psf._computeShapes(positions[rows]).T
        radii = self._ctrl.scale * _FWHM * (ixx * iyy - ixy * ixy) ** 0.25
        missed = [np.empty(0, dtype=np.int64)]
        for radius in np.unique(radii[np.isfinite(radii)]):
            chosen = rows[radii == radius]
            (result,) = computeCircularFluxes(
                exposure, *positions[chosen].T, [float(radius)], self._apertureControl
            )
            self._store(measCat, chosen[~result.missed], result.take(~result.missed))
            missed.append(chosen[result.missed])
        missed = np.concatenate(missed)
        if len(missed):
            failures.append(Failure(missed, LengthError("The aperture is nowhere on the image")))
        lost = rows[~np.isfinite(radii)]
        if len(lost):
            failures.append(Failure(lost, InvalidParameterError("The PSF has no shape at this position")))
        return failures

    def _store(self, measCat, rows, results):
        self._fluxKey.setRows(measCat, rows, results.instFlux, results.instFluxErr)
        for flag, values in (
            (ApertureFluxAlgorithm.FAILURE, results.apertureTruncated),
            (ApertureFluxAlgorithm.APERTURE_TRUNCATED, results.apertureTruncated),
            (ApertureFluxAlgorithm.SINC_COEFFS_TRUNCATED, results.sincCoeffsTruncated),
        ):
            self._flagHandler.orValues(measCat, flag.number, rows[values])
