# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Refinement of an association: its likelihood as a whole, made greater until nothing changes."""

from __future__ import annotations

__all__ = ["mayBeTwo", "refine"]

from collections.abc import Callable

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from ...segments import Segments, findRuns
from .clusterPairs import chooseMutually, shareExposure
from .optimalPairs import assign
from .partition import Partition

#: Rounds after which refinement ends in any case; half a dozen is what dense fields need.
MAX_ROUNDS = 20

#: How much farther than the limit candidates are looked for, since means move during a round.
WIDER = 1.5

#: Added to a cost so that none is negative: more than the logarithms of numbers and errors come to.
MARGIN = 100.0


def refine(partition: Partition, neighborhoods: np.ndarray, isKnown: np.ndarray,
           limit: Callable[[np.ndarray], np.ndarray], maxCandidates: int) -> np.ndarray:
    """Make a partition as likely as moves of sources, joins and parts can.

    In every round the sources of each exposure leave their objects and are
    assigned anew, all at once and at best, to the means that the members of
    all other exposures give; then objects that share no exposure are joined,
    and objects parted in two, where the whole is more likely so. Only objects near to others take part,
    and after the first round only groups of them in which something changed.
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
        isChanged = _reassign(partition, rows, group, limit, maxCandidates)
        isChanged |= _join(partition, rows, group, limit)
        isChanged |= _part(partition, rows, group)
        # Without a change a group would come out the same for ever.
        stays = isChanged[group]
        rows, group = rows[stays], group[stays]
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
    means = _apart(partition.means(objects), neighborhood)
    pairs = cKDTree(means).query_pairs(2*float(limit(2*largest.max())), output_type="ndarray")
    distance = np.sqrt(np.sum((means[pairs[:, 0]] - means[pairs[:, 1]])**2, axis=1))
    # By the errors of these two alone, lest others that are not in every tile have a say.
    pairs = pairs[distance <= 2*limit(largest[pairs].sum(axis=1))]
    graph = coo_matrix((np.ones(len(pairs), dtype=bool), (pairs[:, 0], pairs[:, 1])), shape=(len(objects),)*2)
    group = connected_components(graph, directed=False)[1]
    groupOfRow = group[place[partition.label]]
    takesPart = np.bincount(group) > 1
    # One that nothing is near to may still be two.
    members = Segments(partition.label)
    takesPart[groupOfRow[members.order[members.starts]]] |= _isWide(partition, members, members.order)
    takesPart[groupOfRow[~isKnown]] = False
    rows = np.flatnonzero(takesPart[groupOfRow])
    return rows, groupOfRow[rows]


def _reassign(partition: Partition, rows: np.ndarray, group: np.ndarray,
              limit: Callable[[np.ndarray], np.ndarray], maxCandidates: int) -> np.ndarray:
    """Assign every exposure anew; return whether each group changed."""
    source, candidate = _findCandidates(partition, rows, group, limit, maxCandidates)
    # Groups are independent: the k-th exposure of each is done in one step, however many exposures there are.
    step = _rankExposures(group, partition.exposure[rows])
    order = np.argsort(step, kind="stable")
    pairs = np.argsort(step[source], kind="stable")
    edges = np.searchsorted(step[source[pairs]], np.arange(step.max() + 2))
    isChanged = np.zeros(group.max() + 1, dtype=bool)
    for number, (start, stop) in enumerate(zip(*findRuns(step[order]))):
        mine, chosen = order[start:stop], pairs[edges[number]:edges[number + 1]]
        moved = _reassignStep(partition, rows[mine], rows[source[chosen]], candidate[chosen], limit)
        isChanged[group[mine[moved]]] = True
    return isChanged


def _rankExposures(group: np.ndarray, exposure: np.ndarray) -> np.ndarray:
    """Number the exposures of each group from 0."""
    order = np.lexsort((exposure, group))
    isNewGroup = np.append(True, np.diff(group[order]) != 0)
    isNew = isNewGroup | np.append(True, np.diff(exposure[order]) != 0)
    number = np.cumsum(isNew)
    rank = np.empty(len(group), dtype=np.int64)
    rank[order] = number - np.maximum.accumulate(np.where(isNewGroup, number, 0))
    return rank


def _findCandidates(partition: Partition, rows: np.ndarray, group: np.ndarray,
                    limit: Callable[[np.ndarray], np.ndarray],
                    maxCandidates: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the pairs of row and object that are near enough to be looked at, sorted by row."""
    objects, first = np.unique(partition.label[rows], return_index=True)
    k = min(maxCandidates, len(objects))
    distance, found = cKDTree(_apart(partition.means(objects), group[first])).query(
        _apart(partition.vectors[rows], group), k=np.arange(1, k + 1),
        distance_upper_bound=WIDER*float(limit(2*partition.variance[rows].max())))
    source, column = np.nonzero(np.isfinite(distance))
    distance, found = distance[source, column], objects[found[source, column]]
    isNear = distance <= WIDER*limit(partition.variance[rows[source]] + partition.meanVariance(found))
    source, found = source[isNear], found[isNear]
    # Its own object is one, wherever it is.
    own = np.arange(len(rows))
    other = found != partition.label[rows[source]]
    source, found = np.append(own, source[other]), np.append(partition.label[rows], found[other])
    order = np.argsort(source, kind="stable")
    return source[order], found[order]


