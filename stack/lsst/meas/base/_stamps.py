# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The pixels around many positions at once, and the PSF images there."""

import dataclasses

import numpy as np

from lsst.pex.exceptions import InvalidParameterError

from ._rows import Failure

__all__ = [
    "PsfStamps",
    "RoughPsfStamps",
    "Stamps",
    "computePsfStamps",
    "computeRoughPsfStamps",
    "orderForStamps",
]

_CHUNK = 128  # stamps in work at a time: some megabytes of the usual PSF images
_EDGE = 64  # pixels that few stamps reach farther than


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
    for start in range(0, len(rows), _CHUNK):
        yield from _computeChunk(psf, positions, rows[start : start + _CHUNK])


@dataclasses.dataclass(frozen=True)
class RoughPsfStamps(PsfStamps):
    """PSF images in single precision."""

    lost: float
    """Greatest error of an image, as the norm of the pixels relative to that of the image."""


def computeRoughPsfStamps(psf, positions, rows):
    """Compute the PSF at many positions in single precision, where there is a fast way.

    Parameters
    ----------
    psf, positions, rows
        See `computePsfStamps`.

    Yields
    ------
    chunk : `RoughPsfStamps`
        Images of one size each, at some of the positions.
    """
    for index, images, xy0, lost in psf._computeRoughImages(positions[rows], _CHUNK):
        yield RoughPsfStamps(rows[index], images, xy0, lost)


def _computeChunk(psf, positions, rows):
    failed = np.ones(len(rows), dtype=bool)
    for index, images, xy0 in psf._computeImageBatches(positions[rows]):
        failed[index] = False
        yield PsfStamps(rows[index], images, xy0)
    if failed.any():
        yield Failure(rows[failed], InvalidParameterError("The PSF cannot be computed at this position"))


def orderForStamps(exposure, x, y):
    """Find the order of sources in which stamps around them are cut fastest.

    Parameters
    ----------
    exposure : `lsst.afw.image.Exposure`
        The image.
    x, y : `numpy.ndarray`, (n,)
        Positions (pixels), finite.

    Returns
    -------
    order : `numpy.ndarray`, (n,)
        Neighbors follow each other, and those whose stamps may reach over the edge come last.
    """
    box = exposure.getBBox()
    toEdge = np.minimum(
        np.minimum(x - box.getMinX(), box.getMaxX() - x), np.minimum(y - box.getMinY(), box.getMaxY() - y)
    )
    return np.lexsort((y, toEdge < _EDGE))


class Stamps:
    """Cuts stamps out of an exposure.

    Parameters
    ----------
    exposure : `lsst.afw.image.Exposure`
        The exposure.
    badMaskPlanes : iterable of `str`, optional
        Mask planes of the pixels that are not used.
    """

    def __init__(self, exposure, badMaskPlanes=()):
        self._image = exposure.image.array
        self._variance = exposure.variance.array
        planes = list(badMaskPlanes)
        self._badBits = exposure.mask.getPlaneBitMask(planes) if planes else 0
        self._mask = exposure.mask.array
        xy0 = exposure.getXY0()
        self._xy0 = np.array([xy0.getX(), xy0.getY()])

    def cut(self, xy0, shape):
        """Cut stamps of one shape.

        Parameters
        ----------
        xy0 : `numpy.ndarray`, (n, 2)
            Position (x, y) of the first pixel of each.
        shape : `tuple`
            Height and width.

        Returns
        -------
        data, variance : `numpy.ndarray`, (n, h, w), `float64`
            Pixel values; of pixels that are not used, 0 and 1.
        used : `numpy.ndarray`, (n, h, w), `bool`, or `None`
            Which pixels are on the image and not masked; `None` if all are.
        clipped : `numpy.ndarray`, (n,), `bool`
            Which stamps are not wholly on the image.
        """
        cutter, clipped, used = self._prepare(xy0, shape)
        data, variance = (cutter(array).astype(np.float64) for array in (self._image, self._variance))
        if used is not None:
            data[~used] = 0.0
            variance[~used] = 1.0
        return data, variance, used, clipped

    def cutPlanes(self, xy0, shape):
        """Cut stamps of one shape in the precision of the image.

        Parameters
        ----------
        xy0, shape
            See `cut`.

        Returns
        -------
        data, variance : `numpy.ndarray`, (n, h, w)
            Pixel values, 0 of pixels that are not used.
        used : `numpy.ndarray`, (n, h, w), `bool`, or `None`
            See `cut`.
        """
        cutter, _, used = self._prepare(xy0, shape)
        data, variance = cutter(self._image), cutter(self._variance)
        if used is not None:
            data[~used] = variance[~used] = 0.0
        return data, variance, used

    def _prepare(self, xy0, shape):
        x, y = (np.asarray(xy0) - self._xy0).T
        height, width = self._image.shape
        clipped = (x < 0) | (y < 0) | (x + shape[1] > width) | (y + shape[0] > height)
        if clipped.any() or height < shape[0] or width < shape[1]:
            cutter = self._makeClippingCutter(x, y, shape)
        else:
            cutter = self._makeCutter(x, y, shape)
        return cutter, clipped, self._findUsed(x, y, shape, clipped, cutter)

    @staticmethod
    def _makeCutter(x, y, shape):
        return lambda array: np.lib.stride_tricks.sliding_window_view(array, shape)[y, x]

    def _makeClippingCutter(self, x, y, shape):
        """Repeat the pixels of the edge where there are none."""
        height, width = self._image.shape
        rows = np.clip(y[:, np.newaxis] + np.arange(shape[0]), 0, height - 1)
        columns = np.clip(x[:, np.newaxis] + np.arange(shape[1]), 0, width - 1)
        return lambda array: array[rows[:, :, np.newaxis], columns[:, np.newaxis, :]]

    def _findUsed(self, x, y, shape, clipped, cutter):
        used = None
        if clipped.any():
            height, width = self._image.shape
            rows = y[:, np.newaxis] + np.arange(shape[0])
            columns = x[:, np.newaxis] + np.arange(shape[1])
            used = ((rows >= 0) & (rows < height))[:, :, np.newaxis] & ((columns >= 0) & (columns < width))[
                :, np.newaxis, :
            ]
        if self._badBits:
            good = (cutter(self._mask) & self._badBits) == 0
            used = good if used is None else used & good
        return used
