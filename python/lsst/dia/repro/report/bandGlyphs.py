# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The points of a band in the figures of a report."""

from __future__ import annotations

__all__ = ["addBandPoints", "finishLegend", "styleBand"]

from collections.abc import Callable, Mapping
from typing import Any

from bokeh.models import ColumnDataSource, GlyphRenderer
from bokeh.plotting import figure

from ..bands import bandColor, bandMarker
from ..printable import printable
from .figureStyle import MUTED

#: Bokeh's names of Matplotlib's symbols.
_MARKERS = {"o": "circle", "^": "triangle", "v": "inverted_triangle", "s": "square", "*": "star", "p": "hex",
            "D": "diamond"}

#: Letters in a row of a legend on a phone, as how many of them a symbol counts, and most rows.
MAX_LETTERS, SYMBOL, MAX_ROWS = 42, 5, 3


def addBandPoints(made: figure, band: str, source: ColumnDataSource | Mapping[str, Any],
                  **options: Any) -> GlyphRenderer:
    """Add points in the colour and with the symbol of a band.

    Parameters
    ----------
    made : `bokeh.plotting.figure`
        The figure.
    band : `str`
        Name of the band; empty for none.
    source : `bokeh.models.ColumnDataSource` or `dict`
        Places ``x`` and ``y``, and what else a hover shows.
    **options
        More options of `bokeh.plotting.figure.scatter`, such as ``size``.

    Returns
    -------
    renderer : `bokeh.models.GlyphRenderer`
        The points. The tag of the glyph tells a page the band, which has
        another colour on a dark ground.
    """
    if not isinstance(source, ColumnDataSource):
        source = ColumnDataSource(dict(source))
    return styleBand(band, made.scatter, "x", "y", source=source, **{
        "marker": _MARKERS[bandMarker(band)], "size": 7, "alpha": 0.8, **options})


def styleBand(band: str, draw: Callable[..., GlyphRenderer], *args: Any, **options: Any) -> GlyphRenderer:
    """Draw something in the colour of a band.

    Parameters
    ----------
    band : `str`
        Name of the band; empty for none.
    draw : callable
        A method of `bokeh.plotting.figure`.
    *args, **options
        Its arguments.

    Returns
    -------
    renderer : `bokeh.models.GlyphRenderer`
        What was drawn; see `addBandPoints`.
    """
    label = _shorten(printable(band)) or "no band"
    renderer = draw(*args, color=bandColor(band, other=MUTED), legend_label=label, **options)
    renderer.glyph.tags = ["band", band]
    renderer.nonselection_glyph = renderer.selection_glyph = None
    return renderer


def _shorten(name: str) -> str:
    """Return both ends of a name that does not go into a row of a legend."""
    longest = MAX_LETTERS - SYMBOL
    return name if len(name) <= longest else f"{name[:longest//2]}…{name[-(longest//2):]}"


def finishLegend(made: figure) -> None:
    """Let a click on the legend of a figure, if it has one, hide and show a band."""
    for legend in made.legend:
        legend.click_policy = "hide"
        legend.background_fill_alpha = 0
        legend.border_line_alpha = 0
        legend.label_text_color = MUTED
        legend.orientation = "horizontal"
        letters = [len(item.label.value) + SYMBOL for item in legend.items]
        isOneRow = sum(letters) <= MAX_LETTERS
        legend.ncols = len(letters) if isOneRow else max(MAX_LETTERS//max(letters), 1)
        # A legend of more rows would leave no room for the figure.
        legend.visible = len(legend.items) <= MAX_ROWS*legend.ncols
        legend.margin = legend.padding = 0
        made.add_layout(legend, "below")
