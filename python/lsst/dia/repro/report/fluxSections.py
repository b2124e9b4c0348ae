# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""How forced fluxes at the detections compare with the detected ones."""

from __future__ import annotations

__all__ = ["showFluxDifferences", "showFluxRatios"]

import numpy as np
from bokeh.models import ColumnDataSource
from bokeh.plotting import figure

from ..bands import sortBands
from .bandGlyphs import addBandPoints, finishLegend, styleBand
from .detectionFluxes import DetectionFluxes
from .figureParts import LOGARITHMIC, addBars, addExpected, labelLogarithms
from .figureStyle import makeFigure
from .section import Section
from .surveyImages import SurveyImages

#: Most points of a band, and fewest detections that make one.
MAX_GROUPS, MIN_DETECTIONS = 15, 5

#: Percentiles one standard deviation about the median of a normal distribution.
ONE_SIGMA = (15.865525393145708, 50.0, 84.13447460685429)

#: Where the differences end, in errors; what is beyond is counted there.
GREATEST = 5.0

NO_FLUXES = "No detection has a usable forced flux."


def showFluxRatios(fluxes: DetectionFluxes, images: SurveyImages) -> Section:
    """Show the ratio of both fluxes by significance (`Section`)."""
    about = ("Forced against detected flux", "In a good run the ratio is 1, within a percent or two, at all "
             "significances, and a little less for the faintest, which were detected where noise helped; "
             "points are medians, bars 68 % of detections.")
    isThere = np.isfinite(fluxes.forced) & (fluxes.detected != 0)
    if not isThere.any():
        return Section(*about, missing=fluxes.missing or NO_FLUXES)
    forced, detected = fluxes.forced[isThere], fluxes.detected[isThere]
    significance = np.abs(detected)/fluxes.detectedErr[isThere]
    bands = np.array(images.bands, dtype=object)[fluxes.image[isThere]]
    enough = [band for band in sortBands(bands) if np.sum(bands == band) >= MIN_DETECTIONS]
    if not enough:
        return Section(*about, missing=f"No band has {MIN_DETECTIONS} detections with a usable forced flux.")
    made = makeFigure("detected |flux| / error" + LOGARITHMIC, "forced flux / detected flux",
                      x_axis_type="log")
    labelLogarithms(made.xaxis[0])
    addExpected(made, 1.0)
    for number, band in enumerate(enough):
        rows = bands == band
        # Side by side, not to cover each other.
        _addMedians(made, band, significance[rows], forced[rows]/detected[rows], 1 + 0.04*number)
    finishLegend(made)
    return Section(*about, figure=made)


def _addMedians(made: figure, band: str, significance: np.ndarray, ratio: np.ndarray, shift: float) -> None:
    """Add the medians of the ratio of groups of detections of similar significance."""
    order = np.argsort(significance, kind="stable")
    groups = np.array_split(order, min(MAX_GROUPS, len(order)//MIN_DETECTIONS))
    low, median, high = np.array([np.percentile(ratio[rows], ONE_SIGMA) for rows in groups]).T
    source = ColumnDataSource({
        "x": [shift*np.median(significance[rows]) for rows in groups], "y": median, "low": low, "high": high})
    styleBand(band, made.segment, "x", "low", "x", "high", source=source)
    addBandPoints(made, band, source)


def showFluxDifferences(fluxes: DetectionFluxes) -> Section:
    """Show the difference of both fluxes in errors (`Section`)."""
    about = ("Forced less detected flux", "In a good run narrow about zero: both are of the same pixels, and "
             f"only their positions differ. What is beyond {GREATEST:g} is counted in the bars at the ends.")
    isThere = np.isfinite(fluxes.forced)
    if not isThere.any():
        return Section(*about, missing=fluxes.missing or NO_FLUXES)
    pulls = (fluxes.forced[isThere] - fluxes.detected[isThere])/fluxes.detectedErr[isThere]
    made = makeFigure("(forced flux - detected flux) / error of the detected flux", "detections")
    addBars(made, *np.histogram(np.clip(pulls, -GREATEST, GREATEST), np.linspace(-GREATEST, GREATEST, 101)))
    return Section(*about, figure=made)
