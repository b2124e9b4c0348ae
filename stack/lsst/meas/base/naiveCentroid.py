# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Centroid by the first moments of 3 x 3 pixels."""

import numpy as np
from lsst.afw.image import indexToPosition

from ._control import Control, ControlField
from .algorithm import SimpleAlgorithm
from .centroidUtilities import (
    CentroidChecker,
    CentroidResult,
    CentroidResultKey,
    CentroidTransform,
    UncertaintyEnum,
)
from .exceptions import MeasurementError
from .flagHandler import FlagDefinitionList, FlagHandler
from .inputUtilities import SafeCentroidExtractor

__all__ = ["NaiveCentroidAlgorithm", "NaiveCentroidControl", "NaiveCentroidTransform"]

_flags = FlagDefinitionList()


class NaiveCentroidControl(Control):
    """Settings of `NaiveCentroidAlgorithm`."""

    background = ControlField("double", 0.0, "value to subtract from the pixels")
    doFootprintCheck = ControlField("bool", True, "must the centroid be in the footprint?")
    maxDistToPeak = ControlField("double", -1.0, "largest distance from the peak (pixels); any if negative")


class NaiveCentroidAlgorithm(SimpleAlgorithm):
    """Centroid by the first moments of the 3 x 3 pixels around the peak, one source at a time.

    Parameters
    ----------
    ctrl : `NaiveCentroidControl`
        Settings.
    name : `str`
        Prefix of the fields.
    schema : `lsst.afw.table.Schema`
        Gets the fields.
    """

    Control = NaiveCentroidControl

    FAILURE = _flags.addFailureFlag()
    NO_COUNTS = _flags.add("flag_noCounts", "Object to be centroided has no counts")
    EDGE = _flags.add("flag_edge", "Object too close to edge")

    def __init__(self, ctrl, name, schema):
        self._ctrl = ctrl
        self._logName = name
        self._centroidKey = CentroidResultKey.addFields(
            schema, name, "centroid from Naive Centroid algorithm", UncertaintyEnum.NO_UNCERTAINTY
        )
        self._flagHandler = FlagHandler.addFields(schema, name, _flags)
        self._centroidExtractor = SafeCentroidExtractor(schema, name, True)
        self._centroidChecker = CentroidChecker(schema, name, ctrl.doFootprintCheck, ctrl.maxDistToPeak)

    @staticmethod
    def getFlagDefinitions():
        """Return the definitions of the flags."""
        return _flags

    def measure(self, measRecord, exposure):
        """Measure one source; see `SingleFrameAlgorithm.measure`."""
        center = self._centroidExtractor(measRecord, self._flagHandler)
        measRecord.set(self._centroidKey, CentroidResult(center.getX(), center.getY()))
        image = exposure.image
        # The original truncates here, where other centroiders round.
        x, y = int(center.getX()) - image.getX0(), int(center.getY()) - image.getY0()
        if not (1 <= x < image.getWidth() - 1 and 1 <= y < image.getHeight() - 1):
            raise MeasurementError(self.EDGE.doc, self.EDGE.number)
        pixels = image.array[y - 1 : y + 2, x - 1 : x + 2].astype(np.float64)
        total = pixels.sum() - 9 * self._ctrl.background
        if total == 0.0:
            raise MeasurementError(self.NO_COUNTS.doc, self.NO_COUNTS.number)
        columns, rows = pixels.sum(axis=0), pixels.sum(axis=1)
        result = CentroidResult(
            indexToPosition(x + image.getX0()) + (columns[2] - columns[0]) / total,
            indexToPosition(y + image.getY0()) + (rows[2] - rows[0]) / total,
        )
        measRecord.set(self._centroidKey, result)
        self._centroidChecker(measRecord)


class NaiveCentroidTransform(CentroidTransform):
    """Turns the centroid into a sky position; the flags are copied."""

    Control = NaiveCentroidControl

    def __init__(self, ctrl, name, mapper):
        super().__init__(name, mapper)
        self._mapFlags(mapper, _flags)
