# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Fluxes in circular apertures."""

import numpy as np

from .apertureFlux import ApertureFluxAlgorithm, computeCircularFluxes

__all__ = ["CircularApertureFluxAlgorithm"]


class CircularApertureFluxAlgorithm(ApertureFluxAlgorithm):
    """Fluxes in circular apertures of several radii; see `ApertureFluxAlgorithm`."""

    def measureCatalog(self, measCat, exposure):
        """Measure all sources of a catalog; see `SingleFrameAlgorithm.measureCatalog`."""
        failures = []
        for index, radius in enumerate(self._ctrl.radii):
            # Each radius has flags of its own that a suspicious position sets.
            positions, failures = self._centroidExtractor.extract(measCat, self._flagHandlers[index])
            rows = np.flatnonzero(np.isfinite(positions).all(axis=1))
            results = computeCircularFluxes(exposure, *positions[rows].T, radius, self._ctrl)
            self._store(measCat, rows, index, results)
        return failures
