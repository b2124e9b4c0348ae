# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""What a report is made of."""

from __future__ import annotations

__all__ = ["ReportInputs"]

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lsst.afw.table import SourceCatalog

from ..lightCurves.lightCurveFile import LightCurveFile
from ..lightCurves.lightCurveProducts import DifferenceImages
from ..provenance import Fingerprint


@dataclass(frozen=True)
class ReportInputs:
    """What a report is made of, wherever it is stored.

    Attributes
    ----------
    title : `str`
        What the survey is called.
    curves, summary : `LightCurveFile`
        ``diaLightCurves`` and ``diaLightCurveSummary``.
    threshold : `float`
        Least |flux|/error of a detection.
    badFlags : sequence [`str`]
        Columns of the light curves that, where set, make a measurement
        unusable.
    sncosmoBandPrefix : `str`
        What sncosmo's names of the bands begin with.
    diaObjects, diaSources : `lsst.afw.table.SourceCatalog` or `None`
        ``reproDIAObjects`` and ``reproDIASources``, if there are any.
    images : `DifferenceImages` or `None`
        The difference images, if they can be read.
    made : `dict` [`str`, `Fingerprint`]
        What made each dataset that tells, by the name of the dataset.
    notes : `dict` [`str`, `dict`]
        What each task noted of its run; see `readTaskNotes`.
    """

    title: str
    curves: LightCurveFile
    summary: LightCurveFile
    threshold: float
    badFlags: Sequence[str]
    sncosmoBandPrefix: str
    diaObjects: SourceCatalog | None
    diaSources: SourceCatalog | None
    images: DifferenceImages | None
    made: Mapping[str, Fingerprint]
    notes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
