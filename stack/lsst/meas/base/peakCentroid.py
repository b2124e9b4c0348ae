# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Centroids by the peaks of footprints."""

import lsst.geom

from .forcedMeasurement import ForcedPlugin, ForcedPluginConfig
from .pluginRegistry import register

__all__ = [
    "ForcedPeakCentroidConfig",
    "ForcedPeakCentroidPlugin",
]


class ForcedPeakCentroidConfig(ForcedPluginConfig):
    """Config of `ForcedPeakCentroidPlugin`."""


@register("base_PeakCentroid")
class ForcedPeakCentroidPlugin(ForcedPlugin):
    """The first peak of the reference's footprint, transformed to the image, as centroid."""

    ConfigClass = ForcedPeakCentroidConfig

    @classmethod
    def getExecutionOrder(cls):
        """Return when to run the plugin."""
        return cls.CENTROID_ORDER

    def __init__(self, config, name, schemaMapper, metadata):
        super().__init__(config, name, schemaMapper, metadata)
        schema = schemaMapper.editOutputSchema()
        self.keyX = schema.addField(name + "_x", type="D", doc="peak centroid", units="pixel")
        self.keyY = schema.addField(name + "_y", type="D", doc="peak centroid", units="pixel")

    def measure(self, measRecord, exposure, refRecord, refWcs):
        """Transform one peak."""
        peak = refRecord.getFootprint().getPeaks()[0]
        position = refWcs.pixelToSky(lsst.geom.Point2D(peak.getFx(), peak.getFy()))
        position = exposure.getWcs().skyToPixel(position)
        measRecord.set(self.keyX, position.getX())
        measRecord.set(self.keyY, position.getY())
