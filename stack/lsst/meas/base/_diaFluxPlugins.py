# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Moments and order statistics of the fluxes of the DIASources of each DIAObject in a filter."""

import lsst.pex.config
import numpy as np

from ._diaGroups import DiaGroups, storeColumns
from .diaCalculation import DiaObjectCalculationPlugin, DiaObjectCalculationPluginConfig
from .pluginRegistry import register

__all__ = [
    "ErrMeanDiaPsFlux",
    "ErrMeanDiaPsFluxConfig",
    "MinMaxDiaPsFlux",
    "MinMaxDiaPsFluxConfig",
    "PercentileDiaPsFlux",
    "PercentileDiaPsFluxConfig",
    "SigmaDiaPsFlux",
    "SigmaDiaPsFluxConfig",
    "SigmaDiaTotFlux",
    "SigmaDiaTotFluxConfig",
    "SkewDiaPsFlux",
    "SkewDiaPsFluxConfig",
    "WeightedMeanDiaPsFlux",
    "WeightedMeanDiaPsFluxConfig",
    "WeightedMeanDiaTotFlux",
    "WeightedMeanDiaTotFluxConfig",
]


class DiaFluxPlugin(DiaObjectCalculationPlugin):
    """Base of plugins that summarize fluxes in a filter, of all objects at once.

    Subclasses write ``_summarize(diaObjects, filterDiaSources, filterName)``, which returns keys (the
    objects) and an array for each of ``outputCols``.
    """

    plugType = "multi"
    needsFilter = True

    @classmethod
    def getExecutionOrder(cls):
        """Return when to run the plugin."""
        return cls.DEFAULT_CATALOGCALCULATION

    def calculate(self, diaObjects, diaSources, filterDiaSources, filterName, **kwargs):
        """Summarize; see `DiaObjectCalculationPlugin.calculate`."""
        with np.errstate(divide="ignore", invalid="ignore"):
            keys, *values = self._summarize(diaObjects, filterDiaSources, filterName)
        columns = {filterName + name: array for name, array in zip(self.outputCols, values)}
        storeColumns(diaObjects, keys, columns)


def _computeWeightedMean(grouped, flux, fluxErr):
    """Return keys, mean weighted by inverse variances, its error, and the number of sources."""
    groups = DiaGroups(grouped, [flux, fluxErr])
    weight = 1.0 / groups[fluxErr] ** 2
    total = groups.sum(weight)
    mean = groups.sum(groups[flux] * weight) / total
    return groups.keys, mean, np.where(total > 0, np.sqrt(1.0 / total), np.nan), groups.count


class WeightedMeanDiaPsFluxConfig(DiaObjectCalculationPluginConfig):
    """Config of `WeightedMeanDiaPsFlux`."""


@register("ap_meanFlux")
class WeightedMeanDiaPsFlux(DiaFluxPlugin):
    """The mean flux on difference images, weighted by inverse variances, its error, and the number."""

    ConfigClass = WeightedMeanDiaPsFluxConfig
    outputCols = ["PSFluxMean", "PSFluxMeanErr", "PSFluxNdata"]

    def _summarize(self, diaObjects, filterDiaSources, filterName):
        return _computeWeightedMean(filterDiaSources, "psFlux", "psFluxErr")


class WeightedMeanDiaTotFluxConfig(DiaObjectCalculationPluginConfig):
    """Config of `WeightedMeanDiaTotFlux`."""


@register("ap_meanTotFlux")
class WeightedMeanDiaTotFlux(DiaFluxPlugin):
    """The mean flux on direct images, weighted by inverse variances, and its error."""

    ConfigClass = WeightedMeanDiaTotFluxConfig
    outputCols = ["TOTFluxMean", "TOTFluxMeanErr"]

    def _summarize(self, diaObjects, filterDiaSources, filterName):
        return _computeWeightedMean(filterDiaSources, "totFlux", "totFluxErr")[:3]


class PercentileDiaPsFluxConfig(DiaObjectCalculationPluginConfig):
    """Config of `PercentileDiaPsFlux`."""

    percentiles = lsst.pex.config.ListField(
        dtype=int, default=[5, 25, 50, 75, 95], doc="percentiles to compute, as integers"
    )


@register("ap_percentileFlux")
class PercentileDiaPsFlux(DiaFluxPlugin):
    """Percentiles of fluxes on difference images."""

    ConfigClass = PercentileDiaPsFluxConfig

    def __init__(self, config, name, metadata):
        super().__init__(config, name, metadata)
        self.outputCols = [f"PSFluxPercentile{percent:02d}" for percent in self.config.percentiles]

    def _summarize(self, diaObjects, filterDiaSources, filterName):
        groups = DiaGroups(filterDiaSources, ["psFlux"])
        percentiles = [groups.percentile(groups["psFlux"], percent) for percent in self.config.percentiles]
        return groups.keys, *percentiles


class _ReducingPlugin(DiaFluxPlugin):
    """Base of plugins that apply what pandas has to a column; NaN is left out."""

    _column = "psFlux"
    _functions = ()

    def _summarize(self, diaObjects, filterDiaSources, filterName):
        column = filterDiaSources[self._column]
        results = [getattr(column, name)() for name in self._functions]
        return results[0].index, *(result.to_numpy(dtype=np.float64) for result in results)


class SigmaDiaPsFluxConfig(DiaObjectCalculationPluginConfig):
    """Config of `SigmaDiaPsFlux`."""


@register("ap_sigmaFlux")
class SigmaDiaPsFlux(_ReducingPlugin):
    """The standard deviation (with n - 1) of fluxes on difference images."""

    ConfigClass = SigmaDiaPsFluxConfig
    outputCols = ["PSFluxSigma"]
    _functions = ("std",)


class SigmaDiaTotFluxConfig(DiaObjectCalculationPluginConfig):
    """Config of `SigmaDiaTotFlux`."""


@register("ap_sigmaTotFlux")
class SigmaDiaTotFlux(_ReducingPlugin):
    """The standard deviation (with n - 1) of fluxes on direct images."""

    ConfigClass = SigmaDiaTotFluxConfig
    outputCols = ["TOTFluxSigma"]
    _column = "totFlux"
    _functions = ("std",)


class SkewDiaPsFluxConfig(DiaObjectCalculationPluginConfig):
    """Config of `SkewDiaPsFlux`."""


@register("ap_skewFlux")
class SkewDiaPsFlux(_ReducingPlugin):
    """The skewness (unbiased) of fluxes on difference images."""

    ConfigClass = SkewDiaPsFluxConfig
    outputCols = ["PSFluxSkew"]
    _functions = ("skew",)


class MinMaxDiaPsFluxConfig(DiaObjectCalculationPluginConfig):
    """Config of `MinMaxDiaPsFlux`."""


@register("ap_minMaxFlux")
class MinMaxDiaPsFlux(_ReducingPlugin):
    """The smallest and largest flux on difference images."""

    ConfigClass = MinMaxDiaPsFluxConfig
    outputCols = ["PSFluxMin", "PSFluxMax"]
    _functions = ("min", "max")


class ErrMeanDiaPsFluxConfig(DiaObjectCalculationPluginConfig):
    """Config of `ErrMeanDiaPsFlux`."""


@register("ap_meanErrFlux")
class ErrMeanDiaPsFlux(_ReducingPlugin):
    """The mean error of fluxes on difference images."""

    ConfigClass = ErrMeanDiaPsFluxConfig
    outputCols = ["PSFluxErrMean"]
    _column = "psFluxErr"
    _functions = ("mean",)
