# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Adaptive moments with NumPy, all objects together: the reference of the compiled loops."""

import numpy as np

from lsst.afw.math._adaptiveMoments import AdaptiveMoments

_CHUNK_PIXELS = 2**16  # in work at a time: they fit the processor's cache
_F4 = np.float32
_EPSILON = float(np.finfo(_F4).eps)


class _Sums:
    """Weighted sums over the pixels of each object."""

    def __init__(self, n):
        self.i, self.x, self.y, self.xx, self.xy, self.yy = np.zeros((6, n))
        self.amplitude = np.zeros(n)

    def set(self, index, values):
        for name, value in zip(("i", "x", "y", "xx", "xy", "yy", "amplitude"), values):
            getattr(self, name)[index] = value


def momentsWithNumpy(images, x, y, *, background=0.0, maxIter=100, maxShift=2.0, tol1=1e-5, tol2=1e-4,
                     negative=False):
    """Measure adaptive moments; see `adaptiveMoments`."""
    x, y = np.array(x, dtype=np.float64), np.array(y, dtype=np.float64)
    n = len(x)
    result = AdaptiveMoments(*np.full((6, n), np.nan), *np.zeros((4, n), dtype=bool))
    result.unweightedBad[np.isnan(x) | np.isnan(y)] = True
    state = _Iteration(images, x, y, background, _F4(np.clip(maxShift, 2, 10)), _F4(tol1), _F4(tol2),
                       negative)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        state.run(result, np.flatnonzero(~result.unweightedBad), maxIter)
        _finish(state, result)
    return result


