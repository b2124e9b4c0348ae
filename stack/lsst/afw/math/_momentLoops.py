# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The loops of adaptive moments, compiled: see `lsst.afw.math._adaptiveMoments`.

Where numbers are of single precision they are so in SdssShape.
"""

__all__ = ["measureAll", "sumAll"]

import numpy as np

from lsst._compiled import compiled

_F4, _F8 = np.float32, np.float64
_EPSILON = float(np.finfo(_F4).eps)  # least determinant of a matrix that is inverted
_MAX_WEIGHT = 1e6
_SMALL = 0.25  # moments, pixels squared, of objects whose pixels are subdivided
_N_SIGMA, _MAX_RADIUS = 4.0, 1000.0  # half the side of the square that is summed, the latter in pixels


@compiled
def measureAll(images, x, y, maxShift, tol1, tol2, maxIter, sign, values, flags):
    """Measure all objects.

    Parameters
    ----------
    images : `numpy.ndarray`, (n, height, width) or (1, height, width), `float32`
        See `adaptiveMoments`; without background.
    x, y, maxShift, tol1, tol2, maxIter
        See `adaptiveMoments`.
    sign : `float`
        1, or -1 if the objects are negative.
    values, flags : `numpy.ndarray`, (6, n), `float`, and (4, n), `bool`
        Results: amplitude, x, y, xx, yy, xy; unweightedBad, unweighted, shift, maxIter.
    """
    for i in range(len(x)):
        if not (np.isfinite(x[i]) and np.isfinite(y[i])):
            flags[0, i] = True
        else:
            image = images[i if len(images) > 1 else 0]
            _measure(image, x[i], y[i], maxShift, tol1, tol2, maxIter, sign, values[:, i], flags[:, i])


@compiled
def _measure(image, x, y, maxShift, tol1, tol2, maxIter, sign, values, flags):
    sigma = (1.5, 0.0, 1.5)
    weight = (-1.0, -1.0, -1.0)
    sums = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    amplitude = 0.0
    old1 = old2 = oldXX = _F4(1e6)
    subdivide = False
    iteration = 0
    flags[1] = True  # unless it converges
    while True:
        box = _findBox(x, y, max(sigma[0], sigma[2]), image.shape)
        ok, determinant, inverse = _invert(*sigma)
        if not ok:
            break
        isSmall = sigma[0] < _SMALL or sigma[2] < _SMALL or determinant < _SMALL*_SMALL
        if isSmall and not subdivide:
            subdivide = True
            if iteration > 0:
                # Once more with the weights of before.
                oldXX = _F4(1e6)
                iteration -= 1
            else:
                weight = inverse
        else:
            weight = inverse
        if max(abs(weight[0]), abs(weight[1]), abs(weight[2])) > _MAX_WEIGHT:
            break
        sums, amplitude = _sum(image, box, _F4(x), _F4(y), weight, subdivide)
        if not _isPositive(sums, sign):
            break
        values[1], values[2] = sums[1]/sums[0], sums[2]/sums[0]
        if abs(values[1] - _F4(x)) > maxShift or abs(values[2] - _F4(y)) > maxShift:
            flags[2] = True
        xx, xy, yy = _F4(sums[3]/sums[0]), _F4(sums[4]/sums[0]), _F4(sums[5]/sums[0])
        if not (xx > 0 and yy > 0):
            break
        e1, e2 = (xx - yy)/(xx + yy), _F4(2.0*xy/(xx + yy))
        if (iteration > 0 and abs(e1 - old1) < tol1 and abs(e2 - old2) < tol1
                and abs(_F8(xx/oldXX) - 1.0) < tol2):
            flags[1] = False
            break
        old1, old2, oldXX = e1, e2, xx
        ok, sigma = _removeWeight(xx, xy, yy, weight, sigma)
        if not ok:
            break
        iteration += 1
        if iteration >= maxIter:
            flags[3] = True
            break
    if sums[3] + sums[5] == 0.0:
        flags[1] = True
    if flags[1]:
        sums, amplitude = _sum(image, box, _F4(x), _F4(y), (0.0, 0.0, 0.0), subdivide)
        if not _isPositive(sums, sign):
            flags[0], flags[1] = True, False
            if sums[0] > 0:
                values[3], values[4], values[5] = 1/12.0, 1/12.0, 0.0
            return
        sigma = (sums[3]/sums[0], sums[4]/sums[0], sums[5]/sums[0])
    values[0] = amplitude
    values[3], values[5], values[4] = sigma


@compiled
def sumAll(image, x, y, variances, weights, subdivide, sums):
    """Sum the pixels around many positions with Gaussian weights.

    Parameters
    ----------
    image : `numpy.ndarray`, (height, width), `float32`
        Image.
    x, y : `numpy.ndarray`, (n,)
        Positions, as indices.
    variances : `numpy.ndarray`, (n,)
        Greater moment of the weights along an axis, pixels squared.
    weights : `numpy.ndarray`, (3, n)
        Elements xx, xy, yy of the inverse covariances of the weights.
    subdivide : `numpy.ndarray`, (n,), `bool`
        See `_sumPixels`.
    sums : `numpy.ndarray`, (n,)
        Results.
    """
    for i in range(len(x)):
        x0, x1, y0, y1 = _findBox(x[i], y[i], variances[i], image.shape)
        if x0 <= x1 and y0 <= y1:
            # From the pixel of the position, for numbers of single precision are more exact there.
            column, row = np.floor(x[i] + 0.5), np.floor(y[i] + 0.5)
            sums[i] = _sumPixels(image[y0:y1 + 1, x0:x1 + 1], x0 - int(column), y0 - int(row),
                                 _F4(x[i] - column), _F4(y[i] - row),
                                 (weights[0, i], weights[1, i], weights[2, i]), subdivide[i])[0]
        else:
            sums[i] = 0.0


@compiled
def _findBox(x, y, variance, shape):
    """Return x0, x1, y0, y1 (inclusive) of four sigma around the centre, clipped to the image."""
    if not variance > 0:
        return 0, -1, 0, -1
    radius = min(_N_SIGMA*np.sqrt(variance), _MAX_RADIUS)
    x, y = min(max(x, -1e9), 1e9), min(max(y, -1e9), 1e9)
    return (max(int(np.ceil(x - radius - 0.5)), 0), min(int(np.floor(x + radius + 0.5)), shape[1] - 1),
            max(int(np.ceil(y - radius - 0.5)), 0), min(int(np.floor(y + radius + 0.5)), shape[0] - 1))


@compiled
def _invert(xx, xy, yy):
    """Invert a symmetric matrix; return whether its determinant is large enough, that, and the inverse."""
    determinant = xx*yy - xy*xy
    if not determinant >= _EPSILON:
        return False, determinant, (np.nan, np.nan, np.nan)
    return True, determinant, (yy/determinant, -xy/determinant, xx/determinant)


@compiled
def _removeWeight(xx, xy, yy, weight, sigma):
    """Take the weight out of the weighted object: in a product of Gaussians inverse covariances add."""
    ok, _, inverse = _invert(_F8(xx), _F8(xy), _F8(yy))
    if not ok:
        return False, sigma
    ok, _, rest = _invert(_F8(_F4(_F4(inverse[0]) - weight[0])), _F8(_F4(_F4(inverse[1]) - weight[1])),
                          _F8(_F4(_F4(inverse[2]) - weight[2])))
    if not ok:
        return False, sigma
    return rest[0] > 0 and rest[2] > 0, rest


@compiled
def _isPositive(sums, sign):
    return sign*sums[0] > 0 and sign*sums[3] > 0 and sign*sums[5] > 0


@compiled
def _sum(image, box, x, y, weight, subdivide):
    """Return the weighted sums and the amplitude of a Gaussian with this weight and flux."""
    x0, x1, y0, y1 = box
    if x1 < x0 or y1 < y0:
        return (0.0, 0.0, 0.0, 0.0, 0.0, 0.0), 0.0
    sums = _sumPixels(image[y0:y1 + 1, x0:x1 + 1], x0, y0, x, y, weight, subdivide)
    _, _, inverse = _invert(*weight)
    return sums, sums[0]/(np.pi*np.sqrt(inverse[0]*inverse[2] - inverse[1]*inverse[1]))


@compiled
def _sumPixels(pixels, x0, y0, x, y, weight, subdivide):
    """Sum pixels with a Gaussian weight.

    Parameters
    ----------
    pixels : `numpy.ndarray`, (height, width), `float32`
        Pixels.
    x0, y0 : `int`
        Position of the first one.
    x, y : `numpy.float32`
        Position of the object.
    weight : `tuple` of `float`
        Elements xx, xy, yy of the inverse covariance of the weight.
    subdivide : `bool`
        Take the weight at sixteen points of a pixel, as for objects that are small for their pixels?

    Returns
    -------
    sums : `tuple` of `float`
        With I the weighted pixels and d the distance from the object: sums of I, I x, I y, I dx dx, I dx dy,
        I dy dy.
    """
    if subdivide:
        return _sumSubdivided(pixels, x0, y0, x, y, weight)
    return _sumWhole(pixels, x0, y0, x, y, weight)


@compiled
def _sumWhole(pixels, x0, y0, x, y, weight):
    w11, w12, w22 = weight
    total = sumX = sumY = sumXX = sumXY = sumYY = 0.0
    for j in range(pixels.shape[0]):
        row = _F4(y0 + j)
        dy = row - y
        for i in range(pixels.shape[1]):
            column = _F4(x0 + i)
            dx = column - x
            dxx, dxy, dyy = dx*dx, dx*dy, dy*dy
            exponent = _F4(dxx*w11 + (_F4(2)*dxy)*w12 + dyy*w22)
            if exponent <= 14.0:
                flux = pixels[j, i]*_F4(np.exp(-0.5*_F8(exponent)))
                total += flux
                sumX += flux*column
                sumY += flux*row
                sumXX += dxx*flux
                sumXY += dxy*flux
                sumYY += dyy*flux
    return total, sumX, sumY, sumXX, sumXY, sumYY


@compiled
def _sumSubdivided(pixels, x0, y0, x, y, weight):
    w11, w12, w22 = weight
    total = sumX = sumY = sumXX = sumXY = sumYY = 0.0
    for j in range(pixels.shape[0]):
        dy = _F4(y0 + j) - y
        for i in range(pixels.shape[1]):
            dx = _F4(x0 + i) - x
            if _findGreatestExponent(dx, dy, weight) > 9.0:
                continue
            # Rounding may keep the last of four points from being reached.
            py = dy - _F4(0.375)
            while py <= dy + _F4(0.375):
                px = dx - _F4(0.375)
                while px <= dx + _F4(0.375):
                    pxx, pxy, pyy = px*px, px*py, py*py
                    exponent = _F4(pxx*w11 + 2.0*pxy*w12 + pyy*w22)
                    flux = pixels[j, i]*_F4(np.exp(-0.5*_F8(exponent)))
                    total += flux
                    sumX += flux*(px + x)
                    sumY += flux*(py + y)
                    sumXX += _F8(pxx)*flux
                    sumXY += _F8(pxy)*flux
                    sumYY += _F8(pyy)*flux
                    px += _F4(0.25)
                py += _F4(0.25)
    return total, sumX, sumY, sumXX, sumXY, sumYY


@compiled
def _findGreatestExponent(dx, dy, weight):
    """Return the greatest exponent of the weight at four corners of a pixel."""
    w11, w12, w22 = weight
    greatest = _F4(-np.inf)
    for px in (dx - _F4(0.375), dx + _F4(0.375)):
        for py in (dy - _F4(0.375), dy + _F4(0.375)):
            greatest = max(greatest, _F4(px*px*w11 + py*py*w22 + _F8(_F4(2)*px)*_F8(py)*w12))
    return greatest
