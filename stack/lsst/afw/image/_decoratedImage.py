# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Images with a header, as raw data are read."""

from lsst.utils import TemplateMeta

from lsst.afw.fits import DEFAULT_HDU, ImageWriteOptions
from lsst.daf.base import PropertyList
from lsst.geom import Box2I, Extent2I

from ._fitsIo import ReadWithOptionsMixin, isFitsSource, parseWriteOptions, splitWriteArguments
from ._image import ImageD, ImageF, ImageI, ImageL, ImageU
from ._imageArithmetic import refuseOperators
from ._imageOrigin import PARENT

__all__ = ["DecoratedImage", "DecoratedImageI", "DecoratedImageF", "DecoratedImageD", "DecoratedImageU",
           "DecoratedImageL"]


class _DecoratedImage(ReadWithOptionsMixin, refuseOperators("add", "sub", "mul", "truediv")):
    """An image with metadata and a gain.

    The first argument selects the form of construction: ``dimensions``, ``bbox``, an image (``rhs``, shared),
    another decorated image (``rhs, deep=False``), or
    ``fileName, hdu=DEFAULT_HDU, bbox=Box2I(), origin=PARENT, allowUnsafe=False``.
    """

    _imageClass = None

    def __init__(self, *args, **kwargs):
        self._metadata = PropertyList()
        self._gain = 0.0
        first = args[0] if args else next(iter(kwargs.values()), None)
        if isinstance(first, _DecoratedImage):
            self._initCopy(*args, **kwargs)
        elif isFitsSource(first):
            self._initFits(*args, **kwargs)
        elif isinstance(first, self._imageClass):
            self._image = first
        elif isinstance(first, Box2I):
            self._image = self._imageClass(first)
        else:
            self._image = self._imageClass(Extent2I(0, 0) if first is None else first)

    def _initCopy(self, rhs, deep=False):
        self._image = self._imageClass(rhs._image, deep)
        self._metadata, self._gain = rhs._metadata, rhs._gain

    def _initFits(self, fileName, hdu=DEFAULT_HDU, bbox=None, origin=PARENT, allowUnsafe=False):
        self._image = self._imageClass(fileName, hdu, self._metadata, bbox, origin, allowUnsafe)

    @property
    def image(self):
        """The image."""
        return self._image

    def getImage(self):
        """Return the image."""
        return self._image

    def getMetadata(self):
        """Return the metadata (`lsst.daf.base.PropertySet`)."""
        return self._metadata

    def setMetadata(self, metadata):
        """Set the metadata (`lsst.daf.base.PropertySet`)."""
        self._metadata = metadata

    def getGain(self):
        """Return the gain (`float`)."""
        return self._gain

    def setGain(self, gain):
        """Set the gain (`float`)."""
        self._gain = float(gain)

    def getWidth(self):
        """Return the number of columns."""
        return self._image.getWidth()

    def getHeight(self):
        """Return the number of rows."""
        return self._image.getHeight()

    def getX0(self):
        """Return the x index of the first column in the parent's coordinates."""
        return self._image.getX0()

    def getY0(self):
        """Return the y index of the first row in the parent's coordinates."""
        return self._image.getY0()

    def getDimensions(self):
        """Return (width, height) as an `lsst.geom.Extent2I`."""
        return self._image.getDimensions()

    def swap(self, other):
        """Exchange image and gain with another decorated image."""
        self._image, other._image = other._image, self._image
        self._gain, other._gain = other._gain, self._gain

    def writeFits(self, fileName, *args, **kwargs):
        """Write the image with its metadata.

        Parameters
        ----------
        fileName : `str`
            Path of the file.
        options : `lsst.afw.fits.ImageWriteOptions`, optional
            Compression and scaling; may be left out of the positional arguments.
        metadata : `lsst.daf.base.PropertySet`, optional
            Items to add to the metadata.
        mode : `str`, optional
            "w" or "a".
        """
        hasOptions = (args and isinstance(args[0], ImageWriteOptions)) or "options" in kwargs
        names = (("options",) if hasOptions else ()) + ("metadata", "mode")
        values = splitWriteArguments(names, args, kwargs)
        header = self._metadata
        if values["metadata"] is not None:
            header = header.deepCopy()
            header.combine(values["metadata"])
        options = values.get("options") or ImageWriteOptions(self._image)
        self._image.writeFits(fileName, options, values["mode"] or "w", header)

    def writeFitsWithOptions(self, dest, options, item="image"):
        """Write the image with a recipe of the butler; see ``Image.writeFitsWithOptions``."""
        parsed = parseWriteOptions(options, [item])
        self.writeFits(dest, *(parsed or ()))

    def convertF(self):
        """Return a copy of the image as `ImageF`."""
        return ImageF(self._image, True)

    def convertD(self):
        """Return a copy of the image as `ImageD`."""
        return ImageD(self._image, True)


class DecoratedImageI(_DecoratedImage):
    """An `ImageI` with metadata."""

    _imageClass = ImageI


class DecoratedImageF(_DecoratedImage):
    """An `ImageF` with metadata."""

    _imageClass = ImageF


class DecoratedImageD(_DecoratedImage):
    """An `ImageD` with metadata."""

    _imageClass = ImageD


class DecoratedImageU(_DecoratedImage):
    """An `ImageU` with metadata."""

    _imageClass = ImageU


class DecoratedImageL(_DecoratedImage):
    """An `ImageL` with metadata."""

    _imageClass = ImageL


class DecoratedImage(metaclass=TemplateMeta):
    """Selects the class for ``dtype`` (`numpy.float32` or "F" is `DecoratedImageF`, and so on)."""


for _cls in (DecoratedImageI, DecoratedImageF, DecoratedImageD, DecoratedImageU, DecoratedImageL):
    DecoratedImage.register(_cls._imageClass._dtype.type, _cls)
    DecoratedImage.alias(_cls.__name__[-1], _cls)
