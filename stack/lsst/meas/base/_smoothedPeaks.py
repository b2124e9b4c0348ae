# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The pixels around many peaks, binned and smoothed with the PSF."""

import dataclasses

import numpy as np

__all__ = ["LocalPsfs", "smoothPeaks"]

_CHUNK_PIXELS = 2**20  # in work at a time


@dataclasses.dataclass(frozen=True)
class LocalPsfs:
    """PSFs at some of the sources, of one size."""

    rows: np.ndarray
    """Numbers of the sources, (n,)."""

    kernels: np.ndarray
    """Images of the PSFs, (n, height, width), of sum one."""

    @classmethod
    def compute(cls, psf, positions):
        """Compute the PSFs at pixels.

        Parameters
        ----------
        psf : `lsst.afw.detection.Psf`
            The PSF.
        positions : `numpy.ndarray`, (n, 2)
            The pixels.

        Returns
        -------
        psfs : `list` of `LocalPsfs`
            PSFs, those of one bounding box together; where there is none, the source is in none of them.
        """
        groups = psf._computeKernelImageBatches(positions)
        return [cls(rows, kernels / kernels.sum(axis=(1, 2), keepdims=True)) for rows, kernels, _ in groups]


def smoothPeaks(exposure, pixels, psfs, binX, binY):
    """Bin an image around pixels, smooth it with the PSFs, and take the nine pixels around each.

    Parameters
    ----------
    exposure : `lsst.afw.image.Exposure`
        The image.
    pixels : `numpy.ndarray`, (n, 2), `int`
        Index (x, y) of the pixel of each source.
    psfs : `LocalPsfs`
        PSFs; their ``rows`` refer to ``pixels``.
    binX, binY : `int`
        Size of the bins (pixels); the pixel is the first of its bin.

    Returns
    -------
    image, variance : `numpy.ndarray`, (n, 3, 3), `float32`
        The nine pixels of each source in ``psfs``.
    inside : `numpy.ndarray`, (n,), `bool`
        Were all pixels that it takes on the image? If not, the nine are NaN.
    """
    height, width = psfs.kernels.shape[1:]
    size = (binY * (height + 4), binX * (width + 4))
    x, y = (pixels[psfs.rows] - [binX * (2 + width // 2), binY * (2 + height // 2)]).T
    planes = (exposure.image.array, exposure.variance.array)
    rows, columns = planes[0].shape
    inside = (x >= 0) & (y >= 0) & (x + size[1] <= columns) & (y + size[0] <= rows)
    results = np.full((2, len(x), 3, 3), np.nan, dtype=np.float32)
    if not inside.any():
        return (*results, inside)
    step = max(1, _CHUNK_PIXELS // (size[0] * size[1]))
    index = np.flatnonzero(inside)
    for start in range(0, len(index), step):
        chunk = index[start : start + step]
        kernels = psfs.kernels[chunk]
        for power, (result, plane) in enumerate(zip(results, planes), start=1):
            stamps = np.lib.stride_tricks.sliding_window_view(plane, size)[y[chunk], x[chunk]]
            result[chunk] = _smooth(_bin(stamps, binX, binY, power), kernels**power)
    return (*results, inside)


def _bin(stamps, binX, binY, power):
    """Sum the pixels of bins, divided by a power of their number: 1 for means, 2 for their variances."""
    if binX == binY == 1:
        return stamps
    n, height, width = stamps.shape
    blocks = stamps.reshape(n, height // binY, binY, width // binX, binX)
    return (blocks.sum(axis=(2, 4), dtype=np.float64) / (binX * binY) ** power).astype(np.float32)


def _smooth(stamps, kernels):
    """Return the nine pixels around the centers of stamps, smoothed."""
    height, width = kernels.shape[1:]
    y0, x0 = (2 + size // 2 - (size - 1) // 2 - 1 for size in (height, width))
    result = np.empty((len(stamps), 3, 3))
    with np.errstate(invalid="ignore", over="ignore"):
        for y in range(3):
            for x in range(3):
                window = stamps[:, y0 + y : y0 + y + height, x0 + x : x0 + x + width]
                result[:, y, x] = np.einsum("nij,nij->n", kernels, window, dtype=np.float64)
                bad = np.flatnonzero(~np.isfinite(result[:, y, x]))
                if len(bad):  # what has no weight does not count, whatever it is
                    used = np.where(kernels[bad] == 0.0, 0.0, kernels[bad] * window[bad])
                    result[bad, y, x] = used.sum(axis=(1, 2))
    return result
