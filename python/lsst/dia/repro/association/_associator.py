# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""What every associator has: a radius, a place in the registry, a `run`."""

__all__ = ["AssociatorConfig", "AssociatorTask", "associatorRegistry"]

import lsst.pex.config as pexConfig
import numpy as np
from lsst.pipe.base import Struct, Task

from ._neighborhoods import findNeighborhoods
from ._partition import Partition
from ._segments import splitByGroup
from ._sphere import chord

ARCSEC = np.pi/180/3600


class AssociatorConfig(pexConfig.Config):
    """Options that all associators share."""

    radius = pexConfig.RangeField(
        dtype=float, default=0.5, min=0.0, inclusiveMin=False, max=3600.0,
        doc="Largest separation of a DIASource from its DIAObject (arcsec).",
    )
    errorFloor = pexConfig.RangeField(
        dtype=float, default=0.05, min=0.0, inclusiveMin=False,
        doc="Position errors smaller than this are taken to be this (arcsec): the floor set by "
            "differential refraction and astrometric residuals.",
    )
    defaultError = pexConfig.RangeField(
        dtype=float, default=0.2, min=0.0, inclusiveMin=False,
        doc="Position error of a DIASource whose catalog has none (arcsec).",
    )


class AssociatorTask(Task):
    """Base of the tasks that part DIASources into DIAObjects.

    A subclass implements `associate`.
    """

    ConfigClass = AssociatorConfig
    _DefaultName = "associator"

    chunkSize = 500_000
    """About how many sources to work on at a time; bounds the memory (`int`)."""

    @property
    def reach(self):
        """Distance over which one source can influence another, radians.

        It is two radii: an object's position is within a radius of one of its
        members, and of any source that it matters to.
        """
        return 2*self.config.radius*ARCSEC

    def run(self, sources):
        """Part DIASources into DIAObjects.

        Parameters
        ----------
        sources : `DiaSources`, (N,)
            The sources to associate.

        Returns
        -------
        result : `lsst.pipe.base.Struct`
            With these components:

            ``partition``
                Links between sources and objects (`Partition`, L links, M
                objects).
            ``error``
                Position error used for each source, radians, (N,).
            ``means``
                Error-weighted mean unit vector of each object, (M, 3).
            ``separation``
                Separation of each link's source from that mean, radians, (L,).
            ``separationSigma``
                The same in units of its error, (L,).
            ``rival``
                Whether another object lies within the radius of the source,
                bool, (L,).
            ``neighborhoods``
                Label of the group of sources that each source belongs to,
                (N,). Sources of different groups are farther apart than
                `reach`, and have nothing to do with each other.
        """
        error = self.positionErrors(sources)
        neighborhoods = findNeighborhoods(sources, chord(self.reach))
        chunks = [self._runChunk(sources, error, neighborhoods, rows)
                  for rows in splitByGroup(neighborhoods, self.chunkSize)]
        return Struct(error=error, neighborhoods=neighborhoods, **_combine(chunks))

    def _runChunk(self, sources, error, neighborhoods, rows):
        """Associate some of the sources; return rows, partition and columns."""
        sources, error, neighborhoods = sources.select(rows), error[rows], neighborhoods[rows]
        vectors = sources.vectors()
        partition = self.associate(sources, vectors, error, neighborhoods)
        weights = error**-2
        means = partition.meanVectors(vectors, weights)
        separation = partition.separations(vectors, means)
        variance = 1/np.bincount(partition.object, weights[partition.source], minlength=partition.nObjects)
        sigma = np.sqrt(error[partition.source]**2 + variance[partition.object])
        rival = partition.rivals(vectors, means, neighborhoods, chord(self.config.radius*ARCSEC))
        return Struct(rows=rows, partition=partition, means=means, separation=separation,
                      separationSigma=separation/sigma, rival=rival)

    def associate(self, sources, vectors, error, neighborhoods):
        """Do the association; subclasses implement it.

        Parameters
        ----------
        sources : `DiaSources`, (N,)
            The sources to associate.
        vectors : `numpy.ndarray`, (N, 3)
            Their unit vectors.
        error : `numpy.ndarray`, (N,)
            Position errors, radians, finite and positive.
        neighborhoods : `numpy.ndarray`, (N,)
            Label of the group of sources, closer to each other than `reach`,
            that each source belongs to.

        Returns
        -------
        partition : `Partition`
            Links between sources and objects.
        """
        raise NotImplementedError("An associator must implement associate()")

    def positionErrors(self, sources):
        """Return position errors with floor and default applied.

        Parameters
        ----------
        sources : `DiaSources`, (N,)
            The sources.

        Returns
        -------
        error : `numpy.ndarray`, (N,)
            One-sigma error along each axis, radians, finite and positive.
        """
        known = np.isfinite(sources.error) & (sources.error > 0)
        error = np.where(known, sources.error, self.config.defaultError*ARCSEC)
        return np.maximum(error, self.config.errorFloor*ARCSEC)


def _combine(chunks):
    """Put the results of chunks together; return the components as a `dict`."""
    offsets = np.cumsum([0] + [chunk.partition.nObjects for chunk in chunks])
    partition = Partition(
        np.concatenate([chunk.rows[chunk.partition.source] for chunk in chunks]),
        np.concatenate([chunk.partition.object + offset for chunk, offset in zip(chunks, offsets)]),
        np.concatenate([chunk.partition.ambiguous for chunk in chunks]))
    first = np.concatenate([chunk.rows[chunk.partition.firstSources()] for chunk in chunks])
    columns = {name: np.concatenate([getattr(chunk, name) for chunk in chunks])[partition.order]
               for name in ("separation", "separationSigma", "rival")}
    means = np.concatenate([chunk.means for chunk in chunks])[np.argsort(first, kind="stable")]
    return dict(partition=partition, means=means, **columns)


associatorRegistry = pexConfig.makeRegistry(
    "Tasks that part DIASources into DIAObjects.", configBaseType=AssociatorConfig,
)
