# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The exceptions that every failure of the FITS layer becomes."""

__all__ = ["FitsError", "FitsTypeError"]

import lsst.pex.exceptions


class FitsError(lsst.pex.exceptions.IoError):
    """A FITS file could not be read or written; the message names the file and the HDU."""


class FitsTypeError(FitsError):
    """The pixels of a file do not fit into the requested type."""
