# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Clipped mean and standard deviation of the pixels in annuli around many positions.

Compiled, as NumPy, whose way the tests take, passes over the pixels a dozen times and sorts them. All is in
one file, since Numba's cache does not see changes of what a function calls in other files.

Astropy's ``sigma_clipped_stats`` begins with the standard deviation where the stack has quartiles, so that
its means of 900 normal numbers differ by up to 0.013 sigma.
"""

__all__ = ["measureAnnuli"]

import numpy as np

from lsst._compiled import compiled
from lsst._threads import runInThreads

from ._planes import getPlanes

IQ_TO_STDEV = 0.741301109252801
"""Standard deviation of a Gaussian, in units of the distance of its quartiles."""

_N_BUCKETS = 512
_N_PROBES = 32  # values that tell where the buckets are to be


def measureAnnuli(exposure, badBits, radii, positions, numSigmaClip, numIter):
    """Measure what `lsst.afw.math.makeStatistics` gives as MEANCLIP and STDEVCLIP of the pixels in annuli.

    Parameters
    ----------
    exposure : `lsst.afw.image.Exposure`
        The image.
    badBits : `int`
        Mask of the pixels that are left out.
    radii : `tuple` [`float`]
        Inner and outer radius (pixels).
    positions : `numpy.ndarray`, (n, 2)
        Centers (pixels), finite.
    numSigmaClip : `float`
        Values farther than this from the mean (first the median) are left out, in units of the standard
        deviation (first that of a Gaussian with the same quartiles).
    numIter : `int`
        Number of iterations.

    Returns
    -------
    mean, stdev : `numpy.ndarray`, (n,)
        Statistics of the values that are left in the last iteration; NaN of none.
    nPixels : `numpy.ndarray`, (n,), `int`
        Numbers of pixels that are not masked, finite or not.
    """
    image, mask, _ = getPlanes(exposure)
    inner, outer = radii
    capacity = min(image.size, (2 * int(np.ceil(outer)) + 3) ** 2)
    mean, stdev = np.full((2, len(positions)), np.nan)
    nPixels = np.zeros(len(positions), dtype=np.int64)
    # Neighbors follow each other, whose pixels are still in the processor's cache.
    order = np.argsort(positions[:, 1], kind="stable")
    positions = np.ascontiguousarray(positions, dtype=float)
    xy0 = exposure.getX0(), exposure.getY0()
    runInThreads(_measure, len(order), image, mask, badBits, *xy0, inner, outer, positions, order, capacity,
                 numSigmaClip, numIter, mean, stdev, nPixels)
    return mean, stdev, nPixels


@compiled
def _measure(image, mask, badBits, x0, y0, inner, outer, positions, order, capacity, numSigmaClip, numIter,
             mean, stdev, nPixels, first, last):
    values = np.empty(capacity, dtype=image.dtype)
    picked = np.empty(capacity, dtype=image.dtype)
    codes = np.empty(capacity, dtype=np.uint16)
    ends = np.empty(_N_BUCKETS + 1, dtype=np.int32)
    isWanted = np.empty(_N_BUCKETS, dtype=np.bool_)
    touched = 0
    for i in order[first:last]:
        x, y = positions[i]
        touched |= _touch(image, mask, x - x0, y - y0, outer)
        nPixels[i], n = _gather(image, mask, badBits, x0, y0, inner, outer, x, y, values)
        if n > 0:
            _fillBuckets(values, n, codes, ends)
            lower, median, upper = _findQuartiles(values, n, codes, ends, isWanted, picked)
            mean[i], stdev[i] = _clip(values, n, median, upper - lower, numSigmaClip, numIter)
    return touched


@compiled
def _touch(image, mask, x, y, reach):
    """Read every 16th pixel around a position.

    So they come from memory side by side, where those of an annulus would be waited for row by row.
    """
    height, width = image.shape
    left, right = _limit(x - reach, width), _limit(x + reach, width)
    touched = 0
    for row in range(_limit(y - reach, height), _limit(y + reach, height)):
        for k in range(left, right, 16):
            touched |= mask[row, k] | (image[row, k] > 0)
    return touched


@compiled
def _limit(place, size):
    return int(min(max(place, 0.0), float(size)))


@compiled
def _gather(image, mask, badBits, x0, y0, inner, outer, x, y, values):
    """Gather the finite pixels of an annulus; return how many are not masked, and how many are both."""
    height, width = image.shape
    nPixels = n = 0
    if y + outer < y0 or y - outer > y0 + height - 1 or x + outer < x0 or x - outer > x0 + width - 1:
        return nPixels, n
    firstRow, firstHoleRow = np.floor(y - outer), np.floor(y - inner)
    lastHoleRow = _findLastHoleRow(x, y, inner, firstHoleRow, x0 + width - 1)
    for row in range(int(max(firstRow, y0)), int(min(np.ceil(y + outer), y0 + height - 1)) + 1):
        # The same arithmetic as that of EllipseSpans: rounding decides about pixels on the circle.
        dy = (firstRow - y) + (row - firstRow)
        square = outer * outer - dy * dy
        if square < 0.0:
            continue
        start = max(np.ceil(x - np.sqrt(square)), x0)
        end = max(min(np.floor(x + np.sqrt(square)), x0 + width - 1) + 1, start)
        holeStart, holeEnd = end, end
        dy = (firstHoleRow - y) + (row - firstHoleRow)
        square = inner * inner - dy * dy
        if square >= 0.0 and row <= lastHoleRow:
            holeStart = min(max(np.ceil(x - np.sqrt(square)), start), end)
            holeEnd = min(max(np.floor(x + np.sqrt(square)) + 1, start), end)
        for first, last in ((start, holeStart), (max(holeStart, holeEnd), end)):
            span = slice(int(first) - x0, int(last) - x0)
            good, finite = _append(image[row - y0, span], mask[row - y0, span], badBits, values[n:])
            nPixels += good
            n += finite
    return nPixels, n


@compiled(fastmath={"reassoc"})
def _append(pixels, mask, badBits, values):
    """Copy the finite pixels of a row; return how many are not masked, and how many are both."""
    bits, total = mask.dtype.type(0), pixels.dtype.type(0)
    for k in range(len(pixels)):
        bits |= mask[k]
        total += pixels[k]
        values[k] = pixels[k]
    # Surely all are finite if their sum is.
    if np.isfinite(total) and not bits & badBits:
        return len(pixels), len(pixels)
    good = n = 0
    for k in range(len(pixels)):
        if not mask[k] & badBits:
            good += 1
            if np.isfinite(pixels[k]):
                values[n] = pixels[k]
                n += 1
    return good, n


@compiled
def _findLastHoleRow(x, y, inner, firstRow, maxX):
    """Find the first row of the hole that leaves the image on the right.

    The `intersectNot` of the original's spans stops subtracting there, so that the hole's pixels above count.
    """
    last = np.ceil(y + inner)
    if x + inner <= maxX:
        return last
    for k in range(int(last - firstRow) + 1):
        dy = (firstRow - y) + k
        square = inner * inner - dy * dy
        if square >= 0.0 and np.floor(x + np.sqrt(square)) > maxX:
            return firstRow + k
    return last


@compiled
def _fillBuckets(values, n, codes, ends):
    """Tell the buckets of values, which are less than a hundredth of a standard deviation wide.

    In the buckets before bucket k there are ``ends[k]`` values.
    """
    probes = values[:n][:: max(1, n // _N_PROBES)].copy()
    # The quartiles are surely between, but for strange values; those take time, and come out right.
    low, high = _pick(probes, len(probes) // 11), _pick(probes, len(probes) - 1 - len(probes) // 11)
    number = values.dtype.type  # double precision would take twice as long
    scale = number((_N_BUCKETS - 2) / (np.float64(high) - np.float64(low)) if high > low else 0.0)
    last = number(_N_BUCKETS - 1)
    for k in range(n):
        bucket = (values[k] - low) * scale + number(1.0)
        # What is not a number, when it overflows, goes to the last.
        codes[k] = np.uint16(0 if values[k] < low else bucket if bucket < last else last)
    ends[:] = 0
    for k in range(n):
        ends[codes[k] + 1] += 1
    for code in range(_N_BUCKETS):
        ends[code + 1] += ends[code]


@compiled
def _findQuartiles(values, n, codes, ends, isWanted, picked):
    """Interpolate the quartiles linearly, each between two values, whose buckets are picked out."""
    # Of few values, ranks would not go up from each to the next.
    isWanted[:] = n < 4
    nPicked = nBelow = 0
    ranks = np.empty(6, dtype=np.int64)
    for k in range(6):
        ranks[k] = min((k // 2 + 1) * (n - 1) // 4 + k % 2, n - 1)
        code = np.searchsorted(ends, ranks[k], side="right") - 1
        if not isWanted[code]:
            isWanted[code] = True
            nBelow = ends[code] - nPicked
            nPicked += ends[code + 1] - ends[code]
        ranks[k] -= nBelow
    nPicked = 0
    for k in range(n):
        if isWanted[codes[k]]:
            picked[nPicked] = values[k]
            nPicked += 1
    picked = picked[:nPicked]
    lower = _interpolate(picked, ranks[0], (n - 1) / 4)
    median = _interpolate(picked, ranks[2], (n - 1) / 2)
    return lower, median, _interpolate(picked, ranks[4], 3 * (n - 1) / 4)


@compiled
def _interpolate(picked, rank, index):
    """Interpolate between the value of a rank and the next; the index tells how far."""
    share = index - np.floor(index)
    value = float(_pick(picked, rank))
    if share > 0:
        # All that is greater is behind it now.
        above = np.inf
        for k in range(rank + 1, len(picked)):
            above = min(above, picked[k])
        value = (1 - share) * value + share * above
    return value


@compiled
def _pick(values, rank):
    """Return the value of some rank, which it puts there, by Hoare's quickselect."""
    low, high = 0, len(values) - 1
    while low < high:
        pivot, left, right = values[(low + high) // 2], low, high
        while left <= right:
            while values[left] < pivot:
                left += 1
            while values[right] > pivot:
                right -= 1
            if left <= right:
                values[left], values[right] = values[right], values[left]
                left += 1
                right -= 1
        if rank <= right:
            high = right
        elif rank >= left:
            low = left
        else:
            break
    return values[rank]


@compiled
def _clip(values, n, median, quartileDistance, numSigmaClip, numIter):
    """Return mean and standard deviation after some iterations of clipping."""
    mean = variance = np.nan
    center, halfWidth = median, numSigmaClip * IQ_TO_STDEV * quartileDistance
    for _ in range(numIter):
        count, first, second = _sumRange(values, n, center - halfWidth, center + halfWidth, median)
        mean = first / count
        variance = (second / count - mean * mean) * count / (count - 1)
        mean += median
        center = mean
        if n > 1:
            halfWidth = numSigmaClip * np.sqrt(variance)
    return mean, np.sqrt(variance)


@compiled(fastmath={"reassoc"})
def _sumRange(values, n, low, high, reference):
    """Count the values in a range, and sum the differences from a reference, and the squares of those.

    The sums may be made of several that run side by side, as many as the processor likes, so that the last
    bit may differ between models of processors.
    """
    count = first = second = 0.0
    for k in range(n):
        weight = 1.0 if low <= values[k] <= high else 0.0
        difference = weight * (values[k] - reference)
        count += weight
        first += difference
        second += difference * difference
    return count, first, second
