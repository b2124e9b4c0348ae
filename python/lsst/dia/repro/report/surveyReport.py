# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Write the folder of pages on a survey."""

from __future__ import annotations

__all__ = ["writeSurveyReport"]

import io
import logging
import os
import shutil
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa
from astropy.table import Table
from bokeh.embed import json_item
from bokeh.settings import settings
from jinja2 import Environment, PackageLoader
from lsst.pipe.base import TaskError

from ..bands import bandColor, sortBands
from ..forced.missingFluxReasons import Reason
from ..lightCurves.lightCurveFile import LightCurveFile
from ..lightCurves.usableMeasurements import usableArrowRows
from ..progress import Progress
from ..units import AB_ZERO_POINT
from .closeObjects import MAX_CLOSE
from .detectionFluxes import DetectionFluxes
from .figureStyle import MUTED
from .flagSets import FlagSets
from .imageStatistics import ImageStatistics
from .lightCurveShards import NEIGHBOUR_RADIUS, LightCurveShards
from .objectFigures import makeLightCurveFigure, makeObjectGrid
from .objectMembers import ObjectMembers
from .objectStamps import ObjectStamps
from .objectTable import ObjectTable
from .pageData import writePageData
from .reportInputs import ReportInputs
from .runFacts import findWarnings
from .runFigures import makeRunSections
from .section import Section
from .surveyImages import SurveyImages
from .wholeObjects import splitByObject

#: About how many rows to have at once; some objects may be in row groups of millions.
GROUP_ROWS = 100_000

#: The greatest number up to which JavaScript has all whole ones.
MAX_WHOLE = 2**53 - 1

#: The parts of BokehJS that the pages use.
_SCRIPTS = ("bokeh", "bokeh-widgets", "bokeh-tables")

#: Files of the report that are the same in each.
_STATIC = ("report.css", "report.js", "run.js", "objects.js", "object.js")

#: The columns that light curves always have and pages show.
_CURVE_COLUMNS = ("diaObjectId", "psfDiffFlux", "psfDiffFluxErr")


def writeSurveyReport(inputs: ReportInputs, directory: str, log: logging.Logger, nStamps: int) -> int:
    """Write the pages on a survey.

    Parameters
    ----------
    inputs : `ReportInputs`
        What the report is made of.
    directory : `str`
        Folder to write to, which is empty; `index.html` is the first page.
    log : `logging.Logger`
        Where to log.
    nStamps : `int`
        For how many of the most significant objects to make stamps.

    Returns
    -------
    nObjects : `int`
        Number of objects in the report.

    Raises
    ------
    lsst.pipe.base.TaskError
        Raised if the light curves cannot be read, or are not what
        `DiaLightCurvesTask` writes.
    """
    for warning in findWarnings(inputs.made):
        log.warning("%s", warning)
    for name in ("data", "static", "stamps"):
        os.makedirs(os.path.join(directory, name))
    _requireColumns(inputs.summary, ObjectTable.needed)
    _requireColumns(inputs.curves, {*_CURVE_COLUMNS, *SurveyImages(inputs.curves.dataIdKeys).columns})
    objects = ObjectTable(inputs.summary, inputs.diaObjects)
    strips = ObjectStamps(inputs, directory, log).make(objects.ids[objects.order[:nStamps]].tolist())
    images = SurveyImages(inputs.curves.dataIdKeys)
    members = ObjectMembers(inputs.diaSources)
    flagSets = FlagSets(_findFlags(inputs), inputs.badFlags)
    shards = LightCurveShards(directory, objects, members, strips, flagSets, images,
                              inputs.curves.findRange("midpointMjdTai"))
    statistics = ImageStatistics(inputs.threshold, inputs.badFlags)
    fluxes = DetectionFluxes(inputs.diaSources)
    columns = {*images.columns, *flagSets.names, *_CURVE_COLUMNS, "reason",
               *statistics.columns, *fluxes.columns}
    wanted = [name for name in inputs.curves.names if name in columns]
    for rows in splitByObject(_readRows(inputs.curves, wanted, log), GROUP_ROWS):
        image, usable = images.number(rows), usableArrowRows(rows, inputs.badFlags)
        for each in (shards, statistics, fluxes):
            each.add(rows, image, usable)
    shards.flush()
    bands = sortBands(images.bands)
    about = {
        "title": inputs.title, "threshold": inputs.threshold, "nObjects": len(objects),
        "images": _describeImages(images), "flagNames": flagSets.names, "flagSets": flagSets.describe(),
        "reasons": [reason.label for reason in Reason], "firstIds": shards.firstIds,
        "memberColumns": members.columns, "objectColumns": [column._asdict() for column in objects.columns],
        "abZeroPoint": AB_ZERO_POINT, "sncosmoBandPrefix": inputs.sncosmoBandPrefix,
        "ecsvHeader": _makeEcsvHeader(images),
        "colors": {band: [bandColor(band, MUTED), bandColor(band, MUTED, onDark=True)] for band in bands},
        "figure": json_item(makeLightCurveFigure(bands), "lightCurve")}
    writePageData(directory, "survey", about)
    sparklines = np.array(shards.sparklines, dtype=str)
    writePageData(directory, "objects", {
        "grid": json_item(makeObjectGrid(objects.columns), "grid"),
        "columns": {**objects.encode(), "sparkline": {"list": sparklines[objects.order].tolist()}}})
    sections = makeRunSections(inputs, images, statistics, fluxes)
    writePageData(directory, "run", {name: json_item(section.figure, name)
                                     for name, section in _named(sections) if section.figure})
    _writePages(directory, about=about, columns=objects.columns, sections=_named(sections))
    return len(objects)


