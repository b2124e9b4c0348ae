# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Reading of exposures: planes, components, or any one of them without the others."""

import functools
import importlib
import logging

from lsst.afw.fits._error import namingErrors
from lsst.afw.geom import makeSkyWcs
from lsst.afw.table.io import InputArchive
from lsst.geom import Extent2D
from lsst.pex.exceptions import NotFoundError
from lsst.pex.exceptions import TypeError as LsstTypeError

from .._exposure import Exposure
from .._exposureInfo import ExposureInfo
from .._filter import Filter
from .._filterConversion import makeFilter, makeFilterLabelFromName
from .._imageOrigin import PARENT
from .._visitInfo import VisitInfo
from .._visitInfoMetadata import stripVisitInfoKeywords
from .exposureFitsWriter import SERIALIZATION_VERSION, VERSION_KEY
from .maskedImageFitsReader import MaskedImageFitsReader, PlanesReaderMixin
from .photoCalib import makePhotoCalibFromMetadata

__all__ = ["ExposureFitsReader"]

_LOG = logging.getLogger("lsst.afw.image.fits.ExposureFitsReader")

_ID_CARDS = {
    ExposureInfo.KEY_PSF: "PSF_ID",
    ExposureInfo.KEY_WCS: "SKYWCS_ID",
    ExposureInfo.KEY_COADD_INPUTS: "COADD_INPUTS_ID",
    ExposureInfo.KEY_AP_CORR_MAP: "AP_CORR_MAP_ID",
    ExposureInfo.KEY_VALID_POLYGON: "VALID_POLYGON_ID",
    ExposureInfo.KEY_TRANSMISSION_CURVE: "TRANSMISSION_CURVE_ID",
    ExposureInfo.KEY_DETECTOR: "DETECTOR_ID",
    ExposureInfo.KEY_PHOTO_CALIB: "PHOTOCALIB_ID",
}
"""Cards with the archive IDs of the components that every version has."""

_CLASSES = {
    ExposureInfo.KEY_PSF: "lsst.afw.detection.Psf",
    ExposureInfo.KEY_WCS: "lsst.afw.geom.SkyWcs",
    ExposureInfo.KEY_COADD_INPUTS: "lsst.afw.image.CoaddInputs",
    ExposureInfo.KEY_AP_CORR_MAP: "lsst.afw.image.ApCorrMap",
    ExposureInfo.KEY_VALID_POLYGON: "lsst.afw.geom.Polygon",
    ExposureInfo.KEY_TRANSMISSION_CURVE: "lsst.afw.image.TransmissionCurve",
    ExposureInfo.KEY_DETECTOR: "lsst.afw.cameraGeom.Detector",
    ExposureInfo.KEY_PHOTO_CALIB: "lsst.afw.image.PhotoCalib",
    ExposureInfo.KEY_FILTER: "lsst.afw.image.FilterLabel",
    ExposureInfo.KEY_SUMMARY_STATS: "lsst.afw.image.ExposureSummaryStats",
}
"""What the components must be; their modules are imported when they are read."""

_GENERIC_PREFIX = "ARCHIVE_ID_"


class _HeaderContent:
    """What the headers of an exposure say: free metadata, and components that are not in the archive.

    Parameters
    ----------
    primary, image : `lsst.daf.base.PropertyList`
        Headers of the primary HDU and of the image plane.
    xy0 : `lsst.geom.Point2I`
        Origin of the image.
    """

    def __init__(self, primary, image, xy0):
        self.version = primary.getAsInt(VERSION_KEY) if primary.exists(VERSION_KEY) else 0
        if primary.exists(VERSION_KEY):
            primary.remove(VERSION_KEY)
        if self.version > SERIALIZATION_VERSION:
            raise LsstTypeError(f"Cannot read Exposure FITS version > {SERIALIZATION_VERSION}")
        self.wcs = _wcsFromHeader(image, xy0)
        _remove(image, "LTV1", "LTV2")
        # Without INHERIT in the image plane's header everything is there; else it is in the primary one.
        self.metadata = primary if image.exists("INHERIT") else image
        self.filterLabel = self._filterLabel()
        self.id = self.metadata.getAsInt64("EXPID") if self.metadata.exists("EXPID") else None
        self.visitInfo = VisitInfo(self.metadata)
        stripVisitInfoKeywords(self.metadata)
        self.photoCalib = makePhotoCalibFromMetadata(self.metadata, True) if self.version == 0 else None
        # WCS and VisitInfo may both need the dates, so neither removes them.
        _remove(self.metadata, "MJD-OBS", "DATE-OBS", "DETNAME", "DETSER")

    def _filterLabel(self):
        if self.version >= 2 or not self.metadata.exists("FILTER"):
            return None
        return makeFilterLabelFromName(self.metadata.getAsString("FILTER").rstrip(" "))


def _remove(metadata, *keys):
    for key in keys:
        if metadata.exists(key):
            metadata.remove(key)


