# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Convolution of images with kernels, and sums of images."""

__all__ = ["convolve", "scaledPlus"]

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from lsst.pex.exceptions import InvalidParameterError, OverflowError

from ._convolutionControl import ConvolutionControl
from ._edgePixel import isMasked, setPadding
from ._separableKernel import SeparableKernel


def convolve(convolvedImage, inImage, kernel, convolutionControl=None, doCopyEdge=False, *, doNormalize=None):
    """Convolve an image with a kernel (correlate, strictly: the kernel is not reflected).

    Parameters
    ----------
    convolvedImage : `lsst.afw.image.Image` or `lsst.afw.image.MaskedImage`
        Image to fill; its xy0 is set to that of the other.
    inImage : like ``convolvedImage``
        Image to convolve, of the same size.
    kernel : `Kernel`
        Kernel. Pixels where it is zero play no part, not even if they are NaN or masked.
    convolutionControl : `ConvolutionControl` or `bool`, optional
        How to convolve, or only whether to normalise the kernel.
    doCopyEdge, doNormalize : `bool`, optional
        Without a `ConvolutionControl`, its parameters of those names.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        If the images differ in size, or are smaller than the kernel.
    lsst.pex.exceptions.OverflowError
        If the kernel has to be normalised and its sum is zero.
    NotImplementedError
        If an image of integers meets a kernel that varies and is not interpolated.

    Notes
    -----
    With kernel values k, the image becomes sum(k*image), the variance sum(k^2*variance), and the mask the
    union of those of all pixels used. Sums are made in double precision; for an image of integers each
    product is truncated first, as in the stack.
    """
    control = convolutionControl
    if not isinstance(control, ConvolutionControl):
        normalize = doNormalize if doNormalize is not None else (control is None or control)
        control = ConvolutionControl(normalize, doCopyEdge)
    _checkDimensions(convolvedImage, inImage, kernel)
    planes = _planes(inImage)
    if kernel.isSpatiallyVarying():
        results = _convolveVarying(planes, inImage.getXY0(), kernel, control)
    else:
        results = _convolveFixed(planes, kernel, control.getDoNormalize())
    x0, y0 = kernel.getCtr()
    height, width = results[0].shape
    good = np.zeros(planes[0].shape, dtype=bool)
    good[y0:y0 + height, x0:x0 + width] = True
    edges = [plane[~good] for plane in planes]
    for target, result in zip(_planes(convolvedImage), results):
        target[y0:y0 + height, x0:x0 + width] = result
    _setEdges(convolvedImage, ~good, edges if control.getDoCopyEdge() else None)
    convolvedImage.setXY0(inImage.getXY0())


