# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The assignment of all exposures anew, to the means that the members of the others give."""

from __future__ import annotations

__all__ = ["apart", "reassign"]

from collections.abc import Callable

import numpy as np
from scipy.spatial import cKDTree

from ...friendsOfFriends import joinPairs
from ...rowLookup import findRows
from .optimalPairs import assign
from .partition import Partition

#: How much farther than the limit candidates are looked for, since means move during a round.
WIDER = 1.2

#: Added to a cost so that none is negative: more than the logarithms of numbers and errors come to.
MARGIN = 100.0

#: Gains in log likelihood that rounding may bring forth.
ROUNDING = 1e-6

#: Steps after which reassignment ends in any case; a dozen is what dense fields need.
MAX_STEPS = 100


def reassign(partition: Partition, rows: np.ndarray, group: np.ndarray,
             limit: Callable[[np.ndarray], np.ndarray], maxCandidates: int) -> np.ndarray:
    """Assign sources to objects anew, those of one exposure at once, as is likeliest.

    Parameters
    ----------
    partition : `Partition`
        What to begin with; changed.
    rows : `numpy.ndarray`, (N,)
        Sources that take part, increasing; objects take part with all of
        their members.
    group : `numpy.ndarray`, (N,)
        Number of the independent group of each.
    limit : callable
        Returns the largest separation allowed, as a chord, for variances of
        it, radians^2.
    maxCandidates : `int`
        Number of nearest objects that are considered for one source.

    Returns
    -------
    changed : `numpy.ndarray`
        The objects that changed.
    """
    source, candidate = _findCandidates(partition, rows, group, limit, maxCandidates)
    contest = _Contest(partition, rows, source, candidate, limit)
    for _ in range(MAX_STEPS):
        if not contest.step():
            break
    return np.flatnonzero(contest.isChanged)