class _Iteration:
    """State of the iteration of all objects."""

    def __init__(self, images, x, y, background, maxShift, tol1, tol2, negative):
        n = len(x)
        self.images, self.x, self.y = images, x, y
        self.background, self.maxShift, self.tol1, self.tol2 = background, maxShift, tol1, tol2
        self.negative = negative
        self.sigma = np.repeat([[1.5], [0.0], [1.5]], n, axis=1)
        self.weight = np.full((3, n), -1.0)
        self.old = np.full((3, n), 1e6, dtype=_F4)
        self.interpolate = np.zeros(n, dtype=bool)
        self.boxes = np.zeros((4, n), dtype=np.int64)
        self.sums = _Sums(n)

    def run(self, result, active, maxIter):
        """Iterate the objects of index ``active``."""
        self.iteration = np.zeros(len(self.x), dtype=np.int64)
        while len(active):
            active = self._step(result, active)
            self.iteration[active] += 1
            tooMany = self.iteration[active] >= maxIter
            result.maxIter[active[tooMany]] = True
            result.unweighted[active[tooMany]] = True
            active = active[~tooMany]

    def _step(self, result, active):
        """Do one iteration; return the index of the objects that need another."""
        self.boxes[:, active] = self._boundingBoxes(active)
        ok, determinant, weight = _invert(self.sigma[:, active])
        active, determinant, weight = self._drop(result, active, ok, determinant, weight)
        self._setWeights(active, determinant, weight)
        ok = self._measure(active)
        active, = self._drop(result, active, ok)
        sums = self.sums
        total = sums.i[active]
        result.x[active] = sums.x[active]/total
        result.y[active] = sums.y[active]/total
        moved = ((np.abs(result.x[active] - self.x[active].astype(_F4)) > self.maxShift)
                 | (np.abs(result.y[active] - self.y[active].astype(_F4)) > self.maxShift))
        result.shift[active[moved]] = True
        weighted = np.array([sums.xx[active]/total, sums.xy[active]/total, sums.yy[active]/total]).astype(_F4)
        active, weighted = self._drop(result, active, (weighted[0] > 0) & (weighted[2] > 0), weighted)
        active, weighted = self._checkConvergence(active, weighted)
        return self._nextSigma(result, active, weighted)

    def _drop(self, result, active, ok, *arrays):
        """Mark the objects that failed as unweighted, and keep the others."""
        result.unweighted[active[~ok]] = True
        return active[ok], *(array[..., ok] for array in arrays)

    def _boundingBoxes(self, active):
        """Return x0, x1, y0, y1 (inclusive) of four sigma around the centre, clipped to the image."""
        radius = np.minimum(4*np.sqrt(np.maximum(self.sigma[0, active], self.sigma[2, active])), 1000.0)
        boxes = np.empty((4, len(active)), dtype=np.int64)
        for row, centre, size in ((0, self.x[active], self.images.shape[2]), (2, self.y[active],
                                                                              self.images.shape[1])):
            low = np.ceil(np.clip(centre - radius, -1e9, 1e9) - 0.5)
            high = np.floor(np.clip(centre + radius, -1e9, 1e9) + 0.5)
            boxes[row] = np.maximum(low, 0)
            boxes[row + 1] = np.minimum(high, size - 1)
        return boxes

    def _setWeights(self, active, determinant, weight):
        """Adopt new weights; an object that becomes small keeps the old ones once, and is resampled."""
        sigma = self.sigma[:, active]
        small = (sigma[0] < 0.25) | (sigma[2] < 0.25) | (determinant < 0.25*0.25)
        begin = small & ~self.interpolate[active]
        redo = begin & (self.iteration[active] > 0)
        self.interpolate[active[begin]] = True
        self.old[2, active[redo]] = 1e6
        self.iteration[active[redo]] -= 1
        self.weight[:, active[~redo]] = weight[:, ~redo]

    def _measure(self, active):
        """Compute the weighted sums; return which are valid."""
        ok = np.zeros(len(active), dtype=bool)
        for interpolate, calculate in ((False, _plainSums), (True, _interpolatedSums)):
            chosen = self.interpolate[active] == interpolate
            chosen &= (np.abs(self.weight[:, active]) <= 1e6).all(axis=0)
            ok[chosen] = self._measureBy(calculate, active[chosen])
        return ok

    def _measureBy(self, calculate, index):
        """Measure objects of similar size together; return which sums are valid."""
        x0, x1, y0, y1 = self.boxes[:, index]
        width, height = x1 - x0 + 1, y1 - y0 + 1
        empty = (width <= 0) | (height <= 0)
        ok = np.zeros(len(index), dtype=bool)
        self.sums.set(index[empty], np.zeros(7))
        rest = np.flatnonzero(~empty)
        size = np.maximum(width, height)[rest]
        rest = rest[np.argsort(size, kind="stable")]
        while len(rest):
            # Windows that are larger than they need be cost no more than a fifth.
            side = int(np.maximum(width, height)[rest[0]]*1.1) + 1
            similar = int(np.searchsorted(np.maximum(width, height)[rest], side, side="right"))
            count = min(similar, max(1, _CHUNK_PIXELS//side**2))
            ok[rest[:count]] = self._measureSimilar(calculate, index[rest[:count]])
            rest = rest[count:]
        return ok

    def _measureSimilar(self, calculate, index):
        x0, x1, y0, y1 = self.boxes[:, index, np.newaxis]
        columns = x0 + np.arange(int((x1 - x0).max()) + 1)
        rows = y0 + np.arange(int((y1 - y0).max()) + 1)
        inside = (rows <= y1)[:, :, np.newaxis] & (columns <= x1)[:, np.newaxis, :]
        number = index if len(self.images) > 1 else np.zeros_like(index)
        pixels = self.images[number[:, np.newaxis, np.newaxis], np.minimum(rows, y1)[:, :, np.newaxis],
                             np.minimum(columns, x1)[:, np.newaxis, :]]
        pixels = (pixels - _F4(self.background)).astype(_F4)
        sums = calculate(pixels, inside, columns, rows, self.x[index].astype(_F4), self.y[index].astype(_F4),
                         self.weight[:, index])
        ok, _, inverse = _invert(self.weight[:, index])
        amplitude = sums[0]/(np.pi*np.sqrt(inverse[0]*inverse[2] - inverse[1]**2))
        self.sums.set(index, (*sums, amplitude))
        sign = -1 if self.negative else 1
        return (sign*sums[0] > 0) & (sign*sums[3] > 0) & (sign*sums[5] > 0)

    def _checkConvergence(self, active, weighted):
        """Return the objects that have not converged."""
        total = weighted[0] + weighted[2]
        e1 = (weighted[0] - weighted[2])/total
        e2 = (2.0*weighted[1].astype(np.float64)/total).astype(_F4)
        old = self.old[:, active]
        converged = ((self.iteration[active] > 0) & (np.abs(e1 - old[0]) < self.tol1)
                     & (np.abs(e2 - old[1]) < self.tol1)
                     & (np.abs((weighted[0]/old[2]).astype(np.float64) - 1.0) < self.tol2))
        self.old[:, active[~converged]] = np.array([e1, e2, weighted[0]])[:, ~converged]
        return active[~converged], weighted[:, ~converged]

    def _nextSigma(self, result, active, weighted):
        """Take the weight out of the weighted object: in a product of Gaussians inverse covariances add."""
        ok, _, inverse = _invert(weighted)
        active, inverse = self._drop(result, active, ok, inverse)
        difference = (inverse.astype(_F4) - self.weight[:, active]).astype(_F4)
        ok, _, sigma = _invert(difference)
        active, sigma = self._drop(result, active, ok, sigma)
        self.sigma[:, active] = sigma
        active, = self._drop(result, active, (sigma[0] > 0) & (sigma[2] > 0))
        return active


def _finish(state, result):
    """Fall back to unweighted moments where the iteration failed, and fill in the result."""
    sums = state.sums
    measured = ~result.unweightedBad
    result.unweighted[measured & (sums.xx + sums.yy == 0.0)] = True
    fallback = np.flatnonzero(result.unweighted & measured)
    if len(fallback):
        state.weight[:, fallback] = 0.0
        ok = state._measure(fallback)
        sums = state.sums
        bad = fallback[~ok]
        result.unweighted[bad] = False
        result.unweightedBad[bad] = True
        single = bad[sums.i[bad] > 0]
        result.xx[single] = result.yy[single] = 1/12.0
        result.xy[single] = 0.0
        good = fallback[ok]
        state.sigma[:, good] = np.array([sums.xx[good], sums.xy[good], sums.yy[good]])/sums.i[good]
    good = measured & ~result.unweightedBad
    result.amplitude[good] = sums.amplitude[good]
    result.xx[good], result.xy[good], result.yy[good] = state.sigma[:, good]


def _invert(matrix):
    """Invert symmetric matrices given as xx, xy, yy.

    Returns
    -------
    ok : `numpy.ndarray` of `bool`, (n,)
        Is the determinant large enough?
    determinant : `numpy.ndarray`, (n,)
        Determinant of the input.
    inverse : `numpy.ndarray`, (3, n)
        Elements xx, xy, yy of the inverse, NaN where not ok.
    """
    xx, xy, yy = np.asarray(matrix, dtype=np.float64)
    determinant = xx*yy - xy*xy
    ok = determinant >= _EPSILON
    return ok, determinant, np.where(ok, np.array([yy, -xy, xx])/determinant, np.nan)


def _plainSums(pixels, inside, columns, rows, xCentre, yCentre, weight):
    """Sum I, I x, I y, I dx dx, I dx dy, I dy dy with Gaussian weight, one value a pixel.

    Columns and rows of the pixels are arrays of shape (n, width) and (n, height), or with 1 instead of n.
    """
    w11, w12, w22 = weight[:, :, np.newaxis, np.newaxis]
    columns, rows = columns.astype(_F4), rows.astype(_F4)
    dx = (columns - xCentre[:, np.newaxis])[:, np.newaxis, :]
    dy = (rows - yCentre[:, np.newaxis])[:, :, np.newaxis]
    dxx, dxy, dyy = dx*dx, dx*dy, dy*dy
    exponent = (dxx*w11 + (2*dxy)*w12 + dyy*w22).astype(_F4)
    gauss = np.exp(-0.5*exponent.astype(np.float64)).astype(_F4)
    flux = np.where(inside & (exponent <= 14.0), pixels*gauss, _F4(0))
    terms = (flux, flux*columns[:, np.newaxis, :], flux*rows[:, :, np.newaxis],
             dxx*flux, dxy*flux, dyy*flux)
    return [term.sum(axis=(1, 2), dtype=np.float64) for term in terms]


def _interpolatedSums(pixels, inside, columns, rows, xCentre, yCentre, weight):
    """Sum as `_plainSums` does, with sixteen points a pixel, for objects that are small for their pixels."""
    w11, w12, w22 = weight[:, :, np.newaxis, np.newaxis]
    dx = (columns.astype(_F4) - xCentre[:, np.newaxis])[:, np.newaxis, :]
    dy = (rows.astype(_F4) - yCentre[:, np.newaxis])[:, :, np.newaxis]
    edge = _F4(0.375)
    corners = [(px, py) for px in (dx - edge, dx + edge) for py in (dy - edge, dy + edge)]
    largest = np.max([(px*px*w11 + py*py*w22 + 2.0*px*py.astype(np.float64)*w12).astype(_F4)
                      for px, py in corners], axis=0)
    inside = inside & (largest <= 9.0)
    sums = np.zeros((6, len(pixels)))
    for py, validY in _subPixels(dy):
        for px, validX in _subPixels(dx):
            pxx, pxy, pyy = px*px, px*py, py*py
            exponent = (pxx*w11 + 2*pxy.astype(np.float64)*w12 + pyy*w22).astype(_F4)
            gauss = np.exp(-0.5*exponent.astype(np.float64)).astype(_F4)
            flux = np.where(inside & validX & validY, pixels*gauss, _F4(0))
            wide = flux.astype(np.float64)
            terms = (flux, flux*(px + xCentre[:, np.newaxis, np.newaxis]),
                     flux*(py + yCentre[:, np.newaxis, np.newaxis]), pxx*wide, pxy*wide, pyy*wide)
            sums += [term.sum(axis=(1, 2), dtype=np.float64) for term in terms]
    return list(sums)


def _subPixels(centre):
    """Yield the four positions in a pixel, and where rounding lets the stack's loop reach them."""
    position, end = centre - _F4(0.375), centre + _F4(0.375)
    for _ in range(4):
        yield position, position <= end
        position = position + _F4(0.25)
