# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Errors of measurement algorithms."""

import lsst.pex.exceptions

__all__ = ["FatalAlgorithmError", "MeasurementError", "PixelValueError"]


class MeasurementError(lsst.pex.exceptions.RuntimeError):
    """A failure that the algorithm foresees and has a flag for.

    Parameters
    ----------
    message : `str`
        What failed.
    flagBit : `int`
        Number of the flag in the algorithm's `FlagHandler`.
    """

    def __init__(self, message, flagBit):
        super().__init__(message)
        self._flagBit = flagBit

    @property
    def cpp(self):
        """What algorithms' `fail` takes; in the original the C++ error."""
        return self

    def getFlagBit(self):
        """Return the number of the flag that tells of this failure."""
        return self._flagBit


class FatalAlgorithmError(lsst.pex.exceptions.RuntimeError):
    """A failure that would befall every source, such as a missing PSF; it ends the measurement."""


class PixelValueError(lsst.pex.exceptions.DomainError):
    """A pixel value, such as NaN, that an algorithm cannot work with."""