def apart(vectors: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Return the vectors with a fourth axis on which different groups are out of each other's reach."""
    return np.column_stack([vectors, 4.0*group])


def _findCandidates(partition: Partition, rows: np.ndarray, group: np.ndarray,
                    limit: Callable[[np.ndarray], np.ndarray],
                    maxCandidates: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the pairs of source, as its place in the rows, and object other than its own that are near."""
    objects, first = np.unique(partition.label[rows], return_index=True)
    k = min(maxCandidates, len(objects))
    distance, found = cKDTree(apart(partition.means(objects), group[first])).query(
        apart(partition.vectors[rows], group), k=np.arange(1, k + 1),
        distance_upper_bound=WIDER*float(limit(2*partition.variance[rows].max())))
    source, column = np.nonzero(np.isfinite(distance))
    distance, found = distance[source, column], objects[found[source, column]]
    isOther = found != partition.label[rows[source]]
    source, distance, found = source[isOther], distance[isOther], found[isOther]
    isNear = distance <= WIDER*limit(partition.variance[rows[source]] + partition.meanVariance(found))
    return source[isNear], found[isNear]


class _Contest:
    """Sources that other objects than their own are near to, in units that are assigned at once.

    A unit are sources of one exposure that are, directly or through others,
    candidates for the same objects. It is solved again only if one of these
    changed.
    """

    def __init__(self, partition: Partition, rows: np.ndarray, source: np.ndarray, candidate: np.ndarray,
                 limit: Callable[[np.ndarray], np.ndarray]) -> None:
        self.partition, self.limit = partition, limit
        self._size = len(partition.count)
        self._fresh = np.flatnonzero(partition.count == 0)
        self.isChanged = np.zeros(self._size, dtype=bool)
        self._findContestants(rows, source, candidate)
        self._findUnits()

    def step(self) -> bool:
        """Solve the units that may change; return whether any did."""
        mine = np.flatnonzero(self._isDirty[self._unit])
        if not len(mine):
            return False
        unit, source, candidate, gain, own = self._evaluate(mine)
        best = own.copy()
        np.maximum.at(best, source, gain)
        # Where each source has what is best for it, nothing is better for all.
        isWrong = (best > own + ROUNDING) | (own < -ROUNDING)
        isOpen = np.zeros(len(self._isDirty), dtype=bool)
        isOpen[unit[isWrong]] = True
        self._isDirty[:] = False
        new = self._solve(unit, source, candidate, gain, own, mine, isOpen)
        return self._move(mine, unit, *new)

    def _findContestants(self, rows: np.ndarray, source: np.ndarray, candidate: np.ndarray) -> None:
        """Find the sources that take part: those with candidates, and whom they would drive out."""
        partition = self.partition
        nExposures = int(partition.exposure[rows].max()) + 1
        held = partition.label[rows]*nExposures + partition.exposure[rows]
        holder = findRows(held, candidate*nExposures + partition.exposure[rows[source]])
        takesPart = np.zeros(len(rows), dtype=bool)
        takesPart[source] = takesPart[holder[holder >= 0]] = True
        self._rows = rows[takesPart]
        number = np.cumsum(takesPart) - 1
        self._source, self._candidate = number[source], candidate

    def _findUnits(self) -> None:
        """Find the units, and to which of them candidates matter."""
        n, rows = len(self._rows), self._rows
        exposure = self.partition.exposure
        source = np.append(self._source, np.arange(n))
        candidate = np.append(self._candidate, self.partition.label[rows])
        key = candidate*(int(exposure.max(initial=0)) + 1) + exposure[rows[source]]
        names, number = np.unique(key, return_inverse=True)
        component = joinPairs(source, n + number, n + len(names))
        _, self._unit = np.unique(component[:n], return_inverse=True)
        self._isDirty = np.ones(self._unit.max(initial=-1) + 1, dtype=bool)
        self._watched, self._watcher = candidate, self._unit[source]

    def _evaluate(self, mine: np.ndarray) -> tuple[np.ndarray, ...]:
        """Return the unit of each source, pairs of source and candidate with gains, and the gain of now."""
        partition, rows, unit = self.partition, self._rows[mine], self._unit[mine]
        place = np.full(len(self._rows), -1)
        place[mine] = np.arange(len(mine))
        isMine = place[self._source] >= 0
        source, candidate = place[self._source[isMine]], self._candidate[isMine]
        isOther = candidate != partition.label[rows[source]]
        source, candidate = source[isOther], candidate[isOther]
        # Who holds a candidate in this exposure is of the unit, and leaves it as all do.
        holder = findRows(unit*self._size + partition.label[rows], unit[source]*self._size + candidate)
        without = np.where(holder >= 0, rows[holder], -1)
        gain, distance, variance = partition.gains(rows[source], candidate, without)
        isAllowed = (gain > 0) & (distance <= self.limit(variance))
        own, _, _ = partition.gains(rows, partition.label[rows], rows)
        return unit, source[isAllowed], candidate[isAllowed], gain[isAllowed], own

    def _solve(self, unit: np.ndarray, source: np.ndarray, candidate: np.ndarray, gain: np.ndarray,
               own: np.ndarray, mine: np.ndarray, isOpen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the best object of each source, -1 if it is best alone, and what units gain."""
        label = self.partition.label[self._rows[mine]]
        new = label.copy()
        keeps = np.flatnonzero(isOpen[unit] & (own > 0))
        isMine = isOpen[unit[source]]
        # A mean that moved away since a source joined it is no reason to part them.
        source = np.append(source[isMine], keeps)
        candidate, gain = np.append(candidate[isMine], label[keeps]), np.append(gain[isMine], own[keeps])
        order = np.argsort(source, kind="stable")
        source, candidate, gain = source[order], candidate[order], gain[order]
        _, key = np.unique(unit[source]*self._size + candidate, return_inverse=True)
        none = self.partition.penalty + MARGIN
        chosen = assign(source, key, none - gain, none)
        new[isOpen[unit] & (self.partition.count[label] > 1)] = -1
        new[source[chosen]] = candidate[chosen]
        total = np.bincount(unit[source[chosen]], gain[chosen], minlength=len(isOpen))
        isSolved = isOpen[unit]
        return new, total - np.bincount(unit[isSolved], own[isSolved], minlength=len(isOpen))

    def _move(self, mine: np.ndarray, unit: np.ndarray, new: np.ndarray, gain: np.ndarray) -> bool:
        """Move sources of units that gain most of all that touch the same objects; tell whether any did."""
        rows = self._rows[mine]
        old = self.partition.label[rows]
        moves = np.flatnonzero((new != old) & (gain[unit] > ROUNDING))
        if not len(moves):
            return False
        # What others will have changed is to be solved again.
        self._isDirty[unit[moves]] = True
        isFirst = self._areFirst(unit[moves], old[moves], new[moves], gain)
        moves = moves[isFirst]
        rows, old, new = rows[moves], old[moves], new[moves]
        alone = np.flatnonzero(new < 0)
        new[alone], self._fresh = self._fresh[:len(alone)], self._fresh[len(alone):]
        self.partition.remove(rows)
        self.partition.begin(new[alone], rows[alone])
        self.partition.add(rows, new)
        touched = np.zeros(self._size, dtype=bool)
        touched[old] = touched[new] = True
        self.isChanged |= touched
        self._isDirty[self._watcher[touched[self._watched]]] = True
        return True

    def _areFirst(self, unit: np.ndarray, old: np.ndarray, new: np.ndarray, gain: np.ndarray) -> np.ndarray:
        """Tell the moves whose unit gains more than all others that touch any of its objects."""
        units = np.unique(unit)
        rank = np.empty(len(gain), dtype=np.int64)
        rank[units[np.argsort(-gain[units], kind="stable")]] = np.arange(len(units))
        # What is alone touches no object; the last place is for that.
        first = np.full(self._size + 1, len(units))
        np.minimum.at(first, old, rank[unit])
        np.minimum.at(first, new, np.where(new >= 0, rank[unit], len(units)))
        isBehind = (first[old] < rank[unit]) | ((new >= 0) & (first[new] < rank[unit]))
        loses = np.zeros(len(gain), dtype=bool)
        loses[unit[isBehind]] = True
        return ~loses[unit]
