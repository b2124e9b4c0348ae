# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The answer of an associator: which sources make up which object."""

from __future__ import annotations

__all__ = ["Memberships"]

import numpy as np
from scipy.spatial import cKDTree

from ...segments import Segments, expandRuns, findRuns


class Memberships:
    """Links between sources and objects: which sources are members of which.

    A source may be a member of several objects if these are ambiguous.

    Parameters
    ----------
    source : `numpy.ndarray`, (L,)
        Row of the source of each link in the `DiaSources`, integer.
    object : `numpy.ndarray`, (L,)
        Number of the object of each link, 0 to M - 1.
    ambiguous : `numpy.ndarray`, (L,)
        Whether the associator found the object ambiguous, bool.
    nObjects : `int`
        Number M of objects.

    Notes
    -----
    Links are sorted by object and, within an object, by source row, that is by
    time. Objects are numbered in the order of their first source. `fromLinks`
    makes it so.
    """

    def __init__(self, source: np.ndarray, object: np.ndarray, ambiguous: np.ndarray, nObjects: int) -> None:
        self.source = source
        self.object = object
        self.ambiguous = ambiguous
        self.nObjects = nObjects

    @classmethod
    def fromLinks(cls, source: np.ndarray, labels: np.ndarray,
                  ambiguous: np.ndarray | None = None) -> Memberships:
        """Make memberships of links in any order.

        Parameters
        ----------
        source : `numpy.ndarray`, (L,)
            Row of the source of each link.
        labels : `numpy.ndarray`, (L,)
            Label of the object of each link, any integers.
        ambiguous : `numpy.ndarray`, (L,), optional
            Whether the object is ambiguous; `False` if not given.

        Returns
        -------
        memberships : `Memberships`
            The links, sorted and with objects numbered.
        """
        source = np.asarray(source, dtype=np.int64)
        bySource = np.argsort(source, kind="stable")
        groups = Segments(np.asarray(labels)[bySource])
        # By first source, so that numbers do not depend on how an associator labels its objects.
        objects = np.argsort(source[bySource[groups.order[groups.starts]]], kind="stable")
        starts, counts = groups.starts[objects], groups.counts[objects]
        links = bySource[groups.order[expandRuns(starts, counts)]]
        isAmbiguous = np.zeros(len(source), dtype=bool) if ambiguous is None else ambiguous[links]
        number = np.repeat(np.arange(len(groups), dtype=np.int32), counts)
        return cls(source[links], number, isAmbiguous, len(groups))

    def __len__(self) -> int:
        return len(self.source)

    def firstSources(self) -> np.ndarray:
        """Return the row of each object's first source.

        Returns
        -------
        source : `numpy.ndarray`, (M,)
            Rows in the `DiaSources`, integer.
        """
        return self.source[findRuns(self.object)[0]]

    def meanVectors(self, vectors: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Return the weighted mean direction of each object's sources.

        Parameters
        ----------
        vectors : `numpy.ndarray`, (N, 3)
            Unit vectors of the sources.
        weights : `numpy.ndarray`, (N,)
            Weights of the sources.

        Returns
        -------
        means : `numpy.ndarray`, (M, 3)
            Unit vectors; NaN for an object without weight.
        """
        segments = Segments(self.object)
        weighted = vectors[self.source]*weights[self.source][:, np.newaxis]
        total = segments.reduce(np.add, weighted)
        with np.errstate(invalid="ignore", divide="ignore"):
            return total/np.sqrt(np.sum(total**2, axis=1))[:, np.newaxis]

    def rivals(self, vectors: np.ndarray, means: np.ndarray, neighborhoods: np.ndarray,
               radius: float | np.ndarray) -> np.ndarray:
        """Tell the links whose source has another object in reach.

        Parameters
        ----------
        vectors : `numpy.ndarray`, (N, 3)
            Unit vectors of the sources.
        means : `numpy.ndarray`, (M, 3)
            Unit vectors of the objects.
        neighborhoods : `numpy.ndarray`, (N,)
            What `findNeighborhoods` says of the sources; one that holds a
            single object has no rivals and is not searched.
        radius : `float` or `numpy.ndarray`, (N,)
            The reach of all sources or of each, as a chord of the unit sphere.

        Returns
        -------
        hasRival : `numpy.ndarray`, (L,)
            Whether an object other than the link's own lies within the radius
            of its source.
        """
        hasRival = np.zeros(len(self), dtype=bool)
        neighborhoodOfObject = neighborhoods[self.firstSources()]
        crowded = np.bincount(neighborhoodOfObject, minlength=1) > 1
        objects = np.flatnonzero(crowded[neighborhoodOfObject])
        links = np.flatnonzero(crowded[neighborhoods[self.source]])
        if not len(links):
            return hasRival
        tree = cKDTree(means[objects])
        radius = np.broadcast_to(radius, len(vectors))[self.source[links]]
        vectors = vectors[self.source[links]]
        # The tree has the link's own object too, which counts only if the source is within reach of it.
        inReach = tree.query_ball_point(vectors, radius, return_length=True)
        own = np.sqrt(np.sum((vectors - means[self.object[links]])**2, axis=1)) <= radius
        hasRival[links] = inReach - own > 0
        return hasRival
