# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The number of images that a coadd was made of, at each source."""

import numpy as np

import lsst.geom
from lsst.pex.exceptions import LogicError

from ._rows import Failure, setRows
from .baseMeasurement import BaseMeasurementPluginConfig
from .exceptions import MeasurementError
from .genericPlugin import GenericPlugin
from .pluginsBase import BasePlugin

__all__ = ["ForcedInputCountPlugin", "InputCountConfig", "InputCountPlugin"]


class InputCountConfig(BaseMeasurementPluginConfig):
    """Config of `InputCountPlugin`."""


class InputCountPlugin(GenericPlugin):
    """The number of input images of a coadd (`lsst.afw.image.CoaddInputs`) that cover each centroid.

    Pixels that were clipped when the coadd was made are counted, too.
    """

    ConfigClass = InputCountConfig

    FAILURE_BAD_CENTROID = 1
    FAILURE_NO_INPUTS = 2

    @classmethod
    def getExecutionOrder(cls):
        """Return when to run the plugin."""
        return BasePlugin.SHAPE_ORDER

    def __init__(self, config, name, schema, metadata):
        super().__init__(config, name, schema, metadata)
        self.numberKey = schema.addField(
            name + "_value",
            type="I",
            doc="Number of images contributing at center, not including anyclipping",
        )
        self.noInputsFlag = schema.addField(
            name + "_flag_noInputs", type="Flag", doc="No coadd inputs available"
        )
        aliases = schema.getAliasMap()
        aliases.set(name + "_flag_badCentroid", aliases.apply("slot_Centroid_flag"))

    def measureCatalog(self, measCat, exposure, centers):
        """Count for all sources."""
        inputs = exposure.getInfo().getCoaddInputs()
        if inputs is None:
            error = MeasurementError("No coadd inputs defined.", self.FAILURE_NO_INPUTS)
            return [Failure(np.arange(len(measCat)), error)]
        good = np.isfinite(centers).all(axis=1)
        ra, dec = exposure.getWcs().pixelToSkyArray(*centers[good].T)
        count = np.zeros(len(ra), dtype=np.int32)
        for ccd in inputs.ccds:
            count += _covers(ccd, ra, dec)
        setRows(measCat, self.numberKey, good, count)
        error = MeasurementError("Source has a bad centroid.", self.FAILURE_BAD_CENTROID)
        return [Failure(np.flatnonzero(~good), error)] if not good.all() else []

    def fail(self, measRecord, error=None):
        """Set the flags; that of a bad centroid is an alias."""
        if isinstance(error, MeasurementError) and error.getFlagBit() == self.FAILURE_NO_INPUTS:
            measRecord.set(self.noInputsFlag, True)
        super().fail(measRecord, error)


def _covers(ccd, ra, dec):
    """Say which positions are on an image."""
    if ccd.getWcs() is None:
        raise LogicError("ExposureRecord does not have a Wcs; cannot call contains()")
    x, y = ccd.getWcs().skyToPixelArray(ra, dec)
    box = lsst.geom.Box2D(ccd.getBBox())
    with np.errstate(invalid="ignore"):
        return (
            (x >= box.getMinX()) & (x < box.getMaxX()) & (y >= box.getMinY()) & (y < box.getMaxY())
        )


ForcedInputCountPlugin = InputCountPlugin.makeForcedPlugin("base_InputCount")
