# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Centroids that the reference gives."""

from lsst.afw.table import Point2DKey

from .forcedMeasurement import ForcedPlugin, ForcedPluginConfig
from .pluginRegistry import register

__all__ = [
    "ForcedTransformedCentroidConfig",
    "ForcedTransformedCentroidFromCoordConfig",
    "ForcedTransformedCentroidFromCoordPlugin",
    "ForcedTransformedCentroidPlugin",
]


class ForcedTransformedCentroidConfig(ForcedPluginConfig):
    """Config of `ForcedTransformedCentroidPlugin`."""


@register("base_TransformedCentroid")
class ForcedTransformedCentroidPlugin(ForcedPlugin):
    """The reference's centroid, transformed to the image; its flag, if it has one, is copied."""

    ConfigClass = ForcedTransformedCentroidConfig

    @classmethod
    def getExecutionOrder(cls):
        """Return when to run the plugin."""
        return cls.CENTROID_ORDER

    def __init__(self, config, name, schemaMapper, metadata):
        super().__init__(config, name, schemaMapper, metadata)
        schema = schemaMapper.editOutputSchema()
        self.centroidKey = Point2DKey(
            schema.addField(
                name + "_x", type="D", doc="transformed reference centroid column", units="pixel"
            ),
            schema.addField(name + "_y", type="D", doc="transformed reference centroid row", units="pixel"),
        )
        self.flagKey = None
        if "slot_Centroid_flag" in schemaMapper.getInputSchema():
            self.flagKey = schema.addField(
                name + "_flag", type="Flag", doc="whether the reference centroid is marked as bad"
            )

    def measure(self, measRecord, exposure, refRecord, refWcs):
        """Transform one centroid."""
        position = refRecord.getCentroid()
        if refWcs != exposure.getWcs():
            position = exposure.getWcs().skyToPixel(refWcs.pixelToSky(position))
        self._set(measRecord, refRecord, position)

    def _set(self, measRecord, refRecord, position):
        measRecord.set(self.centroidKey, position)
        if self.flagKey is not None:
            measRecord.set(self.flagKey, refRecord.getCentroidFlag())

    def measureCatalog(self, measCat, exposure, refCat, refWcs):
        """Transform all centroids."""
        slot = refCat.table.getCentroidSlot().getMeasKey()
        x, y = refCat[slot.getX()], refCat[slot.getY()]
        if refWcs != exposure.getWcs():
            x, y = exposure.getWcs().skyToPixelArray(*refWcs.pixelToSkyArray(x, y))
        return self._setAll(measCat, refCat, x, y)

    def _setAll(self, measCat, refCat, x, y):
        measCat[self.centroidKey.getX()] = x
        measCat[self.centroidKey.getY()] = y
        if self.flagKey is not None:
            measCat[self.flagKey] = refCat[refCat.table.getCentroidSlot().getFlagKey()]
        return []


class ForcedTransformedCentroidFromCoordConfig(ForcedTransformedCentroidConfig):
    """Config of `ForcedTransformedCentroidFromCoordPlugin`."""


@register("base_TransformedCentroidFromCoord")
class ForcedTransformedCentroidFromCoordPlugin(ForcedTransformedCentroidPlugin):
    """The reference's sky position, transformed to the image."""

    ConfigClass = ForcedTransformedCentroidFromCoordConfig

    def measure(self, measRecord, exposure, refRecord, refWcs):
        """Transform one position."""
        self._set(measRecord, refRecord, exposure.getWcs().skyToPixel(refRecord.getCoord()))

    def measureCatalog(self, measCat, exposure, refCat, refWcs):
        """Transform all positions."""
        x, y = exposure.getWcs().skyToPixelArray(refCat["coord_ra"], refCat["coord_dec"])
        return self._setAll(measCat, refCat, x, y)
