# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Association of all DIASources at once, by clustering."""

from __future__ import annotations

__all__ = ["ClusteringAssociatorTask", "agglomerate"]

import lsst.pex.config as pexConfig
import numpy as np

from ...friendsOfFriends import findFriends
from ...segments import Segments, splitByGroup
from ...sky import chord
from ...units import ARCSEC
from .associator import AssociatorTask, associatorRegistry
from .clusterPairs import chooseMutually, shareExposure
from .diaSources import DiaSources
from .memberships import Memberships

#: About how many points are clustered in one go: bounds the memory for pairs.
CHUNK = 200_000


@pexConfig.registerConfigurable("clustering", associatorRegistry)
class ClusteringAssociatorTask(AssociatorTask):
    """Cluster the DIASources of all exposures at once.

    A cluster holds at most one source of an exposure, and all its members lie
    within the radius of their mean. Sources that hang together, each within
    the radius of another, are one cluster if these rules allow it. Where they
    do not, the closest clusters are merged first, for as long as both rules
    hold; so chains are split, and no order of the input matters.
    """

    _DefaultName = "clusteringAssociator"

    def associate(self, sources: DiaSources, vectors: np.ndarray, error: np.ndarray,
                  neighborhoods: np.ndarray) -> Memberships:
        """Associate by clustering; see `AssociatorTask.associate`."""
        # Only ratios matter; no error is below the floor, so that the greatest weight is 1.
        weights = (self.config.errorFloor*ARCSEC/error)**2
        radius = chord(self.config.radius*ARCSEC)
        groups = Segments(neighborhoods)
        farthest, nearest = _clusterExtents(groups, vectors, weights, sources.exposure)
        # All members are in reach of the one nearest to the mean, so that the
        # neighbourhood hangs together.
        isCluster = (farthest + nearest <= radius)
        label = neighborhoods.astype(np.int64)
        # Sorted, they are in order of exposures again.
        rest = np.sort(groups.order[~groups.spread(isCluster)])
        if len(rest):
            found = agglomerate(vectors[rest], weights[rest], sources.exposure[rest], neighborhoods[rest],
                                radius)
            label[rest] = label.max() + 1 + found
        return Memberships.fromLinks(np.arange(len(sources)), label)


def agglomerate(vectors: np.ndarray, weights: np.ndarray, exposure: np.ndarray, neighborhoods: np.ndarray,
                radius: float) -> np.ndarray:
    """Cluster points so that no cluster has two points of one exposure.

    Points that hang together, each within the radius of another, become one
    cluster if it has no two points of one exposure and all lie within the
    radius of their mean. The others start as clusters of their own. In every
    round each cluster looks for the closest other one that it may be
    merged with, and the pairs that chose each other are merged. Two clusters
    may be merged if they share no exposure and the merged cluster keeps all
    its points within the radius of its mean.

    Parameters
    ----------
    vectors : `numpy.ndarray`, (N, 3)
        Unit vectors.
    weights : `numpy.ndarray`, (N,)
        Weights of the points in the means, positive.
    exposure : `numpy.ndarray`, (N,)
        Exposure of each point, integer.
    neighborhoods : `numpy.ndarray`, (N,)
        Label of the independent group that each point belongs to.
    radius : `float`
        Largest distance of a point from the mean, and of two points or means
        to be merged: a chord of the unit sphere.

    Returns
    -------
    label : `numpy.ndarray`, (N,)
        Cluster label of each point, int64.
    """
    label = np.arange(len(vectors))
    for rows in splitByGroup(neighborhoods, CHUNK):
        label[rows] = rows[_agglomerateChunk(vectors[rows], weights[rows], exposure[rows], radius)]
    return label


