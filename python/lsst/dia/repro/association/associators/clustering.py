# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Association of all DIASources at once, by clustering."""

__all__ = ["ClusteringAssociatorTask"]

import lsst.pex.config as pexConfig
import numpy as np

from ...segments import Segments
from ...sky import chord
from ...units import ARCSEC
from .agglomeration import agglomerate, clusterExtents
from .associator import AssociatorTask, associatorRegistry
from .partition import Partition


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

    def associate(self, sources, vectors, error, neighborhoods):
        """Associate by clustering; see `AssociatorTask.associate`."""
        weights = (self.config.errorFloor*ARCSEC/error)**2
        radius = chord(self.config.radius*ARCSEC)
        groups = Segments(neighborhoods)
        farthest, nearest = clusterExtents(groups, vectors, weights, sources.exposure)
        # All members are in reach of the one nearest to the mean, so that the
        # neighbourhood hangs together.
        isCluster = (farthest + nearest <= radius)
        label = neighborhoods.astype(np.int64)
        rest = np.sort(groups.order[~groups.spread(isCluster)])
        if len(rest):
            found = agglomerate(vectors[rest], weights[rest], sources.exposure[rest], neighborhoods[rest],
                                radius)
            label[rest] = label.max() + 1 + found
        return Partition.fromLinks(np.arange(len(sources)), label)
