# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The answer of an associator: which sources make up which object."""

__all__ = ["Partition"]

import numpy as np

from ._segments import Segments
from ._sphere import separation


class Partition:
    """Links between sources and objects.

    Parameters
    ----------
    source : `numpy.ndarray`, (L,)
        Row of the source of each link in the `DiaSources`, int64.
    object : `numpy.ndarray`, (L,)
        Object of each link, any integer label.
    ambiguous : `numpy.ndarray`, (L,), optional
        Whether the associator found the object ambiguous, bool.

    Attributes
    ----------
    order : `numpy.ndarray`, (L,)
        Where each link was in the input.

    Notes
    -----
    Links are kept sorted by object and, within an object, by source row, that
    is by time. Objects are numbered 0 to M - 1 in the order of their first
    source, whatever labels came in.
    """

    def __init__(self, source, object, ambiguous=None):
        groups = Segments(object)
        source = np.asarray(source, dtype=np.int64)
        first = groups.reduce(np.minimum, source[groups.order])
        rank = np.empty(len(groups), dtype=np.int64)
        rank[np.argsort(first, kind="stable")] = np.arange(len(groups))
        rank = rank[groups.ids]
        order = np.lexsort((source[groups.order], rank))
        self.order = groups.order[order]
        self.source = source[self.order]
        self.object = rank[order]
        self.ambiguous = (np.zeros(len(source), dtype=bool) if ambiguous is None
                          else np.asarray(ambiguous, dtype=bool)[self.order])
        self.nObjects = len(groups)

    def __len__(self):
        return len(self.source)

    def firstSources(self):
        """Return the row of each object's first source.

        Returns
        -------
        source : `numpy.ndarray`, (M,)
            Rows in the `DiaSources`, int64.
        """
        return self.source[Segments(self.object).starts]

    def meanVectors(self, vectors, weights):
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

    def separations(self, vectors, means):
        """Return each link's distance between source and object.

        Parameters
        ----------
        vectors : `numpy.ndarray`, (N, 3)
            Unit vectors of the sources.
        means : `numpy.ndarray`, (M, 3)
            Unit vectors of the objects.

        Returns
        -------
        angle : `numpy.ndarray`, (L,)
            Separation, radians.
        """
        return separation(vectors[self.source], means[self.object])

    def rivals(self, vectors, means, neighborhoods, radius):
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
        radius : `float`
            The reach, as a chord of the unit sphere.

        Returns
        -------
        hasRival : `numpy.ndarray`, (L,)
            Whether an object other than the link's own lies within the radius.
        """
        from scipy.spatial import cKDTree

        hasRival = np.zeros(len(self), dtype=bool)
        neighborhoodOfObject = neighborhoods[self.firstSources()]
        crowded = np.bincount(neighborhoodOfObject, minlength=1) > 1
        objects = np.flatnonzero(crowded[neighborhoodOfObject])
        links = np.flatnonzero(crowded[neighborhoods[self.source]])
        if not len(links):
            return hasRival
        tree = cKDTree(means[objects])
        inReach = tree.query_ball_point(vectors[self.source[links]], radius, return_length=True)
        own = np.sqrt(np.sum((vectors[self.source[links]] - means[self.object[links]])**2, axis=1)) <= radius
        hasRival[links] = inReach - own > 0
        return hasRival