def scaledPlus(outImage, c1, inImage1, c2, inImage2):
    """Set an image to a weighted sum, c1*inImage1 + c2*inImage2; variances to that with squared weights.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        If the images differ in size.
    """
    for image, other, names in ((outImage, inImage1, "outImage and inImage1"),
                                (inImage1, inImage2, "inImage1 and inImage2")):
        if image.getDimensions() != other.getDimensions():
            raise InvalidParameterError(
                f"dimensions of {names} differ: {image.getDimensions()} != {other.getDimensions()}")
    for i, (out, first, second) in enumerate(zip(*map(_planes, (outImage, inImage1, inImage2)))):
        if i == 1:
            out[:, :] = first | second
        else:
            out[:, :] = first*np.float64(c1)**(1 + i//2) + second*np.float64(c2)**(1 + i//2)


def _planes(image):
    """Return the arrays of image, mask and variance, or only the first."""
    if isMasked(image):
        return [image.image.array, image.mask.array, image.variance.array]
    return [image.array]


def _checkDimensions(convolvedImage, inImage, kernel):
    if convolvedImage.getDimensions() != inImage.getDimensions():
        raise InvalidParameterError(f"convolvedImage dimensions = {convolvedImage.getDimensions()} != "
                                    f"{inImage.getDimensions()} = inImage dimensions")
    if isMasked(convolvedImage) != isMasked(inImage):
        raise TypeError("convolve: one image has a mask and the other has not")
    if inImage.getWidth() < kernel.getWidth() or inImage.getHeight() < kernel.getHeight():
        raise InvalidParameterError(f"inImage dimensions = {inImage.getDimensions()} smaller than "
                                    f"{kernel.getDimensions()} = kernel dimensions in width and/or height")


def _setEdges(image, where, copied):
    if copied is None:
        setPadding(image, where)
        return
    for target, values in zip(_planes(image), copied):
        target[where] = values
    if isMasked(image):
        image.mask.array[where] |= image.mask.getPlaneBitMask("EDGE")


def _convolveFixed(planes, kernel, doNormalize):
    if isinstance(kernel, SeparableKernel):
        columns, rows, _ = kernel._computeVectors(doNormalize)
        factors = [np.asarray(columns, dtype=np.float64)[np.newaxis], np.array(rows)[:, np.newaxis]]
    else:
        factors = [np.array(kernel._computeArray(doNormalize)[0], dtype=np.float64)]
    results = list(planes)
    for factor in factors:
        results = [_correlate(results[0], factor, planes[0].dtype.kind != "f"),
                   *([_orMasks(results[1], factor != 0), _correlate(results[2], factor**2, False)]
                     if len(planes) > 1 else [])]
    return results


def _correlate(array, weights, truncate):
    """Return sums over windows of an array, weighted, where the window is inside."""
    from scipy.ndimage import correlate

    height, width = weights.shape
    if truncate:
        windows = sliding_window_view(array, weights.shape)
        return sum(np.trunc(windows[..., y, x]*weights[y, x]) for y, x in np.argwhere(weights))
    scale = np.abs(weights).max()
    if scale == 0:
        return np.zeros((array.shape[0] - height + 1, array.shape[1] - width + 1))
    # Scaled since tiny weights would be dropped as zeros are: those let even NaN pixels go.
    sums = correlate(array.astype(np.float64), weights/scale, mode="constant")
    inside = tuple(slice(n//2, n//2 + size - n + 1) for n, size in zip(weights.shape, array.shape))
    return sums[inside]*scale


def _orMasks(mask, used):
    """Return the union of the masks of the used pixels of each window."""
    windows = sliding_window_view(mask, used.shape)
    if not used.all():
        union = np.zeros(windows.shape[:2], dtype=mask.dtype)
        for y, x in np.argwhere(used):
            union |= windows[..., y, x]
        return union
    rows = np.bitwise_or.reduce(sliding_window_view(mask, used.shape[0], axis=0), axis=-1)
    return np.bitwise_or.reduce(sliding_window_view(rows, used.shape[1], axis=1), axis=-1)


def _convolveVarying(planes, xy0, kernel, control):
    """Convolve row by row, with an array of kernels for each."""
    interpolates = control.getMaxInterpolationDistance() > 1 and not isinstance(kernel, SeparableKernel)
    makeKernels = _interpolatedKernels if interpolates else _exactKernels
    shape = (kernel.getHeight(), kernel.getWidth())
    windows = [sliding_window_view(plane, shape) for plane in planes]
    height, width = windows[0].shape[:2]
    start = np.array(kernel.getCtr()) + np.array(xy0)
    truncate = planes[0].dtype.kind != "f"
    if truncate and not interpolates:
        raise NotImplementedError("convolution of integers with a kernel that varies, without interpolation")
    dtypes = (np.float64, np.int32, np.float64)
    results = [np.zeros((height, width), dtype=dtype) for dtype in dtypes[:len(planes)]]
    for row, weights in enumerate(makeKernels(kernel, start, width, height, control)):
        products = np.where(weights != 0, windows[0][row]*weights, 0.0)
        results[0][row] = (np.trunc(products) if truncate else products).sum(axis=(1, 2))
        if len(planes) > 1:
            masks = np.where(weights != 0, windows[1][row], 0)
            results[1][row] = np.bitwise_or.reduce(masks.reshape(width, -1), axis=1)
            results[2][row] = np.where(weights != 0, windows[2][row]*weights**2, 0.0).sum(axis=(1, 2))
    return results


def _exactKernels(kernel, start, width, height, control):
    """Yield the kernels at each pixel of each row: (width, kernel height, kernel width)."""
    x = np.arange(width, dtype=np.float64) + start[0]
    for y in np.arange(height, dtype=np.float64) + start[1]:
        arrays, sums = _kernelArrays(kernel, x, np.full(width, y))
        with np.errstate(divide="ignore", invalid="ignore"):
            yield arrays/sums[:, np.newaxis, np.newaxis] if control.getDoNormalize() else arrays


def _interpolatedKernels(kernel, start, width, height, control):
    """Yield the kernels at each pixel of each row, interpolated linearly between the corners of regions."""
    distance = control.getMaxInterpolationDistance()
    columns, rows = (_regionEdges(size, 1 + size//distance) for size in (width, height))

    def alongRow(y):
        arrays, sums = _kernelArrays(kernel, columns + start[0], np.full(len(columns), y + start[1]))
        if control.getDoNormalize():
            if np.any(sums == 0):
                raise OverflowError("Cannot normalize; kernel sum is 0")
            arrays = arrays/sums[:, np.newaxis, np.newaxis]
        x = np.arange(width)
        left = np.searchsorted(columns, x, side="right") - 1
        fraction = ((x - columns[left])/np.diff(columns)[left])[:, np.newaxis, np.newaxis]
        return arrays[left] + fraction*(arrays[left + 1] - arrays[left])

    bottom = alongRow(rows[0])
    for first, end in zip(rows[:-1], rows[1:]):
        top = alongRow(end)
        for y in range(int(first), int(end)):
            yield bottom + (y - first)/(end - first)*(top - bottom)
        bottom = top


def _regionEdges(length, nDivisions):
    """Return where a length is divided into pieces of nearly equal size."""
    edges = [0]
    for remaining in range(nDivisions, 0, -1):
        edges.append(edges[-1] + int(np.floor(0.5 + (length - edges[-1])/remaining)))
    return np.array(edges, dtype=np.float64)


def _kernelArrays(kernel, x, y):
    """Return images of a kernel at positions, not normalised, and their sums."""
    arrays = np.empty((len(x), kernel.getHeight(), kernel.getWidth()))
    sums = np.empty(len(x))
    for i in range(len(x)):
        kernel._setKernelParametersFromSpatialModel(x[i], y[i])
        arrays[i], sums[i] = kernel._computeArray(False)
    return arrays, sums
