# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The figure of one light curve and the table of all objects, which the pages fill."""

from __future__ import annotations

__all__ = ["makeLightCurveFigure", "makeObjectGrid"]

from collections.abc import Sequence
from typing import Any

from bokeh.models import (
    CDSView,
    ColumnDataSource,
    CustomJSCompare,
    DataTable,
    HoverTool,
    HTMLTemplateFormatter,
    IndexFilter,
    NanCompare,
    NumberFormatter,
    Range1d,
    Span,
    StringFormatter,
    TableColumn,
)
from bokeh.plotting import figure

from .bandGlyphs import addBandPoints, finishLegend, styleBand
from .figureStyle import MUTED, makeFigure
from .objectTable import ObjectColumn

#: What the page gives each point.
_POINT = ("x", "y", "low", "high", "fill", "image", "mjd", "flux", "fluxErr", "snr", "mag", "flags", "reason")

#: The table is in a tree of its own, to which of the page's style only the variables come.
_GRID_STYLE = """
.slick-row { background: var(--ground); color: var(--ink); }
.slick-row.odd { background: var(--stripe); }
.slick-cell { display: flex; align-items: center; gap: 0.4em; border: 0; }
.slick-cell.slick-cell > * { text-align: inherit; }
a { color: var(--link); }
button { font: inherit; color: inherit; background: transparent; border: 1px solid var(--line);
  border-radius: 4px; cursor: pointer; }
"""

#: Ids are texts, since JavaScript has no such long numbers; a longer one is greater.
_COMPARE_IDS = "return x.length - y.length || (x < y ? -1 : x > y ? 1 : 0)"


def makeLightCurveFigure(bands: Sequence[str]) -> figure:
    """Make the figure of a light curve, without data.

    Parameters
    ----------
    bands : sequence [`str`]
        The bands of the survey.

    Returns
    -------
    made : `bokeh.plotting.figure`
        For each band it has data sources ``points:<band>``, fluxes with errors,
        ``limits:<band>`` and ``flagged:<band>``, fluxes that do not count.
    """
    made = makeFigure("MJD (TAI)", "difference flux (nJy)", height=420, name="lightCurve",
                      tools="pan,box_zoom,wheel_zoom,reset,save",
                      x_range=Range1d(0, 1, name="x"), y_range=Range1d(0, 1, name="y"))
    made.xaxis.formatter.use_scientific = False
    # Bokeh does not clear the level above, when nothing is left on it.
    made.add_layout(Span(location=0, dimension="width", line_color=MUTED, line_width=1, name="zero",
                         level="underlay"))
    points = [renderer for band in bands for renderer in _addBand(made, band)]
    made.add_tools(HoverTool(renderers=points, tooltips=[
        ("image", "@image"), ("MJD (TAI)", "@mjd{0.00000}"), ("flux (nJy)", "@flux{0.0} ± @fluxErr{0.0}"),
        ("flux/error", "@snr{0.0}"), ("AB mag", "@mag"), ("flags", "@flags"), ("reason", "@reason")]))
    finishLegend(made)
    return made


def _addBand(made: figure, band: str) -> list[Any]:
    """Add what shows a band; return what the pointer finds."""
    points, limits, flagged = (ColumnDataSource({name: [] for name in _POINT}, name=f"{what}:{band}")
                               for what in ("points", "limits", "flagged"))
    bars = styleBand(band, made.segment, "x", "low", "x", "high", source=points)
    shown = addBandPoints(made, band, points, size=9, alpha=1.0, fill_alpha="fill")
    below = addBandPoints(made, band, limits, size=6, alpha=0.35, marker="inverted_triangle")
    bad = addBandPoints(made, band, flagged, size=8, alpha=0.6, marker="x")
    bars.level = "underlay"
    return [shown, below, bad]


def makeObjectGrid(columns: Sequence[ObjectColumn]) -> DataTable:
    """Make the table of all objects, without data.

    Parameters
    ----------
    columns : sequence [`ObjectColumn`]
        Its columns, beside the id, the light curve and the links.

    Returns
    -------
    grid : `bokeh.models.DataTable`
        Its source is ``objects``, the filter of its view ``chosen``.
    """
    names = ["diaObjectId", "sparkline", *(column.name for column in columns)]
    source = ColumnDataSource({name: [] for name in names}, name="objects")
    view = CDSView(filter=IndexFilter(indices=[], name="chosen"))
    shown = [
        TableColumn(field="diaObjectId", title="DIAObject", width=150,
                    sorter=CustomJSCompare(code=_COMPARE_IDS),
                    formatter=_template('<a href="object.html#<%- value %>"><%- value %></a>')),
        TableColumn(field="sparkline", title="Light curve in the peak band", width=175, sortable=False,
                    formatter=_template("<%= diaReport.sparkline(value, peakBand) %>")),
        *map(_toTableColumn, columns),
        TableColumn(field="ra", title="Position", width=215, sortable=False,
                    formatter=_template("<%= diaReport.links(ra, dec) %>"))]
    return DataTable(source=source, view=view, columns=shown, height=620, row_height=34,
                     index_position=None, sizing_mode="stretch_width", autosize_mode="none",
                     reorderable=False, stylesheets=[_GRID_STYLE], name="grid")


def _template(template: str) -> HTMLTemplateFormatter:
    return HTMLTemplateFormatter(template=template)


def _toTableColumn(column: ObjectColumn) -> TableColumn:
    if not column.format:
        return TableColumn(field=column.name, title=column.title, width=110, formatter=StringFormatter())
    return TableColumn(field=column.name, title=column.title, width=max(90, 8*len(column.title) + 16),
                       sorter=NanCompare(),
                       formatter=NumberFormatter(format=column.format, nan_format="-", text_align="right"))
