# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Association of all DIASources at once, by clustering."""

from __future__ import annotations

__all__ = ["ClusteringAssociatorTask"]

from collections.abc import Callable

import lsst.pex.config as pexConfig
import numpy as np
from scipy.spatial import cKDTree

from ...friendsOfFriends import joinPairs
from ...segments import Segments, splitByGroup
from ...sky import chord
from .associator import associatorRegistry
from .clusterPairs import chooseMutually, shareExposure
from .diaSources import DiaSources
from .likelihoodAssociator import LikelihoodAssociatorTask
from .memberships import Memberships
from .parting import findParts
from .partition import Partition

#: About how many points are clustered in one go: bounds the memory for pairs.
CHUNK = 200_000


@pexConfig.registerConfigurable("clustering", associatorRegistry)
class ClusteringAssociatorTask(LikelihoodAssociatorTask):
    """Cluster the DIASources of all exposures at once.

    A cluster holds at most one source of an exposure, all its members lie
    within the radius of their mean, and it is likelier one object than two.
    Sources that hang together, each within the radius and ``maxSigma`` errors
    of another, are one cluster if these rules allow it. Where they do not, the
    clusters are merged first that gain most in likelihood by it (see
    `Partition`), for as long as the rules hold; so chains are split, and no
    order of the input matters.
    """

    _DefaultName = "clusteringAssociator"

    def associate(self, sources: DiaSources, vectors: np.ndarray, error: np.ndarray,
                  neighborhoods: np.ndarray) -> Memberships:
        """Associate by clustering; see `AssociatorTask.associate`."""
        points = _Points(vectors, error, sources.exposure, self.config.maxSigma, chord(self.radius),
                         self.limit)
        groups = Segments(neighborhoods)
        # What is one cluster with friends of one member would be one without looking for the others, too.
        isCluster = points.areClusters(groups) & points.haveCenter(groups)
        label = neighborhoods.astype(np.int64)
        # Sorted, they are in order of exposures again.
        rest = np.sort(groups.order[~groups.spread(isCluster)])
        if len(rest):
            start = label.max() + 1
            for rows, _ in splitByGroup(neighborhoods[rest], CHUNK):
                rows = rest[rows]
                label[rows] = start + rows[_agglomerate(points.select(rows))]
        return Memberships.fromLinks(np.arange(len(sources)), label)