def _wcsFromHeader(metadata, xy0):
    """Return the WCS of a header in the parent's coordinates and remove its cards; `None` without one."""
    try:
        wcs = makeSkyWcs(metadata, strip=True)
    except LsstTypeError:
        _LOG.debug("No WCS found in FITS metadata")
        return None
    if wcs is not None and (xy0.getX(), xy0.getY()) != (0, 0):
        wcs = wcs.copyAtShiftedPixelOrigin(Extent2D(xy0.getX(), xy0.getY()))
    return wcs


class _Archive:
    """The archive of an exposure, which is read when the first component is asked for.

    Parameters
    ----------
    metadata : `lsst.daf.base.PropertyList`
        Header with the archive IDs, which are removed.
    """

    def __init__(self, metadata):
        self._archive = None
        hdu = _pop(metadata, "AR_HDU")
        self._hdu = hdu - 1 if hdu else None
        self._ids = {key: _pop(metadata, card) for key, card in _ID_CARDS.items()}
        known = set(self._ids.values())
        self._genericIds = {}
        for card in [name for name in metadata.paramNames(False) if name.startswith(_GENERIC_PREFIX)]:
            key = card[len(_GENERIC_PREFIX):]
            self._genericIds[key] = _pop(metadata, card)
            _remove(metadata, f"{key}_ID")
        self.extraKeys = sorted(key for key, id in self._genericIds.items() if id not in known)

    def get(self, fits, key):
        """Return the component that every version has under a name, or `None`."""
        return self._get(fits, self._ids[key], key)

    def getGeneric(self, fits, key):
        """Return the component of any name, or `None`."""
        return self._get(fits, self._genericIds.get(key, 0), key)

    def _get(self, fits, id, key):
        if id == 0 or self._hdu is None:
            return None
        if self._archive is None:
            self._archive = InputArchive.readFits(fits, self._hdu)
        obj = self._archive.get(id)
        return obj if obj is None or key not in _CLASSES else self._archive.get(id, _classOf(key))


def _classOf(key):
    module, name = _CLASSES[key].rsplit(".", 1)
    return getattr(importlib.import_module(module), name)


def _pop(metadata, key):
    if not metadata.exists(key):
        return 0
    value = metadata.getAsInt(key)
    metadata.remove(key)
    return value


@functools.lru_cache(maxsize=1024)
def _warnOnce(what, fileName, message):
    """Warn of a component that cannot be read, once for each file."""
    _LOG.warning("Could not read %s of %s; setting to null: %s", what, fileName, message)


