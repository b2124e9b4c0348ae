# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Measures of how the fluxes of the DIASources of each DIAObject vary in a filter."""

import numpy as np

from ._diaFluxPlugins import DiaFluxPlugin
from ._diaGroups import DiaGroups
from .diaCalculation import DiaObjectCalculationPluginConfig
from .pluginRegistry import register

__all__ = [
    "Chi2DiaPsFlux",
    "Chi2DiaPsFluxConfig",
    "LinearFitDiaPsFlux",
    "LinearFitDiaPsFluxConfig",
    "MadDiaPsFlux",
    "MadDiaPsFluxConfig",
    "MaxSlopeDiaPsFlux",
    "MaxSlopeDiaPsFluxConfig",
    "StetsonJDiaPsFlux",
    "StetsonJDiaPsFluxConfig",
]


class Chi2DiaPsFluxConfig(DiaObjectCalculationPluginConfig):
    """Config of `Chi2DiaPsFlux`."""


@register("ap_chi2Flux")
class Chi2DiaPsFlux(DiaFluxPlugin):
    """Chi squared of a constant flux, the mean."""

    ConfigClass = Chi2DiaPsFluxConfig
    inputCols = ["PSFluxMean"]
    outputCols = ["PSFluxChi2"]

    @classmethod
    def getExecutionOrder(cls):
        """Return when to run the plugin."""
        return cls.FLUX_MOMENTS_CALCULATED

    def _summarize(self, diaObjects, filterDiaSources, filterName):
        groups = DiaGroups(filterDiaSources, ["psFlux", "psFluxErr"])
        mean = groups.take(diaObjects, filterName + "PSFluxMean")
        terms = ((groups["psFlux"] - mean) / groups["psFluxErr"]) ** 2
        return groups.keys, groups.sum(np.where(np.isnan(terms), 0.0, terms))


class MadDiaPsFluxConfig(DiaObjectCalculationPluginConfig):
    """Config of `MadDiaPsFlux`."""


@register("ap_madFlux")
class MadDiaPsFlux(DiaFluxPlugin):
    """The median absolute deviation of the fluxes from their median."""

    ConfigClass = MadDiaPsFluxConfig
    outputCols = ["PSFluxMAD"]

    def _summarize(self, diaObjects, filterDiaSources, filterName):
        groups = DiaGroups(filterDiaSources, ["psFlux"])
        median = groups.median(groups["psFlux"])
        return groups.keys, groups.median(np.abs(groups["psFlux"] - median[groups.group]))


class MaxSlopeDiaPsFluxConfig(DiaObjectCalculationPluginConfig):
    """Config of `MaxSlopeDiaPsFlux`."""


@register("ap_maxSlopeFlux")
class MaxSlopeDiaPsFlux(DiaFluxPlugin):
    """The steepest rise between fluxes that follow each other in time (per day)."""

    ConfigClass = MaxSlopeDiaPsFluxConfig
    outputCols = ["PSFluxMaxSlope"]

    def _summarize(self, diaObjects, filterDiaSources, filterName):
        groups = DiaGroups(filterDiaSources, ["psFlux", "midPointTai"], sortBy="midPointTai")
        follows = np.diff(groups.group) == 0
        slopes = np.diff(groups["psFlux"])[follows] / np.diff(groups["midPointTai"])[follows]
        return groups.keys, groups.max(slopes, groups.group[1:][follows])


class LinearFitDiaPsFluxConfig(DiaObjectCalculationPluginConfig):
    """Config of `LinearFitDiaPsFlux`."""


@register("ap_linearFit")
class LinearFitDiaPsFlux(DiaFluxPlugin):
    """Slope (per day) and intercept of a straight line, weighted by inverse variances.

    If all sources are of one date the line with the smallest coefficients is taken, as by the original.
    """

    ConfigClass = LinearFitDiaPsFluxConfig
    outputCols = ["PSFluxLinearSlope", "PSFluxLinearIntercept"]

    def _summarize(self, diaObjects, filterDiaSources, filterName):
        groups = DiaGroups(filterDiaSources, ["psFlux", "psFluxErr", "midPointTai"])
        flux, time, weight = groups["psFlux"], groups["midPointTai"], groups["psFluxErr"] ** -2.0
        total = groups.sum(weight)
        # Relative to a date of the object, so that there is no rounding if all are the same.
        last = groups.max(time, groups.group)
        delay = time - last[groups.group]
        meanDelay, meanFlux = groups.sum(weight * delay) / total, groups.sum(weight * flux) / total
        offset, meanTime = delay - meanDelay[groups.group], last + meanDelay
        spread = groups.sum(weight * offset**2)
        slope = groups.sum(weight * offset * flux) / spread
        intercept = meanFlux - slope * meanTime
        oneDate = spread == 0.0
        norm = meanTime**2 + 1.0
        slope = np.where(oneDate, meanFlux * meanTime / norm, slope)
        intercept = np.where(oneDate, meanFlux / norm, intercept)
        enough = groups.count >= 2
        return groups.keys, np.where(enough, slope, np.nan), np.where(enough, intercept, np.nan)


class StetsonJDiaPsFluxConfig(DiaObjectCalculationPluginConfig):
    """Config of `StetsonJDiaPsFlux`."""


@register("ap_stetsonJ")
class StetsonJDiaPsFlux(DiaFluxPlugin):
    """The index J of Stetson 1996, PASP 108, 851, in a single band."""

    ConfigClass = StetsonJDiaPsFluxConfig
    inputCols = ["PSFluxMean"]
    outputCols = ["PSFluxStetsonJ"]

    _ALPHA = 2.0  # residual (standard deviations) that halves the weight
    _BETA = 2.0  # power of the residual in the weight
    _ITERATIONS = 20
    _TOLERANCE = 1e-6  # of the mean, absolute and relative

    @classmethod
    def getExecutionOrder(cls):
        """Return when to run the plugin."""
        return cls.FLUX_MOMENTS_CALCULATED

    def _summarize(self, diaObjects, filterDiaSources, filterName):
        groups = DiaGroups(filterDiaSources, ["psFlux", "psFluxErr"])
        count = groups.count.astype(np.float64)
        scale = np.sqrt(count / (count - 1.0))
        start = diaObjects[filterName + "PSFluxMean"].reindex(groups.keys).to_numpy(dtype=np.float64)
        residual = self._findResiduals(groups, scale, self._findMean(groups, scale, start))
        excess = residual**2 - 1.0
        index = groups.sum(np.sign(excess) * np.sqrt(np.abs(excess))) / count
        return groups.keys, np.where(groups.count >= 2, index, np.nan)

    @staticmethod
    def _findResiduals(groups, scale, mean):
        return scale[groups.group] * (groups["psFlux"] - mean[groups.group]) / groups["psFluxErr"]

    def _findMean(self, groups, scale, mean):
        """Iterate a mean that gives less weight to outliers, for each object until it changes no more."""
        active = np.ones(len(mean), dtype=bool)
        for _ in range(self._ITERATIONS):
            residual = np.abs(self._findResiduals(groups, scale, mean))
            weight = groups["psFluxErr"] ** -2.0 / (1.0 + (residual / self._ALPHA) ** self._BETA)
            better = groups.sum(weight * groups["psFlux"]) / groups.sum(weight)
            change = np.abs(better - mean)
            mean = np.where(active, better, mean)
            active &= ~((change / mean < self._TOLERANCE) & (change < self._TOLERANCE))
            if not active.any():
                break
        return mean
