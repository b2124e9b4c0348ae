# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Adaptive moments: the Gaussian weight that matches the object it weighs, as in base_SdssShape.

Bernstein and Jarvis 2002, AJ 123, 583, section 3.1; the iteration, its failures and where single precision is
used are those of meas_base's SdssShape.
"""

__all__ = ["AdaptiveMoments", "adaptiveMoments"]

import dataclasses

import numpy as np


@dataclasses.dataclass
class AdaptiveMoments:
    """Result of `adaptiveMoments`; all attributes are arrays with an element an object."""

    amplitude: np.ndarray
    """Central value of the best-fit Gaussian."""

    x: np.ndarray
    """Weighted centroid along the second axis, index of ``images``."""

    y: np.ndarray
    """Weighted centroid along the first axis, index of ``images``."""

    xx: np.ndarray
    """Second moment, pixels squared."""

    yy: np.ndarray
    """Second moment, pixels squared."""

    xy: np.ndarray
    """Second moment, pixels squared."""

    unweightedBad: np.ndarray
    """Neither weighted nor unweighted moments are valid."""

    unweighted: np.ndarray
    """The moments are unweighted, because the weighted ones did not converge to something valid."""

    shift: np.ndarray
    """The centroid moved too far from the given one."""

    maxIter: np.ndarray
    """There were too many iterations."""


def adaptiveMoments(images, x, y, *, background=0.0, maxIter=100, maxShift=2.0, tol1=1e-5, tol2=1e-4,
                    negative=False):
    """Measure the adaptive moments of many objects.

    Parameters
    ----------
    images : `numpy.ndarray`, (n, height, width) or (1, height, width)
        An image for each object, or one in which all objects are.
    x, y : `numpy.ndarray`, (n,)
        Centres along the second and the first axis of the images, as indices.
    background : `float`
        Value to subtract from the pixels.
    maxIter : `int`
        Greatest number of iterations.
    maxShift : `float`
        Greatest distance of the weighted centroid from the centre, pixels; clipped to 2 ... 10.
    tol1 : `float`
        The two ellipticities have converged when they change by less than this.
    tol2 : `float`
        The xx moment of the weighted object has converged when it changes by less than this fraction.
    negative : `bool`
        Are the objects negative?

    Returns
    -------
    moments : `AdaptiveMoments`
        Moments, NaN where there are none, and what went wrong.
    """
    # Here, as what it imports takes long: see lsst._compiled.
    from ._momentLoops import measureAll

    if background != 0.0:
        images = images - np.float32(background)
    images = np.ascontiguousarray(images, dtype=np.float32)
    x, y = (np.array(center, dtype=np.float64) for center in (x, y))
    values, flags = np.full((6, len(x)), np.nan), np.zeros((4, len(x)), dtype=bool)
    limits = (np.float32(limit) for limit in (np.clip(maxShift, 2, 10), tol1, tol2))
    measureAll(images, x, y, *limits, maxIter, -1.0 if negative else 1.0, values, flags)
    return AdaptiveMoments(*values, *flags)
