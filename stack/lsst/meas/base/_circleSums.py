# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Sums of the pixels of an image and of its variance in circles of several radii, compiled."""

__all__ = ["sumCircles"]

import numpy as np

from lsst._compiled import compiled
from lsst._threads import runInThreads

from ._planes import getPlanes

_PRECISION = 1e-6  # of the sums, as a fraction of the error of the flux
_WIDTH = 1024  # of a strip
_EPSILON = np.finfo(float).eps


def sumCircles(exposure, x, y, radii, wanted):
    """Sum the pixels whose centers are in circles.

    Parameters
    ----------
    exposure : `lsst.afw.image.Exposure`
        The image.
    x, y : `numpy.ndarray`, (n,)
        Centers (pixels).
    radii : sequence of `float`
        Radii (pixels).
    wanted : `numpy.ndarray`, (len(radii), n), `bool`
        Which circles; they must be wholly on the image.

    Returns
    -------
    fluxes, variances : `numpy.ndarray`, (len(radii), n)
        Sums of the image and of the variance; NaN of circles not wanted.

    Notes
    -----
    The sum of a row of a circle is the difference of two running sums along the row of the image, so a
    circle costs no more than its number of rows. Strips of columns are taken one after the other, and only
    the rows around one source are held, so that the running sums stay in the processor's cache. The pixels of
    a row are added up where one of the strip's row is not finite, and all of a circle where rounding in the
    running sums matters, and where there are few circles.
    """
    image, _, variance = getPlanes(exposure)
    sums = np.full((2, *wanted.shape), np.nan)
    rows = np.flatnonzero(wanted.any(axis=0))
    strips = (x[rows] - exposure.getX0()) // _WIDTH
    rows = rows[np.lexsort((y[rows], strips))]
    radii = np.array(radii, dtype=float)
    isWorth = 2 * len(rows) * (radii**2).sum() > image.size
    reach = int(np.ceil(radii.max(initial=0.0))) + 1
    nHeld = 2 * reach + 2 if isWorth else 0
    xy0 = tuple(exposure.getXY0())
    runInThreads(_sumAll, len(rows), image, variance, *xy0, x, y, rows, radii, reach, wanted, nHeld, sums)
    return sums


@compiled
def _sumAll(image, variance, x0, y0, x, y, rows, radii, reach, wanted, nHeld, sums, first, last):
    running = np.empty((nHeld, _WIDTH + 2 * reach + 1, 2))
    norms = np.empty((nHeld, 2))
    strip, left, top = -1, 0, 0  # rows below the top have their running sums, beginning at the left
    for i in rows[first:last]:
        if nHeld > 0:
            if (x[i] - x0) // _WIDTH != strip:
                strip, top = int((x[i] - x0) // _WIDTH), 0
                left = max(0, strip * _WIDTH - reach)
                place = slice(left, min((strip + 1) * _WIDTH + reach, image.shape[1]))
            newTop = min(int(np.floor(y[i])) - y0 + reach + 1, image.shape[0])
            for row in range(max(top, int(np.floor(y[i])) - y0 - reach), newTop):
                held, part = row % nHeld, (row, place)
                norms[held, 0], norms[held, 1] = _runUp(image[part], variance[part], running[held])
            top = max(top, newTop)
        for k in range(len(radii)):
            if wanted[k, i]:
                circle = x[i] - x0, y[i] - y0, radii[k]
                nRows, isGood = nHeld, False
                while not isGood:
                    flux, total, rounding = _sumCircle(image, variance, circle, running, norms, nRows, left)
                    isGood = rounding[0] <= _PRECISION * np.sqrt(total) and rounding[1] <= _PRECISION * total
                    isGood, nRows = isGood or nRows == 0, 0
                sums[0, k, i], sums[1, k, i] = flux, total


@compiled
def _runUp(pixels, variances, running):
    """Write running sums of a row, beginning with zero, and return those of the absolute values."""
    flux = total = fluxNorm = totalNorm = 0.0
    running[0, 0] = running[0, 1] = 0.0
    for k in range(len(pixels)):
        flux += pixels[k]
        total += variances[k]
        fluxNorm += abs(pixels[k])
        totalNorm += abs(variances[k])
        running[k + 1, 0], running[k + 1, 1] = flux, total
    return fluxNorm, totalNorm


@compiled
def _sumCircle(image, variance, circle, running, norms, nHeld, left):
    """Return the sums of a circle, and about how large the rounding errors of the running sums are."""
    x, y, radius = circle
    flux = total = fluxNorm = totalNorm = 0.0
    first = np.floor(y - radius)
    for row in range(max(0, int(first)), min(int(np.ceil(y + radius)), image.shape[0] - 1) + 1):
        # The same arithmetic as that of EllipseSpans: rounding decides about pixels on the circle.
        dy = (first - y) + (row - first)
        square = radius * radius - dy * dy
        if square < 0.0:
            continue
        half = np.sqrt(square)
        start, end = int(np.ceil(x - half)), int(np.floor(x + half)) + 1
        held = row % nHeld if nHeld > 0 else 0
        if nHeld > 0 and np.isfinite(norms[held, 0] + norms[held, 1]):
            flux += running[held, end - left, 0] - running[held, start - left, 0]
            total += running[held, end - left, 1] - running[held, start - left, 1]
            fluxNorm += norms[held, 0]
            totalNorm += norms[held, 1]
        else:
            sums = _sumRow(image[row, start:end], variance[row, start:end])
            flux += sums[0]
            total += sums[1]
    return flux, total, (_EPSILON * fluxNorm, _EPSILON * totalNorm)


@compiled(fastmath={"reassoc"})
def _sumRow(pixels, variances):
    """Return the sums of some pixels.

    They may be made of several that run side by side, so that the last bit may differ between models of
    processors.
    """
    flux = total = 0.0
    for k in range(len(pixels)):
        flux += pixels[k]
        total += variances[k]
    return flux, total
