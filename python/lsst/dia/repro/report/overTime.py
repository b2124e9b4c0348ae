# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""A figure of what each image has, over time."""

from __future__ import annotations

__all__ = ["showOverTime"]

from collections.abc import Mapping

import numpy as np
from bokeh.models import BasicTickFormatter, ColumnDataSource, HoverTool

from ..bands import sortBands
from .bandGlyphs import addBandPoints, finishLegend, styleBand
from .figureParts import addExpected
from .figureStyle import makeFigure
from .section import Section
from .surveyImages import SurveyImages, nameImage


def showOverTime(title: str, text: str, images: SurveyImages, values: np.ndarray, label: str,
                 details: Mapping[str, np.ndarray], expected: float | None = None,
                 errors: np.ndarray | None = None) -> Section:
    """Show a value of each image over time, by band.

    Parameters
    ----------
    title, text : `str`
        Of the section.
    images : `SurveyImages`
        The images.
    values : `numpy.ndarray`, (M,)
        The value of each image; NaN for none.
    label : `str`
        What it is, with its unit.
    details : `dict` [`str`, `numpy.ndarray`]
        What else to tell of an image that the pointer is on, (M,).
    expected : `float`, optional
        What it should be.
    errors : `numpy.ndarray`, (M,), optional
        Statistical errors of the values, for bars; NaN for none.

    Returns
    -------
    section : `Section`
        The section.
    """
    bands, mjds = np.array(images.bands, dtype=object), np.array(images.mjds, dtype=float)
    isShown = np.isfinite(values) & np.isfinite(mjds)
    if not isShown.any():
        return Section(title, text, missing="No image has a time and enough that tells.")
    made = makeFigure("middle of the exposure, MJD (TAI) (d)", label)
    made.xaxis.formatter = BasicTickFormatter(use_scientific=False)
    if expected is not None:
        addExpected(made, expected)
    bars = np.zeros(len(values)) if errors is None else np.nan_to_num(errors)
    points = []
    for band in sortBands(bands[isShown]):
        rows = np.flatnonzero((bands == band) & isShown)
        source = ColumnDataSource({
            "x": mjds[rows], "y": values[rows], "image": [nameImage(images.dataIds[row]) for row in rows],
            "low": (values - bars)[rows], "high": (values + bars)[rows], "error": bars[rows],
            **{name: numbers[rows] for name, numbers in details.items()}})
        if errors is not None:
            styleBand(band, made.segment, "x", "low", "x", "high", source=source, alpha=0.5)
        points.append(addBandPoints(made, band, source))
    value = "@y{0.[000]}" + (" ± @error{0.[000]}" if bars.any() else "")
    made.add_tools(HoverTool(renderers=points, tooltips=[
        ("image", "@image"), ("MJD (d)", "@x{0.0000}"), (label, value),
        *((name, f"@{{{name}}}") for name in details)]))
    finishLegend(made)
    return Section(title, text, figure=made)
