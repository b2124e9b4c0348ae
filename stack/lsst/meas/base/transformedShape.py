# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Shapes that the reference gives."""

import numpy as np

from lsst.afw.geom import linearizeTransform, makeWcsPairTransform
from lsst.afw.table import QuadrupoleKey

from .forcedMeasurement import ForcedPlugin, ForcedPluginConfig
from .pluginRegistry import register

__all__ = ["ForcedTransformedShapeConfig", "ForcedTransformedShapePlugin"]


class ForcedTransformedShapeConfig(ForcedPluginConfig):
    """Config of `ForcedTransformedShapePlugin`."""


@register("base_TransformedShape")
class ForcedTransformedShapePlugin(ForcedPlugin):
    """The reference's shape, transformed to the image; its flag, if it has one, is copied."""

    ConfigClass = ForcedTransformedShapeConfig

    @classmethod
    def getExecutionOrder(cls):
        """Return when to run the plugin."""
        return cls.SHAPE_ORDER

    def __init__(self, config, name, schemaMapper, metadata):
        super().__init__(config, name, schemaMapper, metadata)
        schema = schemaMapper.editOutputSchema()
        self.shapeKey = QuadrupoleKey(
            *(
                schema.addField(
                    f"{name}_{moment}",
                    type="D",
                    doc=f"transformed reference shape {what} moment",
                    units="pixel^2",
                )
                for moment, what in (("xx", "x^2"), ("yy", "y^2"), ("xy", "xy"))
            )
        )
        self.flagKey = None
        if "slot_Shape_flag" in schemaMapper.getInputSchema():
            self.flagKey = schema.addField(
                name + "_flag", type="Flag", doc="whether the reference shape is marked as bad"
            )

    def measure(self, measRecord, exposure, refRecord, refWcs):
        """Transform one shape."""
        shape = refRecord.getShape()
        if refWcs != exposure.getWcs():
            transform = makeWcsPairTransform(refWcs, exposure.getWcs())
            local = linearizeTransform(transform, refRecord.getCentroid())
            shape = shape.transform(local.getLinear())
        measRecord.set(self.shapeKey, shape)
        if self.flagKey is not None:
            measRecord.set(self.flagKey, refRecord.getShapeFlag())

    def measureCatalog(self, measCat, exposure, refCat, refWcs):
        """Transform all shapes."""
        slot = refCat.table.getShapeSlot()
        key = slot.getMeasKey()
        ixx, iyy, ixy = (np.array(refCat[moment]) for moment in (key.getIxx(), key.getIyy(), key.getIxy()))
        if refWcs != exposure.getWcs():
            (a, b), (c, d) = np.moveaxis(_linearize(refCat, refWcs, exposure.getWcs()), 0, -1)
            ixx, iyy, ixy = (
                a * a * ixx + 2 * a * b * ixy + b * b * iyy,
                c * c * ixx + 2 * c * d * ixy + d * d * iyy,
                a * c * ixx + (a * d + b * c) * ixy + b * d * iyy,
            )
        for moment, values in zip(
            (self.shapeKey.getIxx(), self.shapeKey.getIyy(), self.shapeKey.getIxy()), (ixx, iyy, ixy)
        ):
            measCat[moment] = values
        if self.flagKey is not None:
            measCat[self.flagKey] = refCat[slot.getFlagKey()]
        return []


def _linearize(refCat, refWcs, wcs):
    """Return the derivatives of pixel positions with respect to those of the reference, (n, 2, 2)."""
    key = refCat.table.getCentroidSlot().getMeasKey()
    x, y = (np.array(refCat[axis], dtype=np.float64) for axis in (key.getX(), key.getY()))
    before = refWcs._tangentPlaneMatrixArray(x, y)
    after = wcs._tangentPlaneMatrixArray(*wcs.skyToPixelArray(*refWcs.pixelToSkyArray(x, y)))
    good = np.isfinite(before).all(axis=(1, 2)) & np.isfinite(after).all(axis=(1, 2))
    matrices = np.full((len(x), 2, 2), np.nan)
    matrices[good] = np.linalg.solve(after[good], before[good])
    return matrices
