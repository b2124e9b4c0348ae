# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""How well the fluxes of each image came out."""

from __future__ import annotations

__all__ = ["showMeasured", "showOffsets", "showReasons", "showUnmeasured", "showWidths"]

import numpy as np
from lsst.pipe.base import Struct

from .figureParts import withShares
from .imageStatistics import describeReason
from .overTime import nameImage, showOverTime
from .section import Section
from .surveyImages import SurveyImages

#: How many images are listed.
MAX_LISTED = 100


def showOffsets(images: SurveyImages, summary: Struct) -> Section:
    """Show the offset of the fluxes of each image (`Section`).

    Parameters
    ----------
    images : `SurveyImages`
        The images.
    summary : `lsst.pipe.base.Struct`
        What `ImageStatistics.summarize` returned.
    """
    return _showValues("Flux offset of the images", f"Zero: the medians {_nameFluxes(summary)} scatter "
                       "evenly about it, and no image or band stands out.",
                       images, summary, summary.offset, "median of flux / error", 0.0)


def showWidths(images: SurveyImages, summary: Struct) -> Section:
    """Show the width of flux/error on each image; see `showOffsets` (`Section`)."""
    return _showValues("Width of the pulls", f"One: where the width {_nameFluxes(summary)} is larger the "
                       "errors of an image are too small by as much.",
                       images, summary, summary.width, "width of flux / error", 1.0)


def showMeasured(images: SurveyImages, summary: Struct) -> Section:
    """Show the share of positions with a flux on each image; see `showOffsets` (`Section`)."""
    share = 100*summary.measured/np.maximum(summary.rows, 1)
    return _showValues("Share measured", "All near 100 %; an image far below has lost pixels, its PSF or its "
                       "calibration.", images, summary, share, "positions with a flux (%)", 100.0)


def showReasons(summary: Struct) -> Section:
    """Show why measurements have no flux; see `showOffsets` (`Section`)."""
    numbers = [(describeReason(code), number)
               for code, number in enumerate(summary.byReason.sum(axis=0).tolist()) if number]
    return Section("Measurements by reason", "What is not measured lies off the images or has no data; other "
                   "reasons are rare.", head=("reason", "measurements", "share"),
                   table=withShares(numbers, int(summary.rows.sum())),
                   missing="" if numbers else "There are no measurements.")


def showUnmeasured(images: SurveyImages, summary: Struct) -> Section:
    """List the images on which nothing was measured; see `showOffsets` (`Section`)."""
    without = np.flatnonzero(summary.measured == 0)
    rows = [(nameImage(images.dataIds[number]), f"{summary.rows[number]:,}",
             describeReason(int(summary.byReason[number].argmax()))) for number in without[:MAX_LISTED]]
    if len(without) > MAX_LISTED:
        rows.append((f"and {len(without) - MAX_LISTED:,} more", "", ""))
    return Section("Images without a measurement", "There is none, or one knows what is wrong with it.",
                   head=("image", "positions", "most of them"), table=rows,
                   missing="" if rows else "There is none.")


def _nameFluxes(summary: Struct) -> str:
    """Say which fluxes offsets and widths are of."""
    if summary.isControl.any():
        return "of fluxes at control positions"
    return "of usable fluxes below the threshold of a detection"


def _showValues(title: str, text: str, images: SurveyImages, summary: Struct, values: np.ndarray,
                label: str, expected: float) -> Section:
    """Show a value of each image over time, and how many measurements it is of."""
    details = {"positions": summary.rows, "usable fluxes below detection": summary.nPulls}
    return showOverTime(title, text, images, values, label, details, expected)
