# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""A partition of sources into objects, and how likely it is."""

from __future__ import annotations

__all__ = ["Partition"]

import numpy as np

from .partitionLikelihood import prior


class Partition:
    """Sources parted into objects, with what is summed over the members of each.

    Parameters
    ----------
    vectors : `numpy.ndarray`, (N, 3)
        Unit vectors of the sources.
    error : `numpy.ndarray`, (N,)
        Their position errors, radians, finite and positive.
    exposure : `numpy.ndarray`, (N,)
        Exposure of each source, integer.
    label : `numpy.ndarray`, (N,)
        Object of each source, any integers.
    maxSigma : `float`
        Two sources alone are likelier one object if they are closer than this,
        in units of the error of their separation.

    Notes
    -----
    Up to a constant, the logarithm of the likelihood of an object of n members
    with weights w = 1/error^2 is

        log (n - 1)! - log(sum(w)/exp(mean(log w))) - chi2/2 - maxSigma^2/2,

    with chi2 that of the members around their weighted mean. The second term
    is what is left when the unknown position is integrated over; the first is
    the chance that the next source is of an object in proportion to its
    members (the Chinese restaurant process), so that old objects do not lose
    to young ones whose position is less well known.
    """

    def __init__(self, vectors: np.ndarray, error: np.ndarray, exposure: np.ndarray, label: np.ndarray,
                 maxSigma: float) -> None:
        self.vectors, self.exposure = vectors, exposure
        self.variance = error**2
        self.penalty = 0.5*maxSigma**2
        self._weight = 1/self.variance
        self._logWeight = np.log(self._weight)
        _, first, self.label = np.unique(label, return_index=True, return_inverse=True)
        # There may be as many objects as sources, and as many again that are named anew while the old names
        # still mean something. An object's moments are about one of its first members, for the digits.
        size = 2*len(vectors)
        self._origin = np.zeros((size, 3))
        self._origin[:len(first)] = vectors[first]
        self.count = np.bincount(self.label, minlength=size)
        self._total = np.bincount(self.label, self._weight, minlength=size)
        self._logs = np.bincount(self.label, self._logWeight, minlength=size)
        moment = (vectors - self._origin[self.label])*self._weight[:, np.newaxis]
        self._moment = np.stack([np.bincount(self.label, axis, minlength=size) for axis in moment.T], axis=1)

    def means(self, objects: np.ndarray) -> np.ndarray:
        """Return the weighted means of objects that have members, (M, 3)."""
        return self._origin[objects] + self._moment[objects]/self._total[objects][:, np.newaxis]

    def meanVariance(self, objects: np.ndarray) -> np.ndarray:
        """Return the variances of the means of objects that have members, (M,)."""
        return 1/self._total[objects]

    def remove(self, rows: np.ndarray) -> None:
        """Take sources out of their objects, of which none may come twice."""
        self._shift(rows, self.label[rows], -1)

    def add(self, rows: np.ndarray, objects: np.ndarray) -> None:
        """Put sources that are of no object into objects, of which none may come twice."""
        self._shift(rows, objects, 1)
        self.label[rows] = objects

    def begin(self, objects: np.ndarray, rows: np.ndarray) -> None:
        """Make empty objects ready for sources near those in some rows, (K,), one for each."""
        self._origin[objects] = self.vectors[rows]

    def gains(self, rows: np.ndarray, objects: np.ndarray,
              without: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return what is gained if sources are members of objects.

        Parameters
        ----------
        rows, objects : `numpy.ndarray`, (P,)
            The pairs.
        without : `numpy.ndarray`, (P,)
            A source that is taken out of the object first, such as the same
            one; -1 for none.

        Returns
        -------
        gain : `numpy.ndarray`, (P,)
            Gain in log likelihood over the source alone; 0 where nothing is
            left of the object.
        distance : `numpy.ndarray`, (P,)
            Distance of source and object, as a chord; infinite likewise.
        variance : `numpy.ndarray`, (P,)
            Variance of the distance along each axis.
        """
        isWithout = without >= 0
        weight, logWeight = isWithout*self._weight[without], isWithout*self._logWeight[without]
        total, logs = self._total[objects] - weight, self._logs[objects] - logWeight
        count = self.count[objects] - isWithout
        isLeft = count > 0
        total[~isLeft] = count[~isLeft] = 1
        origin = self._origin[objects]
        moment = self._moment[objects] - weight[:, np.newaxis]*(self.vectors[without] - origin)
        change = (prior(total + self._weight[rows], logs + self._logWeight[rows], count + 1)
                  - prior(total, logs, count))
        gain, distance, variance = self._gain(self.vectors[rows] - origin - moment/total[:, np.newaxis],
                                              self.variance[rows] + 1/total, change)
        gain[~isLeft], distance[~isLeft] = 0, np.inf
        return gain, distance, variance

    def joinGains(self, first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return what is gained if pairs of objects are joined, as `gains` does."""
        sums = [(self._total[objects], self._logs[objects], self.count[objects])
                for objects in (first, second)]
        change = prior(*(a + b for a, b in zip(*sums))) - prior(*sums[0]) - prior(*sums[1])
        return self._gain(self.means(first) - self.means(second), 1/sums[0][0] + 1/sums[1][0], change)

    def join(self, first: np.ndarray, second: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Move all members of the second object of each pair to the first.

        Parameters
        ----------
        first, second : `numpy.ndarray`, (P,)
            Objects, none of them twice.
        rows : `numpy.ndarray`
            Sources among which the members are, increasing.

        Returns
        -------
        moved : `numpy.ndarray`
            The sources that were moved.
        """
        shift = (self._origin[second] - self._origin[first])*self._total[second][:, np.newaxis]
        self._moment[first] += self._moment[second] + shift
        for sums in (self._total, self._logs, self.count):
            sums[first] += sums[second]
        self._clear(second)
        name = np.arange(len(self.count))
        name[second] = first
        moved = rows[name[self.label[rows]] != self.label[rows]]
        self.label[moved] = name[self.label[moved]]
        return moved

    def part(self, rows: np.ndarray) -> None:
        """Make an object of those of some sources that are of one object now."""
        old = self.label[rows]
        names, place = np.unique(old, return_inverse=True)
        new = np.flatnonzero(self.count == 0)[:len(names)]
        self._origin[new] = self._origin[names]
        for sums, values in ((self.count, np.ones(len(rows), dtype=np.int64)),
                             (self._total, self._weight[rows]), (self._logs, self._logWeight[rows]),
                             (self._moment, (self.vectors[rows] - self._origin[old])
                              * self._weight[rows][:, np.newaxis])):
            np.add.at(sums, new[place], values)
            np.subtract.at(sums, old, values)
        self.label[rows] = new[place]

    def _gain(self, offset: np.ndarray, variance: np.ndarray,
              change: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        squared = np.sum(offset**2, axis=1)
        return self.penalty + change - 0.5*squared/variance, np.sqrt(squared), variance

    def _shift(self, rows: np.ndarray, objects: np.ndarray, sign: int) -> None:
        """Add sources to the sums of objects, or subtract them."""
        self.count[objects] += sign
        weight = sign*self._weight[rows]
        self._total[objects] += weight
        self._logs[objects] += sign*self._logWeight[rows]
        self._moment[objects] += weight[:, np.newaxis]*(self.vectors[rows] - self._origin[objects])
        # What rounding leaves of nothing would be taken for a position.
        self._clear(objects[self.count[objects] == 0])

    def _clear(self, objects: np.ndarray) -> None:
        for sums in (self.count, self._total, self._logs, self._moment):
            sums[objects] = 0
