# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Reading of masked images: image, mask and variance in consecutive HDUs."""

import logging

import numpy as np

from lsst.afw.fits import DEFAULT_HDU, FitsError
from lsst.afw.fits._error import namingErrors
from lsst.pex.exceptions import InvalidParameterError, NotFoundError

from .._imageOrigin import PARENT
from .._maskedImage import MaskedImage
from .imageFitsReader import ImageFitsReader, MaskFitsReader

__all__ = ["MaskedImageFitsReader", "PlanesReaderMixin"]

_LOG = logging.getLogger("lsst.afw.image.MaskedImageFitsReader")


class PlanesReaderMixin:
    """What `MaskedImageFitsReader` and `ExposureFitsReader` share, in terms of the readers of the planes."""

    def getFileName(self):
        """Return the name of the file (`str`)."""
        return self._imageReader.getFileName()

    fileName = property(getFileName, doc="Name of the file (`str`).")

    def readBBox(self, origin=PARENT):
        """Return the bounding box (`lsst.geom.Box2I`)."""
        return self._imageReader.readBBox(origin)

    def readXY0(self, bbox=None, origin=PARENT):
        """Return the origin of the image, or of a part of it (`lsst.geom.Point2I`)."""
        return self._imageReader.readXY0(bbox, origin)

    def readImageDType(self):
        """Return the type of the image's pixels (`numpy.dtype`)."""
        return self._imageReader.readDType()

    def readMaskDType(self):
        """Return the type of the mask's pixels (`numpy.dtype`)."""
        return self._maskReader.readDType()

    def readVarianceDType(self):
        """Return the type of the variance's pixels (`numpy.dtype`)."""
        return self._varianceReader.readDType()

    def readImage(self, bbox=None, origin=PARENT, allowUnsafe=False, dtype=None):
        """Read the image plane only; see `ImageFitsReader.read`."""
        return self._imageReader.read(bbox, origin, allowUnsafe, dtype)

    def readImageArray(self, bbox=None, origin=PARENT, allowUnsafe=False, dtype=None):
        """Read the image plane only, as an array."""
        return self._imageReader.readArray(bbox, origin, allowUnsafe, dtype)

    def readMask(self, bbox=None, origin=PARENT, conformMasks=False, allowUnsafe=False, dtype=None):
        """Read the mask plane only; see `MaskFitsReader.read`."""
        return self._maskReader.read(bbox, origin, conformMasks, allowUnsafe, dtype)

    def readMaskArray(self, bbox=None, origin=PARENT, allowUnsafe=False, dtype=None):
        """Read the mask plane only, as an array with the bits of the file."""
        return self._maskReader.readArray(bbox, origin, allowUnsafe, dtype)

    def readVariance(self, bbox=None, origin=PARENT, allowUnsafe=False, dtype=None):
        """Read the variance plane only; see `ImageFitsReader.read`."""
        return self._varianceReader.read(bbox, origin, allowUnsafe, np.float32 if dtype is None else dtype)

    def readVarianceArray(self, bbox=None, origin=PARENT, allowUnsafe=False, dtype=None):
        """Read the variance plane only, as an array."""
        return self._varianceReader.readArray(bbox, origin, allowUnsafe, dtype)


