# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""What is known about an exposure beside its pixels."""

import operator

from lsst.afw.table.io import Persistable
from lsst.daf.base import PropertyList
from lsst.pex.exceptions import TypeError as LsstTypeError

from ._apCorrMap import ApCorrMap
from ._filter import Filter
from ._filterConversion import makeFilter, makeFilterLabel

__all__ = ["ExposureInfo"]

_ORDER = ("FILTER", "AP_CORR_MAP", "COADD_INPUTS", "PHOTOCALIB", "DETECTOR", "VALID_POLYGON",
          "TRANSMISSION_CURVE", "PSF", "SKYWCS")


class ExposureInfo:
    """The components of an exposure: WCS, PSF, calibration, and whatever else has a name.

    Parameters
    ----------
    wcs : `lsst.afw.geom.SkyWcs` or `ExposureInfo`, optional
        WCS; or another `ExposureInfo` (``other``) whose components are shared.
    psf : `lsst.afw.detection.Psf` or `bool`, optional
        PSF; or, after an `ExposureInfo`, whether its metadata are copied (``copyMetadata``).
    photoCalib : `PhotoCalib`, optional
        Photometric calibration.
    detector : optional
        Detector.
    polygon : `lsst.afw.geom.Polygon`, optional
        Valid region.
    filter : `Filter`, optional
        Old-style filter, which is converted to a `FilterLabel`.
    metadata : `lsst.daf.base.PropertySet`, optional
        Free metadata.
    coaddInputs : `CoaddInputs`, optional
        Inputs of a coadd.
    apCorrMap : `ApCorrMap`, optional
        Aperture corrections.
    visitInfo : `VisitInfo`, optional
        Time, pointing and so on.
    transmissionCurve : optional
        Transmission curve.
    """

    KEY_WCS = "SKYWCS"
    KEY_PSF = "PSF"
    KEY_PHOTO_CALIB = "PHOTOCALIB"
    KEY_DETECTOR = "DETECTOR"
    KEY_VALID_POLYGON = "VALID_POLYGON"
    KEY_COADD_INPUTS = "COADD_INPUTS"
    KEY_AP_CORR_MAP = "AP_CORR_MAP"
    KEY_TRANSMISSION_CURVE = "TRANSMISSION_CURVE"
    KEY_FILTER = "FILTER"
    KEY_SUMMARY_STATS = "SUMMARY_STATS"

    def __init__(self, wcs=None, psf=None, photoCalib=None, detector=None, polygon=None, filter=None,
                 metadata=None, coaddInputs=None, apCorrMap=None, visitInfo=None, transmissionCurve=None, *,
                 other=None, copyMetadata=False):
        source = wcs if other is None else other
        if isinstance(source, ExposureInfo):
            self._copyFrom(source, bool(psf) or copyMetadata)
            return
        self._metadata = PropertyList() if metadata is None else metadata
        self._visitInfo = visitInfo
        self._id = None
        self._components = {}
        if filter is not None:
            self._setFilter(filter)
        self.setWcs(wcs)
        self.setPsf(psf)
        self.setPhotoCalib(photoCalib)
        self.setDetector(detector)
        self.setValidPolygon(polygon)
        self.setCoaddInputs(coaddInputs)
        self.setApCorrMap(None if apCorrMap is None else apCorrMap._copy())
        self.setTransmissionCurve(transmissionCurve)

    def _copyFrom(self, other, copyMetadata):
        self._metadata = other._metadata.deepCopy() if copyMetadata else other._metadata
        self._visitInfo = other._visitInfo
        self._id = other._id
        self._components = dict(other._components)

    def hasId(self):
        """Is there an ID of the image of one detector?"""
        return self.getId() is not None

    def getId(self):
        """Return the ID of the image of one detector (`int`) or `None`.

        Where none was set it is that of the `VisitInfo`, as it is in files.
        """
        if self._id is None and self._visitInfo is not None:
            return self._visitInfo.getExposureId() or None
        return self._id

    def setId(self, id):
        """Set the ID of the image of one detector (`int`); `None` removes it."""
        self._id = None if id is None else operator.index(id)

    def clearId(self):
        """Remove the ID."""
        self._id = None

    id = property(getId, setId, doc="ID of the image of one detector (`int`) or `None`.")

    def hasComponent(self, key):
        """Is there a component of this name?"""
        return key in self._components

    def getComponent(self, key):
        """Return the component of a name, or `None`."""
        return self._components.get(key)

    def setComponent(self, key, object):
        """Set a component; `None` removes it.

        Parameters
        ----------
        key : `str`
            Name, which is part of the header of files.
        object : `lsst.afw.table.io.Persistable` or `None`
            The component.

        Raises
        ------
        TypeError
            Raised if the object cannot be a component.
        """
        if object is None:
            self.removeComponent(key)
            return
        if not isinstance(object, Persistable):
            raise TypeError(f"A component of an exposure has to be a Storable, not {type(object).__name__}")
        self._components[key] = object

    def removeComponent(self, key):
        """Remove the component of a name, if there is one."""
        self._components.pop(key, None)

    def _orderedComponents(self):
        """Return (name, component) pairs in the order in which files list them."""
        known = [key for key in _ORDER if key in self._components]
        others = [key for key in self._components if key not in _ORDER]
        return [(key, self._components[key]) for key in others + known]

    def hasWcs(self):
        """Is there a WCS?"""
        return self.hasComponent(self.KEY_WCS)

    def getWcs(self):
        """Return the WCS (`lsst.afw.geom.SkyWcs`) or `None`."""
        return self.getComponent(self.KEY_WCS)

    def setWcs(self, wcs):
        """Set the WCS (`lsst.afw.geom.SkyWcs`)."""
        self.setComponent(self.KEY_WCS, wcs)

    def hasPsf(self):
        """Is there a PSF?"""
        return self.hasComponent(self.KEY_PSF)

    def getPsf(self):
        """Return the PSF (`lsst.afw.detection.Psf`) or `None`."""
        return self.getComponent(self.KEY_PSF)

    def setPsf(self, psf):
        """Set the PSF (`lsst.afw.detection.Psf`)."""
        self.setComponent(self.KEY_PSF, psf)

    def hasPhotoCalib(self):
        """Is there a photometric calibration?"""
        return self.hasComponent(self.KEY_PHOTO_CALIB)

    def getPhotoCalib(self):
        """Return the photometric calibration (`PhotoCalib`) or `None`."""
        return self.getComponent(self.KEY_PHOTO_CALIB)

    def setPhotoCalib(self, photoCalib):
        """Set the photometric calibration (`PhotoCalib`)."""
        self.setComponent(self.KEY_PHOTO_CALIB, photoCalib)

    def hasDetector(self):
        """Is there a detector?"""
        return self.hasComponent(self.KEY_DETECTOR)

    def getDetector(self):
        """Return the detector or `None`."""
        return self.getComponent(self.KEY_DETECTOR)

    def setDetector(self, detector):
        """Set the detector."""
        self.setComponent(self.KEY_DETECTOR, detector)

    def hasValidPolygon(self):
        """Is there a valid region?"""
        return self.hasComponent(self.KEY_VALID_POLYGON)

    def getValidPolygon(self):
        """Return the valid region (`lsst.afw.geom.Polygon`) or `None`."""
        return self.getComponent(self.KEY_VALID_POLYGON)

    def setValidPolygon(self, polygon):
        """Set the valid region (`lsst.afw.geom.Polygon`)."""
        self.setComponent(self.KEY_VALID_POLYGON, polygon)

    def hasCoaddInputs(self):
        """Are there coadd inputs?"""
        return self.hasComponent(self.KEY_COADD_INPUTS)

    def getCoaddInputs(self):
        """Return the coadd inputs (`CoaddInputs`) or `None`."""
        return self.getComponent(self.KEY_COADD_INPUTS)

    def setCoaddInputs(self, coaddInputs):
        """Set the coadd inputs (`CoaddInputs`)."""
        self.setComponent(self.KEY_COADD_INPUTS, coaddInputs)

    def hasApCorrMap(self):
        """Are there aperture corrections?"""
        return self.hasComponent(self.KEY_AP_CORR_MAP)

    def getApCorrMap(self):
        """Return the aperture corrections (`ApCorrMap`) or `None`."""
        return self.getComponent(self.KEY_AP_CORR_MAP)

    def setApCorrMap(self, apCorrMap):
        """Set the aperture corrections (`ApCorrMap`)."""
        self.setComponent(self.KEY_AP_CORR_MAP, apCorrMap)

    def initApCorrMap(self):
        """Set the aperture corrections to an empty `ApCorrMap`."""
        self.setApCorrMap(ApCorrMap())

    def hasTransmissionCurve(self):
        """Is there a transmission curve?"""
        return self.hasComponent(self.KEY_TRANSMISSION_CURVE)

    def getTransmissionCurve(self):
        """Return the transmission curve or `None`."""
        return self.getComponent(self.KEY_TRANSMISSION_CURVE)

    def setTransmissionCurve(self, transmissionCurve):
        """Set the transmission curve."""
        self.setComponent(self.KEY_TRANSMISSION_CURVE, transmissionCurve)

    def hasFilterLabel(self):
        """Is the filter known?"""
        return self.hasComponent(self.KEY_FILTER)

    def getFilterLabel(self):
        """Return the filter (`FilterLabel`) or `None`."""
        return self.getComponent(self.KEY_FILTER)

    def setFilterLabel(self, filterLabel):
        """Set the filter (`FilterLabel`)."""
        self.setComponent(self.KEY_FILTER, filterLabel)

    def getFilter(self):
        """Return the filter as an old-style `Filter`."""
        label = self.getFilterLabel()
        return Filter._unregistered() if label is None else makeFilter(label)

    def setFilter(self, filter):
        """Set the filter from an old-style `Filter`."""
        self._setFilter(filter)

    def _setFilter(self, filter):
        if not isinstance(filter, Filter):
            raise LsstTypeError(f"Expected a Filter, got {type(filter).__name__}")
        self.setFilterLabel(makeFilterLabel(filter))

    def hasSummaryStats(self):
        """Are there summary statistics?"""
        return self.hasComponent(self.KEY_SUMMARY_STATS)

    def getSummaryStats(self):
        """Return the summary statistics (`ExposureSummaryStats`) or `None`."""
        return self.getComponent(self.KEY_SUMMARY_STATS)

    def setSummaryStats(self, summaryStats):
        """Set the summary statistics (`ExposureSummaryStats`)."""
        self.setComponent(self.KEY_SUMMARY_STATS, summaryStats)

    def hasVisitInfo(self):
        """Is there a `VisitInfo`?"""
        return self._visitInfo is not None

    def getVisitInfo(self):
        """Return time, pointing and so on (`VisitInfo`) or `None`."""
        return self._visitInfo

    def setVisitInfo(self, visitInfo):
        """Set time, pointing and so on (`VisitInfo`)."""
        self._visitInfo = visitInfo

    def getMetadata(self):
        """Return the free metadata (`lsst.daf.base.PropertySet`)."""
        return self._metadata

    def setMetadata(self, metadata):
        """Set the free metadata (`lsst.daf.base.PropertySet`)."""
        self._metadata = metadata
