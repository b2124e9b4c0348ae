# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""How the figures of a report look."""

from __future__ import annotations

__all__ = ["MUTED", "makeFigure"]

from typing import Any

from bokeh.plotting import figure

#: A grey that is read on white and on black, for axes and what is not of a band.
MUTED = "#7f7f7f"


def makeFigure(xLabel: str, yLabel: str, height: int = 300, **options: Any) -> figure:
    """Make a figure that fits its column on a screen of any width, and a light or a dark ground.

    Parameters
    ----------
    xLabel, yLabel : `str`
        Labels of the axes, with units.
    height : `int`, optional
        Height, pixels.
    **options
        More options of `bokeh.plotting.figure`.

    Returns
    -------
    made : `bokeh.plotting.figure`
        An empty figure.
    """
    options = {"tools": "pan,box_zoom,wheel_zoom,reset,save", "sizing_mode": "stretch_width", **options}
    made = figure(height=height, x_axis_label=xLabel, y_axis_label=yLabel, min_width=250,
                  toolbar_location="above", background_fill_alpha=0, border_fill_alpha=0,
                  outline_line_color=MUTED, outline_line_alpha=0.5, **options)
    made.toolbar.logo = None
    made.grid.grid_line_color = MUTED
    made.grid.grid_line_alpha = 0.2
    made.axis.axis_label_text_font_style = "normal"
    for part in ("axis_line_color", "major_tick_line_color", "minor_tick_line_color",
                 "major_label_text_color", "axis_label_text_color"):
        setattr(made.axis, part, MUTED)
    return made
