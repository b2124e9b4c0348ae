# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The points of a band in the figures of a report."""

from __future__ import annotations

__all__ = ["addBandPoints", "finishLegend"]

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..bands import bandColor, bandMarker
from ..printable import printable
from .figureStyle import MUTED

if TYPE_CHECKING:
    from bokeh.models import GlyphRenderer
    from bokeh.plotting import figure

#: Bokeh's names of Matplotlib's symbols.
_MARKERS = {"o": "circle", "^": "triangle", "v": "inverted_triangle", "s": "square", "*": "star", "p": "hex",
            "D": "diamond"}


def addBandPoints(made: figure, band: str, columns: Mapping[str, Any], size: int = 7,
                  alpha: float = 0.8) -> GlyphRenderer:
    """Add points in the colour and with the symbol of a band.

    Parameters
    ----------
    made : `bokeh.plotting.figure`
        The figure.
    band : `str`
        Name of the band; empty for none.
    columns : `dict` [`str`, sequence or `numpy.ndarray`]
        Places ``x`` and ``y``, and what else a hover shows.
    size : `int`, optional
        Size of the symbols, pixels.
    alpha : `float`, optional
        Their opacity.

    Returns
    -------
    renderer : `bokeh.models.GlyphRenderer`
        The points. The tag of the glyph tells a page the band, which has
        another colour on a dark ground.
    """
    from bokeh.models import ColumnDataSource

    renderer = made.scatter("x", "y", source=ColumnDataSource(dict(columns)), size=size, alpha=alpha,
                            marker=_MARKERS[bandMarker(band)], color=bandColor(band, other=MUTED),
                            legend_label=printable(band) or "no band")
    renderer.glyph.tags = ["band", band]
    renderer.nonselection_glyph = renderer.selection_glyph = None
    return renderer


def finishLegend(made: figure) -> None:
    """Let a click on the legend of a figure, if it has one, hide and show a band."""
    for legend in made.legend:
        legend.click_policy = "hide"
        legend.background_fill_alpha = 0
        legend.border_line_alpha = 0
        legend.label_text_color = MUTED
        legend.orientation = "horizontal"
        made.add_layout(legend, "below")
