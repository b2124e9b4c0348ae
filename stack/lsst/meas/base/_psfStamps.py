# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""PSF images at many positions at once."""

import dataclasses

import numpy as np

from lsst.pex.exceptions import InvalidParameterError

from ._rows import Failure

__all__ = ["PsfStamps", "computePsfStamps", "fail"]

_CHUNK = 512  # stamps in work at a time: some megabytes of the usual PSF images


@dataclasses.dataclass(frozen=True)
class PsfStamps:
    """PSF images at some of the positions."""

    rows: np.ndarray
    """Numbers of the rows of the catalog, (n,)."""

    images: np.ndarray
    """PSF images, (n, h, w), `float64`."""

    xy0: np.ndarray
    """Position (x, y) of the first pixel of each, (n, 2), `int`."""


def computePsfStamps(psf, positions, rows):
    """Compute the PSF at many positions.

    Parameters
    ----------
    psf : `lsst.afw.detection.Psf`
        The PSF.
    positions : `numpy.ndarray`, (n, 2)
        Positions (pixels).
    rows : `numpy.ndarray`
        Which of them.

    Yields
    ------
    chunk : `PsfStamps` or `Failure`
        Images of one size each; or the rows where the PSF cannot be computed.
    """
    # Those whose images have different sizes have chunks of their own.
    length = _CHUNK if psf._isRectangular() else max(1, len(rows))
    for start in range(0, len(rows), length):
        yield from _computeChunk(psf, positions, rows[start : start + length])


def _computeChunk(psf, positions, rows):
    failed = np.ones(len(rows), dtype=bool)
    for index, images, xy0 in psf._computeImageBatches(positions[rows]):
        failed[index] = False
        yield PsfStamps(rows[index], images, xy0)
    if failed.any():
        yield fail(rows[failed])


def fail(rows):
    """Return the `Failure` of rows where there is no PSF."""
    return Failure(rows, InvalidParameterError("The PSF cannot be computed at this position"))
