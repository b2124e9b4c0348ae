# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""What the system refuses, such as to write to a full disk, in one line and not in a traceback."""

from __future__ import annotations

__all__ = ["endUponSystemError", "systemErrorsAsTaskErrors"]

import contextlib
import os
import sys
from collections.abc import Iterator

from lsst.afw.fits import FitsError
from lsst.pipe.base import TaskError

from .describeError import describeError


@contextlib.contextmanager
def systemErrorsAsTaskErrors() -> Iterator[None]:
    """Raise a `TaskError` for what the system refuses; such errors are reported in one line.

    Raises
    ------
    lsst.pipe.base.TaskError
        Raised for an `OSError` or `lsst.afw.fits.FitsError`: files cannot be
        made, the disk is full and the like.
    """
    try:
        yield
    except BrokenPipeError:
        # The reader of the output is gone, which ends the command.
        raise
    except (OSError, FitsError) as error:
        raise TaskError(_describe(error)) from error


@contextlib.contextmanager
def endUponSystemError() -> Iterator[None]:
    """End the command, if the system refuses something, with one line and status 1.

    Raises
    ------
    SystemExit
        Raised for an `OSError` or `lsst.afw.fits.FitsError`, unless
        ``--doraise`` asks for the error itself.
    """
    try:
        yield
    except BrokenPipeError:
        raise
    except (OSError, FitsError) as error:
        if "--doraise" in sys.argv:
            raise
        sys.exit(f"{os.path.basename(sys.argv[0])}: {_describe(error)}")


def _describe(error: Exception) -> str:
    """Return reason and file, without the number of the error."""
    if isinstance(error, OSError) and error.strerror and error.filename:
        return f"{error.filename}: {error.strerror}"
    return describeError(error)
