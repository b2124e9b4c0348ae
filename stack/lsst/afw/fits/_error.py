# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The exceptions that every failure of the FITS layer becomes."""

__all__ = ["FitsError", "FitsTypeError", "namingErrors"]

import contextlib

import lsst.pex.exceptions


class FitsError(lsst.pex.exceptions.IoError):
    """A FITS file could not be read or written; the message names the file and the HDU."""


class FitsTypeError(FitsError):
    """The pixels of a file do not fit into the requested type."""


@contextlib.contextmanager
def namingErrors(where):
    """Let exceptions of the stack say where in a file something is wrong, if they do not say so yet.

    Parameters
    ----------
    where : `str`
        File and HDU, as `Hdu.where` has them.
    """
    try:
        yield
    except lsst.pex.exceptions.Exception as err:
        if where.partition(", HDU")[0] in str(err):
            raise
        raise type(err)(f"{err} ({where})") from err
