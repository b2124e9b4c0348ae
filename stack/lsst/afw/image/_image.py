# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Images of one plane: `ImageI`, `ImageF`, `ImageD`, `ImageU`, `ImageL`, and `Image` to select by type."""

import numpy as np
from lsst.utils import TemplateMeta

from lsst.afw.fits import DEFAULT_HDU
from lsst.afw.table.io import fileFormats

from ._construction import constructByForm
from ._fitsIo import ReadWithOptionsMixin, parseWriteOptions
from ._imageArithmetic import ImageArithmetic
from ._imageBase import ImageBase
from ._imageOrigin import PARENT

__all__ = ["Image", "ImageI", "ImageF", "ImageD", "ImageU", "ImageL"]


class _Image(ReadWithOptionsMixin, ImageArithmetic, ImageBase):
    """A 2-d array of pixels with an origin, ``image[x, y]``.

    The first argument selects the form of construction:

    - ``width, height, initialValue=0``;
    - ``dimensions=Extent2I(), initialValue=0``;
    - ``bbox, initialValue=0``;
    - ``rhs, deep=False``: another image; one of a different pixel type has to be copied;
    - ``rhs, bbox, origin=PARENT, deep=False``: a part of another image of this type;
    - ``array, deep=False, xy0=Point2I()``: use an array of this pixel type;
    - ``fileName, hdu=DEFAULT_HDU, metadata=None, bbox=Box2I(), origin=PARENT, allowUnsafe=False``: read a
      FITS file (a path, `lsst.afw.fits.MemFileManager`, or without ``hdu`` an open `lsst.afw.fits.Fits`).

    Raises
    ------
    TypeError
        Raised if the arguments match none of these.
    lsst.pex.exceptions.LengthError
        Raised if a box does not fit in the image that it is a part of, or a dimension is negative.
    lsst.afw.fits.FitsError
        Raised if a file cannot be read.
    """

    def __init__(self, *args, **kwargs):
        constructByForm(self, args, kwargs, {_Image: self._initCopy, np.ndarray: self._adoptArray})

    def _initSize(self, width, height, initialValue=0, *, intialValue=0):
        self._allocate(width, height, value=initialValue or intialValue)

    def _initDimensions(self, dimensions=None, initialValue=0):
        width, height = (0, 0) if dimensions is None else dimensions
        self._allocate(width, height, value=initialValue)

    def _initBBox(self, bbox, initialValue=0):
        self._allocate(bbox.getWidth(), bbox.getHeight(), bbox.getMinX(), bbox.getMinY(), initialValue)

    def _initCopy(self, rhs=None, bbox=None, origin=PARENT, deep=False, *, src=None):
        rhs = src if rhs is None else rhs
        if isinstance(bbox, bool):
            bbox, deep = None, bbox
        if type(rhs) is not type(self):
            self._initConverted(rhs, bbox, deep)
        elif bbox is None:
            self._copyFrom(rhs, deep)
        else:
            self._subimageOf(rhs, bbox, origin, deep)

    def _initConverted(self, rhs, bbox, deep):
        if bbox is not None:
            raise TypeError(f"Cannot make a {type(self).__name__} that is a part of a {type(rhs).__name__}")
        self._setPixels(rhs._array.astype(self._dtype), rhs._x0, rhs._y0)

    def _initFits(self, fileName=None, hdu=DEFAULT_HDU, metadata=None, bbox=None, origin=PARENT,
                  allowUnsafe=False, *, manager=None, fitsFile=None):
        source = next(item for item in (fileName, manager, fitsFile) if item is not None)
        self._copyFrom(fileFormats.of(type(self)).read(
            type(self), source, hdu, metadata, bbox, origin, allowUnsafe))

    @classmethod
    def readFits(cls, filename, hdu=DEFAULT_HDU):
        """Read an image from one HDU of a path or memory file."""
        return cls(filename, hdu)

    def writeFits(self, fileName, *args, **kwargs):
        """Write the image as an HDU of a FITS file.

        Parameters
        ----------
        fileName : `str`, `lsst.afw.fits.MemFileManager` or `lsst.afw.fits.Fits`
            Where to write.
        options : `lsst.afw.fits.ImageWriteOptions`, optional
            Compression and scaling; none by default.
        metadata : `lsst.daf.base.PropertySet`, optional
            Header; called ``header`` in the form with ``options``.
        mode : `str`, optional
            "w" to start a new file (the default), "a" to append an HDU.
        mask : `MaskX`, optional
            Pixels that statistics for the scaling ignore; only in the form with ``options``.

        Notes
        -----
        The order of positional arguments is v23's: ``fileName, metadata, mode``, or
        ``fileName, options, mode, header, mask``; without ``mode`` where ``fileName`` is an open file.
        """
        fileFormats.of(type(self)).write(self, fileName, *args, **kwargs)

    def writeFitsWithOptions(self, dest, options, item="image"):
        """Write the image with a recipe of the butler.

        Parameters
        ----------
        dest : `str`
            Path of the file.
        options : `lsst.daf.base.PropertySet` or `None`
            A recipe.
        item : `str`, optional
            Name of the part of the recipe to apply.
        """
        parsed = parseWriteOptions(options, [item])
        self.writeFits(dest, *(parsed or ()))

    def convertI(self):
        """Return a copy as `ImageI`."""
        return ImageI(self, True)

    def convertF(self):
        """Return a copy as `ImageF`."""
        return ImageF(self, True)

    def convertD(self):
        """Return a copy as `ImageD`."""
        return ImageD(self, True)

    def convertU(self):
        """Return a copy as `ImageU`."""
        return ImageU(self, True)

    def convertL(self):
        """Return a copy as `ImageL`."""
        return ImageL(self, True)

    convertFloat = convertF
    convertDouble = convertD


class ImageI(_Image):
    """An image of 32-bit signed integers."""

    _dtype = np.dtype(np.int32)


class ImageF(_Image):
    """An image of single-precision numbers."""

    _dtype = np.dtype(np.float32)


class ImageD(_Image):
    """An image of double-precision numbers."""

    _dtype = np.dtype(np.float64)


class ImageU(_Image):
    """An image of 16-bit unsigned integers."""

    _dtype = np.dtype(np.uint16)


class ImageL(_Image):
    """An image of 64-bit unsigned integers."""

    _dtype = np.dtype(np.uint64)


class Image(metaclass=TemplateMeta):
    """Selects the image class for ``dtype`` (`numpy.float32` or "F" is `ImageF`, and so on)."""


for _cls in (ImageI, ImageF, ImageD, ImageU, ImageL):
    Image.register(_cls._dtype.type, _cls)
    Image.alias(_cls.__name__[-1], _cls)
