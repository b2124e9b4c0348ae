# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Association by `lsst.afw.table.MultiMatch`."""

from __future__ import annotations

__all__ = ["MultiMatchAssociatorTask"]

import lsst.afw.table as afwTable
import lsst.geom as geom
import lsst.pex.config as pexConfig
import numpy as np

from ...catalogColumns import makeCatalog
from ...segments import findRuns
from .associator import AssociatorTask, associatorRegistry
from .diaSources import DiaSources
from .memberships import Memberships


@pexConfig.registerConfigurable("multiMatch", associatorRegistry)
class MultiMatchAssociatorTask(AssociatorTask):
    """Match the exposures one after the other with `lsst.afw.table.MultiMatch`.

    A source within the radius of an object's *first* member joins that object;
    a source that nothing is near to starts a new one. A source near to two
    objects joins both, and two sources of one exposure may join one object;
    such objects are marked ambiguous.
    """

    _DefaultName = "multiMatchAssociator"

    # Of sources at equal distance MultiMatch takes the one that its sort put
    # first, which depends on all the sources of the exposure.
    chunkSize = np.iinfo(np.int64).max

    def associate(self, sources: DiaSources, vectors: np.ndarray, error: np.ndarray,
                  neighborhoods: np.ndarray) -> Memberships:
        """Associate with MultiMatch; see `AssociatorTask.associate`."""
        if not len(sources):
            return Memberships.fromLinks(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
        catalog = self._makeCatalog(sources)
        matcher = afwTable.MultiMatch(catalog.schema, {}, radius=self.config.radius*geom.arcseconds)
        for start, stop in zip(*findRuns(sources.exposure)):
            matcher.add(catalog[int(start):int(stop)], {})
        ambiguous = np.fromiter(matcher.ambiguous, dtype=np.int64)
        matches = matcher.finish(removeAmbiguous=False)
        objects = np.array(matches["object"])
        return Memberships.fromLinks(np.array(matches["id"]), objects, np.isin(objects, ambiguous))

    @staticmethod
    def _makeCatalog(sources: DiaSources) -> afwTable.SourceCatalog:
        """Make a catalog whose record ids are the rows of the sources."""
        catalog = makeCatalog(afwTable.SourceTable.makeMinimalSchema(), len(sources), afwTable.SourceCatalog)
        catalog["id"] = np.arange(len(sources))
        catalog["coord_ra"] = sources.ra
        catalog["coord_dec"] = sources.dec
        return catalog
