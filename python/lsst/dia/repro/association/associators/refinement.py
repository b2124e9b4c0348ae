# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Refinement of an association: its likelihood as a whole, made greater until nothing changes."""

from __future__ import annotations

__all__ = ["refine"]

from collections.abc import Callable

import numpy as np
from scipy.spatial import cKDTree

from ...friendsOfFriends import joinPairs
from ...segments import Segments
from .clusterPairs import chooseMutually, shareExposure
from .parting import findParts
from .partition import Partition
from .reassignment import apart, reassign

#: Rounds after which refinement ends in any case; half a dozen is what dense fields need.
MAX_ROUNDS = 20


def refine(partition: Partition, neighborhoods: np.ndarray, isKnown: np.ndarray,
           limit: Callable[[np.ndarray], np.ndarray], maxCandidates: int) -> np.ndarray:
    """Make a partition as likely as moves of sources, joins and parts can.

    In every round the sources of each exposure leave their objects and are
    assigned anew, all at once and at best, to the means that the members of
    all other exposures give, until nothing changes; then objects that share no
    exposure are joined, and objects parted in two, where the whole is more
    likely so. Only objects near to others take part, and after the first round
    only those near to what has changed.
    A group with a source whose error is not known stays as it is: what is
    likelier there would be decided by a guess.

    Parameters
    ----------
    partition : `Partition`
        What to begin with, of N sources; changed.
    neighborhoods : `numpy.ndarray`, (N,)
        Label of the independent group that each source belongs to.
    isKnown : `numpy.ndarray`, (N,)
        Whether the error of each source was measured, bool.
    limit : callable
        Returns the largest separation allowed, as a chord, for variances of
        it, radians^2.
    maxCandidates : `int`
        Number of nearest objects that are considered for one source.

    Returns
    -------
    label : `numpy.ndarray`, (N,)
        Object label of each source, from 0 to N - 1.
    """
    rows, group = _findGroups(partition, neighborhoods, isKnown, limit)
    for _ in range(MAX_ROUNDS):
        if not len(rows):
            break
        changed = np.concatenate([reassign(partition, rows, group, limit, maxCandidates),
                                  _join(partition, rows, group, limit), _part(partition, rows)])
        near = _findNear(partition, rows, group, changed, limit)
        rows, group = rows[near], group[near]
    return partition.label


def _findGroups(partition: Partition, neighborhoods: np.ndarray, isKnown: np.ndarray,
                limit: Callable[[np.ndarray], np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return the sources of objects that have others nearby, and the number of the group of each."""
    objects = np.flatnonzero(partition.count)
    place = np.zeros(len(neighborhoods), dtype=np.int64)
    place[objects] = np.arange(len(objects))
    neighborhood = np.zeros(len(objects), dtype=np.int64)
    neighborhood[place[partition.label]] = neighborhoods
    largest = np.zeros(len(objects))
    np.maximum.at(largest, place[partition.label], partition.variance)
    # A source is within the limit of both its object and the one that it might move to. What is of two
    # neighbourhoods may be looked at in different tiles.
    means = apart(partition.means(objects), neighborhood)
    pairs = cKDTree(means).query_pairs(2*float(limit(2*largest.max())), output_type="ndarray")
    distance = np.sqrt(np.sum((means[pairs[:, 0]] - means[pairs[:, 1]])**2, axis=1))
    # By the errors of these two alone, lest others that are not in every tile have a say.
    pairs = pairs[distance <= 2*limit(largest[pairs].sum(axis=1))]
    group = joinPairs(pairs[:, 0], pairs[:, 1], len(objects))
    groupOfRow = group[place[partition.label]]
    takesPart = np.bincount(group) > 1
    # One that nothing is near to may still be two.
    alone = np.flatnonzero(~takesPart[groupOfRow])
    members = Segments(partition.label[alone])
    order = alone[members.order]
    isTwo, _ = findParts(members, partition.vectors[order], np.sqrt(partition.variance[order]),
                         partition.penalty)
    takesPart[groupOfRow[order[members.starts]]] |= isTwo
    takesPart[groupOfRow[~isKnown]] = False
    rows = np.flatnonzero(takesPart[groupOfRow])
    return rows, groupOfRow[rows]


def _findNear(partition: Partition, rows: np.ndarray, group: np.ndarray, changed: np.ndarray,
              limit: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Return the places in the rows of members of changed objects, and of those near to them."""
    objects, first = np.unique(partition.label[rows], return_index=True)
    isChanged = np.isin(objects, changed)
    if not isChanged.any():
        return np.zeros(0, dtype=np.int64)
    # A limit in which a source is of both objects, twice as for groups.
    reach = 2*float(limit(2*partition.variance[rows].max()))
    means = apart(partition.means(objects), group[first])
    distance, _ = cKDTree(means[isChanged]).query(means, distance_upper_bound=reach)
    isNear = np.zeros(len(partition.count), dtype=bool)
    isNear[objects[np.isfinite(distance)]] = True
    return np.flatnonzero(isNear[partition.label[rows]])


def _join(partition: Partition, rows: np.ndarray, group: np.ndarray,
          limit: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Join objects where that is more likely; return those that changed."""
    joined: list[np.ndarray] = []
    while True:
        objects, at = np.unique(partition.label[rows], return_index=True)
        pairs = cKDTree(apart(partition.means(objects), group[at])).query_pairs(
            float(limit(2*partition.meanVariance(objects).max())), output_type="ndarray")
        first, second = objects[pairs.min(axis=1)], objects[pairs.max(axis=1)]
        gain, distance, variance = partition.joinGains(first, second)
        fits = np.flatnonzero((gain > 0) & (distance <= limit(variance)))
        first, second, gain = first[fits], second[fits], gain[fits]
        if len(first):
            isOf = np.isin(partition.label[rows], np.append(first, second))
            free = ~shareExposure(partition.label[rows[isOf]], partition.exposure[rows[isOf]], first, second)
            first, second, gain = first[free], second[free], gain[free]
        if not len(first):
            return np.concatenate(joined) if joined else first
        chosen = chooseMutually(first, second, -gain, len(partition.count))
        partition.join(first[chosen], second[chosen], rows)
        joined.append(first[chosen])


def _part(partition: Partition, rows: np.ndarray) -> np.ndarray:
    """Part objects in two where that is more likely; return those that changed."""
    objects = Segments(partition.label[rows])
    order = rows[objects.order]
    isTwo, leaves = findParts(objects, partition.vectors[order], np.sqrt(partition.variance[order]),
                              partition.penalty)
    partition.part(order[leaves])
    return np.unique(partition.label[order[objects.spread(isTwo)]])
