# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Shift of an image by a constant offset."""

__all__ = ["offsetImage"]

import math

import numpy as np

from lsst.geom import Extent2I
from lsst.pex.exceptions import LengthError

from ._warpingKernel import makeWarpingKernel


def offsetImage(image, dx, dy, algorithmName="lanczos5", buffer=0):
    """Return a copy of an image shifted by a constant offset.

    Parameters
    ----------
    image : `lsst.afw.image.Image` or `lsst.afw.image.MaskedImage`
        Image to shift.
    dx, dy : `float`
        Offset, pixels. If both are smaller than one pixel, xy0 stays; else it moves by the nearest integers
        and the rest is interpolated.
    algorithmName : `str`
        Warping kernel: ``lanczosN``, ``bilinear`` or ``nearest``.
    buffer : `int`
        Number of zero pixels to put around the image before the shift. Pixels too near the border for the
        kernel keep their value.

    Returns
    -------
    shifted : like ``image``
        Shifted copy of the same size.

    Raises
    ------
    lsst.pex.exceptions.LengthError
        If the image with its buffer is smaller than the kernel.
    """
    kernel = makeWarpingKernel(algorithmName)
    width, height = image.getWidth() + 2*buffer, image.getHeight() + 2*buffer
    if kernel.getWidth() > width or kernel.getHeight() > height:
        raise LengthError(f"Image of size {width}x{height} is too small to offset using a {algorithmName} "
                          f"kernel (minimum {kernel.getWidth()}x{kernel.getHeight()})")
    dx, dy = float(np.float32(dx)), float(np.float32(dy))
    origin = (0, 0)
    if not (abs(dx) < 1 and abs(dy) < 1):
        origin = (math.floor(dx + 0.5), math.floor(dy + 0.5))
    fractions = (-(dx - origin[0]), -(dy - origin[1]))
    kernel.setCtr(kernel.getCtr() + Extent2I(*(int(fraction < 0) for fraction in fractions)))
    kernel.setKernelParameters(fractions)
    weightsX, weightsY, _ = kernel._computeVectors(True)

    shifted = image.Factory(image, True)
    if hasattr(image, "mask"):
        _offsetMaskedImage(shifted, weightsX, weightsY, kernel, buffer)
    else:
        shifted.array[:, :] = _convolve(image.array, weightsX, weightsY, kernel, buffer)
    shifted.setXY0(image.getXY0() + Extent2I(*origin))
    return shifted


def _offsetMaskedImage(shifted, weightsX, weightsY, kernel, buffer):
    image, variance, mask = shifted.image.array, shifted.variance.array, shifted.mask.array
    image[:, :] = _convolve(image, weightsX, weightsY, kernel, buffer)
    variance[:, :] = _convolve(variance, weightsX**2, weightsY**2, kernel, buffer)
    edge = shifted.mask.getPlaneBitMask("EDGE")
    mask[:, :] = _convolve(mask, weightsX != 0, weightsY != 0, kernel, buffer, combine=_orPixels, edge=edge)


def _addPixels(total, pixels, weight):
    """Add weighted pixels; the sum is in the pixel type, as in the stack."""
    total += (pixels*weight).astype(total.dtype)


def _orPixels(total, pixels, weight):
    total |= pixels


def _convolve(array, weightsX, weightsY, kernel, buffer, combine=_addPixels, edge=None):
    """Convolve where the kernel fits into the padded array, copy the pixels elsewhere."""
    padded = np.pad(array, buffer)
    height, width = (size - n + 1 for size, n in zip(padded.shape, (len(weightsY), len(weightsX))))
    rows = np.zeros((padded.shape[0], width), dtype=array.dtype)
    for start, weight in enumerate(weightsX):
        if weight != 0:
            combine(rows, padded[:, start:start + width], weight)
    good = np.zeros((height, width), dtype=array.dtype)
    for start, weight in enumerate(weightsY):
        if weight != 0:
            combine(good, rows[start:start + height], weight)
    ctr = kernel.getCtr()
    if edge is not None:
        padded |= padded.dtype.type(edge)
    padded[ctr[1]:ctr[1] + height, ctr[0]:ctr[0] + width] = good
    return padded[buffer:buffer + array.shape[0], buffer:buffer + array.shape[1]]
