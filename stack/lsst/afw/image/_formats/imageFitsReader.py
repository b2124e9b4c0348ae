# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Reading of one plane of pixels, whole or in part, or of its header."""

import numpy as np

from lsst.afw.fits import DEFAULT_HDU, Fits, FitsError, FitsTypeError
from lsst.afw.fits._error import namingErrors
from lsst.afw.geom import getImageXY0FromMetadata
from lsst.geom import Box2I, Extent2I, Point2I
from lsst.pex.exceptions import LengthError

from .._image import Image
from .._imageOrigin import LOCAL, PARENT
from .._mask import MaskX
from .._maskDict import MaskDict
from .headerView import HeaderView
from .imageHdu import WCS_NAME_FOR_XY0

__all__ = ["ImageFitsReader", "MaskFitsReader"]


class _ImageBaseFitsReader:
    """Reads one HDU of a FITS file.

    Parameters
    ----------
    fileName : `str`, `lsst.afw.fits.MemFileManager` or `lsst.afw.fits.Fits`
        The file; an open file is read at its current HDU.
    hdu : `int`, optional
        Number of the HDU, 0 for the primary; by default the first that has pixels.

    Raises
    ------
    lsst.afw.fits.FitsError
        Raised, by every method, if the file or HDU cannot be read.
    """

    def __init__(self, fileName=None, hdu=DEFAULT_HDU, *, manager=None):
        source = manager if fileName is None else fileName
        self._metadata = self._bbox = None
        if isinstance(source, Fits):
            self._fits = source
            if source.getHdu() == 0:
                source.setHdu(DEFAULT_HDU)
        else:
            self._fits = Fits(source, "r")
            self._fits.setHdu(hdu)
        self._fits.checkCompressedImagePhu()
        self._hdu = self._fits.getHdu()

    @classmethod
    def _forHdu(cls, fits, hdu):
        """Make a reader of an HDU of an open file; ``hdu`` `None` stands for one that is missing."""
        reader = cls.__new__(cls)
        reader._metadata = reader._bbox = None
        reader._fits = fits if hdu is not None else None
        reader._hdu = hdu
        return reader

    def _checkedFile(self):
        if self._fits is None:
            raise FitsError("FitsReader not initialized; desired HDU is probably missing.")
        return self._fits.file

    def getFileName(self):
        """Return the name of the file (`str`)."""
        return self._fits.getFileName()

    fileName = property(getFileName, doc="Name of the file (`str`).")

    def getHdu(self):
        """Return the number of the HDU (`int`)."""
        return self._hdu

    hdu = property(getHdu, doc="Number of the HDU (`int`).")

    def readDType(self):
        """Return the type of the pixels with BSCALE and BZERO applied (`numpy.dtype`)."""
        return np.dtype(self._checkedFile().imageDtype(self._hdu))

    def readMetadata(self):
        """Return the header, without what other methods return (`lsst.daf.base.PropertyList`)."""
        if self._metadata is None:
            metadata = self._checkedFile().readHeader(self._hdu, strip=True)
            self._shape()
            with namingErrors(self.getFileName()):
                getImageXY0FromMetadata(metadata, WCS_NAME_FOR_XY0, strip=True)
            self._metadata = metadata
        return self._metadata

    def _shape(self):
        unit = self._checkedFile().hdu(self._hdu)
        if not unit.isCompressedImage and not unit.isTable and not unit.naxes:
            raise FitsError(f"Error reading {self.getFileName()}: HDU {self._hdu} has 0 dimensions")
        return self._checkedFile().imageShape(self._hdu)

    def readBBox(self, origin=PARENT):
        """Return the bounding box (`lsst.geom.Box2I`)."""
        if self._bbox is None:
            height, width = self._shape()
            with namingErrors(self.getFileName()):
                xy0 = getImageXY0FromMetadata(HeaderView(self._checkedFile(), self._hdu), WCS_NAME_FOR_XY0)
            self._bbox = Box2I(xy0, Extent2I(width, height))
        return Box2I(Point2I(0, 0), self._bbox.getDimensions()) if origin == LOCAL else Box2I(self._bbox)

    def readXY0(self, bbox=None, origin=PARENT):
        """Return the origin of the image, or of a part of it.

        Parameters
        ----------
        bbox : `lsst.geom.Box2I`, optional
            The part; all by default.
        origin : `ImageOrigin`, optional
            Coordinates of ``bbox``.
        """
        if bbox is None or bbox.isEmpty():
            return self.readBBox().getMin()
        if origin == PARENT:
            return bbox.getMin()
        return self.readBBox().getMin() + Extent2I(bbox.getMin())

    def readArray(self, bbox=None, origin=PARENT, allowUnsafe=False, dtype=None):
        """Read pixels as an array.

        Parameters
        ----------
        bbox : `lsst.geom.Box2I`, optional
            Part to read; all by default.
        origin : `ImageOrigin`, optional
            Coordinates of ``bbox``.
        allowUnsafe : `bool`, optional
            Allow conversions that may overflow?
        dtype : `numpy.dtype`, optional
            Type of the pixels; that of the file by default.

        Returns
        -------
        array : `numpy.ndarray`
            Pixels of shape (height, width).

        Raises
        ------
        lsst.pex.exceptions.LengthError
            Raised if ``bbox`` is not contained in the image.
        lsst.afw.fits.FitsTypeError
            Raised for unsafe conversions that are not allowed.
        """
        full = self.readBBox(origin)
        box = None
        if bbox is not None and not bbox.isEmpty():
            if not full.contains(bbox):
                raise LengthError(f"Subimage box {_describe(bbox)} doesn't fit in image {_describe(full)} in "
                                  f"HDU {self._hdu} of {self.getFileName()}")
            x, y = bbox.getMinX() - full.getMinX(), bbox.getMinY() - full.getMinY()
            box = (x, y, x + bbox.getWidth(), y + bbox.getHeight())
        onDisk = self.readDType()
        dtype = onDisk if dtype is None else np.dtype(dtype)
        if not allowUnsafe and not _isSafe(onDisk, dtype):
            raise FitsTypeError(
                f"Incompatible type for FITS image: on disk is {onDisk.name} (HDU {self._hdu} of "
                f"{self.getFileName()}), in-memory is {dtype.name}. Read with allowUnsafe=True to permit "
                "conversions that may overflow.")
        return self._checkedFile().readImage(self._hdu, box, dtype)


