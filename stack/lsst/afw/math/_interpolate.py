# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Interpolation in one dimension, with the kinds of splines that the stack takes from GSL."""

__all__ = ["Interpolate", "lookupMaxInterpStyle", "lookupMinInterpPoints", "makeInterpolate",
           "stringToInterpStyle"]

import enum

import numpy as np

from lsst.pex.exceptions import InvalidParameterError, OutOfRangeError, RuntimeError


class _Style(enum.IntEnum):
    """Kinds of interpolation."""

    UNKNOWN = -1
    CONSTANT = 0
    LINEAR = 1
    NATURAL_SPLINE = 2
    CUBIC_SPLINE = 3
    CUBIC_SPLINE_PERIODIC = 4
    AKIMA_SPLINE = 5
    AKIMA_SPLINE_PERIODIC = 6
    NUM_STYLES = 7


_MIN_POINTS = {_Style.CONSTANT: 1, _Style.LINEAR: 2, _Style.NATURAL_SPLINE: 3, _Style.CUBIC_SPLINE: 3,
               _Style.CUBIC_SPLINE_PERIODIC: 3, _Style.AKIMA_SPLINE: 5, _Style.AKIMA_SPLINE_PERIODIC: 5}


def stringToInterpStyle(style):
    """Return the style of a name such as "AKIMA_SPLINE".

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        If there is none of that name.
    """
    if style not in _Style.__members__ or _Style[style] not in _MIN_POINTS:
        raise InvalidParameterError(f"Interp style not found: {style}")
    return _Style[style]


def lookupMaxInterpStyle(n):
    """Return the highest style for a number of points: constant, linear, cubic (3 and 4) or Akima spline.

    Raises
    ------
    lsst.pex.exceptions.InvalidParameterError
        If there are no points.
    """
    if n < 1:
        raise InvalidParameterError("n must be greater than 0")
    return {1: _Style.CONSTANT, 2: _Style.LINEAR, 3: _Style.CUBIC_SPLINE,
            4: _Style.CUBIC_SPLINE}.get(n, _Style.AKIMA_SPLINE)


def lookupMinInterpPoints(style):
    """Return the number of points that a style needs.

    Raises
    ------
    lsst.pex.exceptions.OutOfRangeError
        If it is no style.
    """
    if style not in _MIN_POINTS:
        raise OutOfRangeError(f"Style {int(style)} is out of range 0..{_Style.NUM_STYLES - 1}")
    return _MIN_POINTS[style]


class Interpolate:
    """A function through points; made by `makeInterpolate`.

    Beyond the first and last point it goes on with value, slope and curvature of the nearer one.

    Parameters
    ----------
    x : array-like, (n,)
        Positions, increasing.
    y : array-like, (n,) or (n, m)
        Values, of one function or of m.
    style : `Interpolate.Style`
        Kind of interpolation.
    """

    Style = _Style
    (UNKNOWN, CONSTANT, LINEAR, NATURAL_SPLINE, CUBIC_SPLINE, CUBIC_SPLINE_PERIODIC, AKIMA_SPLINE,
     AKIMA_SPLINE_PERIODIC, NUM_STYLES) = _Style

    def __init__(self, x, y, style):
        x, y = np.array(x, dtype=np.float64), np.array(y, dtype=np.float64)
        if len(x) != len(y):
            raise InvalidParameterError(f"Dimensions of x and y must match; {len(x)} != {len(y)}")
        if len(y) < lookupMinInterpPoints(style):
            raise OutOfRangeError(f"{_Style(style).name} needs {lookupMinInterpPoints(style)} points, "
                                  f"not {len(y)}")
        if len(y) > 1 and style != _Style.CONSTANT and not (np.diff(x) > 0).all():
            raise RuntimeError("gsl_interp_init failed: x values must be strictly increasing")
        self._pieces = _FITS[style](x, y)

    def interpolate(self, x):
        """Return the value at a position (`float`), or the values at several (`list` of `float`)."""
        values = self._evaluate(np.asarray(x, dtype=np.float64))
        return float(values) if np.ndim(x) == 0 else values.tolist()

    def _evaluate(self, x):
        """Return values of shape x.shape, followed by m if there are several functions."""
        inside = np.clip(x, self._pieces.x[0], self._pieces.x[-1])
        values = self._pieces(inside)
        beyond = (x - inside).reshape(inside.shape + (1,)*(values.ndim - inside.ndim))
        if beyond.any():
            values += beyond*(self._pieces(inside, 1) + 0.5*beyond*self._pieces(inside, 2))
        return values


