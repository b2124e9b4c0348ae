# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The mask bits of the pixels in many regions, compiled."""

__all__ = ["orSpans", "orSquares"]

import numpy as np

from lsst._compiled import compiled


def orSpans(mask, spans, index):
    """Unite the mask bits of the pixels of ellipses, as far as they are on the image.

    Parameters
    ----------
    mask : `lsst.afw.image.Mask`
        The mask.
    spans : `EllipseSpans`
        Ellipses.
    index : `numpy.ndarray`, (n,), `int`
        Which of them.

    Returns
    -------
    bits : `numpy.ndarray`, (n,)
        Bits that any pixel has.
    """
    bits = np.zeros(len(index), dtype=mask.array.dtype)
    _orSpans(np.ascontiguousarray(mask.array), *mask.getXY0(), spans.y0, spans.xMin, spans.xMax, index, bits)
    return bits


def orSquares(mask, x, y, halfWidth):
    """Unite the mask bits of the pixels of squares, as far as they are on the image.

    Parameters
    ----------
    mask : `lsst.afw.image.Mask`
        The mask.
    x, y : `numpy.ndarray`, (n,), `int`
        Central pixels.
    halfWidth : `int`
        How far the squares reach beyond those.

    Returns
    -------
    bits : `numpy.ndarray`, (n,)
        Bits that any pixel has.
    """
    bits = np.zeros(len(x), dtype=mask.array.dtype)
    _orSquares(np.ascontiguousarray(mask.array), *mask.getXY0(), x, y, halfWidth, bits)
    return bits


@compiled
def _orSpans(mask, x0, y0, firstRows, xMin, xMax, index, bits):
    for i in range(len(index)):
        firstRow, starts, ends = firstRows[index[i]], xMin[index[i]], xMax[index[i]]
        for line in range(len(starts)):
            bits[i] |= _orRow(mask, firstRow + line - y0, starts[line] - x0, ends[line] - x0)


@compiled
def _orSquares(mask, x0, y0, x, y, halfWidth, bits):
    for i in range(len(x)):
        for row in range(y[i] - y0 - halfWidth, y[i] - y0 + halfWidth + 1):
            bits[i] |= _orRow(mask, row, x[i] - x0 - halfWidth, x[i] - x0 + halfWidth)


@compiled
def _orRow(mask, row, first, last):
    """Return the bits of a part of a row, the last pixel included."""
    bits = 0
    if 0 <= row < mask.shape[0]:
        for column in range(max(first, 0), min(last, mask.shape[1] - 1) + 1):
            bits |= mask[row, column]
    return bits