def _describe(box):
    return f"({box.getMinX()},{box.getMinY()}) {box.getWidth()}x{box.getHeight()}"


def _isSafe(onDisk, inMemory):
    """Can all values be converted without overflow? Any loss of precision in floating point is accepted."""
    if inMemory.kind == "f":
        return True
    if onDisk.kind == "f":
        return False
    if inMemory.kind == onDisk.kind:
        return inMemory.itemsize >= onDisk.itemsize
    if inMemory.kind == "i":
        return inMemory.itemsize > onDisk.itemsize
    # As v23: cfitsio does not tell unsigned 64-bit integers from signed ones.
    return onDisk.itemsize == 8 and inMemory.itemsize == 8


class ImageFitsReader(_ImageBaseFitsReader):
    """Reads an image; see `_ImageBaseFitsReader` for the arguments."""

    def _imageDType(self):
        """Return the type on disk, which must be one that images can have."""
        onDisk = self.readDType()
        if onDisk.type not in Image.keys():
            raise FitsTypeError(
                f"No image has pixels of the type on disk, {onDisk.name} (HDU {self._hdu} of "
                f"{self.getFileName()}). Give a type that one can have, such as dtype=numpy.float32.")
        return onDisk

    def read(self, bbox=None, origin=PARENT, allowUnsafe=False, dtype=None):
        """Read the image, or a part of it; the arguments are those of `readArray`.

        Returns
        -------
        image : `ImageF` or the class for ``dtype``
            The image.

        Raises
        ------
        lsst.afw.fits.FitsTypeError
            Raised as by `readArray`, or if without ``dtype`` no image has the type of the file.
        """
        array = self.readArray(bbox, origin, allowUnsafe, self._imageDType() if dtype is None else dtype)
        return Image(array, dtype=array.dtype.type, deep=False, xy0=self.readXY0(bbox, origin))


class MaskFitsReader(_ImageBaseFitsReader):
    """Reads a mask; see `_ImageBaseFitsReader` for the arguments."""

    def read(self, bbox=None, origin=PARENT, conformMasks=False, allowUnsafe=False, dtype=None):
        """Read the mask, or a part of it, and move its bits to the planes of this process.

        Parameters
        ----------
        bbox : `lsst.geom.Box2I`, optional
            Part to read; all by default.
        origin : `ImageOrigin`, optional
            Coordinates of ``bbox``.
        conformMasks : `bool`, optional
            Make the planes of the file those of this process, instead?
        allowUnsafe : `bool`, optional
            Allow conversions that may overflow?
        dtype : `numpy.dtype`, optional
            Only `numpy.int32`.

        Returns
        -------
        mask : `MaskX`
            The mask.
        """
        array = self.readArray(bbox, origin, allowUnsafe, MaskX._dtype if dtype is None else dtype)
        mask = MaskX(array, False, self.readXY0(bbox, origin))
        with namingErrors(self.getFileName()):
            planes = MaskX.parseMaskPlaneMetadata(HeaderView(self._checkedFile(), self._hdu))
            inFile = MaskDict.copyOrGetDefault(planes)
        if inFile == MaskDict.getDefault():
            return mask
        if conformMasks:
            MaskDict.setDefault(inFile)
            mask._maskDict = inFile
        mask.conformMaskPlanes(planes)
        return mask
