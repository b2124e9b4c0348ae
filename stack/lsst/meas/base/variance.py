# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The variance of the background around each source."""

import lsst.pex.config
import numpy as np

from ._ellipseStamps import iterateEllipseStamps
from ._rows import Failure, setRows
from .baseMeasurement import BaseMeasurementPluginConfig
from .exceptions import MeasurementError
from .genericPlugin import GenericPlugin
from .pluginsBase import BasePlugin

__all__ = ["ForcedVariancePlugin", "VarianceConfig", "VariancePlugin"]


class VarianceConfig(BaseMeasurementPluginConfig):
    """Config of `VariancePlugin`."""

    scale = lsst.pex.config.Field(
        dtype=float, default=5.0, optional=True, doc="size of the aperture, in units of the source's shape"
    )
    mask = lsst.pex.config.ListField(
        dtype=str,
        default=["DETECTED", "DETECTED_NEGATIVE", "BAD", "SAT"],
        doc="mask planes of the pixels that are left out",
    )


class VariancePlugin(GenericPlugin):
    """The median variance in an ellipse around each source."""

    ConfigClass = VarianceConfig

    FAILURE_BAD_CENTROID = 1
    FAILURE_EMPTY_FOOTPRINT = 2

    @classmethod
    def getExecutionOrder(cls):
        """Return when to run the plugin."""
        return BasePlugin.FLUX_ORDER

    def __init__(self, config, name, schema, metadata):
        super().__init__(config, name, schema, metadata)
        self.varValue = schema.addField(name + "_value", type="D", doc="Variance at object position")
        self.emptyFootprintFlag = schema.addField(
            name + "_flag_emptyFootprint",
            type="Flag",
            doc="Set to True when the footprint has no usable pixels",
        )
        aliases = schema.getAliasMap()
        aliases.set(name + "_flag_badCentroid", aliases.apply("slot_Centroid_flag"))

    def measureCatalog(self, measCat, exposure, centers):
        """Measure all sources."""
        lost = ~np.isfinite(centers).all(axis=1)
        badCentroid = MeasurementError("Bad centroid and/or shape", self.FAILURE_BAD_CENTROID)
        if lost.all():
            return [Failure(np.flatnonzero(lost), badCentroid)]
        key = measCat.table.getShapeSlot().getMeasKey()
        shapes = np.stack([measCat[key.getIxx()], measCat[key.getIyy()], measCat[key.getIxy()]], axis=-1)
        # What is no ellipse has no pixels.
        isEllipse = np.isfinite(shapes).all(axis=1) & (shapes[:, 0] > 0)
        isEllipse &= shapes[:, 0] * shapes[:, 1] - shapes[:, 2] ** 2 > 0
        rows = np.flatnonzero(~lost & isEllipse)
        badBits = exposure.mask.getPlaneBitMask(list(self.config.mask))
        medians, empty = np.full(len(measCat), np.nan), ~lost
        ellipses = (*centers[rows].T, shapes[rows] * self.config.scale**2)
        for stamps in iterateEllipseStamps(exposure.getBBox(), *ellipses):
            used = stamps.inside & ((exposure.mask.array[stamps.where] & badBits) == 0)
            values = exposure.variance.array[stamps.where]
            medians[rows[stamps.rows]] = _median(values.reshape(len(values), -1), used.reshape(len(used), -1))
            empty[rows[stamps.rows]] = ~used.any(axis=(1, 2))
        good = ~lost & ~empty
        setRows(measCat, self.varValue, good, medians[good])
        return [
            Failure(np.flatnonzero(where), error)
            for where, error in (
                (lost, badCentroid),
                (
                    empty,
                    MeasurementError(
                        "Footprint empty, or all pixels are masked, can't compute median",
                        self.FAILURE_EMPTY_FOOTPRINT,
                    ),
                ),
            )
            if where.any()
        ]

    def fail(self, measRecord, error=None):
        """Set the flags and forget the value."""
        if isinstance(error, MeasurementError) and error.getFlagBit() == self.FAILURE_EMPTY_FOOTPRINT:
            measRecord.set(self.emptyFootprintFlag, True)
        measRecord.set(self.varValue, np.nan)
        super().fail(measRecord, error)


def _median(values, used):
    """Return the medians of the values that are used, a row each; NaN if one of these is, or there is none.

    As by `numpy.median` the mean of two single-precision values is in single precision.
    """
    count = used.sum(axis=1)
    ordered = np.sort(np.where(used, values, np.inf), axis=1)
    rows = np.arange(len(values))
    low, high = ordered[rows, np.maximum(count - 1, 0) // 2], ordered[rows, count // 2]
    known = (count > 0) & ~(np.isnan(values) & used).any(axis=1)
    return np.where(known, (low + high) / 2, np.nan)


ForcedVariancePlugin = VariancePlugin.makeForcedPlugin("base_Variance")