def _clusterExtents(groups: Segments, vectors: np.ndarray, weights: np.ndarray,
                    exposure: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return how far the points of each group are from their mean.

    Parameters
    ----------
    groups : `Segments`
        Groups of N points.
    vectors, weights, exposure : `numpy.ndarray`
        As for `agglomerate`.

    Returns
    -------
    farthest, nearest : `numpy.ndarray`
        Distance of the farthest and of the nearest point of each group;
        infinite if two points are of one exposure.
    """
    exposure = exposure[groups.order]
    # Points come sorted by exposure, so those of one are neighbours.
    repeats = np.append(False, (exposure[1:] == exposure[:-1]) & (groups.ids[1:] == groups.ids[:-1]))
    vectors = vectors[groups.order]
    w = weights[groups.order][:, np.newaxis]
    mean = groups.reduce(np.add, vectors*w)/groups.reduce(np.add, w)
    offset = np.sqrt(np.sum((vectors - groups.spread(mean))**2, axis=1))
    offset[repeats[:len(offset)]] = np.inf
    return groups.reduce(np.maximum, offset), groups.reduce(np.minimum, offset)


def _agglomerateChunk(vectors: np.ndarray, weights: np.ndarray, exposure: np.ndarray,
                      radius: float) -> np.ndarray:
    """Cluster points that fit into memory with all their pairs."""
    n = len(vectors)
    friends, pairs = findFriends(vectors, radius)
    groups = Segments(friends)
    farthest, _ = _clusterExtents(groups, vectors, weights, exposure)
    isCluster = np.empty(n, dtype=bool)
    isCluster[groups.order] = groups.spread(farthest <= radius)
    label = np.arange(n)
    label[groups.order] = groups.spread(groups.order[groups.starts])
    rest = np.flatnonzero(~isCluster)
    if len(rest):
        # Friends of a pair are of one group, so that looking at the first of them is enough.
        place = np.cumsum(~isCluster) - 1
        clusters = _Clusters(vectors[rest], weights[rest], exposure[rest],
                             place[pairs[~isCluster[pairs[:, 0]]]], radius)
        while clusters.mergeRound():
            pass
        label[rest] = rest[clusters.label]
    return label


class _Clusters:
    """Clusters under construction; a cluster is named by one of its points."""

    def __init__(self, vectors: np.ndarray, weights: np.ndarray, exposure: np.ndarray, pairs: np.ndarray,
                 radius: float) -> None:
        self.radius = radius
        self.vectors = vectors
        self.weights = weights
        self.label = np.arange(len(vectors))
        self.pairs = pairs
        self.exposure = exposure
        self.mean = vectors
        self.total = weights
        self.extent = np.zeros(len(vectors))

    def mergeRound(self) -> bool:
        """Merge the pairs of clusters that chose each other.

        Returns
        -------
        merged : `bool`
            Whether there was any.
        """
        first, second, distance = self._candidates()
        chosen = chooseMutually(first, second, distance, len(self.label))
        if not len(chosen):
            return False
        self._merge(first[chosen], second[chosen])
        return True

    def _candidates(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the pairs of clusters that may be merged, and their distances."""
        pairs = np.sort(self.label[self.pairs], axis=1)
        apart = pairs[:, 0] != pairs[:, 1]
        n = len(self.label)
        # Many pairs of points name the same two clusters; as one number each they are quick to make unique.
        keys = np.unique(pairs[apart, 0]*n + pairs[apart, 1])
        first, second = keys//n, keys % n
        self.pairs = np.stack([first, second], axis=1)
        share = shareExposure(self.label, self.exposure, first, second)
        # Clusters only grow, since no member ever leaves: what shares an exposure now always will, and is not
        # looked at again.
        first, second = first[~share], second[~share]
        self.pairs = self.pairs[~share]
        distance = np.sqrt(np.sum((self.mean[first] - self.mean[second])**2, axis=1))
        # A pair that would be too wide is kept for later rounds: its means may move closer.
        allowed = self._mergedExtent(first, second, distance) <= self.radius
        return first[allowed], second[allowed], distance[allowed]

    def _mergedExtent(self, first: np.ndarray, second: np.ndarray, distance: np.ndarray) -> np.ndarray:
        """Return how far the merged cluster can reach from its mean at most."""
        # By the triangle inequality from what is stored of each; the true extent would take all members of
        # every pair.
        share = self.total[second]/(self.total[first] + self.total[second])
        return np.maximum(self.extent[first] + share*distance, self.extent[second] + (1 - share)*distance)

    def _merge(self, first: np.ndarray, second: np.ndarray) -> None:
        """Give the second cluster of each pair the name of the first."""
        name = np.arange(len(self.label))
        # Choices are mutual, so that no cluster is in two pairs and no name is passed on.
        name[second] = first
        self.label = name[self.label]
        groups = Segments(self.label)
        names = self.label[groups.order][groups.starts]
        w = self.weights[groups.order]
        total = groups.reduce(np.add, w)
        mean = groups.reduce(np.add, self.vectors[groups.order]*w[:, np.newaxis])/total[:, np.newaxis]
        offset = np.sqrt(np.sum((self.vectors[groups.order] - groups.spread(mean))**2, axis=1))
        # At first these are the arrays of the points themselves, which must stay.
        self.mean, self.total, self.extent = self.mean.copy(), self.total.copy(), self.extent.copy()
        self.mean[names], self.total[names] = mean, total
        self.extent[names] = groups.reduce(np.maximum, offset)
