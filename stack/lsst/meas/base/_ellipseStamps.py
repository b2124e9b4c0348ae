# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The pixels of an image around many ellipses, and which of them are inside."""

import dataclasses

import numpy as np

__all__ = ["EllipseStamps", "iterateEllipseStamps"]

_CHUNK_PIXELS = 2**19  # in work at a time


@dataclasses.dataclass(frozen=True)
class EllipseStamps:
    """Stamps around some of the ellipses, of one size, as far as they are on the image."""

    rows: np.ndarray
    """Numbers of the ellipses, (n,)."""

    inside: np.ndarray
    """Which pixels of the stamps are inside the ellipse and on the image, (n, h, w), `bool`."""

    dx: np.ndarray
    """Offsets from the center along x (pixels), (n, 1, w)."""

    dy: np.ndarray
    """Offsets from the center along y (pixels), (n, h, 1)."""

    where: tuple
    """Index for an array of the image's pixels that gives those of the stamps, (n, h, w)."""


def iterateEllipseStamps(box, x, y, shapes):
    """Cut an image into stamps around ellipses.

    Parameters
    ----------
    box : `lsst.geom.Box2I`
        Box of the image.
    x, y : `numpy.ndarray`, (n,)
        Centers (pixels), finite.
    shapes : `numpy.ndarray`, (n, 3)
        Moments Ixx, Iyy, Ixy (pixels squared), of positive determinant: the ellipse is where the quadratic
        form of their inverse is 1.

    Yields
    ------
    stamps : `EllipseStamps`
        Ellipses of similar size together, the largest first. Those that are not on the image are in none.
    """
    limits = [
        _findLimits(center, np.sqrt(moment), low, high)
        for center, moment, low, high in (
            (x, shapes[:, 0], box.getMinX(), box.getMaxX()), (y, shapes[:, 1], box.getMinY(), box.getMaxY())
        )
    ]
    (x0, width), (y0, height) = limits
    rows = np.flatnonzero((width > 0) & (height > 0))
    rows = rows[np.argsort(-(width * height)[rows], kind="stable")]
    while len(rows):
        count = max(1, _CHUNK_PIXELS // int(width[rows[0]] * height[rows[0]]))
        chunk, rows = rows[:count], rows[count:]
        size = (int(height[chunk].max()), int(width[chunk].max()))
        yield _makeStamps(box, chunk, x[chunk], y[chunk], shapes[chunk], x0[chunk], y0[chunk], size)


def _findLimits(center, half, low, high):
    """Return the first pixels on the image along one axis, and how many there are."""
    first = np.clip(np.floor(center - half), low, high + 1.0).astype(np.int64)
    last = np.clip(np.ceil(center + half), low - 1.0, high).astype(np.int64)
    return first, last - first + 1


def _makeStamps(box, rows, x, y, shapes, x0, y0, size):
    columns, lines = x0[:, np.newaxis] + np.arange(size[1]), y0[:, np.newaxis] + np.arange(size[0])
    dx, dy = columns - x[:, np.newaxis], lines - y[:, np.newaxis]
    ixx, iyy, ixy = (moment[:, np.newaxis] for moment in shapes.T)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = ixy / iyy
        width = ixx - ixy * slope
        half = np.sqrt(width - width / iyy * dy * dy)  # NaN beyond the ellipse
        middle = slope * dy + x[:, np.newaxis]
        first, last = np.ceil(middle - half), np.floor(middle + half)
        inside = (columns[:, np.newaxis, :] >= first[..., np.newaxis]) & (
            columns[:, np.newaxis, :] <= last[..., np.newaxis]
        )
    inside &= (columns <= box.getMaxX())[:, np.newaxis, :] & (lines <= box.getMaxY())[:, :, np.newaxis]
    columns = np.minimum(columns - box.getMinX(), box.getWidth() - 1)
    lines = np.minimum(lines - box.getMinY(), box.getHeight() - 1)
    where = (lines[:, :, np.newaxis], columns[:, np.newaxis, :])
    return EllipseStamps(rows, inside, dx[:, np.newaxis, :], dy[:, :, np.newaxis], where)
