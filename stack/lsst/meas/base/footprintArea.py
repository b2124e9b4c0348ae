# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The area of the footprints of sources."""

import numpy as np

from .catalogCalculation import CatalogCalculationPlugin, CatalogCalculationPluginConfig
from .pluginRegistry import register

__all__ = ("CatalogCalculationFootprintAreaConfig", "CatalogCalculationFootprintAreaPlugin")


class CatalogCalculationFootprintAreaConfig(CatalogCalculationPluginConfig):
    """Config of `CatalogCalculationFootprintAreaPlugin`."""


@register("base_FootprintArea")
class CatalogCalculationFootprintAreaPlugin(CatalogCalculationPlugin):
    """Records the number of pixels of each source's footprint."""

    ConfigClass = CatalogCalculationFootprintAreaConfig

    @classmethod
    def getExecutionOrder(cls):
        """Return when to run the plugin."""
        return cls.DEFAULT_CATALOGCALCULATION

    def __init__(self, config, name, schema, metadata):
        super().__init__(config, name, schema, metadata)
        self.key = schema.addField(
            schema.join(name, "value"),
            type=np.int32,
            doc="Number of pixels in the source's detection footprint.",
            units="pixel",
        )

    def calculate(self, measRecord):
        """Record the area of one source's footprint."""
        measRecord.set(self.key, measRecord.getFootprint().getArea())

    def fail(self, measRecord, error=None):
        """Do nothing: sources without footprint cannot have been measured."""