def _apart(vectors: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Return the vectors with a fourth axis on which different groups are out of each other's reach."""
    return np.column_stack([vectors, 4.0*group])


def _reassignStep(partition: Partition, rows: np.ndarray, source: np.ndarray, candidate: np.ndarray,
                  limit: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Assign some sources, of one exposure a group, anew; tell which have moved."""
    old = partition.label[rows]
    partition.remove(rows)
    exists = partition.count[candidate] > 0
    source, candidate = source[exists], candidate[exists]
    place = np.searchsorted(rows, source)
    gain, distance, variance = partition.gains(source, candidate)
    # A mean that moved away since a source joined it is no reason to part them.
    isAllowed = (gain > 0) & ((distance <= limit(variance)) | (candidate == old[place]))
    place, candidate, gain = place[isAllowed], candidate[isAllowed], gain[isAllowed]
    new = np.full(len(rows), -1, dtype=np.int64)
    none = partition.penalty + MARGIN
    chosen = assign(place, candidate, none - gain, none)
    new[place[chosen]] = candidate[chosen]
    alone = np.flatnonzero(new < 0)
    new[alone] = partition.makeRoom(old[alone], rows[alone])
    partition.add(rows, new)
    return new != old


def _join(partition: Partition, rows: np.ndarray, group: np.ndarray,
          limit: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Join objects where that is more likely; return whether each group changed."""
    isChanged = np.zeros(group.max() + 1, dtype=bool)
    while True:
        objects, at = np.unique(partition.label[rows], return_index=True)
        pairs = cKDTree(_apart(partition.means(objects), group[at])).query_pairs(
            float(limit(2*partition.meanVariance(objects).max())), output_type="ndarray")
        first, second = objects[pairs.min(axis=1)], objects[pairs.max(axis=1)]
        gain, distance, variance = partition.joinGains(first, second)
        fits = np.flatnonzero((gain > 0) & (distance <= limit(variance)))
        first, second, gain = first[fits], second[fits], gain[fits]
        free = ~shareExposure(partition.label[rows], partition.exposure[rows], first, second)
        first, second, gain = first[free], second[free], gain[free]
        if not len(first):
            return isChanged
        chosen = chooseMutually(first, second, -gain, len(partition.label))
        moved = partition.join(first[chosen], second[chosen], rows)
        isChanged[group[np.searchsorted(rows, moved)]] = True


def _part(partition: Partition, rows: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Part objects in two where that is more likely; return whether each group changed."""
    isChanged = np.zeros(group.max() + 1, dtype=bool)
    objects = Segments(partition.label[rows])
    mine = np.sort(objects.order[objects.spread(_isWide(partition, objects, rows[objects.order]))])
    if not len(mine):
        return isChanged
    objects = Segments(partition.label[rows[mine]])
    order = rows[mine[objects.order]]
    leaves = _findHalves(objects, partition.vectors[order], partition.variance[order])
    gain = partition.partGains(objects, order, leaves)
    leaves &= objects.spread(gain > 0)
    partition.part(order[leaves])
    isChanged[group[mine[objects.order[leaves]]]] = True
    return isChanged


def _isWide(partition: Partition, objects: Segments, order: np.ndarray) -> np.ndarray:
    """Tell the objects of which `mayBeTwo` holds, all members being given in order."""
    offset = partition.vectors[order] - objects.spread(partition.vectors[order[objects.starts]])
    return mayBeTwo(objects, offset, np.sqrt(partition.variance[order]), partition.penalty)


def mayBeTwo(groups: Segments, offset: np.ndarray, error: np.ndarray, penalty: float) -> np.ndarray:
    """Tell the objects that scatter enough to pay for being two.

    Parameters
    ----------
    groups : `Segments`
        The objects, M of them, with N members in all.
    offset : `numpy.ndarray`, (N, 3)
        Vectors from any one member, in the order of the groups.
    error : `numpy.ndarray`, (N,)
        Position errors, likewise.
    penalty : `float`
        Cost of an object.

    Returns
    -------
    may : `numpy.ndarray`, (M,)
        bool; for errors that are all alike no object that is two is missed.
    """
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


def _findHalves(objects: Segments, vectors: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """Tell the members of each object that are nearer to its outermost one than to that one's opposite."""
    weight = 1/variance[:, np.newaxis]
    center = objects.spread(objects.reduce(np.add, vectors*weight)/objects.reduce(np.add, weight))
    for _ in range(2):
        # At first the outermost, then what is outermost as seen from there.
        distance = np.sum((vectors - center)**2, axis=1)
        isFarthest = distance == objects.spread(objects.reduce(np.maximum, distance))
        place = np.where(isFarthest, np.arange(len(vectors)), len(vectors))
        far = objects.spread(vectors[objects.reduce(np.minimum, place)])
        center, previous = far, center
    return np.sum((vectors - center)**2, axis=1) < np.sum((vectors - previous)**2, axis=1)
