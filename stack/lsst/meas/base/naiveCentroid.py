# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Centroid by the first moments of 3 x 3 pixels."""

import numpy as np

from ._control import Control, ControlField
from ._rows import Failure
from .algorithm import SimpleAlgorithm
from .centroidUtilities import (
    CentroidChecker,
    CentroidResultKey,
    UncertaintyEnum,
)
from .exceptions import MeasurementError
from .flagHandler import FlagDefinitionList, FlagHandler
from .inputUtilities import SafeCentroidExtractor

__all__ = ["NaiveCentroidAlgorithm", "NaiveCentroidControl"]

_flags = FlagDefinitionList()


class NaiveCentroidControl(Control):
    """Settings of `NaiveCentroidAlgorithm`."""

    background = ControlField("double", 0.0, "value to subtract from the pixels")
    doFootprintCheck = ControlField("bool", True, "must the centroid be in the footprint?")
    maxDistToPeak = ControlField("double", -1.0, "largest distance from the peak (pixels); any if negative")


class NaiveCentroidAlgorithm(SimpleAlgorithm):
    """Centroid by the first moments of the 3 x 3 pixels around the peak.

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

    def measureCatalog(self, measCat, exposure):
        """Measure all sources of a catalog; see `SingleFrameAlgorithm.measureCatalog`."""
        positions, failures = self._centroidExtractor.extract(measCat, self._flagHandler)
        rows = np.flatnonzero(np.isfinite(positions).all(axis=1))
        self._centroidKey.setRows(measCat, rows, *positions[rows].T)
        # The original truncates here, where other centroiders round.
        pixels = np.trunc(positions[rows]).astype(np.int64) - list(exposure.getXY0())
        inside = ((pixels >= 1) & (pixels < np.array(list(exposure.getDimensions())) - 1)).all(axis=1)
        offsets, total = self._sum(exposure.image.array, pixels[inside])
        found = rows[inside]
        for flag, lost in ((self.EDGE, rows[~inside]), (self.NO_COUNTS, found[total == 0.0])):
            if len(lost):
                failures.append(Failure(lost, MeasurementError(flag.doc, flag.number)))
        found, offsets, pixels = (values[total != 0.0] for values in (found, offsets, pixels[inside]))
        self._centroidKey.setRows(measCat, found, *(offsets + pixels + list(exposure.getXY0())).T)
        return failures + self._centroidChecker.checkRows(measCat, found)

    def _sum(self, image, pixels):
        """Return the first moments of the 3 x 3 pixels around others, and their sums."""
        if len(pixels) == 0:
            return np.empty((0, 2)), np.empty(0)
        windows = np.lib.stride_tricks.sliding_window_view(image, (3, 3))
        stamps = windows[pixels[:, 1] - 1, pixels[:, 0] - 1].astype(np.float64)
        total = stamps.sum(axis=(1, 2)) - 9 * self._ctrl.background
        columns, lines = stamps.sum(axis=1), stamps.sum(axis=2)
        with np.errstate(divide="ignore", invalid="ignore"):
            offsets = [(sums[:, 2] - sums[:, 0]) / total for sums in (columns, lines)]
        return np.stack(offsets, axis=-1), total
