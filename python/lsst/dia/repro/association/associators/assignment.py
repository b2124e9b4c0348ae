# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Association exposure by exposure, by optimal one-to-one assignment."""

from __future__ import annotations

__all__ = ["AssignmentAssociatorConfig", "AssignmentAssociatorTask"]

import lsst.pex.config as pexConfig
import numpy as np
from scipy.spatial import cKDTree

from ...segments import Segments, expandRuns, findRuns
from .associator import associatorRegistry, isKnown
from .diaSources import DiaSources
from .likelihoodAssociator import LikelihoodAssociatorConfig, LikelihoodAssociatorTask
from .memberships import Memberships
from .optimalPairs import assign
from .parting import findParts
from .partition import Partition
from .refinement import refine


class AssignmentAssociatorConfig(LikelihoodAssociatorConfig):
    """Options of `AssignmentAssociatorTask`."""

    maxCandidates = pexConfig.RangeField(
        dtype=int, default=16, min=2,
        doc="Number of nearest DIAObjects that are considered for one DIASource.",
    )
    refine = pexConfig.Field(
        dtype=bool, default=False,
        doc="Assign all exposures anew to the means that all members give, and join and part DIAObjects, for "
            "as long as the whole gets more likely? Without it later exposures have no say in earlier ones. "
            "DIAObjects near to each other are left as they are where a position error is not known.",
    )


