# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Objects that are likelier two, and their halves."""

from __future__ import annotations

__all__ = ["findParts"]

import numpy as np

from ...segments import Segments
from .partitionLikelihood import prior


def findParts(groups: Segments, vectors: np.ndarray, error: np.ndarray,
              penalty: float) -> tuple[np.ndarray, np.ndarray]:
    """Part objects in two, and tell whether they are likelier so.

    Parameters
    ----------
    groups : `Segments`
        The objects, M of them, with N members in all.
    vectors : `numpy.ndarray`, (N, 3)
        Unit vectors of the members, in the order of the groups.
    error : `numpy.ndarray`, (N,)
        Position errors, radians, likewise.
    penalty : `float`
        Cost of an object; see `Partition`.

    Returns
    -------
    isTwo : `numpy.ndarray`, (M,)
        Whether two objects are likelier than one, bool.
    leaves : `numpy.ndarray`, (N,)
        Whether each member is of the part that leaves, in the order of the
        groups, bool; `False` where the object is one.
    """
    isTwo, leaves = np.zeros(len(groups), dtype=bool), np.zeros(len(vectors), dtype=bool)
    # Small numbers, for the digits of means.
    offset = vectors - groups.spread(vectors[groups.starts])
    wide = groups.spread(_mayBeTwo(groups, offset, error, penalty))
    if wide.any():
        some = Segments(groups.ids[wide])
        halves = _findHalves(some, offset[wide], error[wide])
        gain = _partGains(some, offset[wide], error[wide], halves, penalty)
        isTwo[groups.ids[wide][some.starts]] = gain > 0
        leaves[wide] = halves & some.spread(gain > 0)
    return isTwo, leaves


def _mayBeTwo(groups: Segments, offset: np.ndarray, error: np.ndarray, penalty: float) -> np.ndarray:
    """Tell the objects that scatter enough to pay for being two, if their errors are all alike."""
    weight = error[:, np.newaxis]**-2
    offset = offset - groups.spread(groups.reduce(np.add, offset*weight)/groups.reduce(np.add, weight))
    scaled = offset/error[:, np.newaxis]
    # Two means lie on one line, so that they take away no more than the scatter along the widest direction:
    # the greater eigenvalue of a matrix of rank two, from its trace and its norm.
    moments = {(i, j): groups.reduce(np.add, scaled[:, i]*scaled[:, j])
               for i in range(3) for j in range(i, 3)}
    trace = sum(moments[i, i] for i in range(3))
    norm = sum(moment**2*(1 if i == j else 2) for (i, j), moment in moments.items())
    widest = 0.5*(trace + np.sqrt(np.maximum(2*norm - trace**2, 0)))
    # The logarithms of the likelihood for n - 1 members and one.
    others = np.maximum(groups.counts - 1, 1)
    return 0.5*widest > penalty + np.log(others) - np.log(groups.counts/others)


def _findHalves(groups: Segments, offset: np.ndarray, error: np.ndarray) -> np.ndarray:
    """Tell the members of each object that are nearer to its outermost one than to that one's opposite."""
    weight = error[:, np.newaxis]**-2
    center = groups.spread(groups.reduce(np.add, offset*weight)/groups.reduce(np.add, weight))
    for _ in range(2):
        # At first the outermost, then what is outermost as seen from there.
        distance = np.sum((offset - center)**2, axis=1)
        isFarthest = distance == groups.spread(groups.reduce(np.maximum, distance))
        place = np.where(isFarthest, np.arange(len(offset)), len(offset))
        far = groups.spread(offset[groups.reduce(np.minimum, place)])
        center, previous = far, center
    return np.sum((offset - center)**2, axis=1) < np.sum((offset - previous)**2, axis=1)


def _partGains(groups: Segments, offset: np.ndarray, error: np.ndarray, leaves: np.ndarray,
               penalty: float) -> np.ndarray:
    """Return what is gained in log likelihood if members leave; -inf where all or none do."""
    weight = error**-2
    columns = np.column_stack([np.ones(len(weight)), weight, np.log(weight), weight[:, np.newaxis]*offset])
    whole, part = (groups.reduce(np.add, values) for values in (columns, columns*leaves[:, np.newaxis]))
    isBoth = (part[:, 0] > 0) & (part[:, 0] < whole[:, 0])
    whole, part = whole[isBoth], part[isBoth]
    rest = whole - part
    apart = np.sum((part[:, 3:]/part[:, 1:2] - rest[:, 3:]/rest[:, 1:2])**2, axis=1)
    change = sum(sign*prior(sums[:, 1], sums[:, 2], sums[:, 0])
                 for sign, sums in ((1, part), (1, rest), (-1, whole)))
    gain = np.full(len(groups), -np.inf)
    gain[isBoth] = 0.5*apart*part[:, 1]*rest[:, 1]/whole[:, 1] + change - penalty
    return gain
