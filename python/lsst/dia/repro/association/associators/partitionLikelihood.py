# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""How likely objects are, from sums over their members."""

from __future__ import annotations

__all__ = ["logLikelihoods", "prior"]

import numpy as np
from scipy.special import gammaln

from ...segments import Segments


def prior(total: np.ndarray, logs: np.ndarray, count: np.ndarray) -> np.ndarray:
    """Return the part of the log likelihood of objects that knows no positions; see `Partition`.

    Parameters
    ----------
    total : `numpy.ndarray`, (M,)
        Sums of the weights of the members, 1/error^2.
    logs : `numpy.ndarray`, (M,)
        Sums of their logarithms.
    count : `numpy.ndarray`, (M,)
        Numbers of members.
    """
    return gammaln(count) - np.log(total) + logs/count


def logLikelihoods(label: np.ndarray, error: np.ndarray, separation: np.ndarray,
                   maxSigma: float) -> np.ndarray:
    """Return the logarithm of the likelihood of each object; see `Partition`.

    Parameters
    ----------
    label : `numpy.ndarray`, (N,)
        Object of each source, integer.
    error : `numpy.ndarray`, (N,)
        Position errors of the sources, in any unit.
    separation : `numpy.ndarray`, (N,)
        Separations from the weighted means of the objects, in the same unit.
    maxSigma : `float`
        What makes an object as costly as it is; see `Partition`.

    Returns
    -------
    value : `numpy.ndarray`, (M,)
        One value an object, in the order of labels.
    """
    objects = Segments(label)
    weight = np.asarray(error, dtype=float)[objects.order]**-2
    chi2 = objects.reduce(np.add, weight*np.square(separation, dtype=float)[objects.order])
    return (prior(objects.reduce(np.add, weight), objects.reduce(np.add, np.log(weight)), objects.counts)
            - 0.5*chi2 - 0.5*maxSigma**2)
