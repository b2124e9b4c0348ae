# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Sub-pixel shifts of many small images at once, with the numbers of `offsetImage`, compiled.

An image shifted by (dx, dy) is ``sum_st a_s(dy) b_t(dx) image[y + s, x + t]`` with the normalised weights a
and b of the warping kernel: first the pixels of each row are combined, then the rows. Sums of pixels with
shifted images as weights are here too, as Numba's cache does not see changes of what a function calls in
other files.
"""

__all__ = ["Shifts", "shiftCombinations", "shiftImages", "sumShifted"]

import dataclasses

import numpy as np

from lsst._compiled import compiled
from lsst._threads import runInThreads

from ._warpingKernel import makeWarpingKernel

_GROUP = 10  # numbers that are combined in one go: all that lanczos5 needs


@dataclasses.dataclass(frozen=True)
class Shifts:
    """Sub-pixel shifts along x and y by a warping kernel."""

    weights: np.ndarray
    """Weights of the pixels that a shifted pixel is made of, summing to one, (2, n, taps)."""

    reach: np.ndarray
    """How far the first of those pixels is to the left of (below) the shifted one, (2, n), `int`."""

    @classmethod
    def make(cls, dx, dy, algorithmName="lanczos5"):
        """Prepare shifts.

        Parameters
        ----------
        dx, dy : `numpy.ndarray`, (n,)
            Shifts in pixels, in (-1, 1). They are rounded to single precision, as afw's `offsetImage` does.
        algorithmName : `str`
            Warping kernel: ``lanczosN``, ``bilinear`` or ``nearest``.

        Returns
        -------
        shifts : `Shifts`
            The shifts.
        """
        kernel = makeWarpingKernel(algorithmName)
        shift = np.array([dx, dy], dtype=np.float32).astype(np.float64)
        taps = kernel.getWidth()
        # It is even, and reaches further on the side that the shift comes from.
        reach = taps//2 - (shift <= 0)
        offsets = np.arange(taps) - reach[:, :, np.newaxis]
        weights = kernel._evaluateAt(offsets, -shift[:, :, np.newaxis])
        return cls(weights/weights.sum(axis=2, keepdims=True), reach)

    def __len__(self):
        return self.reach.shape[1]

    def __getitem__(self, rows):
        return Shifts(self.weights[:, rows], self.reach[:, rows])


def shiftImages(images, shifts):
    """Shift each of a stack of images by its own sub-pixel offset.

    Parameters
    ----------
    images : `numpy.ndarray`, (n, height, width)
        Images; zero is assumed outside.
    shifts : `Shifts`
        The n shifts.

    Returns
    -------
    shifted : `numpy.ndarray`, (n, height, width)
        Shifted images, double precision.
    """
    return _shiftPadded(images, np.arange(len(shifts)), np.ones((len(shifts), 1)), shifts)


def shiftCombinations(basis, coefficients, shifts):
    """Shift linear combinations of a few images, each by its own sub-pixel offset.

    Parameters
    ----------
    basis : `numpy.ndarray`, (m, height, width)
        Basis images; zero is assumed outside.
    coefficients : `numpy.ndarray`, (n, m)
        Coefficients of the basis images in each of the n images.
    shifts : `Shifts`
        The n shifts.

    Returns
    -------
    shifted : `numpy.ndarray`, (n, height, width)
        Shifted images, double precision.
    """
    return _shiftPadded(basis, np.zeros(len(shifts), dtype=np.int64), coefficients, shifts)


def sumShifted(image, variance, starts, weights, shifts, wanted):
    """Sum the pixels around many positions, each times the weight that a shifted image gives it.

    Parameters
    ----------
    image, variance : `numpy.ndarray`, (height, width)
        The pixels and their variance.
    starts : `numpy.ndarray`, (n, 2), `int`
        Pixels (x, y), counted from the first of the image, that the middle pixels of the weights are at
        before the shift.
    weights : sequence of `numpy.ndarray`, (size, size)
        The images that are shifted, in the precision of the image; their sizes are odd. Pixels too near the
        border for the kernel keep their value.
    shifts : `Shifts`
        The n shifts.
    wanted : `numpy.ndarray`, (len(weights), n), `bool`
        Which sums.

    Returns
    -------
    sums : `numpy.ndarray`, (2, len(weights), n)
        Sums of the pixels times the weights, and of the variances times their squares, over the pixels that
        are on the image; NaN of sums not wanted.
    """
    sums = np.full((2, *wanted.shape), np.nan)
    sizes = np.array([len(image) for image in weights])
    if len(sizes):
        # Neighbors follow each other, whose pixels are still in the processor's cache.
        order = np.argsort(starts[:, 1], kind="stable")
        flat = np.concatenate([values.ravel() for values in weights]).astype(image.dtype)
        kernelWeights = shifts.weights.astype(image.dtype)
        runInThreads(_sumAll, len(order), image, variance, starts, order, flat, sizes, kernelWeights,
                     shifts.reach, wanted, sums)
    return sums


def _shiftPadded(basis, firsts, coefficients, shifts):
    radius = shifts.weights.shape[2]//2
    padded = np.pad(np.asarray(basis, dtype=np.float64), ((0, 0), (radius, radius), (radius, radius)))
    height, width = basis.shape[1:]
    shifted = np.empty((len(shifts), height, width))
    coefficients = np.ascontiguousarray(coefficients, dtype=np.float64)
    starts = radius - shifts.reach
    runInThreads(_fill, len(shifted), padded, firsts, coefficients, shifts.weights, starts, height, shifted)
    return shifted


@compiled
def _fill(basis, firsts, coefficients, weights, starts, height, images, first, last):
    """Write a part of each shifted image, of some size."""
    fullHeight, fullWidth = basis.shape[1:]
    image = np.empty(fullHeight*fullWidth)
    lines, shifted = np.empty(len(image)), np.empty(len(image))
    for i in range(first, last):
        _combineImages(basis, firsts[i], coefficients[i], image)
        _shift(image, fullWidth, weights[0, i], weights[1, i], lines, shifted)
        for row in range(height):
            source = shifted[(starts[1, i] + row)*fullWidth + starts[0, i]:]
            target = images[i, row]
            for column in range(len(target)):
                target[column] = source[column]


@compiled
def _sumAll(image, variance, starts, order, flat, sizes, kernelWeights, reach, wanted, sums, first,
            last):
    lines, shifted = np.empty(sizes.max()**2, dtype=flat.dtype), np.empty(sizes.max()**2, dtype=flat.dtype)
    for i in order[first:last]:
        end = 0
        for k in range(len(sizes)):
            size = sizes[k]
            weights, end = flat[end:end + size*size], end + size*size
            if wanted[k, i]:
                _shiftInside(weights, size, kernelWeights[:, i], reach[:, i], lines, shifted)
                sums[0, k, i], sums[1, k, i] = _sumStamp(image, variance, starts[i, 0] - size//2,
                                                         starts[i, 1] - size//2, shifted, size)


@compiled
def _shiftInside(image, size, weights, reach, lines, shifted):
    """Shift a square image where the kernel does not leave it, and copy it elsewhere."""
    fits = max(0, size - weights.shape[1] + 1)
    left, bottom = (reach[0], reach[1]) if fits else (size, size)
    if fits:
        _shift(image, size, weights[0], weights[1], lines, shifted[bottom*size + left:])
    for row in range(size):
        isInside = bottom <= row < bottom + fits
        for column in range(row*size, row*size + (left if isInside else size)):
            shifted[column] = image[column]
        for column in range(row*size + left + fits, (row + 1)*size):
            shifted[column] = image[column]


@compiled
def _sumStamp(image, variance, x, y, weights, size):
    """Return the sums of the pixels and of the variances under weights."""
    flux = total = 0.0
    first, last = max(0, -x), min(size, image.shape[1] - x)
    if first < last:
        for row in range(max(0, -y), min(size, image.shape[0] - y)):
            place = y + row, slice(x + first, x + last)
            sums = _sumRow(weights[row*size + first:row*size + last], image[place], variance[place])
            flux += sums[0]
            total += sums[1]
    return flux, total


@compiled(fastmath={"contract", "reassoc"})
def _sumRow(weights, pixels, variances):
    """Return the sums of a row.

    They may be made of several that run side by side, so that the last bit may differ between models of
    processors.
    """
    flux = total = 0.0
    for k in range(len(weights)):
        weight = np.float64(weights[k])
        flux += weight*pixels[k]
        total += weight*weight*variances[k]
    return flux, total


@compiled
def _shift(image, width, weightsX, weightsY, lines, shifted):
    """Shift an image with rows of some width; its first pixel becomes the first that the kernel fits.

    Pixels are combined across the ends of rows, where nothing is used: one long loop is faster than many.
    """
    nLines = len(image) - len(weightsX) + 1
    _combine(image, 1, weightsX, lines[:nLines])
    _combine(lines, width, weightsY, shifted[:nLines - (len(weightsY) - 1)*width])


@compiled(fastmath={"contract"})
def _combineImages(basis, first, coefficients, image):
    """Add up images, each times its coefficient."""
    source, coefficient = basis[first].reshape(-1), coefficients[0]
    for k in range(len(image)):
        image[k] = coefficient*source[k]
    for m in range(1, len(coefficients)):
        source, coefficient = basis[first + m].reshape(-1), coefficients[m]
        for k in range(len(image)):
            image[k] += coefficient*source[k]


@compiled
def _combine(source, stride, weights, target):
    """Compute ``target[k] = sum_t weights[t]*source[k + t*stride]``."""
    target[:] = 0.0
    for first in range(0, len(weights), _GROUP):
        _addGroup(source, stride, first, weights, target)


@compiled(fastmath={"contract"})
def _addGroup(source, stride, first, weights, target):
    """Add a group of products; written out, as that makes the processor work on many pixels at a time."""
    w0, s0 = _getTerm(source, stride, first, weights)
    w1, s1 = _getTerm(source, stride, first + 1, weights)
    w2, s2 = _getTerm(source, stride, first + 2, weights)
    w3, s3 = _getTerm(source, stride, first + 3, weights)
    w4, s4 = _getTerm(source, stride, first + 4, weights)
    w5, s5 = _getTerm(source, stride, first + 5, weights)
    w6, s6 = _getTerm(source, stride, first + 6, weights)
    w7, s7 = _getTerm(source, stride, first + 7, weights)
    w8, s8 = _getTerm(source, stride, first + 8, weights)
    w9, s9 = _getTerm(source, stride, first + 9, weights)
    for k in range(len(target)):
        target[k] += (w0*s0[k] + w1*s1[k] + w2*s2[k] + w3*s3[k] + w4*s4[k]
                      + w5*s5[k] + w6*s6[k] + w7*s7[k] + w8*s8[k] + w9*s9[k])


@compiled
def _getTerm(source, stride, t, weights):
    """Return a weight, and the numbers that it is for; beyond the last, zero and those of the last."""
    last = len(weights) - 1
    return weights[t] if t <= last else weights.dtype.type(0), source[stride*min(t, last):]