class _Points:
    """Points to be clustered, N of them, and the rules that clusters must keep."""

    def __init__(self, vectors: np.ndarray, error: np.ndarray, exposure: np.ndarray, maxSigma: float,
                 radius: float, limit: Callable[[np.ndarray], np.ndarray]) -> None:
        self.vectors, self.error, self.exposure = vectors, error, exposure
        self.maxSigma, self.radius, self.limit = maxSigma, radius, limit

    def select(self, rows: np.ndarray) -> _Points:
        """Return some of the points."""
        return _Points(self.vectors[rows], self.error[rows], self.exposure[rows], self.maxSigma, self.radius,
                       self.limit)

    def areClusters(self, groups: Segments) -> np.ndarray:
        """Tell which groups of points keep the rules, (M,)."""
        exposure = self.exposure[groups.order]
        # Points come sorted by exposure, so those of one are neighbours.
        repeats = np.append(False, (exposure[1:] == exposure[:-1]) & (groups.ids[1:] == groups.ids[:-1]))
        fits = (self._fromMean(groups) <= self.radius) & ~repeats[:len(exposure)]
        isTwo, _ = findParts(groups, self.vectors[groups.order], self.error[groups.order],
                             0.5*self.maxSigma**2)
        return groups.reduce(np.logical_and, fits) & ~isTwo

    def haveCenter(self, groups: Segments) -> np.ndarray:
        """Tell the groups, (M,), in which all are friends of the first of those nearest to the mean."""
        distance = self._fromMean(groups)
        isNearest = distance == groups.spread(groups.reduce(np.minimum, distance))
        place = np.where(isNearest, np.arange(len(distance)), len(distance))
        center = groups.order[groups.spread(groups.reduce(np.minimum, place))]
        return groups.reduce(np.logical_and, self._areFriends(groups.order, center))

    def findFriends(self) -> tuple[np.ndarray, np.ndarray]:
        """Return groups of points that hang together, (N,), and the pairs that do, (P, 2)."""
        farthest = float(self.limit(2*np.square(self.error).max()))
        # A hair wider, so that the limit decides and not rounding.
        pairs = cKDTree(self.vectors).query_pairs(farthest*(1 + 1e-12), output_type="ndarray")
        pairs = pairs[self._areFriends(pairs[:, 0], pairs[:, 1])]
        return joinPairs(pairs[:, 0], pairs[:, 1], len(self.vectors)), pairs

    def _areFriends(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """Tell the pairs of points that are near enough to be of one object."""
        distance = np.sqrt(np.sum((self.vectors[first] - self.vectors[second])**2, axis=1))
        return distance <= self.limit(self.error[first]**2 + self.error[second]**2)

    def _fromMean(self, groups: Segments) -> np.ndarray:
        """Return the distances of points from the weighted means of their groups, in order of the groups."""
        vectors = self.vectors[groups.order]
        # Weights near to 1; only ratios matter.
        weight = (self.error[groups.order]/groups.spread(self.error[groups.order[groups.starts]]))**-2
        weight = weight[:, np.newaxis]
        mean = groups.reduce(np.add, vectors*weight)/groups.reduce(np.add, weight)
        return np.sqrt(np.sum((vectors - groups.spread(mean))**2, axis=1))


def _agglomerate(points: _Points) -> np.ndarray:
    """Cluster points that fit into memory with all their pairs; return the first point of each one's cluster.

    Friends that keep the rules become one cluster. The others start as
    clusters of their own. In every round each cluster looks for the one that
    it gains most by being merged with, and the pairs that chose each other
    are merged.
    """
    friends, pairs = points.findFriends()
    groups = Segments(friends)
    isCluster = np.empty(len(friends), dtype=bool)
    isCluster[groups.order] = groups.spread(points.areClusters(groups))
    label = np.arange(len(friends))
    label[groups.order] = groups.spread(groups.order[groups.starts])
    rest = np.flatnonzero(~isCluster)
    if len(rest):
        # Friends of a pair are of one group, so that looking at the first of them is enough.
        place = np.cumsum(~isCluster) - 1
        clusters = _Clusters(points.select(rest), place[pairs[~isCluster[pairs[:, 0]]]])
        while clusters.mergeRound():
            pass
        label[rest] = rest[clusters.partition.label]
    return label


class _Clusters:
    """Clusters under construction; a cluster is named by one of its points."""

    def __init__(self, points: _Points, pairs: np.ndarray) -> None:
        self.radius = points.radius
        self.pairs = pairs
        self.rows = np.arange(len(points.vectors))
        self.partition = Partition(points.vectors, points.error, points.exposure, self.rows, points.maxSigma)
        self.extent = np.zeros(len(self.rows))

    def mergeRound(self) -> bool:
        """Merge the pairs of clusters that chose each other.

        Returns
        -------
        merged : `bool`
            Whether there was any.
        """
        first, second, gain = self._candidates()
        chosen = chooseMutually(first, second, -gain, len(self.rows))
        if not len(chosen):
            return False
        self._merge(first[chosen], second[chosen])
        return True

    def _candidates(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the pairs of clusters that may be merged, and what each gains."""
        partition = self.partition
        pairs = np.sort(partition.label[self.pairs], axis=1)
        apart = pairs[:, 0] != pairs[:, 1]
        n = len(self.rows)
        # Many pairs of points name the same two clusters; as one number each they are quick to make unique.
        keys = np.unique(pairs[apart, 0]*n + pairs[apart, 1])
        first, second = keys//n, keys % n
        share = shareExposure(partition.label, partition.exposure, first, second)
        # Clusters only grow, since no member ever leaves: what shares an exposure now always will, and is not
        # looked at again.
        first, second = first[~share], second[~share]
        self.pairs = np.stack([first, second], axis=1)
        gain, distance, _ = partition.joinGains(first, second)
        # A pair that would be too wide is kept for later rounds: its means may move closer.
        allowed = (gain > 0) & (self._mergedExtent(first, second, distance) <= self.radius)
        return first[allowed], second[allowed], gain[allowed]

    def _mergedExtent(self, first: np.ndarray, second: np.ndarray, distance: np.ndarray) -> np.ndarray:
        """Return how far the merged cluster can reach from its mean at most."""
        # By the triangle inequality from what is stored of each; the true extent would take all members of
        # every pair.
        variance = [self.partition.meanVariance(objects) for objects in (first, second)]
        share = variance[0]/(variance[0] + variance[1])
        return np.maximum(self.extent[first] + share*distance, self.extent[second] + (1 - share)*distance)

    def _merge(self, first: np.ndarray, second: np.ndarray) -> None:
        """Give the second cluster of each pair the name of the first."""
        partition = self.partition
        partition.join(first, second, self.rows)
        isMerged = np.zeros(len(self.rows), dtype=bool)
        isMerged[first] = True
        rows = np.flatnonzero(isMerged[partition.label])
        names = partition.label[rows]
        offset = np.sqrt(np.sum((partition.vectors[rows] - partition.means(names))**2, axis=1))
        self.extent[first] = 0
        np.maximum.at(self.extent, names, offset)
