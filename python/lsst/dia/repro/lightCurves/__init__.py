# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Light curves of DIAObjects: collected, summed up, stored in Parquet, exported and drawn."""

from .bandStyle import BAND_COLORS, BAND_MARKERS, sortBands
from .collection import LightCurveCollection
from .export import LightCurveExporter
from .finishedFile import FinishedFile
from .lightCurveColumns import Column, findColumns
from .lightCurveFigure import drawLightCurve
from .lightCurveFile import LightCurveFile
from .parquetWriter import ParquetTableWriter
from .sortedRuns import SortedRuns
from .stamps import StampReader, chooseEpochs
from .summary import LightCurveSummary
from .summaryWriter import SummaryWriter
from .usableMeasurements import isUsable, usableRows

__all__ = ["BAND_COLORS", "BAND_MARKERS", "Column", "FinishedFile", "LightCurveCollection",
           "LightCurveExporter", "LightCurveFile", "LightCurveSummary", "ParquetTableWriter", "SortedRuns",
           "StampReader", "SummaryWriter", "chooseEpochs", "drawLightCurve", "findColumns",
           "isUsable", "sortBands", "usableRows"]
