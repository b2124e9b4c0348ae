# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Summaries of positions, number and flags of the DIASources of each DIAObject."""

import lsst.pex.config
import numpy as np

from ._diaGroups import storeColumns
from .diaCalculation import DiaObjectCalculationPlugin, DiaObjectCalculationPluginConfig
from .pluginRegistry import register

__all__ = [
    "HTMIndexDiaPosition",
    "HTMIndexDiaPositionConfig",
    "MeanDiaPosition",
    "MeanDiaPositionConfig",
    "NumDiaSourcesDiaPlugin",
    "NumDiaSourcesDiaPluginConfig",
    "SimpleSourceFlagDiaPlugin",
    "SimpleSourceFlagDiaPluginConfig",
]


class MeanDiaPositionConfig(DiaObjectCalculationPluginConfig):
    """Config of `MeanDiaPosition`."""


@register("ap_meanPosition")
class MeanDiaPosition(DiaObjectCalculationPlugin):
    """The mean position (degrees): the direction of the mean of unit vectors; and the last date."""

    ConfigClass = MeanDiaPositionConfig
    plugType = "multi"
    outputCols = ["ra", "decl", "radecTai"]
    needsFilter = False

    @classmethod
    def getExecutionOrder(cls):
        """Return when to run the plugin."""
        return cls.DEFAULT_CATALOGCALCULATION

    def calculate(self, diaObjects, diaSources, **kwargs):
        """Summarize; see `DiaObjectCalculationPlugin.calculate`."""
        sources, keys = diaSources.obj, diaSources.size().index
        group = diaSources.ngroup().to_numpy()
        ra, dec = (np.radians(sources[name].to_numpy(dtype=np.float64)) for name in ("ra", "decl"))
        x, y, z = (
            np.bincount(group, weights=values, minlength=len(keys))
            for values in (np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec))
        )
        meanRa = np.degrees(np.arctan2(y, x)) % 360.0
        meanDec = np.degrees(np.arctan2(z, np.hypot(x, y)))
        known = ~(np.isnan(meanRa) | np.isnan(meanDec))
        last = diaSources["midPointTai"].max().to_numpy(dtype=np.float64)
        columns = {
            "ra": np.where(meanRa == 360.0, 0.0, meanRa),  # of a tiny negative number
            "decl": meanDec,
            "radecTai": np.where(known, last, np.nan),
        }
        storeColumns(diaObjects, keys, columns)


class HTMIndexDiaPositionConfig(DiaObjectCalculationPluginConfig):
    """Config of `HTMIndexDiaPosition`."""

    htmLevel = lsst.pex.config.Field(dtype=int, doc="level of the triangular mesh", default=20)


@register("ap_HTMIndex")
class HTMIndexDiaPosition(DiaObjectCalculationPlugin):
    """The triangle of the hierarchical triangular mesh that the mean position is in."""

    ConfigClass = HTMIndexDiaPositionConfig
    plugType = "single"
    inputCols = ["ra", "decl"]
    outputCols = ["pixelId"]
    needsFilter = False

    def __init__(self, config, name, metadata):
        from lsst.sphgeom import HtmPixelization

        super().__init__(config, name, metadata)
        self.pixelator = HtmPixelization(self.config.htmLevel)

    @classmethod
    def getExecutionOrder(cls):
        """Return when to run the plugin."""
        return cls.FLUX_MOMENTS_CALCULATED

    def calculate(self, diaObjects, diaObjectId, **kwargs):
        """Find the triangle of one object; see `DiaObjectCalculationPlugin.calculate`."""
        from lsst.sphgeom import LonLat, UnitVector3d

        position = (float(diaObjects.at[diaObjectId, name]) for name in ("ra", "decl"))
        vector = UnitVector3d(LonLat.fromDegrees(*position))
        diaObjects.loc[diaObjectId, "pixelId"] = self.pixelator.index(vector)


class NumDiaSourcesDiaPluginConfig(DiaObjectCalculationPluginConfig):
    """Config of `NumDiaSourcesDiaPlugin`."""


@register("ap_nDiaSources")
class NumDiaSourcesDiaPlugin(DiaObjectCalculationPlugin):
    """The number of sources."""

    ConfigClass = NumDiaSourcesDiaPluginConfig
    plugType = "multi"
    outputCols = ["nDiaSources"]
    needsFilter = False

    @classmethod
    def getExecutionOrder(cls):
        """Return when to run the plugin."""
        return cls.DEFAULT_CATALOGCALCULATION

    def calculate(self, diaObjects, diaSources, **kwargs):
        """Summarize; see `DiaObjectCalculationPlugin.calculate`."""
        count = diaSources.size()
        storeColumns(diaObjects, count.index, {"nDiaSources": count.to_numpy()})


class SimpleSourceFlagDiaPluginConfig(DiaObjectCalculationPluginConfig):
    """Config of `SimpleSourceFlagDiaPlugin`."""


@register("ap_diaObjectFlag")
class SimpleSourceFlagDiaPlugin(DiaObjectCalculationPlugin):
    """Does any source have any flag? (0 or 1)."""

    ConfigClass = SimpleSourceFlagDiaPluginConfig
    plugType = "multi"
    outputCols = ["flags"]
    needsFilter = False

    @classmethod
    def getExecutionOrder(cls):
        """Return when to run the plugin."""
        return cls.DEFAULT_CATALOGCALCULATION

    def calculate(self, diaObjects, diaSources, **kwargs):
        """Summarize; see `DiaObjectCalculationPlugin.calculate`."""
        anyFlag = diaSources["flags"].any()
        storeColumns(diaObjects, anyFlag.index, {"flags": anyFlag.to_numpy().astype(np.uint64)})
