# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""AB magnitudes and fluxes in Jansky, with the zero point of the stack: 3631 Jy."""

import math

import numpy as np

from lsst.pex.exceptions import LengthError

__all__ = ["abMagFromFlux", "abMagErrFromFluxErr", "fluxFromABMag", "fluxErrFromABMagErr"]

_JANSKYS_PER_AB_FLUX = 3631.0


def _scalarOrArray(*values):
    """Return the values as arrays of one length, and whether all were scalars."""
    arrays = [np.asarray(value) for value in values]
    if len({array.shape for array in arrays}) > 1:
        raise LengthError("Length mismatch: " + " vs ".join(str(array.size) for array in arrays))
    return arrays, all(np.isscalar(value) for value in values)


def _result(values, isScalar):
    return float(values) if isScalar else values


def abMagFromFlux(flux):
    """Compute AB magnitudes.

    Parameters
    ----------
    flux : `float` or `numpy.ndarray`
        Flux in Jansky.

    Returns
    -------
    mag : `float` or `numpy.ndarray`
        AB magnitude.
    """
    (flux,), isScalar = _scalarOrArray(flux)
    with np.errstate(divide="ignore", invalid="ignore"):
        return _result(-2.5 * np.log10(flux / _JANSKYS_PER_AB_FLUX), isScalar)


def abMagErrFromFluxErr(fluxErr, flux):
    """Compute errors of AB magnitudes.

    Parameters
    ----------
    fluxErr, flux : `float` or `numpy.ndarray`
        Error of the flux, and flux, in Jansky.

    Returns
    -------
    magErr : `float` or `numpy.ndarray`
        Error of the magnitude.

    Raises
    ------
    lsst.pex.exceptions.LengthError
        Raised if the arrays differ in length.
    """
    (fluxErr, flux), isScalar = _scalarOrArray(fluxErr, flux)
    with np.errstate(divide="ignore", invalid="ignore"):
        return _result(np.abs(fluxErr / (-0.4 * flux * math.log(10))), isScalar)


def fluxFromABMag(mag):
    """Compute fluxes in Jansky of AB magnitudes (`float` or `numpy.ndarray`)."""
    (mag,), isScalar = _scalarOrArray(mag)
    return _result(10.0**(-0.4 * mag) * _JANSKYS_PER_AB_FLUX, isScalar)


def fluxErrFromABMagErr(magErr, mag):
    """Compute errors of fluxes in Jansky.

    Parameters
    ----------
    magErr, mag : `float` or `numpy.ndarray`
        Error of the magnitude, and magnitude.

    Returns
    -------
    fluxErr : `float` or `numpy.ndarray`
        Error of the flux in Jansky.

    Raises
    ------
    lsst.pex.exceptions.LengthError
        Raised if the arrays differ in length.
    """
    (magErr, mag), isScalar = _scalarOrArray(magErr, mag)
    return _result(np.abs(-0.4 * magErr * fluxFromABMag(mag) * math.log(10)), isScalar)
