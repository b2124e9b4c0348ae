# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Resampling of the oversampled images of PSFEx on pixels."""

__all__ = ["resampleMatrices"]

import numpy as np

from lsst.afw.math._functionLibrary import lanczos

_ORDER = 5
"""Order of the Lanczos function that PSFEx interpolates with."""

_HALF_WIDTH = 6
"""PSFEx uses this many pixels on either side."""


def resampleMatrices(fromSize, toSize, shift, step):
    """Make the matrices that resample one axis of an image.

    Parameters
    ----------
    fromSize, toSize : `int`
        Numbers of pixels before and after.
    shift : `numpy.ndarray`, (n,)
        Position of the centre of the result in the source, from the source's centre pixel, in its pixels.
    step : `float`
        Size of the pixels of the result, in pixels of the source.

    Returns
    -------
    matrices : `numpy.ndarray`, (n, toSize, fromSize)
        Weights of the pixels of the source in each pixel of the result, summing to one; zero for pixels that
        are not between the centres of the source's first and last pixels.
    """
    start = fromSize//2 + np.asarray(shift, dtype=np.float64) - (toSize//2)*step
    skipped = np.where(start < 0, np.trunc(1 - start/step), 0.0)
    used = np.trunc((fromSize - 1 - (start + skipped*step))/step + 1)
    index = np.arange(toSize)
    position = (start[:, np.newaxis] + index*step)[:, :, np.newaxis]
    inside = (index >= skipped[:, np.newaxis]) & (index < (skipped + used)[:, np.newaxis])
    source = np.arange(fromSize)
    offset = source - position
    first = np.trunc(position) - _HALF_WIDTH
    near = (source >= first) & (source < first + 2*_HALF_WIDTH) & (np.abs(offset) <= _ORDER)
    weights = np.where(near & inside[:, :, np.newaxis], lanczos(offset, _ORDER), 0.0)
    total = weights.sum(axis=2, keepdims=True)
    return np.divide(weights, total, out=weights, where=total > 0)
