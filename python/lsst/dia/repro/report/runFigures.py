# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The first page: what was run, and what one judges the run by."""

from __future__ import annotations

__all__ = ["makeRunSections"]

from collections.abc import Mapping
from typing import Any

from .associationSections import showAssociation, showDiaSources, showMembers, showSeparations
from .detectionFluxes import DetectionFluxes
from .fluxSections import showFluxDifferences, showFluxRatios
from .imageSections import showMeasured, showOffsets, showReasons, showUnmeasured, showWidths
from .imageStatistics import ImageStatistics
from .reportInputs import ReportInputs
from .runFacts import makeRunFacts
from .section import Section
from .skyMap import MAX_OUTLINES, drawSkyMap
from .surveyImages import SurveyImages
from .taskNotes import explainNote


def showNotes(notes: Mapping[str, Mapping[str, Any]]) -> Section:
    """Show what the tasks noted of their runs.

    Parameters
    ----------
    notes : `dict` [`str`, `dict`]
        Values by name, by task.

    Returns
    -------
    section : `Section`
        The section.
    """
    rows = [(task, ": ".join(filter(None, (name, explainNote(name)))),
             f"{value:.6g}" if isinstance(value, float) else str(value))
            for task, each in notes.items() for name, value in each.items()]
    return Section("What the tasks noted", "In a good run what one expects of the data; the log has these "
                   "numbers, too.", head=("task", "what", "value"), table=rows,
                   missing="" if rows else "There is no metadata of the tasks.")


def makeRunSections(inputs: ReportInputs, images: SurveyImages, statistics: ImageStatistics,
                    fluxes: DetectionFluxes) -> list[Section]:
    """Make the first page.

    Parameters
    ----------
    inputs : `ReportInputs`
        What the report is made of.
    images : `SurveyImages`
        The images.
    statistics : `ImageStatistics`
        What the light curves, all added, tell of them.
    fluxes : `DetectionFluxes`
        Detected and forced fluxes, likewise.

    Returns
    -------
    sections : `list` [`Section`]
        The sections, in order.
    """
    summary = statistics.summarize()
    return [
        Section("What was run", "In a good run one set of versions and positions made all, and no image "
                "failed.",
                table=makeRunFacts(inputs, images, summary)),
        _showSky(inputs, images),
        showMembers(inputs.diaObjects),
        showSeparations(inputs.diaSources),
        showAssociation(inputs.diaSources),
        showDiaSources(inputs.diaSources, images),
        showFluxRatios(fluxes, images),
        showFluxDifferences(fluxes),
        showOffsets(images, summary),
        showWidths(images, summary),
        showMeasured(images, summary),
        showReasons(summary),
        showUnmeasured(images, summary),
        showNotes(inputs.notes),
    ]


def _showSky(inputs: ReportInputs, images: SurveyImages) -> Section:
    made, nUnread = drawSkyMap(inputs.summary, images, inputs.images)
    some = ""
    if len(images) > MAX_OUTLINES:
        some = f" Outlines are of {MAX_OUTLINES:,} of {len(images):,} images."
    if nUnread:
        some += f" Without an outline, as they could not be read: {nUnread:,} images."
    return Section("Sky", "In a good run the objects lie evenly over the images; lines and heaps of them "
                   "follow bright stars, edges and bad columns. A click on one opens its page." + some,
                   figure=made,
                   missing="" if made else "There is neither an object nor an image with a position.")
