# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The band of an exposure is that of its filter label, read once a filter."""

from lsst.dia.repro.exposureBands import ExposureBands
from memoryExposure import MemoryExposure


class CountingExposure(MemoryExposure):
    """An exposure of a filter, which counts how often labels are read, or has lost its image."""

    nRead = 0

    def __init__(self, band, isLost=False, **dataId):
        super().__init__(None, dataId, 1, 60000.0, band=band)
        self._isLost = isLost

    def readFilterLabel(self):
        CountingExposure.nRead += 1
        if self._isLost:
            raise OSError("it is lost")
        return super().readFilterLabel()


def testOneLabelAFilter():
    CountingExposure.nRead = 0
    exposures = [CountingExposure("i", filter="i2") for _ in range(5)] + [CountingExposure("r", filter="r")]
    bands = ExposureBands()
    assert [bands.find(exposure) for exposure in exposures] == ["i"]*5 + ["r"]
    assert CountingExposure.nRead == 2


def testFilterStandsForABandThatNoImageTells():
    exposures = [CountingExposure(None, filter="N921"), CountingExposure("g", isLost=True, filter="g.MP9402")]
    assert ExposureBands().findAll(exposures) == ["N921", "g.MP9402"]


def testAllExposuresOfAFilterHaveTheBandThatOneImageTells():
    exposures = [CountingExposure("g", isLost=number < 2, filter="g.MP9402") for number in range(3)]
    assert ExposureBands().findAll(exposures) == ["g"]*3


def testWithoutAFilterEveryLabelIsRead():
    assert ExposureBands().findAll([CountingExposure("g"), CountingExposure("r"), CountingExposure(None)]) \
        == ["g", "r", ""]
