# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Sub-pixel shifts of many small images at once, with the numbers of `offsetImage`.

An image shifted by (dx, dy) is ``sum_st a_s(dy) b_t(dx) image[y + s, x + t]`` with the normalised weights a
and b of the warping kernel: first the pixels of each row are combined, then the rows. It is compiled.
"""

__all__ = ["Shifts", "shiftCombinations", "shiftImages", "shiftInside"]

import dataclasses

import numpy as np

from lsst._compiled import compiled

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


def shiftInside(image, shifts, out=None):
    """Shift an image by many sub-pixel offsets, but for the pixels where the kernel leaves it.

    Parameters
    ----------
    image : `numpy.ndarray`, (height, width)
        The image.
    shifts : `Shifts`
        The n shifts.
    out : `numpy.ndarray`, (n, height, width), `float64`, optional
        Where to write the shifted images.

    Returns
    -------
    shifted : `numpy.ndarray`, (n, height, width)
        Shifted images, double precision. Pixels too near the border for the kernel keep their value.
    """
    shifted = np.empty((len(shifts), *image.shape)) if out is None else out
    shifted[:] = image
    height, width = (max(0, size - shifts.weights.shape[2] + 1) for size in image.shape)
    if height and width:
        image = np.ascontiguousarray(image[np.newaxis], dtype=np.float64)
        first = np.zeros(len(shifts), dtype=np.int64)
        starts = np.zeros_like(shifts.reach)
        _fill(image, first, np.ones((len(shifts), 1)), shifts.weights, starts, shifts.reach, width, height,
              shifted)
    return shifted


def _shiftPadded(basis, firsts, coefficients, shifts):
    radius = shifts.weights.shape[2]//2
    padded = np.pad(np.asarray(basis, dtype=np.float64), ((0, 0), (radius, radius), (radius, radius)))
    height, width = basis.shape[1:]
    shifted = np.empty((len(shifts), height, width))
    coefficients = np.ascontiguousarray(coefficients, dtype=np.float64)
    _fill(padded, firsts, coefficients, shifts.weights, radius - shifts.reach, np.zeros_like(shifts.reach),
          width, height, shifted)
    return shifted


@compiled
def _fill(basis, firsts, coefficients, weights, starts, offsets, width, height, images):
    """Write a part of each shifted image, of some size, from an offset on."""
    fullHeight, fullWidth = basis.shape[1:]
    image = np.empty(fullHeight*fullWidth)
    # Pixels are combined across the ends of rows, where nothing is used: one long loop is faster than many.
    nLost = weights.shape[2] - 1
    lines = np.empty(len(image) - nLost)
    shifted = np.empty(len(lines) - nLost*fullWidth)
    for i in range(len(images)):
        _sum(basis, firsts[i], coefficients[i], image)
        _combine(image, 1, weights[0, i], lines)
        _combine(lines, fullWidth, weights[1, i], shifted)
        for row in range(height):
            source = shifted[(starts[1, i] + row)*fullWidth + starts[0, i]:]
            target = images[i, offsets[1, i] + row, offsets[0, i]:offsets[0, i] + width]
            for column in range(len(target)):
                target[column] = source[column]


@compiled(fastmath={"contract"})
def _sum(basis, first, coefficients, image):
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
    return weights[t] if t <= last else 0.0, source[stride*min(t, last):]
