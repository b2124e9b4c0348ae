# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""What every associator has: a radius, a place in the registry, a `run`."""

from __future__ import annotations

__all__ = ["AssociatorConfig", "AssociatorTask", "associatorRegistry", "isKnown"]

from typing import Any

import lsst.pex.config as pexConfig
import numpy as np
from lsst.pipe.base import Struct, Task

from ...friendsOfFriends import findNeighborhoods
from ...segments import expandRuns, splitByGroup
from ...sky import chord, separation
from ...units import ARCSEC
from .diaSources import DiaSources
from .memberships import Memberships

#: Largest separation where no radius is given (arcsec). Tiles must know how far to look; what is known less
#: well than this allows belongs to no survey.
WIDEST = 10.0


class AssociatorConfig(pexConfig.Config):
    """Options that all associators share."""

    needsRadius = True
    """Whether the associator cannot do without a radius (`bool`)."""

    radius = pexConfig.RangeField(
        dtype=float, default=0.5, optional=True, min=0.0, max=3600.0,
        doc="Largest separation of a DIASource from its DIAObject (arcsec). With 0 or None position errors "
            "decide alone, in associators that take them into account.",
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

    def validate(self) -> None:
        """Check that there is a radius where one is needed."""
        super().validate()
        if not self.radius and self.needsRadius:
            raise pexConfig.FieldValidationError(
                type(self).radius, self, "this associator needs a radius, since position errors do not tell "
                "it how far to look; assignment and clustering can do without")


class AssociatorTask(Task):
    """Base of the tasks that part DIASources into DIAObjects.

    A subclass implements `associate`.
    """

    ConfigClass = AssociatorConfig
    _DefaultName = "associator"

    chunkSize = 100_000
    """About how many sources to work on at a time; bounds the memory (`int`)."""

    @property
    def radius(self) -> float:
        """Largest separation of a source from its object, radians (`float`)."""
        return (self.config.radius or WIDEST)*ARCSEC

    @property
    def reach(self) -> float:
        """Distance over which one source can influence another, radians.

        It is two radii: an object's position is within a radius of one of its
        members, and of any source that it matters to.
        """
        return 2*self.radius

    def run(self, sources: DiaSources) -> Struct:
        """Part DIASources into DIAObjects.

        Parameters
        ----------
        sources : `DiaSources`, (N,)
            The sources to associate.

        Returns
        -------
        result : `lsst.pipe.base.Struct`
            With these components:

            ``memberships``
                Links between sources and objects (`Memberships`, L links, M
                objects).
            ``means``
                Error-weighted mean unit vector of each object, (M, 3).
            ``separation``
                Separation of each link's source from that mean, radians,
                float32, (L,).
            ``separationSigma``
                The same in units of its error, float32, (L,).
            ``rival``
                Whether another object lies within the radius of the source,
                or within what its error allows if there is none, bool, (L,).
            ``neighborhoods``
                Label of the group of sources that each source belongs to,
                (N,). Sources of different groups are farther apart than
                `reach`, and have nothing to do with each other.
        """
        neighborhoods = self.findNeighborhoods(sources)
        chunks = [self._runChunk(sources, rows, labels)
                  for rows, labels in splitByGroup(neighborhoods, self.chunkSize)]
        return Struct(neighborhoods=neighborhoods, **_combine(chunks))

    def _runChunk(self, sources: DiaSources, rows: np.ndarray,
                  neighborhoods: np.ndarray) -> dict[str, np.ndarray]:
        """Associate some of the sources, with their neighbourhoods; return columns of links and objects."""
        sources = sources.select(rows)
        error, vectors = self.boundErrors(sources.error), sources.vectors()
        memberships = self.associate(sources, vectors, error, neighborhoods)
        weights = error**-2
        means = memberships.meanVectors(vectors, weights)
        angle = separation(vectors[memberships.source], means[memberships.object])
        variance = 1/np.bincount(memberships.object, weights[memberships.source],
                                 minlength=memberships.nObjects)
        sigma = np.sqrt(error[memberships.source]**2 + variance[memberships.object])
        rival = memberships.rivals(vectors, means, neighborhoods, self.rivalReach(error))
        # No survey has 2^31 sources in memory.
        rows = rows.astype(np.int32)
        return dict(source=rows[memberships.source], ambiguous=memberships.ambiguous,
                    separation=angle.astype(np.float32), separationSigma=(angle/sigma).astype(np.float32),
                    rival=rival, first=rows[memberships.firstSources()],
                    counts=np.bincount(memberships.object, minlength=memberships.nObjects), means=means)

    def findNeighborhoods(self, sources: DiaSources) -> np.ndarray:
        """Label the sources, (N,), so that those that can influence each other share a label.

        Parameters
        ----------
        sources : `DiaSources`, (N,)
            The sources.
        """
        return findNeighborhoods(sources.ra, sources.dec, chord(self.reach))

    def rivalReach(self, error: np.ndarray) -> float | np.ndarray:
        """Return how far from sources other objects are rivals, as a chord; see `findNeighborhoods`."""
        return chord(self.radius)

    def associate(self, sources: DiaSources, vectors: np.ndarray, error: np.ndarray,
                  neighborhoods: np.ndarray) -> Memberships:
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
        memberships : `Memberships`
            Links between sources and objects.
        """
        raise NotImplementedError("An associator must implement associate()")

    def diagnose(self, error: np.ndarray, objectId: np.ndarray, separation: np.ndarray) -> dict[str, float]:
        """Return numbers that tell how good an association is, and warn of what spoils it.

        Parameters
        ----------
        error : `numpy.ndarray`, (N,)
            Position errors of sources as `DiaSources` has them, radians.
        objectId : `numpy.ndarray`, (N,)
            Object of each source, 0 for none.
        separation : `numpy.ndarray`, (N,)
            Separation from the error-weighted mean of the object, radians.

        Returns
        -------
        diagnostics : `dict` [`str`, `float`]
            The numbers by name; none if errors have no part in the
            association.
        """
        return {}

    def boundErrors(self, error: np.ndarray) -> np.ndarray:
        """Return position errors with floor and default applied.

        Parameters
        ----------
        error : `numpy.ndarray`, (N,)
            Those that catalogs have, radians.

        Returns
        -------
        error : `numpy.ndarray`, (N,)
            One-sigma error along each axis, radians, finite and positive.
        """
        error = np.where(isKnown(error), error, self.config.defaultError*ARCSEC)
        # Half the way around the sky is as good as nothing known, and its square is a number.
        return np.clip(error, self.config.errorFloor*ARCSEC, np.pi, out=error)


def isKnown(error: np.ndarray) -> np.ndarray:
    """Tell the position errors that catalogs have, (N,), from those that are missing."""
    return np.isfinite(error) & (error > 0)


def _combine(chunks: list[dict[str, np.ndarray]]) -> dict[str, Any]:
    """Put the columns of chunks together; return the components as a `dict`."""
    ends = np.cumsum([len(chunk["first"]) for chunk in chunks])
    first, counts, means = (np.concatenate([chunk.pop(name) for chunk in chunks])
                            for name in ("first", "counts", "means"))
    # The links of an object lie in one chunk, sorted by source: only objects must be sorted, which are fewer.
    objects = np.argsort(first, kind="stable")
    starts = np.empty(len(objects), dtype=np.int64)
    starts[objects] = np.cumsum(counts[objects]) - counts[objects]
    column = {name: np.empty(counts.sum(), dtype=values.dtype) for name, values in chunks[0].items()}
    for chunk, start, end in zip(chunks, np.append(0, ends), ends):
        place = expandRuns(starts[start:end], counts[start:end])
        # A column leaves the chunk as it is put in its place, to spare memory.
        for name in column:
            column[name][place] = chunk.pop(name)
    number = np.repeat(np.arange(len(objects), dtype=np.int32), counts[objects])
    memberships = Memberships(column.pop("source"), number, column.pop("ambiguous"), len(objects))
    return dict(memberships=memberships, means=means[objects], **column)


associatorRegistry = pexConfig.makeRegistry(
    "Tasks that part DIASources into DIAObjects.", configBaseType=AssociatorConfig,
)
