# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Resampling of a kernel image on the pixels that a linear map takes it to.

Compiled, as the pixels under a warping kernel are others for each pixel: NumPy gathers 36 times the image.
"""

__all__ = ["StampWarper"]

import numpy as np

from lsst._compiled import compiled


class StampWarper:
    """Resamples images, which are zero outside.

    Parameters
    ----------
    kernel : `lsst.afw.math.LanczosWarpingKernel` or its like
        Warping kernel; its cache is used if it has one.
    """

    def __init__(self, kernel):
        self._kernel = kernel
        self._size, self._ctr = kernel.getWidth(), kernel.getCtr()[0]  # of either axis
        self._border = max(self._ctr, self._size - self._ctr)
        self._tables = kernel._normalizedCache
        self._padded = np.zeros((0, 0))

    def warp(self, image, xy0, inverse, box):
        """Resample an image.

        Parameters
        ----------
        image : `numpy.ndarray`, (height, width)
            Image.
        xy0 : sequence of `int`
            Position of its first pixel.
        inverse : `numpy.ndarray`, (2, 2)
            Matrix that takes positions in the result to positions in the image.
        box : sequence of `int`
            Position x, y of the first pixel of the result, its width and height.

        Returns
        -------
        warped : `numpy.ndarray`, (height, width)
            Pixels of the result, not normalized.
        """
        x0, y0, width, height = box
        places = inverse, xy0[0] - self._border, xy0[1] - self._border, x0, y0
        warped = np.empty((height, width))
        tables = self._tables or self._evaluate(places, warped.shape)
        _warp(self._pad(image), *places, self._ctr, *tables, self._tables is None, (0.0,)*self._size, warped)
        return warped

    def _pad(self, image):
        """Put as many zeros around an image as the kernel may reach."""
        border = self._border
        shape = image.shape[0] + 2*border, image.shape[1] + 2*border
        if self._padded.shape != shape:
            self._padded = np.zeros(shape)
        self._padded[border:-border, border:-border] = image
        return self._padded

    def _evaluate(self, places, shape):
        """Return the weights in x and y, with sum one, for each pixel of the result: 2 times (n, size)."""
        fractions = np.empty((2, *shape))
        _findFractions(*places, fractions)
        return [self._kernel._normalizedWeights(axis, fractions[axis].ravel()) for axis in range(2)]


@compiled
def _warp(padded, inverse, left, bottom, x0, y0, ctr, tableX, tableY, isExact, taps, warped):
    """Resample; ``taps`` is a tuple as long as the kernel is wide, so that loops over it are unrolled."""
    height, width = warped.shape
    startX, startY = np.empty(width, dtype=np.int32), np.empty(width, dtype=np.int32)
    entryX, entryY = np.empty(width, dtype=np.int32), np.empty(width, dtype=np.int32)
    fraction = np.empty(width)
    warped[:] = 0.0
    for row in range(height):
        _locate(inverse[0, 0], inverse[0, 1], left, x0, y0 + row, startX, fraction)
        _findEntries(fraction, len(tableX), entryX)
        _locate(inverse[1, 0], inverse[1, 1], bottom, x0, y0 + row, startY, fraction)
        _findEntries(fraction, len(tableY), entryY)
        if isExact:
            entryX[:] = entryY[:] = np.arange(row*width, (row + 1)*width)
        first, end = _findInside(startX, startY, ctr, len(taps), padded.shape)
        for column in range(first, end):
            weightsX, weightsY = tableX[entryX[column]], tableY[entryY[column]]
            x, y = startX[column] - ctr, startY[column] - ctr
            total = 0.0
            for j in range(len(taps)):
                # Unsigned: Numba then sees that no index counts from the end.
                pixels = padded[np.uint32(y) + np.uint32(j), np.uint32(x):]
                part = 0.0
                for i in range(len(taps)):
                    part += weightsX[i]*pixels[i]
                total += weightsY[j]*part
            warped[row, column] = total


@compiled
def _findFractions(inverse, left, bottom, x0, y0, fractions):
    start = np.empty(fractions.shape[2], dtype=np.int32)
    for row in range(fractions.shape[1]):
        _locate(inverse[0, 0], inverse[0, 1], left, x0, y0 + row, start, fractions[0, row])
        _locate(inverse[1, 0], inverse[1, 1], bottom, x0, y0 + row, start, fractions[1, row])


@compiled
def _locate(factorX, factorY, origin, x0, y, start, fraction):
    """Find the pixels left of positions on one axis of the image, and their distances, of a row."""
    for column in range(len(start)):
        position = factorX*(x0 + column) + factorY*y - origin
        nearest = np.floor(position + 0.5)
        distance = position - nearest
        isLeft = distance < 0.0
        start[column] = np.int32(nearest - 1.0 if isLeft else nearest)
        fraction[column] = distance + 1.0 if isLeft else distance


@compiled
def _findEntries(fraction, n, entry):
    """Find the entries of fractions in a table of length n."""
    for column in range(len(entry)):
        # A fraction that was rounded up to one belongs to the last entry.
        entry[column] = min(np.int32(fraction[column]*n), np.int32(n - 1))


@compiled
def _findInside(startX, startY, ctr, size, shape):
    """Find the first column of a row, and the one after the last, where the kernel is inside of the image."""
    first, end = 0, len(startX)
    while first < end and not _isInside(startX[first], startY[first], ctr, size, shape):
        first += 1
    while end > first and not _isInside(startX[end - 1], startY[end - 1], ctr, size, shape):
        end -= 1
    return first, end


@compiled
def _isInside(x, y, ctr, size, shape):
    return ctr <= x <= shape[1] - size + ctr and ctr <= y <= shape[0] - size + ctr
