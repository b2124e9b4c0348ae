# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""What the associators have in common that go by position errors."""

from __future__ import annotations

__all__ = ["LikelihoodAssociatorConfig", "LikelihoodAssociatorTask"]

import lsst.pex.config as pexConfig
import numpy as np

from ...friendsOfFriends import findUnequalNeighborhoods
from ...optionOwner import nameOption
from ...sky import chord
from ...units import ARCSEC
from .associator import AssociatorConfig, AssociatorTask, isKnown
from .diaSources import DiaSources
from .partitionLikelihood import logLikelihoods

#: Share of the sources that a radius may cut off without a warning.
TOLERATED = 0.01


class LikelihoodAssociatorConfig(AssociatorConfig):
    """Options of `LikelihoodAssociatorTask`."""

    needsRadius = False

    maxSigma = pexConfig.RangeField(
        dtype=float, default=5.0, min=0.0, inclusiveMin=False,
        doc="Largest separation of a DIASource from its DIAObject, in units of its error.",
    )


class LikelihoodAssociatorTask(AssociatorTask):
    """Base of the associators that take position errors into account."""

    ConfigClass = LikelihoodAssociatorConfig

    _hasWarned = False

    def limit(self, variance: np.ndarray) -> np.ndarray:
        """Return the largest separation allowed, as a chord, for a variance of it, radians^2."""
        return np.minimum(chord(self.radius), self.config.maxSigma*np.sqrt(variance))

    def findNeighborhoods(self, sources: DiaSources) -> np.ndarray:
        """Label the sources that can influence each other; see `AssociatorTask`."""
        if self.config.radius:
            return super().findNeighborhoods(sources)
        # An object is within maxSigma errors of the source that joined it last, and known better than that
        # one. For errors e and e' a source that it matters to is thus within maxSigma (e + sqrt(e^2 + e'^2)).
        reach = (1 + np.sqrt(2))*self.config.maxSigma*self.boundErrors(sources.error)
        return findUnequalNeighborhoods(sources.ra, sources.dec, np.minimum(reach, self.reach))

    def rivalReach(self, error: np.ndarray) -> float | np.ndarray:
        """Return how far from sources other objects are rivals; see `AssociatorTask`."""
        return super().rivalReach(error) if self.config.radius else self.limit(error**2)

    def diagnose(self, error: np.ndarray, objectId: np.ndarray, separation: np.ndarray) -> dict[str, float]:
        """Return what follows from position errors; see `AssociatorTask`.

        Returns
        -------
        diagnostics : `dict` [`str`, `float`]
            With ``shareBeyondRadius`` and ``radiusForErrors`` of `checkRadius`,
            and ``logLikelihood`` of the partition (see `Partition`).
        """
        share, radius = self.checkRadius(error)
        isMember = objectId != 0
        value = logLikelihoods(objectId[isMember], self.boundErrors(error[isMember]), separation[isMember],
                               self.config.maxSigma)
        return {"shareBeyondRadius": share, "radiusForErrors": radius, "logLikelihood": float(value.sum())}

    def checkRadius(self, error: np.ndarray) -> tuple[float, float]:
        """Tell how many sources may lie farther from their objects than the radius; warn once if they do.

        Parameters
        ----------
        error : `numpy.ndarray`, (N,)
            Position errors as `DiaSources` has them, radians. Those that are
            not known are left out: no radius follows from a guess.

        Returns
        -------
        share : `float`
            Share of the sources of which ``maxSigma`` times the error is more
            than the radius.
        radius : `float`
            The radius that leaves no more than one in a hundred of them,
            arcsec, rounded up to a tenth; 0 without a known error.
        """
        known = np.maximum(error[isKnown(error)], self.config.errorFloor*ARCSEC)
        if not len(known):
            return 0.0, 0.0
        # Catalogs may have errors in single precision.
        wanted = self.config.maxSigma*known/ARCSEC*(1 - 1e-6)
        share = float(np.mean(wanted > self.radius/ARCSEC))
        radius = float(np.ceil(10*np.sort(wanted)[len(wanted) - 1 - int(TOLERATED*len(wanted))])/10)
        if share > TOLERATED and not self._hasWarned:
            self._hasWarned = True
            advice = "" if not self.config.radius else ", or 0, by which errors decide alone"
            self.log.warning(
                "Position errors allow more than the radius of %g arcsec for %.0f %% of the DIASources, "
                "whose DIAObjects may be split: the option %s=%g prevents that%s", self.radius/ARCSEC,
                100*share, nameOption(self.config, "radius"), radius, advice)
        return share, radius
