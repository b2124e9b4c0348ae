# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Sub-pixel shifts of many small images at once, with the numbers of `offsetImage`, compiled.

An image shifted by (dx, dy) is ``sum_st a_s(dy) b_t(dx) image[y + s, x + t]`` with the normalised weights a
and b of the warping kernel: first the pixels of each row are combined, then the rows. What is made of a
shifted image while it is in the processor's cache is here too, fits and sums: Numba's cache of code does not
see changes of what a function calls in other files.
"""

__all__ = ["Shifts", "fitImages", "fitShifted", "shiftCombinations", "shiftImages", "sumShifted"]

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


def fitImages(planes, badBits, images, starts):
    """Fit images to the pixels under them that are there and not masked, by least squares without weights.

    Parameters
    ----------
    planes : `tuple` of `numpy.ndarray`, (height, width)
        Pixels, mask and variance.
    badBits : `int`
        Mask of the pixels that are left out.
    images : `numpy.ndarray`, (n, h, w), `float64`
        The images, such as those of PSFs.
    starts : `numpy.ndarray`, (n, 2), `int`
        Where the first pixel (x, y) of each is, counted from the first of the planes.

    Returns
    -------
    fluxes, errors, areas, chi2s : `numpy.ndarray`, (n,)
        With image phi, data d and variance v: sum(phi d)/sum(phi^2), sqrt(sum(phi^2 v))/sum(phi^2),
        sum(phi)/sum(phi^2) and sum((d - flux phi)^2/v); NaN where there is no pixel.
    nPixels : `numpy.ndarray`, (n,), `int32`
        Numbers of pixels.
    clipped : `numpy.ndarray`, (n,), `bool`
        Which images are not wholly on the planes.
    """
    results = _makeFits(len(images))
    runInThreads(_fitAll, len(images), *planes, badBits, images, starts, *results)
    return *results[0], *results[1:]


def fitShifted(planes, badBits, basis, coefficients, shifts, starts):
    """Fit linear combinations of a few images, each shifted by its own sub-pixel offset.

    Parameters
    ----------
    planes, badBits, starts
        See `fitImages`.
    basis, coefficients, shifts
        See `shiftCombinations`.

    Returns
    -------
    fluxes, errors, areas, chi2s, nPixels, clipped
        What `fitImages` returns for the images of `shiftCombinations`.
    """
    results = _makeFits(len(shifts))
    runInThreads(_fitAllShifted, len(shifts), *planes, badBits, *_prepare(basis, coefficients, shifts),
                 basis.shape[1], starts, *results)
    return *results[0], *results[1:]


def _makeFits(n):
    return np.full((4, n), np.nan), np.zeros(n, dtype=np.int32), np.zeros(n, dtype=bool)


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
    shifted = np.empty((len(shifts), *basis.shape[1:]))
    runInThreads(_shiftAll, len(shifts), firsts, *_prepare(basis, coefficients, shifts), shifted)
    return shifted


def _prepare(basis, coefficients, shifts):
    """Return basis with a border of zeros, coefficients, weights, and where shifted images start."""
    radius = shifts.weights.shape[2]//2
    padded = np.pad(np.asarray(basis, dtype=np.float64), ((0, 0), (radius, radius), (radius, radius)))
    coefficients = np.ascontiguousarray(coefficients, dtype=np.float64)
    return padded, coefficients, shifts.weights, radius - shifts.reach


@compiled
def _shiftAll(firsts, basis, coefficients, weights, starts, images, first, last):
    size = basis.shape[1]*basis.shape[2]
    buffers = np.empty(size), np.empty(size), np.empty(size)
    for i in range(first, last):
        _shiftOne(basis, firsts[i], coefficients[i], weights[:, i], starts[:, i], buffers, images[i])


@compiled
def _shiftOne(basis, first, coefficients, weights, starts, buffers, target):
    """Write a combination of images, shifted; three buffers have the size of the images with their border."""
    combined, lines, shifted = buffers
    width = basis.shape[2]
    image, factor = basis[first].reshape(-1), coefficients[0]
    if len(coefficients) > 1:
        _combineImages(basis, first, coefficients, combined)
        image, factor = combined, 1.0
    _shift(image, width, weights, lines, shifted)
    for row in range(target.shape[0]):
        source = shifted[(starts[1] + row)*width + starts[0]:]
        pixels = target[row]
        for column in range(len(pixels)):
            pixels[column] = factor*source[column]


@compiled
def _fitAllShifted(image, mask, variance, badBits, basis, coefficients, weights, shiftStarts, height, starts,
                   results, nPixels, clipped, first, last):
    planes, size = (image, mask, variance), basis.shape[1]*basis.shape[2]
    buffers = np.empty(size), np.empty(size), np.empty(size)
    model = np.empty((height, basis.shape[2] - basis.shape[1] + height))
    phi = np.empty((1, model.size))
    d, v = np.empty(phi.shape, dtype=image.dtype), np.empty(phi.shape, dtype=variance.dtype)
    for i in range(first, last):
        _shiftOne(basis, 0, coefficients[i], weights[:, i], shiftStarts[:, i], buffers, model)
        _fitOne(planes, badBits, model, starts[i], phi, d, v, results[:, i], nPixels[i:], clipped[i:])


@compiled
def _fitAll(image, mask, variance, badBits, images, starts, results, nPixels, clipped, first, last):
    planes = image, mask, variance
    phi = np.empty((1, images.shape[1]*images.shape[2]))
    d, v = np.empty(phi.shape, dtype=image.dtype), np.empty(phi.shape, dtype=variance.dtype)
    for i in range(first, last):
        _fitOne(planes, badBits, images[i], starts[i], phi, d, v, results[:, i], nPixels[i:], clipped[i:])


@compiled
def _fitOne(planes, badBits, model, start, phi, d, v, results, nPixels, clipped):
    """Write the results of `_fit`, and as first of arrays the number of pixels and if some are missing."""
    image, mask, variance = planes
    height, width = model.shape
    x, y = start
    left, right = max(0, -x), min(width, image.shape[1] - x)
    bottom, top = max(0, -y), min(height, image.shape[0] - y)
    nPixels[0] = max(0, right - left)*max(0, top - bottom)
    clipped[0] = nPixels[0] < height*width
    pixels = model, image, variance
    if badBits:
        nPixels[0] = _pack(model, image, variance, mask, badBits, x, y, left, right, bottom, top, phi, d, v)
        pixels = phi, d, v
        x, y, left, right, bottom, top = 0, 0, 0, nPixels[0], 0, 1
    results[0], results[1], results[2], results[3] = _fit(*pixels, x, y, left, right, bottom, top)


@compiled
def _pack(model, image, variance, mask, badBits, x, y, left, right, bottom, top, phi, d, v):
    """Copy what is not masked to a row each; return its length."""
    n = 0
    for row in range(bottom, top):
        for column in range(left, right):
            if not mask[y + row, x + column] & badBits:
                phi[0, n], d[0, n] = model[row, column], image[y + row, x + column]
                v[0, n] = variance[y + row, x + column]
                n += 1
    return n


@compiled(fastmath={"contract", "reassoc"})
def _fit(model, image, variance, x, y, left, right, bottom, top):
    """Return flux, error, area and chi2 of a fit to a rectangle of pixels.

    The sums may be made of several that run side by side, so that the last bit may differ between models of
    processors.
    """
    product = square = noise = total = chi2 = 0.0
    place = slice(x + left, x + right)
    for row in range(bottom, top):
        phi, d, v = model[row, left:right], image[y + row, place], variance[y + row, place]
        for k in range(len(phi)):
            product += phi[k]*d[k]
            square += phi[k]*phi[k]
            noise += phi[k]*phi[k]*v[k]
            total += phi[k]
    flux = product/square
    for row in range(bottom, top):
        phi, d, v = model[row, left:right], image[y + row, place], variance[y + row, place]
        for k in range(len(phi)):
            residual = d[k] - flux*phi[k]
            chi2 += residual*residual/v[k]
    return flux, np.sqrt(noise)/square, total/square, chi2


@compiled
def _sumAll(image, variance, starts, order, flat, sizes, kernelWeights, reach, wanted, sums, first,
            last):
    lines, shifted = np.empty_like(flat), np.empty_like(flat)
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
        _shift(image, size, weights, lines, shifted[bottom*size + left:])
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
def _shift(image, width, weights, lines, shifted):
    """Shift an image with rows of some width; its first pixel becomes the first that the kernel fits.

    Pixels are combined across the ends of rows, where nothing is used: one long loop is faster than many.
    """
    # Not a plain 1, for which all below would be compiled once more.
    source, target, stride, n = image, lines, np.int64(1), len(image)
    for axis in range(2):
        n -= (weights.shape[1] - 1)*stride
        target[:n] = 0.0
        for first in range(0, weights.shape[1], _GROUP):
            _addGroup(source, stride, first, weights[axis], target[:n])
        source, target, stride = lines, shifted, width


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


@compiled(fastmath={"contract"})
def _addGroup(source, stride, first, weights, target):
    """Add ``sum_t weights[t]*source[k + t*stride]`` to ``target[k]``, over a group of t from the first on.

    It is written out, as that makes the processor work on many pixels at a time.
    """
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
