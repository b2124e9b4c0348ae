# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Adaptive moments of many sources of an image, with fluxes and errors."""

import dataclasses

import numpy as np

from lsst.afw.math._adaptiveMoments import adaptiveMoments

__all__ = ["AdaptiveShapes", "computeAdaptiveShapes"]


@dataclasses.dataclass
class AdaptiveShapes:
    """What `computeAdaptiveShapes` measures; all attributes are arrays with an element a source."""

    x: np.ndarray
    y: np.ndarray
    xx: np.ndarray
    yy: np.ndarray
    xy: np.ndarray
    instFlux: np.ndarray
    unweightedBad: np.ndarray
    unweighted: np.ndarray
    shift: np.ndarray
    maxIter: np.ndarray
    failed: np.ndarray
    instFluxErr: np.ndarray = None
    xxErr: np.ndarray = None
    yyErr: np.ndarray = None
    xyErr: np.ndarray = None
    instFlux_xx_Cov: np.ndarray = None
    instFlux_yy_Cov: np.ndarray = None
    instFlux_xy_Cov: np.ndarray = None

    def take(self, rows):
        """Select some of the sources."""
        return AdaptiveShapes(*(getattr(self, field.name)[rows] for field in dataclasses.fields(self)))


def computeAdaptiveShapes(exposure, x, y, **kwargs):
    """Measure adaptive moments around many positions.

    Parameters
    ----------
    exposure : `lsst.afw.image.Exposure`
        The image.
    x, y : `numpy.ndarray`, (n,)
        Positions (pixels).
    **kwargs
        Arguments of `adaptiveMoments`.

    Returns
    -------
    shapes : `AdaptiveShapes`
        The moments, fluxes and errors.
    """
    x0, y0 = exposure.getX0(), exposure.getY0()
    # The original takes the position in single precision.
    moments = adaptiveMoments(
        exposure.image.array[np.newaxis], *(np.float32(position) for position in (x - x0, y - y0)), **kwargs
    )
    failed = moments.unweightedBad | moments.unweighted | moments.shift
    shapes = AdaptiveShapes(
        moments.x + x0,
        moments.y + y0,
        moments.xx,
        moments.yy,
        moments.xy,
        moments.amplitude,
        moments.unweightedBad,
        moments.unweighted,
        moments.shift,
        moments.maxIter,
        failed,
    )
    _addErrors(shapes, exposure.variance.array, x - x0, y - y0)
    return shapes


def _addErrors(shapes, variance, x, y):
    """Scale amplitudes to fluxes, and estimate errors from the variance at the center."""
    n = len(x)
    errors = {name: np.full(n, np.nan) for name in ("instFluxErr", "xxErr", "yyErr", "xyErr")}
    covariances = {name: np.full(n, np.nan) for name in ("xx", "yy", "xy")}
    column, row = (np.floor(position + 0.5) for position in (x, y))
    inside = (column >= 0) & (column < variance.shape[1]) & (row >= 0) & (row < variance.shape[0])
    central = np.full(n, np.nan)
    central[inside] = variance[row[inside].astype(np.int64), column[inside].astype(np.int64)]
    with np.errstate(invalid="ignore"):
        determinant = shapes.xx * shapes.yy - shapes.xy**2
        scale = 2.0 * np.pi * np.sqrt(determinant)
        usable = (central > 0) & ~shapes.unweighted & ~shapes.unweightedBad & (shapes.xx + shapes.yy != 0)
        good = usable & (determinant > np.finfo(float).eps) & np.isfinite(shapes.instFlux)
        shapes.failed |= usable & ~(determinant > np.finfo(float).eps)
    matrix = _invertFisher(shapes, good, central)
    diagonal = np.sqrt(np.diagonal(matrix, axis1=1, axis2=2))
    # The original takes the parameters for (flux, xx, xy, yy) here, though they are (flux, xx, yy, xy).
    errors["instFluxErr"][good], errors["xxErr"][good] = diagonal[:, 0], diagonal[:, 1]
    errors["xyErr"][good], errors["yyErr"][good] = diagonal[:, 2], diagonal[:, 3]
    covariances["xx"][good], covariances["xy"][good] = matrix[:, 0, 1], matrix[:, 0, 2]
    covariances["yy"][good] = matrix[:, 0, 3]
    shapes.instFlux = shapes.instFlux * scale
    for name, values in errors.items():
        setattr(shapes, name, values * scale if name == "instFluxErr" else values)
    for name, values in covariances.items():
        setattr(shapes, f"instFlux_{name}_Cov", values * scale)


def _invertFisher(shapes, rows, variance):
    """Return the covariance matrices of amplitude and moments: the inverse Fisher matrices.

    The Gaussian least-squares fit by David Johnston, as in SDSS; second derivatives are left out.
    """
    amplitude, xx, yy, xy = (
        np.asarray(values[rows], dtype=np.float32).astype(np.float64)
        for values in (shapes.instFlux, shapes.xx, shapes.yy, shapes.xy)
    )
    determinant = xx * yy - xy * xy
    norm = np.pi * np.sqrt(determinant) / variance[rows]
    fisher = np.empty((len(norm), 4, 4))
    first = norm * amplitude / (4.0 * determinant)
    second = 3.0 * norm * amplitude**2 / (16.0 * determinant**2)
    fisher[:, 0, 0] = norm
    fisher[:, 0, 1] = first * yy
    fisher[:, 0, 2] = first * xx
    fisher[:, 0, 3] = -2.0 * first * xy
    fisher[:, 1, 1] = second * yy * yy
    fisher[:, 2, 2] = second * xx * xx
    fisher[:, 3, 3] = 4.0 * second * (xy * xy + determinant / 3.0)
    fisher[:, 1, 2] = fisher[:, 3, 3] / 4.0
    fisher[:, 1, 3] = -2.0 * second * yy * xy
    fisher[:, 2, 3] = -2.0 * second * xx * xy
    lower = np.tril_indices(4, -1)
    fisher[:, lower[0], lower[1]] = fisher[:, lower[1], lower[0]]
    # Where the variance at the center is infinite the matrix is zero; the original has NaN there.
    inverse = np.full(fisher.shape, np.nan)
    regular = np.linalg.det(fisher) != 0
    inverse[regular] = np.linalg.inv(fisher[regular])
    return inverse
