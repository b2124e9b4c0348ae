# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Fluxes in circular apertures."""

import numpy as np

from lsst.pex.exceptions import LengthError

from ._rows import Failure
from .apertureFlux import ApertureFluxAlgorithm, computeCircularFluxes

__all__ = ["CircularApertureFluxAlgorithm"]


class CircularApertureFluxAlgorithm(ApertureFluxAlgorithm):
    """Fluxes in circular apertures of several radii; see `ApertureFluxAlgorithm`."""

    def measureCatalog(self, measCat, exposure):
        """Measure all sources of a catalog; see `SingleFrameAlgorithm.measureCatalog`."""
        positions, failures = None, []
        for handler in self._flagHandlers:
            # Each radius has flags of its own that a suspicious position sets.
            positions, failures = self._centroidExtractor.extract(measCat, handler)
        if positions is None:
            return failures
        rows = np.flatnonzero(np.isfinite(positions).all(axis=1))
        results = computeCircularFluxes(exposure, *positions[rows].T, self._ctrl.radii, self._ctrl)
        missed = np.zeros(len(rows), dtype=bool)
        for index, result in enumerate(results):
            missed |= result.missed  # an error that the original meets at this radius, and then no other
            self._store(measCat, rows[~missed], index, result.take(~missed))
        if missed.any():
            failures.append(Failure(rows[missed], LengthError("The aperture is nowhere on the image")))
        return failures
