# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""How well the fluxes of each image came out."""

from __future__ import annotations

__all__ = ["showMeasured", "showOffsets", "showReasons", "showUnmeasured", "showWidths"]

import numpy as np
from lsst.pipe.base import Struct

from ..forced.missingFluxReasons import Reason
from .figureParts import withShares
from .imageStatistics import FLAGGED, MIN_FLUXES, describeReason
from .overTime import showOverTime
from .section import Section
from .surveyImages import SurveyImages, nameImage

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
    text = (f"In a good run zero: the medians {_nameFluxes(summary)} scatter about it by their bars, and no "
            "band stands out.") + _describeTogether(summary, "offset")
    return _showValues("Flux offset of the images", text, images, summary, summary.offset,
                       "median of flux / error", 0.0, summary.offsetError)


def showWidths(images: SurveyImages, summary: Struct) -> Section:
    """Show the width of flux/error on each image; see `showOffsets` (`Section`)."""
    text = (f"In a good run one, within the bars: where the width {_nameFluxes(summary)} is larger the "
            "errors are too small by as much.") + _describeTogether(summary, "width")
    return _showValues("Width of the pulls", text, images, summary, summary.width, "width of flux / error",
                       1.0, summary.widthError)


def showMeasured(images: SurveyImages, summary: Struct) -> Section:
    """Show the share of positions with a flux on each image; see `showOffsets` (`Section`)."""
    share = 100*summary.measured/np.maximum(summary.rows, 1)
    return _showValues("Share measured", "In a good run all near 100 %; an image far below has lost pixels, "
                       "its PSF or its calibration.", images, summary, share, "positions with a flux (%)",
                       100.0)


def showReasons(summary: Struct) -> Section:
    """Show why measurements have no flux; see `showOffsets` (`Section`)."""
    numbers = []
    for code, number in enumerate(summary.byReason.sum(axis=0).tolist()):
        if number:
            numbers.append((describeReason(code), number))
        if code == Reason.MEASURED and number:
            numbers.append((f"- {FLAGGED}", int(summary.nFlagged.sum())))
    return Section("Measurements by reason", "In a good run what is not measured lies off the images or has "
                   "no data, and what is flagged is near edges, bad or saturated pixels; other reasons are "
                   "rare.",
                   head=("reason", "measurements", "share"),
                   table=withShares(numbers, int(summary.rows.sum())),
                   missing="" if numbers else "There are no measurements.")


def showUnmeasured(images: SurveyImages, summary: Struct) -> Section:
    """List the images on which nothing was measured; see `showOffsets` (`Section`)."""
    without = np.flatnonzero(summary.measured == 0)
    rows = [(nameImage(images.dataIds[number]), f"{summary.rows[number]:,}",
             describeReason(int(summary.byReason[number].argmax()))) for number in without[:MAX_LISTED]]
    if len(without) > MAX_LISTED:
        rows.append((f"and {len(without) - MAX_LISTED:,} more", "", ""))
    return Section("Images without a measurement", "In a good run there is none, or one knows what is "
                   "wrong with it.",
                   head=("image", "positions", "most of them"), table=rows,
                   missing="" if rows else "There is none.")


def _nameFluxes(summary: Struct) -> str:
    """Say which fluxes offsets and widths are of."""
    if summary.isControl.any():
        return "of fluxes at control positions"
    return "of the fluxes below the threshold, of objects detected once at most,"


def _describeTogether(summary: Struct, name: str) -> str:
    """Say what all images together have, and how many have too few fluxes to be shown."""
    if summary.isControl.any():
        return ""
    text, together = "", summary.together
    if together.nPulls >= MIN_FLUXES:
        value, error = getattr(together, name), getattr(together, name + "Error")
        text = f" All together: {value:.2f} ± {error:.2f}, of {together.nPulls:,} fluxes."
    nFew = int(np.isnan(summary.width).sum())
    if nFew:
        text += f" {nFew:,} of {len(summary.width):,} images have fewer than {MIN_FLUXES} and no point."
    return text


def _showValues(title: str, text: str, images: SurveyImages, summary: Struct, values: np.ndarray,
                label: str, expected: float, errors: np.ndarray | None = None) -> Section:
    """Show a value of each image over time, and how many measurements it is of."""
    details = {"positions": summary.rows, FLAGGED: summary.nFlagged, "fluxes of noise": summary.nPulls}
    return showOverTime(title, text, images, values, label, details, expected, errors)