def makeInterpolate(x, y, style=_Style.AKIMA_SPLINE):
    """Make an interpolation.

    Parameters
    ----------
    x : sequence of `float`
        Positions, increasing.
    y : sequence of `float`
        Values.
    style : `Interpolate.Style`
        Kind of interpolation.

    Returns
    -------
    interpolate : `Interpolate`
        The interpolation.

    Raises
    ------
    lsst.pex.exceptions.OutOfRangeError
        If there are too few points for the style.
    lsst.pex.exceptions.InvalidParameterError
        If there are not as many positions as values, or the style is none.
    lsst.pex.exceptions.RuntimeError
        If the positions do not increase.
    """
    if style == _Style.UNKNOWN:
        raise InvalidParameterError("I am unable to make an interpolator of type UNKNOWN")
    return Interpolate(x, y, style)


def _fitConstant(x, y):
    """Return steps, which the stack puts halfway between points, with the mean of both as value."""
    if len(x) == 1:
        return _pieces(y[np.newaxis], [x[0], x[0] + 1.0])
    middle, end = 0.5*(x[1:] + x[:-1]), 0.5*(3*x[-1] - x[-2])
    edges = np.concatenate([[0.5*(3*x[0] - x[1])], middle, [end, end + 1.0]])
    return _pieces(np.concatenate([y[:1], 0.5*(y[1:] + y[:-1]), y[-1:]])[np.newaxis], edges)


def _fitLinear(x, y):
    return _pieces(np.array([_slopes(x, y), y[:-1]]), x)


def _fitNatural(x, y):
    from scipy.interpolate import CubicSpline

    return CubicSpline(x, y, bc_type="natural")


def _fitPeriodic(x, y):
    raise NotImplementedError("interpolation of style CUBIC_SPLINE_PERIODIC")


def _fitAkima(x, y):
    slopes = _slopes(x, y)
    before, after = (3*slopes[0] - 2*slopes[1], 2*slopes[0] - slopes[1]), (
        2*slopes[-1] - slopes[-2], 3*slopes[-1] - 2*slopes[-2])
    return _fitAkimaPieces(x, y, np.concatenate([before, slopes, after]))


def _fitAkimaPeriodic(x, y):
    slopes = _slopes(x, y)
    return _fitAkimaPieces(x, y, np.concatenate([slopes[-2:], slopes, slopes[:2]]))


_FITS = {_Style.CONSTANT: _fitConstant, _Style.LINEAR: _fitLinear, _Style.NATURAL_SPLINE: _fitNatural,
         _Style.CUBIC_SPLINE: _fitNatural, _Style.CUBIC_SPLINE_PERIODIC: _fitPeriodic,
         _Style.AKIMA_SPLINE: _fitAkima, _Style.AKIMA_SPLINE_PERIODIC: _fitAkimaPeriodic}


def _fitAkimaPieces(x, y, m):
    """Return an Akima spline (JACM 17, 589) in Wodicka's form, without rounded corners.

    ``m`` are the slopes between points, with two more before the first and after the last. The slope at a
    point is a weighted mean of those beside it; where all weights vanish the corner stays. SciPy's
    ``Akima1DInterpolator`` rounds it: after three equal values it differs by 7 % of the next step.
    """
    left, right = np.abs(m[1:-2] - m[:-3]), np.abs(m[3:] - m[2:-1])
    total = (left + right)
    n = len(x)
    with np.errstate(invalid="ignore", divide="ignore"):
        alpha = left/total
    mean = (1 - alpha)*m[1:-2] + alpha*m[2:-1]
    corner = total == 0
    slope = m[2:n + 1]  # Of each piece.
    start = np.where(corner[:-1], slope, mean[:-1])
    end = np.where(corner[1:], slope, mean[1:])
    h = _like(np.diff(x), y)
    c2, c3 = (3*slope - 2*start - end)/h, (start + end - 2*slope)/h**2
    straight = corner[:-1]
    return _pieces(np.array([np.where(straight, 0.0, c3), np.where(straight, 0.0, c2), start, y[:-1]]), x)


def _pieces(coefficients, x):
    from scipy.interpolate import PPoly

    return PPoly(coefficients, x)


def _slopes(x, y):
    return np.diff(y, axis=0)/_like(np.diff(x), y)


def _like(values, y):
    return values.reshape((-1,) + (1,)*(y.ndim - 1))
