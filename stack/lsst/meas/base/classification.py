# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Classification of sources as points or extended, from fluxes."""

import lsst.pex.config
import numpy as np

from ._rows import setRows
from .catalogCalculation import CatalogCalculationPlugin, CatalogCalculationPluginConfig
from .pluginRegistry import register

__all__ = ("CatalogCalculationClassificationConfig", "CatalogCalculationClassificationPlugin")


class CatalogCalculationClassificationConfig(CatalogCalculationPluginConfig):
    """Config of `CatalogCalculationClassificationPlugin`."""

    fluxRatio = lsst.pex.config.Field(
        dtype=float, default=0.925, optional=True, doc="ratio of PSF to model flux that separates the classes"
    )
    modelErrFactor = lsst.pex.config.Field(
        dtype=float, default=0.0, optional=True, doc="how many errors to add to the model flux"
    )
    psfErrFactor = lsst.pex.config.Field(
        dtype=float, default=0.0, optional=True, doc="how many errors to add to the PSF flux"
    )


@register("base_ClassificationExtendedness")
class CatalogCalculationClassificationPlugin(CatalogCalculationPlugin):
    """A source is extended if ``fluxRatio`` times its model flux is not below its PSF flux.

    The fluxes are those of the slots; the ratio suits the default model flux, and should be chosen anew
    for others.
    """

    ConfigClass = CatalogCalculationClassificationConfig

    @classmethod
    def getExecutionOrder(cls):
        """Return when to run the plugin."""
        return cls.DEFAULT_CATALOGCALCULATION

    def __init__(self, config, name, schema, metadata):
        super().__init__(config, name, schema, metadata)
        self.keyProbability = schema.addField(
            name + "_value", type="D", doc="Set to 1 for extended sources, 0 for point sources."
        )
        self.keyFlag = schema.addField(name + "_flag", type="Flag", doc="Set to 1 for any fatal failure.")

    def calculate(self, measRecord):
        """Classify one source."""
        catalog = type(measRecord.table).Catalog(measRecord.table)
        catalog.append(measRecord)
        self.calculateCatalog(catalog)

    def calculateCatalog(self, catalog):
        """Classify all sources of a catalog.

        Parameters
        ----------
        catalog : `lsst.afw.table.SourceCatalog`
            The sources; the plugin's fields are filled.
        """
        model, modelFlag = _getFlux(catalog, catalog.table.getModelFluxSlot(), self.config.modelErrFactor)
        psf, psfFlag = _getFlux(catalog, catalog.table.getPsfFluxSlot(), self.config.psfErrFactor)
        scaled = self.config.fluxRatio * model[0] + model[1]
        total = psf[0] + psf[1]
        failed = np.isnan(scaled) | np.isnan(total) | modelFlag | psfFlag
        extended = np.where(scaled < total, 0.0, 1.0)
        setRows(catalog, self.keyProbability, ~failed, extended[~failed])
        setRows(catalog, self.keyFlag, failed, True)

    def fail(self, measRecord, error=None):
        """Set the flag."""
        measRecord.set(self.keyFlag, True)


def _getFlux(catalog, slot, errorFactor):
    """Return flux and scaled error of a slot, and its flag where it has one."""
    flux = np.array(catalog[slot.getMeasKey()])
    error = errorFactor * np.array(catalog[slot.getErrKey()]) if errorFactor != 0 else np.zeros(len(flux))
    flagKey = slot.getFlagKey()
    flag = np.array(catalog[flagKey]) if flagKey.isValid() else np.zeros(len(flux), dtype=bool)
    return (flux, error), flag
