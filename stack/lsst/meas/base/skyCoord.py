# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The sky positions of sources."""

import numpy as np

from .pluginRegistry import register
from .sfm import SingleFramePlugin, SingleFramePluginConfig

__all__ = ["SingleFrameSkyCoordConfig", "SingleFrameSkyCoordPlugin"]


class SingleFrameSkyCoordConfig(SingleFramePluginConfig):
    """Config of `SingleFrameSkyCoordPlugin`."""


@register("base_SkyCoord")
class SingleFrameSkyCoordPlugin(SingleFramePlugin):
    """The sky position of the centroid, in the field ``coord`` that every source has."""

    ConfigClass = SingleFrameSkyCoordConfig

    @classmethod
    def getExecutionOrder(cls):
        """Return when to run the plugin."""
        return cls.SHAPE_ORDER

    def measure(self, measRecord, exposure):
        """Measure one source."""
        self._requireWcs(exposure)
        measRecord.updateCoord(exposure.getWcs())

    def measureCatalog(self, measCat, exposure):
        """Measure all sources."""
        self._requireWcs(exposure)
        slot = measCat.table.getCentroidSlot().getMeasKey()
        x, y = (np.array(measCat[key], dtype=np.float64) for key in (slot.getX(), slot.getY()))
        measCat["coord_ra"], measCat["coord_dec"] = exposure.getWcs().pixelToSkyArray(x, y)
        return []

    def _requireWcs(self, exposure):
        if not exposure.hasWcs():
            raise RuntimeError(f"Wcs not attached to exposure.  Required for {self.name} algorithm")

    def fail(self, measRecord, error=None):
        """Do nothing: the plugin has no flag."""

    def failRows(self, measCat, rows, error):
        """Do nothing: the plugin has no flag."""
