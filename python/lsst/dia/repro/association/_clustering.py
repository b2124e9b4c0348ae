# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Association of all DIASources at once, by clustering."""

__all__ = ["ClusteringAssociatorTask"]

import lsst.pex.config as pexConfig
import numpy as np

from ._agglomeration import agglomerate
from ._associator import ARCSEC, AssociatorTask, associatorRegistry
from ._partition import Partition
from ._segments import Segments
from ._sphere import chord


@pexConfig.registerConfigurable("clustering", associatorRegistry)
class ClusteringAssociatorTask(AssociatorTask):
    """Cluster the DIASources of all exposures at once.

    A cluster holds at most one source of an exposure, and all its members lie
    within the radius of their mean. Most neighbourhoods of the sky are such a
    cluster as they stand. In the others the closest clusters are merged
    first, for as long as both rules hold; so chains are split, and no order of
    the input matters.
    """

    _DefaultName = "clusteringAssociator"

    def associate(self, sources, error, neighborhoods):
        """Associate by clustering; see `AssociatorTask.associate`."""
        weights = (self.config.errorFloor*ARCSEC/error)**2
        radius = chord(self.config.radius*ARCSEC)
        groups = Segments(neighborhoods)
        isCluster = self._isCluster(groups, sources, weights, radius)
        label = neighborhoods.astype(np.int64)
        rest = np.sort(groups.order[~groups.spread(isCluster)])
        if len(rest):
            found = agglomerate(sources.vectors[rest], weights[rest], sources.exposure[rest],
                                neighborhoods[rest], radius)
            label[rest] = len(groups) + found
        return Partition(np.arange(len(sources)), label)

    @staticmethod
    def _isCluster(groups, sources, weights, radius):
        """Tell the neighbourhoods that are one cluster as they stand."""
        exposure = sources.exposure[groups.order]
        repeats = np.append(False, (exposure[1:] == exposure[:-1]) & (groups.ids[1:] == groups.ids[:-1]))
        vectors = sources.vectors[groups.order]
        w = weights[groups.order][:, np.newaxis]
        mean = groups.reduce(np.add, vectors*w)/groups.reduce(np.add, w)
        offset = np.sum((vectors - groups.spread(mean))**2, axis=1)
        return ~groups.reduce(np.logical_or, repeats | (offset > radius**2))
