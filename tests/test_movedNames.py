# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Names that moved since v23 are found in v23, and where a current stack has them."""

import importlib
import sys
import types

import lsst.dia.repro.movedNames as movedNames
import lsst.pipe.base
from lsst.afw.image import ExposureF, FilterLabel
from lsst.dia.repro.movedNames import getFilterLabel, setFilterLabel


class CurrentExposure:
    """The filter of an exposure as a current stack has it."""

    def __init__(self):
        self._filter = None

    def getFilter(self):
        return self._filter

    def setFilter(self, filterLabel):
        self._filter = filterLabel


def testFilter():
    label = FilterLabel(band="i", physical="i2")
    for exposure in (ExposureF(2, 2), CurrentExposure()):
        assert getFilterLabel(exposure) is None
        setFilterLabel(exposure, label)
        # The `getFilter` of v23 would give something else.
        assert getFilterLabel(exposure) == label and getFilterLabel(exposure).bandLabel == "i"
        setFilterLabel(exposure, None)
        assert getFilterLabel(exposure) is None


def testTimeMethod(monkeypatch):
    old, new = object(), types.ModuleType("lsst.utils.timer")
    new.timeMethod = object()
    with monkeypatch.context() as context:
        context.setitem(sys.modules, "lsst.utils.timer", new)
        context.delattr(lsst.pipe.base, "timeMethod", raising=False)
        assert importlib.reload(movedNames).timeMethod is new.timeMethod
        context.setattr(lsst.pipe.base, "timeMethod", old, raising=False)
        assert importlib.reload(movedNames).timeMethod is old
    importlib.reload(movedNames)