@pexConfig.registerConfigurable("assignment", associatorRegistry)
class AssignmentAssociatorTask(LikelihoodAssociatorTask):
    """Assign the sources of one exposure after the other to the objects so far.

    The exposures are taken in order of time. Each source may join an object
    whose error-weighted mean position is within the radius and within
    ``maxSigma``; each object takes one source an exposure at the most; of all
    ways to do so the one with the greatest likelihood is taken. Sources left
    over start objects. With ``refine`` the result is then improved as a whole.
    """

    ConfigClass = AssignmentAssociatorConfig
    _DefaultName = "assignmentAssociator"

    def associate(self, sources: DiaSources, vectors: np.ndarray, error: np.ndarray,
                  neighborhoods: np.ndarray) -> Memberships:
        """Associate by assignment; see `AssociatorTask.associate`."""
        groups = Segments(neighborhoods)
        isObject = self._isObject(groups, sources.exposure, vectors, error)
        if self.config.refine:
            isObject &= self._isTight(groups, vectors, error)
        label = neighborhoods.astype(np.int64)
        # Sorted, they are in order of exposures again.
        rest = np.sort(groups.order[~groups.spread(isObject)])
        if len(rest):
            found = self._assignByExposure(vectors[rest], error[rest], sources.exposure[rest],
                                           neighborhoods[rest])
            if self.config.refine:
                partition = Partition(vectors[rest], error[rest], sources.exposure[rest], found,
                                      self.config.maxSigma)
                found = refine(partition, neighborhoods[rest], isKnown(sources.error[rest]), self.limit,
                               self.config.maxCandidates)
            label[rest] = label.max() + 1 + found
        return Memberships.fromLinks(np.arange(len(sources)), label)

    def _isObject(self, groups: Segments, exposure: np.ndarray, vectors: np.ndarray,
                  error: np.ndarray) -> np.ndarray:
        """Tell the neighbourhoods that assignment would make one object.

        These are the ones with one source an exposure, each of which can join
        the mean of those before it: nothing there competes.
        """
        exposure = exposure[groups.order]
        isFirst = np.zeros(len(groups.order), dtype=bool)
        isFirst[groups.starts] = True
        repeats = np.append(False, exposure[1:] == exposure[:-1]) & ~isFirst
        vectors = vectors[groups.order]
        # Small numbers, so that running sums over the whole survey keep their digits.
        offset = vectors - groups.spread(vectors[groups.starts])
        sigma = error[groups.order]
        # The weights of sources with errors far larger than others' would be lost in such sums.
        largest = 1e3*sigma.min(initial=np.inf)
        mean, variance = _runningMean(groups, offset, np.minimum(sigma, largest))
        distance = np.sqrt(np.sum((offset - mean)**2, axis=1))
        fits = isFirst | (distance <= self.limit(sigma**2 + variance))
        return groups.reduce(np.logical_and, fits & ~repeats & (sigma <= largest))

    def _isTight(self, groups: Segments, vectors: np.ndarray, error: np.ndarray) -> np.ndarray:
        """Tell the neighbourhoods that scatter too little to be likelier as two objects."""
        isTwo, _ = findParts(groups, vectors[groups.order], error[groups.order], 0.5*self.config.maxSigma**2)
        return ~isTwo

    def _assignByExposure(self, vectors: np.ndarray, error: np.ndarray, exposure: np.ndarray,
                          neighborhoods: np.ndarray) -> np.ndarray:
        """Assign sources in order; return the object label of each."""
        objects = _GrowingObjects(neighborhoods)
        label = np.empty(len(vectors), dtype=np.int64)
        for start, stop in zip(*findRuns(exposure)):
            rows = slice(start, stop)
            label[rows] = self._assignOne(objects, vectors[rows], error[rows], neighborhoods[rows])
        return label

    def _assignOne(self, objects: _GrowingObjects, vectors: np.ndarray, error: np.ndarray,
                   neighborhoods: np.ndarray) -> np.ndarray:
        """Assign the sources of one exposure; return their object labels."""
        nearby = objects.within(neighborhoods)
        place = self.assignExposure(objects.means[nearby], objects.variance[nearby], vectors, error)
        joins = np.flatnonzero(place >= 0)
        label = np.full(len(vectors), -1, dtype=np.int64)
        label[joins] = nearby[place[joins]]
        objects.add(label[joins], vectors[joins], error[joins])
        new = np.flatnonzero(label < 0)
        label[new] = objects.start(neighborhoods[new], vectors[new], error[new])
        return label

    def assignExposure(self, means: np.ndarray, variance: np.ndarray, vectors: np.ndarray,
                       error: np.ndarray) -> np.ndarray:
        """Assign the sources of one exposure to the objects so far.

        Parameters
        ----------
        means : `numpy.ndarray`, (M, 3)
            Error-weighted mean unit vectors of the objects.
        variance : `numpy.ndarray`, (M,)
            Their variances along each axis, radians^2.
        vectors : `numpy.ndarray`, (N, 3)
            Unit vectors of the sources.
        error : `numpy.ndarray`, (N,)
            Their position errors, radians, finite and positive.

        Returns
        -------
        place : `numpy.ndarray`, (N,)
            The object that each source joins, none of them twice; -1 for a
            source that joins none.
        """
        place = np.full(len(vectors), -1, dtype=np.int64)
        if len(means) and len(vectors):
            source, candidate, cost = self._candidates(means, variance, vectors, error)
            chosen = assign(source, candidate, cost, 0.5*self.config.maxSigma**2)
            place[source[chosen]] = candidate[chosen]
        return place

    def _candidates(self, means: np.ndarray, variance: np.ndarray, vectors: np.ndarray,
                    error: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the pairs of source and object that may be joined, with costs.

        The cost is the negative logarithm of the likelihood that the source
        was seen at this distance from the object: chi2 / 2 of a Gaussian as
        wide as the error of the source. The formal error of the object limits
        the distance, but has no part in the cost: it would make a source
        prefer young objects to old ones at the same distance.
        """
        k = min(self.config.maxCandidates, len(means))
        farthest = float(self.limit(np.square(error).max() + variance.max()))
        # k as an array, for with k = 1 the result would lose an axis; the reach is a hair wider, so that
        # `limit` decides and not rounding.
        distance, candidate = cKDTree(means).query(
            vectors, k=np.arange(1, k + 1), distance_upper_bound=farthest*(1 + 1e-12))
        source, column = np.nonzero(np.isfinite(distance))
        distance, candidate = distance[source, column], candidate[source, column]
        total = error[source]**2 + variance[candidate]
        allowed = distance <= self.limit(total)
        source, candidate = source[allowed], candidate[allowed]
        # The error of the object may let a source be farther than maxSigma of its own; such a pair must not
        # cost more than none.
        sigmas = np.minimum(distance[allowed]/error[source], self.config.maxSigma)
        return source, candidate, 0.5*sigmas**2


def _runningMean(groups: Segments, offset: np.ndarray, sigma: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the weighted mean of the rows before each row in its group.

    Parameters
    ----------
    groups : `Segments`
        Groups of N rows.
    offset : `numpy.ndarray`, (N, 3)
        Vectors from the first row of the group, in the order of the groups.
    sigma : `numpy.ndarray`, (N,)
        Errors, likewise.

    Returns
    -------
    mean : `numpy.ndarray`, (N, 3)
        Mean of the rows before; 0 for the first.
    variance : `numpy.ndarray`, (N,)
        Variance of that mean; 0 for the first.
    """
    w = sigma**-2
    # One running sum over all groups, less what it was where each begins: no loop over groups.
    weight = np.cumsum(w) - w
    weight -= groups.spread(weight[groups.starts])
    moment = offset*w[:, np.newaxis]
    total = np.cumsum(moment, axis=0) - moment
    total -= groups.spread(total[groups.starts])
    # Nothing lies before a first row: an infinite weight makes its mean and variance 0 without 0/0.
    weight[groups.starts] = np.inf
    return total/weight[:, np.newaxis], 1/weight


class _GrowingObjects:
    """Running mean positions of objects, with room for one object a source.

    Parameters
    ----------
    neighborhoods : `numpy.ndarray`, (N,)
        Neighbourhood of each source that will come. The objects of one
        neighbourhood lie side by side, so that they are found without search.
    """

    def __init__(self, neighborhoods: np.ndarray) -> None:
        self._names, self._room = np.unique(neighborhoods, return_counts=True)
        self._starts = np.cumsum(self._room) - self._room
        self._used = np.zeros(len(self._names), dtype=np.int64)
        self.means = np.zeros((len(neighborhoods), 3))
        self.variance = np.full(len(neighborhoods), np.inf)

    def within(self, neighborhoods: np.ndarray) -> np.ndarray:
        """Return the labels of the objects of some neighbourhoods, sorted."""
        place = np.searchsorted(self._names, np.unique(neighborhoods))
        return expandRuns(self._starts[place], self._used[place])

    def start(self, neighborhoods: np.ndarray, vectors: np.ndarray, error: np.ndarray) -> np.ndarray:
        """Make an object of each source and return the labels."""
        place = np.searchsorted(self._names, neighborhoods)
        groups = Segments(place)
        number = np.empty(len(place), dtype=np.int64)
        number[groups.order] = np.arange(len(place)) - groups.spread(groups.starts)
        label = self._starts[place] + self._used[place] + number
        # A neighbourhood may start several objects at once, which += would count as one.
        np.add.at(self._used, place, 1)
        self.means[label] = vectors
        self.variance[label] = error**2
        return label

    def add(self, label: np.ndarray, vectors: np.ndarray, error: np.ndarray) -> None:
        """Move each object towards its new member; no label may come twice."""
        gain = self.variance[label]/(self.variance[label] + error**2)
        self.means[label] += gain[:, np.newaxis]*(vectors - self.means[label])
        self.variance[label] *= 1 - gain
