# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Choose the DIASources that are fit to be associated."""

from __future__ import annotations

__all__ = ["SourceCleaningConfig", "SourceCleaningTask"]

import lsst.pex.config as pexConfig
import numpy as np
from lsst.afw.table import SourceCatalog
from lsst.pipe.base import Struct, Task

from ..nameListField import NameListField


class SourceCleaningConfig(pexConfig.Config):
    """Options of `SourceCleaningTask`."""

    badFlags = NameListField(
        default=[],
        doc="A DIASource that sets any of these flags is not associated. One that no catalog has counts as "
            "unset if aggregation.flags has it by default; any other is refused.",
    )
    minSignalToNoise = pexConfig.RangeField(
        dtype=float, default=None, optional=True, min=0.0,
        doc="A DIASource whose flux is, in absolute value, less than this many errors is not associated. "
            "None makes no cut.",
    )


class SourceCleaningTask(Task):
    """Reject DIASources by position, flags and signal-to-noise."""

    ConfigClass = SourceCleaningConfig
    _DefaultName = "sourceCleaning"

    def run(self, catalog: SourceCatalog, fluxField: str) -> Struct:
        """Reject sources.

        Parameters
        ----------
        catalog : `lsst.afw.table.SourceCatalog`, (N,)
            The sources.
        fluxField : `str`
            Prefix of the flux columns for signal-to-noise.

        Returns
        -------
        result : `lsst.pipe.base.Struct`
            With these components:

            ``accepted``
                Which sources to associate, bool, (N,).
            ``faults``
                Which sources have each fault (`dict` [`str`,
                `numpy.ndarray`]), bool, (N,).
        """
        isFinite = np.isfinite(catalog["coord_ra"]) & np.isfinite(catalog["coord_dec"])
        faults = {"nonFinitePosition": ~isFinite}
        for name in self.config.badFlags:
            isSet = catalog[name] if name in catalog.schema else np.zeros(len(catalog))
            faults[name] = np.asarray(isSet, dtype=bool)
        if self.config.minSignalToNoise is not None:
            faults["lowSignalToNoise"] = self._isFaint(catalog, fluxField)
        rejected = np.zeros(len(catalog), dtype=bool)
        for reason, isFaulty in faults.items():
            rejected |= isFaulty
            if isFaulty.any():
                self.log.info("Rejected %d of %d DIASources: %s", isFaulty.sum(), len(catalog), reason)
        return Struct(accepted=~rejected, faults=faults)

    def requiredColumns(self, fluxField: str) -> list[str]:
        """Return the names of the columns without which there is no cut on signal-to-noise.

        Parameters
        ----------
        fluxField : `str`
            Prefix of the flux columns for signal-to-noise.

        Returns
        -------
        names : `list` [`str`]
            Column names.
        """
        if self.config.minSignalToNoise is None:
            return []
        return [fluxField + "_instFlux", fluxField + "_instFluxErr"]

    def _isFaint(self, catalog: SourceCatalog, fluxField: str) -> np.ndarray:
        """Tell the sources below the cut, and those without a flux."""
        flux, error = (catalog[name] for name in self.requiredColumns(fluxField))
        # Of 0 times infinity, which is NaN, NumPy would warn.
        with np.errstate(invalid="ignore"):
            return ~(np.abs(flux) >= self.config.minSignalToNoise*error)