class ExposureFitsReader(PlanesReaderMixin):
    """Reads exposures, or parts of them.

    Parameters
    ----------
    fileName : `str`, `lsst.afw.fits.MemFileManager` or `lsst.afw.fits.Fits`
        The file.

    Raises
    ------
    lsst.afw.fits.FitsError
        Raised if the file cannot be read.

    Notes
    -----
    A component whose class is not known raises `lsst.pex.exceptions.NotFoundError` naming it when its own
    method is called; `read` and `readExposureInfo` warn and leave it out.
    """

    def __init__(self, fileName=None, *, manager=None):
        self._maskedImageReader = MaskedImageFitsReader(fileName, manager=manager)
        self._imageReader = self._maskedImageReader._imageReader
        self._maskReader = self._maskedImageReader._maskReader
        self._varianceReader = self._maskedImageReader._varianceReader
        self._loaded = None

    @property
    def _fits(self):
        return self._imageReader._fits

    def _keepComponents(self):
        """Read what follows the pixels into memory and close the file; tell whether that was possible.

        Components can still be read, pixels no more.
        """
        fits, last = self._fits, self._varianceReader.getHdu()
        version = fits.file.hdu(0).get(VERSION_KEY, 0)
        if last is None or not isinstance(version, int) or version > SERIALIZATION_VERSION:
            return False
        return fits.file.keepTail(last + 1)

    def _load(self):
        """Read the headers once; return (`_HeaderContent`, `_Archive`)."""
        if self._loaded is None:
            reader = self._maskedImageReader
            with namingErrors(self.fileName):
                content = _HeaderContent(reader.readPrimaryMetadata(), reader.readImageMetadata(),
                                         reader.readXY0())
                self._loaded = content, _Archive(content.metadata)
        return self._loaded

    def _component(self, key):
        return self._load()[1].get(self._fits, key)

    def readSerializationVersion(self):
        """Return the version of the file's layout (`int`)."""
        return self._load()[0].version

    def readExposureId(self):
        """Return the ID of the image of one detector (`int`) or `None`."""
        return self._load()[0].id

    def readMetadata(self):
        """Return the free metadata (`lsst.daf.base.PropertyList`)."""
        return self._load()[0].metadata

    def readWcs(self):
        """Return the WCS of the archive, else that of the header, else `None`."""
        wcs = self._component(ExposureInfo.KEY_WCS)
        return self._load()[0].wcs if wcs is None else wcs

    def readFilter(self):
        """Return the filter as an old-style `Filter`."""
        label = self.readFilterLabel()
        return Filter._unregistered() if label is None else makeFilter(label)

    def readFilterLabel(self):
        """Return the filter (`FilterLabel`) or `None`."""
        content, archive = self._load()
        if content.version < 2:
            return content.filterLabel
        return archive.getGeneric(self._fits, ExposureInfo.KEY_FILTER)

    def readPhotoCalib(self):
        """Return the photometric calibration (`PhotoCalib`) or `None`."""
        content, _ = self._load()
        return content.photoCalib if content.version == 0 else self._component(ExposureInfo.KEY_PHOTO_CALIB)

    def readPsf(self):
        """Return the PSF (`lsst.afw.detection.Psf`) or `None`."""
        return self._component(ExposureInfo.KEY_PSF)

    def readValidPolygon(self):
        """Return the valid region (`lsst.afw.geom.Polygon`) or `None`."""
        return self._component(ExposureInfo.KEY_VALID_POLYGON)

    def readApCorrMap(self):
        """Return the aperture corrections (`ApCorrMap`) or `None`."""
        return self._component(ExposureInfo.KEY_AP_CORR_MAP)

    def readCoaddInputs(self):
        """Return the coadd inputs (`CoaddInputs`) or `None`."""
        return self._component(ExposureInfo.KEY_COADD_INPUTS)

    def readVisitInfo(self):
        """Return time, pointing and so on (`VisitInfo`)."""
        return self._load()[0].visitInfo

    def readTransmissionCurve(self):
        """Return the transmission curve or `None`."""
        return self._component(ExposureInfo.KEY_TRANSMISSION_CURVE)

    def readDetector(self):
        """Return the detector or `None`."""
        return self._component(ExposureInfo.KEY_DETECTOR)

    def readComponent(self, componentName):
        """Return the component of a name (`str`), or `None` if the file has none of that name."""
        return self._load()[1].getGeneric(self._fits, componentName)

    def readExtraComponents(self):
        """Return the components that have no method of their own (`dict` by name)."""
        result = {}
        for key in self._load()[1].extraKeys:
            value = self._tryRead(f"component {key}", functools.partial(self.readComponent, key))
            if value is not None:
                result[key] = value
        return result

    def _tryRead(self, what, read):
        try:
            return read()
        except NotFoundError as err:
            _warnOnce(what, self.fileName, str(err))
            return None

    def readExposureInfo(self):
        """Return all that is not pixels (`ExposureInfo`)."""
        info = ExposureInfo()
        info.setMetadata(self.readMetadata())
        info.setPhotoCalib(self.readPhotoCalib())
        info.setVisitInfo(self.readVisitInfo())
        if info.getId() != self.readExposureId():
            info.setId(self.readExposureId())
        info.setPsf(self._tryRead("PSF", self.readPsf))
        info.setCoaddInputs(self._tryRead("CoaddInputs", self.readCoaddInputs))
        info.setApCorrMap(self._tryRead("ApCorrMap", self.readApCorrMap))
        info.setValidPolygon(self._tryRead("ValidPolygon", self.readValidPolygon))
        info.setTransmissionCurve(self._tryRead("TransmissionCurve", self.readTransmissionCurve))
        info.setDetector(self._tryRead("Detector", self.readDetector))
        wcs = self._tryRead("WCS extension", functools.partial(self._component, ExposureInfo.KEY_WCS))
        info.setWcs(self._load()[0].wcs if wcs is None else wcs)
        for key, value in self.readExtraComponents().items():
            info.setComponent(key, value)
        if self.readSerializationVersion() < 2 and not info.hasFilterLabel():
            info.setFilterLabel(self.readFilterLabel())
        return info

    def readMaskedImage(self, bbox=None, origin=PARENT, conformMasks=False, allowUnsafe=False, dtype=None):
        """Read the pixels, or a part of them; see `MaskedImageFitsReader.read`."""
        return self._maskedImageReader.read(bbox, origin, conformMasks, False, allowUnsafe, dtype)

    def read(self, bbox=None, origin=PARENT, conformMasks=False, allowUnsafe=False, dtype=None):
        """Read the exposure, or a part of it.

        Parameters
        ----------
        bbox : `lsst.geom.Box2I`, optional
            Part to read; all by default.
        origin : `ImageOrigin`, optional
            Coordinates of ``bbox``.
        conformMasks : `bool`, optional
            Make the mask planes of the file those of this process?
        allowUnsafe : `bool`, optional
            Allow conversions that may overflow?
        dtype : `numpy.dtype`, optional
            Type of the image's pixels; that of the file by default.

        Returns
        -------
        exposure : `ExposureF` or the class for ``dtype``
            The exposure.
        """
        maskedImage = self.readMaskedImage(bbox, origin, conformMasks, allowUnsafe, dtype)
        return Exposure(maskedImage, self.readExposureInfo(), dtype=maskedImage.image.array.dtype.type)
