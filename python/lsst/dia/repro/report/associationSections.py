# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""How well an association went."""

from __future__ import annotations

__all__ = ["showAssociation", "showDiaSources", "showMembers", "showSeparations"]

import numpy as np
from lsst.afw.table import SourceCatalog

from .bandGlyphs import finishLegend
from .figureParts import EXPECTED, LOGARITHMIC, addBars, labelLogarithms, withShares
from .figureStyle import makeFigure
from .overTime import showOverTime
from .section import Section
from .surveyImages import SurveyImages

#: Number of bars, at most, for numbers of members.
MAX_BARS = 60

NO_SOURCES = "There is no reproDIASources that tells it."


def showMembers(diaObjects: SourceCatalog | None) -> Section:
    """Show how many DIASources the DIAObjects have (`Section`)."""
    about = ("Members", "In a good run noise makes objects of one, and what is real has several, up to the "
             "number of images.")
    if diaObjects is None or not _has(diaObjects, "nDiaSources"):
        return Section(*about, missing="There is no reproDIAObjects that tells the number of members.")
    members = np.array(diaObjects["nDiaSources"])
    most = max(members.max(initial=1), 10)
    step = -(-most//MAX_BARS)
    made = makeFigure("DIASources of a DIAObject", "DIAObjects" + LOGARITHMIC, y_axis_type="log")
    labelLogarithms(made.yaxis[0])
    addBars(made, *np.histogram(members, np.arange(0.5, most + step, step)), bottom=0.5)
    return Section(*about, figure=made)


def showSeparations(diaSources: SourceCatalog | None) -> Section:
    """Show how far from their DIAObjects the DIASources lie (`Section`)."""
    about = ("Separations", "In a good run the bars follow the line, or are nearer to zero where many "
             "DIASources have errors below the associator's errorFloor, which count as that. Where bars are "
             "farther out the errors of the positions are too small, or objects are mixed.")
    if diaSources is None or not _has(diaSources, "diaObjectId", "separationSigma"):
        return Section(*about, missing=NO_SOURCES)
    owner, sigma = np.array(diaSources["diaObjectId"]), np.array(diaSources["separationSigma"])
    _, place, count = np.unique(owner, return_inverse=True, return_counts=True)
    number = count[place]
    isShown = (owner != 0) & (number > 1) & np.isfinite(sigma)
    if not isShown.any():
        return Section(*about, missing="No DIAObject has several members.")
    made = makeFigure("separation from the mean position / its error", "density")
    edges = np.linspace(0, 5, 51)
    addBars(made, np.histogram(sigma[isShown], edges)[0]/(isShown.sum()*np.diff(edges)), edges,
            label="members of DIAObjects of several")
    made.line(edges, expectSeparations(edges, number[isShown]), color=EXPECTED, line_width=2,
              legend_label="Gaussian errors")
    finishLegend(made)
    return Section(*about, figure=made)


def expectSeparations(sigma: np.ndarray, number: np.ndarray) -> np.ndarray:
    """Return the density that Gaussian errors of one size give.

    A member pulls the mean to itself, so that it lies nearer than the errors
    of both say: the variance is 1 - 1/n times its own, and not 1 + 1/n, by
    which ``separationSigma`` scales.

    Parameters
    ----------
    sigma : `numpy.ndarray`, (n,)
        Separations in units of the error.
    number : `numpy.ndarray`, (m,)
        Number of members of the DIAObject of each member, at least 2.

    Returns
    -------
    density : `numpy.ndarray`, (n,)
        Its integral is 1.
    """
    density = np.zeros(len(sigma))
    for each, weight in zip(*np.unique(number, return_counts=True)):
        variance = (each - 1)/(each + 1)
        density += weight/len(number)*sigma/variance*np.exp(-0.5*sigma**2/variance)
    return density


def showAssociation(diaSources: SourceCatalog | None) -> Section:
    """Show what became of the DIASources (`Section`)."""
    about = ("Rejected and ambiguous", "In a good run few DIASources are rejected beyond what their flags "
             "explain, and hardly any is ambiguous; many with a rival ask for a smaller radius.")
    if diaSources is None or not _has(diaSources, "diaObjectId"):
        return Section(*about, missing=NO_SOURCES)
    ids = np.array(diaSources["id"])
    isIn = {"in no DIAObject": np.array(diaSources["diaObjectId"]) == 0}
    for label, name in (("- of these rejected", "isRejected"), ("ambiguous", "isAmbiguous"),
                        ("with another DIAObject within the radius", "hasRival")):
        if _has(diaSources, name):
            isIn[label] = np.array(diaSources[name], dtype=bool)
    # A source that belongs to several objects has as many rows.
    numbers = [(label, len(np.unique(ids[rows]))) for label, rows in {"all": ids == ids, **isIn}.items()]
    return Section(*about, head=("DIASources", "number", "share"), table=withShares(numbers, numbers[0][1]))


def showDiaSources(diaSources: SourceCatalog | None, images: SurveyImages) -> Section:
    """Show how many DIASources each image has (`Section`)."""
    about = ("DIASources of the images", "In a good run each image of a band has about as many; one with "
             "many more has artefacts, which are rejected.")
    if diaSources is None or not _has(diaSources, "ccdExposureId"):
        return Section(*about, missing=NO_SOURCES)
    ids, place = np.unique(np.array(diaSources["ccdExposureId"]), return_inverse=True)
    isRejected = np.zeros(len(place), dtype=bool)
    if _has(diaSources, "isRejected"):
        isRejected = np.array(diaSources["isRejected"], dtype=bool)
    number, rejected = np.full(len(images), np.nan), np.zeros(len(images), dtype=int)
    for imageId, *counts in zip(ids.tolist(), np.bincount(place), np.bincount(place, isRejected)):
        image = images.find(imageId)
        if image is not None:
            number[image], rejected[image] = counts
    return showOverTime(*about, images, number, "DIASources", {"rejected": rejected})


def _has(catalog: SourceCatalog, *names: str) -> bool:
    """Tell whether a catalog has some columns."""
    return set(names) <= set(catalog.schema.getNames())
