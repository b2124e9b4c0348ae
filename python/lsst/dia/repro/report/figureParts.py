# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""What several figures and tables of the first page are made of."""

from __future__ import annotations

__all__ = ["EXPECTED", "LOGARITHMIC", "addBars", "addExpected", "labelLogarithms", "withShares"]

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .figureStyle import MUTED

if TYPE_CHECKING:
    from bokeh.models import Axis
    from bokeh.plotting import figure

#: What the label of an axis ends with that is not linear.
LOGARITHMIC = " (logarithmic)"

#: Colour of what is expected.
EXPECTED = "#d62728"


def addBars(made: figure, heights: np.ndarray, edges: np.ndarray, bottom: float = 0.0,
            label: str = "") -> None:
    """Add the bars of a histogram.

    Parameters
    ----------
    made : `bokeh.plotting.figure`
        The figure.
    heights : `numpy.ndarray`, (n,)
        What each bin has.
    edges : `numpy.ndarray`, (n + 1,)
        Edges of the bins.
    bottom : `float`, optional
        Where the bars begin; above zero where the axis is logarithmic.
    label : `str`, optional
        What the legend says.
    """
    options: dict[str, Any] = {"legend_label": label} if label else {}
    made.quad(left=edges[:-1], right=edges[1:], top=np.maximum(heights, bottom), bottom=bottom,
              fill_color=MUTED, fill_alpha=0.5, line_color=MUTED, **options)


def addExpected(made: figure, value: float) -> None:
    """Add a horizontal line at what is expected."""
    from bokeh.models import Span

    made.add_layout(Span(location=value, dimension="width", line_color=EXPECTED, line_dash="dashed"))


def labelLogarithms(axis: Axis) -> None:
    """Label 1, 2, 5, 10 and so on of a logarithmic axis, and smaller and larger ones.

    Parameters
    ----------
    axis : `bokeh.models.Axis`
        The axis. Where Bokeh chooses less than a decade may have one label.
    """
    from bokeh.models import BasicTickFormatter, FixedTicker

    ticks = [float(f"{digit}e{power}") for power in range(-3, 9) for digit in (1, 2, 5)]
    axis.ticker = FixedTicker(ticks=ticks)
    axis.formatter = BasicTickFormatter(use_scientific=False)


def withShares(numbers: Sequence[tuple[str, int]], total: int) -> list[tuple[str, str, str]]:
    """Return rows of name, number and share of a total."""
    return [(name, f"{number:,}", f"{100*number/total:.2f} %" if total else "") for name, number in numbers]
