# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Bringing what was read into the standard form, an exposure with all that is known about it."""

__all__ = ["StandardizeMixin", "exposureFromImage"]

import logging
import warnings

import lsst.pex.exceptions
from lsst.afw.geom import makeSkyWcs
from lsst.afw.image import (
    Exposure,
    Filter,
    MaskedImage,
    makeExposure,
    makeMaskedImage,
)
from lsst.daf.persistence import NoResults


class StandardizeMixin:
    """The part of `CameraMapper` that completes exposures."""

    def std_bfKernel(self, item, dataId):
        """Return the item: it is an array, unlike other calibration products."""
        return item

    def _standardizeExposure(self, mapping, item, dataId, filter=True, trimmed=True, setVisitInfo=True):
        """Make a complete exposure.

        Parameters
        ----------
        mapping : `Mapping`
            Mapping of the dataset type.
        item : `lsst.afw.image.Exposure`, `MaskedImage` or `Image`
            What was read.
        dataId : `dict`
            Data ID.
        filter : `bool`, optional
            Complete the filter?
        trimmed : `bool`, optional
            Ignored.
        setVisitInfo : `bool`, optional
            Warn where there is nothing about the visit?

        Returns
        -------
        exposure : `lsst.afw.image.Exposure`
            The same exposure, or a new one. The detector is set where the mapper has a camera.
        """
        exposure = exposureFromImage(
            item, dataId, mapper=self, logger=self.log, setVisitInfo=setVisitInfo
        )
        level = mapping.level.lower()
        if level in ("amp", "ccd"):
            self._setCcdDetector(exposure, dataId, trimmed)
        info = exposure.getInfo()
        hasHeader = info.getVisitInfo() is not None or len(exposure.getMetadata().names()) > 0
        if level != "amp" and exposure.getWcs() is None and hasHeader:
            self._createInitialSkyWcs(exposure)
        if filter:
            self._setFilter(mapping, exposure, dataId)
        return exposure

    def _setCcdDetector(self, item, dataId, trimmed=True):
        if self.camera is not None and item.getDetector() is None:
            item.setDetector(self.camera[self._extractDetectorName(dataId)])

    def _createInitialSkyWcs(self, exposure):
        """Set the WCS from the header; there is no description of the camera to make a better one from."""
        self._createSkyWcsFromMetadata(exposure)

    def _createSkyWcsFromMetadata(self, exposure):
        """Set the WCS from the header, whose WCS keywords are removed."""
        metadata = exposure.getMetadata()
        try:
            exposure.setWcs(makeSkyWcs(metadata, strip=True))
        except lsst.pex.exceptions.TypeError as error:
            self.log.debug("No WCS: the header does not have what it takes: %s", error)
        exposure.setMetadata(metadata)

    def _getIdFilter(self, mapping, dataId):
        """Return the filter that belongs to a data ID; `None` if that is not known."""
        try:
            return mapping.need(["filter"], dataId)["filter"]
        except NoResults:
            return None

    def _setFilter(self, mapping, item, dataId):
        """Set the filter of an exposure that has none to that of the data ID."""
        if item.getFilterLabel() is None:
            idFilter = self._getIdFilter(mapping, dataId)
            self._setOldFilter(item, (self.filters or {}).get(idFilter, idFilter))

    def _setOldFilter(self, item, name):
        """Set a filter by a name that the camera has defined for `lsst.afw.image.Filter`."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", category=FutureWarning)
                item.setFilter(Filter(name))
        except lsst.pex.exceptions.NotFoundError:
            self.log.warning("Filter %s not defined.  Set to UNKNOWN.", name)


def exposureFromImage(image, dataId=None, mapper=None, logger=None, setVisitInfo=True, setFilter=False):
    """Make an exposure of an image.

    Parameters
    ----------
    image : `lsst.afw.image.Exposure`, `MaskedImage` or `Image`
        The image; an exposure is changed in place.
    dataId, mapper : optional
        Ignored.
    logger : `logging.Logger`, optional
        Where warnings go.
    setVisitInfo : `bool`, optional
        Warn where there is nothing about the visit?
    setFilter : `bool`, optional
        Ignored: what a header calls a filter can be told only by a mapper that knows its camera's filters.

    Returns
    -------
    exposure : `lsst.afw.image.Exposure`
        The exposure.
    """
    exposure, metadata = _asExposure(image)
    if metadata is None:
        return exposure
    if setVisitInfo and exposure.getInfo().getVisitInfo() is None:
        (logger or logging.getLogger("CameraMapper")).warning("No VisitInfo is made of the header")
    return exposure


def _asExposure(image):
    """Return an exposure, and its header if there is one."""
    if isinstance(image, Exposure):
        return image, image.getMetadata()
    if isinstance(image, MaskedImage):
        return makeExposure(image), None
    return makeExposure(makeMaskedImage(image)), None
