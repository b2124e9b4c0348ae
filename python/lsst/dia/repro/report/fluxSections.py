# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""How forced fluxes at the detections compare with the detected ones."""

from __future__ import annotations

__all__ = ["showFluxDifferences", "showFluxRatios"]

from typing import TYPE_CHECKING

import numpy as np

from ..bands import bandColor, sortBands
from .bandGlyphs import addBandPoints, finishLegend
from .detectionFluxes import DetectionFluxes
from .figureParts import addBars, addExpected
from .figureStyle import MUTED, makeFigure
from .section import Section
from .surveyImages import SurveyImages

if TYPE_CHECKING:
    from bokeh.plotting import figure

#: Edges of the bins of signal-to-noise; the outermost take what is beyond.
EDGES = np.geomspace(3, 3000, 19)

#: Fewest detections that make a bin.
MIN_DETECTIONS = 5

#: Percentiles one standard deviation about the median of a normal distribution.
ONE_SIGMA = (15.865525393145708, 50.0, 84.13447460685429)

#: Where the differences end, in errors; what is beyond is counted there.
GREATEST = 5.0

NO_FLUXES = "No detection has a usable forced flux."


def showFluxRatios(fluxes: DetectionFluxes, images: SurveyImages) -> Section:
    """Show the ratio of both fluxes by significance (`Section`)."""
    about = ("Forced against detected flux", "The ratio is 1 at all significances, a little less for the "
             "faintest, which were detected where noise helped; points are medians, bars 68 % of detections.")
    isThere = np.isfinite(fluxes.forced) & (fluxes.detected != 0)
    if not isThere.any():
        return Section(*about, missing=fluxes.missing or NO_FLUXES)
    forced, detected = fluxes.forced[isThere], fluxes.detected[isThere]
    significance = np.abs(detected)/fluxes.detectedErr[isThere]
    bands = np.array(images.bands, dtype=object)[fluxes.image[isThere]]
    made = makeFigure("detected |flux| / error", "forced flux / detected flux", x_axis_type="log")
    addExpected(made, 1.0)
    for band in sortBands(bands):
        rows = bands == band
        _addMedians(made, band, significance[rows], forced[rows]/detected[rows])
    finishLegend(made)
    return Section(*about, figure=made)


def _addMedians(made: figure, band: str, significance: np.ndarray, ratio: np.ndarray) -> None:
    """Add the medians of the ratio in bins of the significance."""
    place = np.clip(np.digitize(significance, EDGES), 1, len(EDGES) - 1)
    bins = np.flatnonzero(np.bincount(place, minlength=len(EDGES)) >= MIN_DETECTIONS)
    low, median, high = np.array(
        [np.percentile(ratio[place == number], ONE_SIGMA) for number in bins]).reshape(-1, 3).T
    x = np.sqrt(EDGES[bins - 1]*EDGES[bins])
    bars = made.segment(x, low, x, high, color=bandColor(band, other=MUTED))
    bars.glyph.tags = ["band", band]
    addBandPoints(made, band, {"x": x, "y": median})


def showFluxDifferences(fluxes: DetectionFluxes) -> Section:
    """Show the difference of both fluxes in errors (`Section`)."""
    about = ("Forced less detected flux", "Narrow about zero: both are of the same pixels, and only their "
             "positions differ.")
    isThere = np.isfinite(fluxes.forced)
    if not isThere.any():
        return Section(*about, missing=fluxes.missing or NO_FLUXES)
    pulls = (fluxes.forced[isThere] - fluxes.detected[isThere])/fluxes.detectedErr[isThere]
    made = makeFigure("(forced flux - detected flux) / error of the detected flux", "detections")
    addBars(made, *np.histogram(np.clip(pulls, -GREATEST, GREATEST), np.linspace(-GREATEST, GREATEST, 101)))
    return Section(*about, figure=made)
