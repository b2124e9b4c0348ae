# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""A map of the objects over the footprint of the images."""

from __future__ import annotations

__all__ = ["MAX_OUTLINES", "drawSkyMap"]

import logging

import numpy as np
from bokeh.models import ColorBar, DataRange1d, HoverTool, LogColorMapper, OpenURL, TapTool
from bokeh.plotting import figure

from ..bands import sortBands
from ..lightCurves.lightCurveFile import LightCurveFile
from ..lightCurves.lightCurveProducts import DifferenceImages
from .bandGlyphs import addBandPoints, finishLegend
from .figureStyle import MUTED, makeFigure
from .skyOffsets import SkyOffsets
from .surveyImages import SurveyImages

_LOG = logging.getLogger(__name__)

#: With more objects than this their density is shown, and only some as points.
MAX_POINTS = 5_000
N_POINTS = 1_000

#: Of how many images, at most, the map has the outlines; the first page is not to wait for more.
MAX_OUTLINES = 1_000

#: Most pixels of the density across the map, and how many objects each has then on average, or more.
MAX_PIXELS = 120
OBJECTS_PER_PIXEL = 8


def drawSkyMap(summary: LightCurveFile, images: SurveyImages,
               reader: DifferenceImages | None) -> tuple[figure | None, int]:
    """Draw a map of the objects; a click on one opens its page.

    Parameters
    ----------
    summary : `LightCurveFile`
        The objects.
    images : `SurveyImages`
        The images.
    reader : `DifferenceImages` or `None`
        Tells where they lie, if they can be read.

    Returns
    -------
    made : `bokeh.plotting.figure` or `None`
        The map, if there is anything to show on it.
    nUnread : `int`
        Number of images that could not be read for it.
    """
    ra, dec = summary.column("ra"), summary.column("dec")
    corners, nUnread = _readCorners(images, reader)
    offsets = SkyOffsets(np.append(ra, corners[:, 0]), np.append(dec, corners[:, 1]))
    east, north = offsets.project(ra, dec)
    shown = np.flatnonzero(np.isfinite(east))
    if not len(shown) and not len(corners):
        return None, nUnread
    made = makeFigure(f"offset east of RA {round(offsets.ra, 4) % 360:.4f}° (deg)",
                      f"offset north of Dec {offsets.dec:+.4f}° (deg)", height=500, match_aspect=True,
                      x_range=DataRange1d(flipped=True))
    xs, ys = map(list, offsets.project(corners[:, 0], corners[:, 1]))
    made.patches(xs, ys, fill_color=MUTED, fill_alpha=0.05, line_color=MUTED, line_alpha=0.4)
    if len(shown) > MAX_POINTS:
        _drawDensity(made, east[shown], north[shown])
        significance = np.nan_to_num(summary.column("significance")[shown], nan=-np.inf)
        shown = shown[np.argsort(-significance, kind="stable")[:N_POINTS]]
    _drawPoints(made, summary, shown, east, north)
    finishLegend(made)
    return made, nUnread


def _readCorners(images: SurveyImages, reader: DifferenceImages | None) -> tuple[np.ndarray, int]:
    """Return RA and Dec of the corners of images, (n, 2, 4), degrees, and how many cannot be read."""
    corners: list[tuple[np.ndarray, np.ndarray]] = []
    if reader is None:
        return np.zeros((0, 2, 4)), 0
    number = min(len(images), MAX_OUTLINES)
    nUnread = 0
    for image in np.linspace(0, len(images) - 1, number).astype(int):
        dataId = images.dataIds[image]
        try:
            corners.append(reader.readCorners(dataId))
        except Exception as error:
            nUnread += 1
            _LOG.debug("%s cannot be read for the map: %s", dataId, error)
    if nUnread:
        _LOG.warning("%d of %d images cannot be read and are not on the map", nUnread, number)
    return np.array(corners, dtype=float).reshape(-1, 2, 4), nUnread


def _drawDensity(made: figure, east: np.ndarray, north: np.ndarray) -> None:
    """Draw how many objects there are in each square of the map."""
    nPixels = min(int(np.sqrt(len(east)/OBJECTS_PER_PIXEL)), MAX_PIXELS)
    size = max(np.ptp(east), np.ptp(north), 1e-6)/nPixels
    bins = [np.arange(low.min(), low.max() + 1.5*size, size) for low in (east, north)]
    counts, _, _ = np.histogram2d(north, east, bins[::-1])
    mapper = LogColorMapper("Viridis256", low=1, high=max(counts.max(), 2), nan_color=(0, 0, 0, 0))
    made.image([np.where(counts > 0, counts, np.nan)], x=bins[0][0], y=bins[1][0], dw=np.ptp(bins[0]),
               dh=np.ptp(bins[1]), color_mapper=mapper)
    made.add_layout(ColorBar(color_mapper=mapper, title=f"objects in {60*size:.2g}' x {60*size:.2g}'",
                             background_fill_alpha=0, title_text_color=MUTED, major_label_text_color=MUTED),
                    "right")


def _drawPoints(made: figure, summary: LightCurveFile, shown: np.ndarray, east: np.ndarray,
                north: np.ndarray) -> None:
    """Draw objects as points of the band of their peak."""
    # In JavaScript, numbers above 2^53 would not be the ids any more.
    ids = summary.column("diaObjectId").astype(str)
    ra, dec = summary.column("ra"), summary.column("dec")
    bands = np.array([band or "" for band in summary.column("peakBand")], dtype=object)
    points = []
    for band in sortBands(bands[shown]):
        rows = shown[bands[shown] == band]
        points.append(addBandPoints(made, band, {
            "x": east[rows], "y": north[rows], "id": ids[rows].tolist(), "ra": ra[rows], "dec": dec[rows]}))
    made.add_tools(HoverTool(renderers=points, tooltips=[
        ("object", "@id"), ("RA (deg)", "@ra{0.000000}"), ("Dec (deg)", "@dec{+0.000000}")]))
    made.add_tools(TapTool(renderers=points, callback=OpenURL(url="object.html#@id", same_tab=True)))
