# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Light curves of DIAObjects: collected, summed up, stored in Parquet, exported and drawn."""

from ._bandStyle import BAND_COLORS, BAND_MARKERS, sortBands
from ._collection import LightCurveCollection
from ._column import Column, findColumns
from ._export import LightCurveExporter
from ._figure import drawLightCurve
from ._finishedFile import FinishedFile
from ._lightCurveFile import LightCurveFile
from ._parquetWriter import ParquetTableWriter
from ._sortedRuns import SortedRuns
from ._stamps import StampReader, chooseEpochs
from ._summary import LightCurveSummary
from ._summaryWriter import SummaryWriter
from ._usable import isUsable, usableRows

__all__ = ["BAND_COLORS", "BAND_MARKERS", "Column", "FinishedFile", "LightCurveCollection",
           "LightCurveExporter", "LightCurveFile", "LightCurveSummary", "ParquetTableWriter", "SortedRuns",
           "StampReader", "SummaryWriter", "chooseEpochs", "drawLightCurve", "findColumns",
           "isUsable", "sortBands", "usableRows"]