class MaskedImageFitsReader(PlanesReaderMixin):
    """Reads masked images.

    Parameters
    ----------
    fileName : `str`, `lsst.afw.fits.MemFileManager` or `lsst.afw.fits.Fits`
        The file.
    hdu : `int`, optional
        Number of the HDU with the image plane; mask and variance follow it.

    Raises
    ------
    lsst.afw.fits.FitsError
        Raised if the file cannot be read.
    """

    def __init__(self, fileName=None, hdu=DEFAULT_HDU, *, manager=None):
        self._imageReader = ImageFitsReader(fileName, hdu, manager=manager)
        fits, hdu = self._imageReader._fits, self._imageReader._hdu
        self._maskReader = MaskFitsReader._forHdu(fits, _existing(fits.file, hdu + 1))
        self._varianceReader = ImageFitsReader._forHdu(fits, _existing(fits.file, hdu + 2))
        self._checked = set()

    def readPrimaryMetadata(self):
        """Return the header of the primary HDU (`lsst.daf.base.PropertyList`)."""
        return self._imageReader._checkedFile().readHeader(0, strip=True)

    def readImageMetadata(self):
        """Return the header of the image plane (`lsst.daf.base.PropertyList`)."""
        return self._readPlaneMetadata(self._imageReader, "IMAGE")

    def readMaskMetadata(self):
        """Return the header of the mask plane (`lsst.daf.base.PropertyList`)."""
        return self._readPlaneMetadata(self._maskReader, "MASK")

    def readVarianceMetadata(self):
        """Return the header of the variance plane (`lsst.daf.base.PropertyList`)."""
        return self._readPlaneMetadata(self._varianceReader, "VARIANCE")

    def _readPlaneMetadata(self, reader, expected):
        metadata = reader.readMetadata()
        if expected not in self._checked:
            with namingErrors(self.getFileName()):
                _checkExtType(reader, metadata, expected)
            self._checked.add(expected)
        return metadata

    def read(self, bbox=None, origin=PARENT, conformMasks=False, needAllHdus=False, allowUnsafe=False,
             dtype=None):
        """Read the masked image, or a part of it.

        Parameters
        ----------
        bbox : `lsst.geom.Box2I`, optional
            Part to read; all by default.
        origin : `ImageOrigin`, optional
            Coordinates of ``bbox``.
        conformMasks : `bool`, optional
            Make the mask planes of the file those of this process?
        needAllHdus : `bool`, optional
            Fail if mask or variance are missing? Otherwise they are filled with 0.
        allowUnsafe : `bool`, optional
            Allow conversions that may overflow?
        dtype : `numpy.dtype`, optional
            Type of the image's pixels; that of the file by default.

        Returns
        -------
        maskedImage : `MaskedImageF` or the class for ``dtype``
            The masked image.

        Raises
        ------
        lsst.afw.fits.FitsError
            Raised if a plane that is needed cannot be read.
        lsst.pex.exceptions.NotFoundError
            Raised if a plane that is needed is missing.
        lsst.pex.exceptions.LengthError
            Raised if ``bbox`` is not contained in the image.
        """
        isDefault = self._imageReader.getHdu() == 1
        if needAllHdus and self._imageReader.getHdu() > 1:
            raise FitsError(f"Cannot read all HDUs of {self.getFileName()} starting from non-default")
        image = self.readImage(bbox, origin, allowUnsafe, dtype)
        mask = variance = None
        if isDefault:
            mask = self._readPlane("Mask", self._maskReader, needAllHdus, lambda: self.readMask(
                bbox, origin, conformMasks, allowUnsafe))
            variance = self._readPlane("Variance", self._varianceReader, needAllHdus,
                                       lambda: self.readVariance(bbox, origin, allowUnsafe))
        with namingErrors(self.getFileName()):
            return MaskedImage(image, mask, variance, dtype=image.array.dtype.type)

    def _readPlane(self, name, reader, isNeeded, read):
        if reader._fits is None:
            if isNeeded:
                raise NotFoundError(f"No {name.lower()} extensions found in {self.getFileName()}")
            return None
        try:
            return read()
        except FitsError as err:
            if isNeeded:
                raise
            _LOG.warning("%s unreadable (%s); using default", name, err)
            return None


def _existing(file, hdu):
    """Return the number of an HDU if the file has it, else `None`; the HDUs that follow are not looked at."""
    try:
        file.hdu(hdu)
    except FitsError:
        return None
    return hdu


def _checkExtType(reader, metadata, expected):
    """Check and remove EXTTYPE."""
    if not metadata.exists("EXTTYPE"):
        _LOG.debug("Expected extension type not found: %s", expected)
        return
    extType = metadata.getAsString("EXTTYPE").rstrip()
    if extType not in ("", expected):
        raise InvalidParameterError(f"Reading {reader.getFileName()} (hdu {reader.getHdu()}) Expected "
                                    f"EXTTYPE==\"{expected}\", saw \"{extType}\"")
    metadata.remove("EXTTYPE")