def _readRows(curves: LightCurveFile, names: list[str], log: logging.Logger) -> Iterator[pa.Table]:
    """Yield the row groups of light curves, and report progress."""
    with Progress(curves.nRowGroups, log, "Reading light curves") as progress:
        for rows in curves.rowGroups(names):
            yield rows
            progress.step()


def _requireColumns(file: LightCurveFile, names: Iterable[str]) -> None:
    """Fail if a file lacks columns."""
    absent = sorted(set(names) - set(file.names))
    if absent:
        raise TaskError(f"{file.path} has no column {', '.join(absent)}: diaLightCurves.py did not write it")


def _findFlags(inputs: ReportInputs) -> list[str]:
    """Return the columns of light curves that are flags."""
    table = inputs.curves.emptyTable()
    return [name for name in table.colnames if table[name].dtype.kind == "b"]


def _describeImages(images: SurveyImages) -> dict[str, Any]:
    """Return what pages say of images."""
    return {"keys": list(images.dataIds[0]) if images.dataIds else [],
            "dataIds": [[_toWholeNumber(value) for value in dataId.values()] for dataId in images.dataIds],
            "bands": images.bands, "mjds": images.mjds}


def _toWholeNumber(value: Any) -> Any:
    """Return a value of a data ID; as text, if it is a number of more digits than JavaScript's have."""
    return str(value) if isinstance(value, int) and abs(value) > MAX_WHOLE else value


def _makeEcsvHeader(images: SurveyImages) -> str:
    """Return the header of a light curve in ECSV, as Astropy writes it."""
    dataId = images.dataIds[0] if images.dataIds else {}
    types = {"diaObjectId": "i8", **{key: "i8" if isinstance(value, int) else "U1"
                                     for key, value in dataId.items()}}
    types.update(band="U1", midpointMjdTai="f8", ra="f8", dec="f8", psfDiffFlux="f4", psfDiffFluxErr="f4",
                 isUsable="?", flags="U1", reason="i4")
    table = Table(names=list(types), dtype=list(types.values()))
    for name, unit in (("midpointMjdTai", "d"), ("ra", "deg"), ("dec", "deg"), ("psfDiffFlux", "nJy"),
                       ("psfDiffFluxErr", "nJy")):
        table[name].unit = unit
    text = io.StringIO()
    table.write(text, format="ascii.ecsv")
    return text.getvalue()


def _named(sections: list[Section]) -> list[tuple[str, Section]]:
    """Return sections with the names that their figures have on the page."""
    return [(f"section-{number}", section) for number, section in enumerate(sections)]


def _writePages(directory: str, **values: Any) -> None:
    """Write the pages, which show some values, and what they share."""
    environment = Environment(loader=PackageLoader(__package__, "pages"), autoescape=True, trim_blocks=True,
                              lstrip_blocks=True)
    for name in ("index.html", "objects.html", "object.html"):
        page = environment.get_template(name).render(radius=NEIGHBOUR_RADIUS, mostClose=MAX_CLOSE,
                                                          **values)
        with open(os.path.join(directory, name), "w", encoding="utf-8") as stream:
            stream.write(page)
    here = os.path.join(os.path.dirname(__file__), "pages")
    for name in _STATIC:
        shutil.copy(os.path.join(here, name), os.path.join(directory, "static"))
    for name in _SCRIPTS:
        shutil.copy(settings.bokehjs_path()/"js"/f"{name}.min.js", os.path.join(directory, "static"))
