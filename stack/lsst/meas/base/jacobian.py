# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The area of the pixel that each source is on."""

import lsst.pex.config
import numpy as np

import lsst.geom

from ._linearized import linearizePixelToSkyArray
from .pluginRegistry import register
from .sfm import SingleFramePlugin, SingleFramePluginConfig

__all__ = ["SingleFrameJacobianConfig", "SingleFrameJacobianPlugin"]


class SingleFrameJacobianConfig(SingleFramePluginConfig):
    """Config of `SingleFrameJacobianPlugin`."""

    pixelScale = lsst.pex.config.Field(
        dtype=float, default=0.5, doc="size of the pixel whose area is the unit (arcsec)"
    )


@register("base_Jacobian")
class SingleFrameJacobianPlugin(SingleFramePlugin):
    """The area of the pixel at each centroid, in units of that of a pixel of ``pixelScale``."""

    ConfigClass = SingleFrameJacobianConfig

    @classmethod
    def getExecutionOrder(cls):
        """Return when to run the plugin."""
        return cls.SHAPE_ORDER

    def __init__(self, config, name, schema, metadata):
        super().__init__(config, name, schema, metadata)
        self.jacValue = schema.addField(name + "_value", type="D", doc="Jacobian correction")
        self.jacFlag = schema.addField(name + "_flag", type="Flag", doc="Set to 1 for any fatal failure")
        self.scale = self.config.pixelScale**-2

    def measure(self, measRecord, exposure):
        """Compute the area for one source."""
        local = exposure.getWcs().linearizePixelToSky(measRecord.getCentroid(), lsst.geom.arcseconds)
        measRecord.set(self.jacValue, abs(self.scale * local.getLinear().computeDeterminant()))

    def measureCatalog(self, measCat, exposure):
        """Compute the area for all sources."""
        slot = measCat.table.getCentroidSlot().getMeasKey()
        matrices = linearizePixelToSkyArray(
            exposure.getWcs(), np.array(measCat[slot.getX()]), np.array(measCat[slot.getY()])
        )
        with np.errstate(invalid="ignore"):
            areas = np.abs(np.linalg.det(matrices)) * np.degrees(3600.0) ** 2
        measCat[self.jacValue] = self.scale * areas
        return []

    def fail(self, measRecord, error=None):
        """Set the flag."""
        measRecord.set(self.jacFlag, True)
