# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Exposures that are in no repository, for algorithms that need none."""

from lsst.afw.image import FilterLabel
from lsst.dia.repro.describeError import describeError
from lsst.dia.repro.exposureHandle import ExposureHandle


class MemoryExposure(ExposureHandle):
    """An exposure without an image, whose catalog is what a function returns, or an error that it raises."""

    def __init__(self, makeCatalog, dataId, ccdExposureId, mjd, band=None, photoCalib=None):
        self.dataId, self.ccdExposureId, self.mjd = dataId, ccdExposureId, mjd
        self._makeCatalog, self._band, self._photoCalib = makeCatalog, band, photoCalib

    def readSources(self):
        return self._makeCatalog()

    def readWcs(self):
        raise AssertionError("there is no image")

    def readPhotoCalib(self):
        return self._photoCalib

    def readFilterLabel(self):
        return None if self._band is None else FilterLabel(band=self._band)

    def describeError(self, error, dataset):
        return f"{dataset} in memory: {describeError(error)}"
