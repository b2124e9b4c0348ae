# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The position of each source on the focal plane."""

import numpy as np

from lsst.afw.table import Point2DKey

from ._rows import setRows
from .pluginRegistry import register
from .sfm import SingleFramePlugin, SingleFramePluginConfig

__all__ = ["SingleFrameFPPositionConfig", "SingleFrameFPPositionPlugin"]


class SingleFrameFPPositionConfig(SingleFramePluginConfig):
    """Config of `SingleFrameFPPositionPlugin`."""


@register("base_FPPosition")
class SingleFrameFPPositionPlugin(SingleFramePlugin):
    """The position of each centroid on the focal plane (mm); NaN, with a flag, if there is no detector."""

    ConfigClass = SingleFrameFPPositionConfig

    @classmethod
    def getExecutionOrder(cls):
        """Return when to run the plugin."""
        return cls.SHAPE_ORDER

    def __init__(self, config, name, schema, metadata):
        super().__init__(config, name, schema, metadata)
        self.focalValue = Point2DKey.addFields(schema, name, "Position on the focal plane", "mm")
        self.focalFlag = schema.addField(
            name + "_flag", type="Flag", doc="Set to True for any fatal failure"
        )
        self.detectorFlag = schema.addField(
            name + "_missingDetector_flag", type="Flag", doc="Set to True if detector object is missing"
        )

    def measure(self, measRecord, exposure):
        """Compute the position of one source."""
        catalog = type(measRecord.table).Catalog(measRecord.table)
        catalog.append(measRecord)
        self.measureCatalog(catalog, exposure)

    def measureCatalog(self, measCat, exposure):
        """Compute the positions of all sources."""
        from lsst.afw.cameraGeom import FOCAL_PLANE, PIXELS

        x = y = np.nan
        detector = exposure.getDetector()
        if detector is None:
            setRows(measCat, self.detectorFlag, slice(None), True)
        elif len(measCat):
            slot = measCat.table.getCentroidSlot().getMeasKey()
            centers = np.array([measCat[slot.getX()], measCat[slot.getY()]], dtype=np.float64)
            x, y = detector.getTransform(PIXELS, FOCAL_PLANE).getMapping().applyForward(centers)
        measCat[self.focalValue.getX()] = x
        measCat[self.focalValue.getY()] = y
        return []

    def fail(self, measRecord, error=None):
        """Set the flag."""
        measRecord.set(self.focalFlag, True)
