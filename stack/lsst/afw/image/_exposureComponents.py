# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""What exposures leave to their `ExposureInfo`."""

__all__ = ["ExposureComponents"]


class ExposureComponents:
    """Part of `ExposureF` and so on."""

    def getInfo(self):
        """Return the components (`ExposureInfo`)."""
        return self._info

    def setInfo(self, exposureInfo):
        """Replace the components (`ExposureInfo`)."""
        self._loadedInfo, self._reader = exposureInfo, None

    info = property(getInfo, doc="The components (`ExposureInfo`).")

    def getMetadata(self):
        """Return the free metadata (`lsst.daf.base.PropertySet`)."""
        return self._info.getMetadata()

    def setMetadata(self, metadata):
        """Set the free metadata (`lsst.daf.base.PropertySet`)."""
        self._info.setMetadata(metadata)

    def hasWcs(self):
        """Is there a WCS?"""
        return self._info.hasWcs()

    def getWcs(self):
        """Return the WCS (`lsst.afw.geom.SkyWcs`) or `None`."""
        return self._info.getWcs()

    def setWcs(self, wcs):
        """Set the WCS (`lsst.afw.geom.SkyWcs`)."""
        self._info.setWcs(wcs)

    def hasPsf(self):
        """Is there a PSF?"""
        return self._info.hasPsf()

    def getPsf(self):
        """Return the PSF (`lsst.afw.detection.Psf`) or `None`."""
        return self._info.getPsf()

    def setPsf(self, psf):
        """Set the PSF (`lsst.afw.detection.Psf`)."""
        self._info.setPsf(psf)

    def getDetector(self):
        """Return the detector or `None`."""
        return self._info.getDetector()

    def setDetector(self, detector):
        """Set the detector."""
        self._info.setDetector(detector)

    def getFilter(self):
        """Return the filter as an old-style `Filter`."""
        return self._info.getFilter()

    def setFilter(self, filter):
        """Set the filter from an old-style `Filter`."""
        self._info.setFilter(filter)

    def getFilterLabel(self):
        """Return the filter (`FilterLabel`) or `None`."""
        return self._info.getFilterLabel()

    def setFilterLabel(self, filterLabel):
        """Set the filter (`FilterLabel`)."""
        self._info.setFilterLabel(filterLabel)

    def getPhotoCalib(self):
        """Return the photometric calibration (`PhotoCalib`) or `None`."""
        return self._info.getPhotoCalib()

    def setPhotoCalib(self, photoCalib):
        """Set the photometric calibration (`PhotoCalib`)."""
        self._info.setPhotoCalib(photoCalib)

    wcs = property(getWcs, doc="The WCS (`lsst.afw.geom.SkyWcs`) or `None`.")
    psf = property(getPsf, doc="The PSF (`lsst.afw.detection.Psf`) or `None`.")
    detector = property(getDetector, doc="The detector or `None`.")
    filterLabel = property(getFilterLabel, doc="The filter (`FilterLabel`) or `None`.")
    photoCalib = property(getPhotoCalib, doc="The photometric calibration (`PhotoCalib`) or `None`.")

    @property
    def visitInfo(self):
        """Time, pointing and so on (`VisitInfo`) or `None`."""
        return self._info.getVisitInfo()
