# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Masked images: image, mask and variance of the same size."""

import logging

import numpy as np
from lsst.utils import TemplateMeta

from lsst.afw.fits import reduceToFits
from lsst.afw.table.io import fileFormats
from lsst.geom import Extent2I
from lsst.pex.exceptions import LengthError

from ._construction import constructByForm
from ._fitsIo import ReadWithOptionsMixin, parseWriteOptions
from ._image import ImageD, ImageF, ImageI, ImageL, ImageU
from ._imageBase import parseXY0
from ._imageOrigin import PARENT
from ._mask import MaskX
from ._maskedImageArithmetic import MaskedImageArithmetic
from ._slicing import SliceableMixin

__all__ = ["MaskedImage", "MaskedImageI", "MaskedImageF", "MaskedImageD", "MaskedImageU", "MaskedImageL",
           "VariancePixel", "makeMaskedImage"]

_LOG = logging.getLogger("lsst.afw.image.MaskedImage")

VariancePixel = np.float32


class _MaskedImage(ReadWithOptionsMixin, MaskedImageArithmetic, SliceableMixin):
    """An image with a mask and a variance plane.

    The first argument selects the form of construction:

    - ``width, height, planeDict={}``, ``dimensions=Extent2I(), planeDict={}`` and ``bbox, planeDict={}``;
    - ``image, mask=None, variance=None``: share these planes; those missing are made, filled with 0;
    - ``rhs, deep=False`` and ``rhs, bbox, origin=PARENT, deep=False``: another masked image (of another pixel
      type only with ``deep=True``) or a part of it;
    - ``fileName, metadata=None, bbox=Box2I(), origin=PARENT, conformMasks=False, needAllHdus=False,
      imageMetadata=None, maskMetadata=None, varianceMetadata=None, allowUnsafe=False``: read a FITS file (a
      path or `lsst.afw.fits.MemFileManager`).

    Raises
    ------
    TypeError
        Raised if the arguments match none of these.
    lsst.pex.exceptions.LengthError
        Raised if the planes differ in size, or a box does not fit.
    lsst.afw.fits.FitsError
        Raised if a file cannot be read.
    """

    _imageClass = None

    def __init__(self, *args, **kwargs):
        forms = {self._imageClass: self._initPlanes, _MaskedImage: self._initCopy}
        constructByForm(self, args, kwargs, forms)

    def _initSize(self, width, height, planeDict=None):
        self._initDimensions(Extent2I(width, height), planeDict)

    def _initDimensions(self, dimensions=None, planeDict=None):
        dimensions = Extent2I(0, 0) if dimensions is None else dimensions
        self._setPlanes(self._imageClass(dimensions), MaskX(dimensions, planeDict or {}), ImageF(dimensions))

    def _initBBox(self, bbox, planeDict=None):
        self._setPlanes(self._imageClass(bbox), MaskX(bbox, planeDict or {}), ImageF(bbox))

    def _initPlanes(self, image, mask=None, variance=None):
        if mask is not None and not isinstance(mask, MaskX):
            raise TypeError(f"mask has to be a MaskX, not {type(mask).__name__}")
        if variance is not None and not isinstance(variance, ImageF):
            raise TypeError(f"variance has to be an ImageF, not {type(variance).__name__}")
        self._setPlanes(image, mask, variance)

    def _initCopy(self, rhs=None, bbox=None, origin=PARENT, deep=False, *, src=None):
        rhs = src if rhs is None else rhs
        if isinstance(bbox, bool):
            bbox, deep = None, bbox
        if type(rhs) is not type(self):
            if bbox is not None or not deep:
                raise TypeError(f"{type(rhs).__name__} can only be copied whole to {type(self).__name__}")
            self._setPlanes(self._imageClass(rhs.image, True), MaskX(rhs.mask, True),
                            ImageF(rhs.variance, True))
        elif bbox is not None:
            self._setPlanes(*(type(plane)(plane, bbox, origin, deep) for plane in rhs._planes()))
        elif deep:
            self._setPlanes(*(type(plane)(plane, True) for plane in rhs._planes()))
        else:
            self._setPlanes(*rhs._planes())

    def _initFits(self, fileName=None, metadata=None, bbox=None, origin=PARENT, conformMasks=False,
                  needAllHdus=False, imageMetadata=None, maskMetadata=None, varianceMetadata=None,
                  allowUnsafe=False, *, manager=None):
        read = fileFormats.of(type(self)).read(
            type(self), manager if fileName is None else fileName, bbox, origin, conformMasks, needAllHdus,
            allowUnsafe, [metadata, imageMetadata, maskMetadata, varianceMetadata])
        self._setPlanes(*read._planes())

    def _setPlanes(self, image, mask, variance):
        self._image = image
        self._mask = self._conform("Mask", mask, MaskX)
        self._variance = self._conform("Variance", variance, ImageF)

    def _conform(self, name, plane, cls):
        """Return the plane if it has the size of the image, or a new one if it is missing or empty."""
        if plane is None or plane.array.size == 0:
            return cls(self._image.getBBox())
        if plane.array.shape != self._image.array.shape:
            raise LengthError(f"Dimension mismatch: Image {self.getWidth()}x{self.getHeight()} v. "
                              f"{name} {plane.getWidth()}x{plane.getHeight()}")
        return plane

    def _planes(self):
        return self._image, self._mask, self._variance

    @property
    def image(self):
        """The image plane; assigning copies pixels (`Image`)."""
        return self._image

    @image.setter
    def image(self, value):
        self._image.assign(value)

    @property
    def mask(self):
        """The mask plane; assigning copies pixels (`MaskX`)."""
        return self._mask

    @mask.setter
    def mask(self, value):
        self._mask.assign(value)

    @property
    def variance(self):
        """The variance plane; assigning copies pixels (`ImageF`)."""
        return self._variance

    @variance.setter
    def variance(self, value):
        self._variance.assign(value)

    def getImage(self):
        """Return the image plane."""
        return self._image

    def setImage(self, image):
        """Copy pixels into the image plane."""
        self._image.assign(image)

    def getMask(self):
        """Return the mask plane."""
        return self._mask

    def setMask(self, mask):
        """Copy pixels into the mask plane."""
        self._mask.assign(mask)

    def getVariance(self):
        """Return the variance plane."""
        return self._variance

    def setVariance(self, variance):
        """Copy pixels into the variance plane."""
        self._variance.assign(variance)

    def getArrays(self):
        """Return the arrays of (image, mask, variance)."""
        return tuple(plane.array for plane in self._planes())

    def getWidth(self):
        """Return the number of columns."""
        return self._image.getWidth()

    def getHeight(self):
        """Return the number of rows."""
        return self._image.getHeight()

    def getDimensions(self):
        """Return (width, height) as an `lsst.geom.Extent2I`."""
        return self._image.getDimensions()

    def getX0(self):
        """Return the x index of the first column in the parent's coordinates."""
        return self._image.getX0()

    def getY0(self):
        """Return the y index of the first row in the parent's coordinates."""
        return self._image.getY0()

    def getXY0(self):
        """Return the position of the lower left pixel in the parent's coordinates."""
        return self._image.getXY0()

    def setXY0(self, *args, **kwargs):
        """Set the origin of all planes: an `lsst.geom.Point2I` or two integers ``x0`` and ``y0``."""
        x0, y0 = parseXY0(*args, **kwargs)
        for plane in self._planes():
            plane.setXY0(x0, y0)

    def getBBox(self, origin=PARENT):
        """Return the bounding box in the given coordinates (`lsst.geom.Box2I`)."""
        return self._image.getBBox(origin)

    def indexToPosition(self, index, xOrY):
        """Convert a local index along axis `X` or `Y` to a position in the parent's coordinates."""
        return self._image.indexToPosition(index, xOrY)

    def positionToIndex(self, position, xOrY):
        """Convert a position in the parent's coordinates to (local index, offset from the pixel's center)."""
        return self._image.positionToIndex(position, xOrY)

    def _isAssignable(self, value):
        return type(value) is type(self)

    def assign(self, rhs, bbox=None, origin=PARENT):
        """Copy all planes of another masked image, into a part of this one if ``bbox`` is given."""
        if not self._isAssignable(rhs):
            raise TypeError(f"Cannot assign {type(rhs).__name__} to {type(self).__name__}")
        for mine, theirs in zip(self._planes(), rhs._planes()):
            mine.assign(theirs, bbox, origin)

    def subset(self, bbox, origin=PARENT):
        """Return the part inside a box, sharing memory with this masked image."""
        return type(self)(self, bbox, origin, False)

    def swap(self, other):
        """Exchange the planes with another masked image of this type."""
        mine = self._planes()
        self._setPlanes(*other._planes())
        other._setPlanes(*mine)

    def set(self, value, mask=None, variance=None):
        """Set all pixels to (value, mask, variance), given as a tuple or one by one; missing ones are 0."""
        if mask is None and variance is None and np.ndim(value) > 0:
            value, mask, variance = value
        self._image.set(value)
        self._mask.set(0 if mask is None else mask)
        self._variance.set(0.0 if variance is None else variance)

    def _get(self, index, origin):
        return tuple(plane._get(index, origin) for plane in self._planes())

    def _set(self, index, value, origin):
        for plane, item in zip(self._planes(), value):
            plane._set(index, item, origin)

    @classmethod
    def readFits(cls, filename):
        """Read a masked image from a path or memory file."""
        return cls(filename)

    def writeFits(self, fileName, *args, **kwargs):
        """Write the three planes to the first extensions of a new FITS file.

        Parameters
        ----------
        fileName : `str`, `lsst.afw.fits.MemFileManager` or `lsst.afw.fits.Fits`
            Where to write.
        imageOptions, maskOptions, varianceOptions : `lsst.afw.fits.ImageWriteOptions`, optional
            Compression and scaling of each plane: all three or none.
        metadata : `lsst.daf.base.PropertySet`, optional
            Header of the primary HDU; called ``header`` in the form with options.
        imageMetadata, maskMetadata, varianceMetadata : `lsst.daf.base.PropertySet`, optional
            Headers of the planes; only in the form without options.

        Raises
        ------
        lsst.pex.exceptions.LogicError
            Raised if the file has HDUs already.
        """
        fileFormats.of(type(self)).write(self, fileName, *args, **kwargs)

    def writeFitsWithOptions(self, dest, options):
        """Write with a recipe of the butler that has items "image", "mask" and "variance".

        Parameters
        ----------
        dest : `str`
            Path of the file.
        options : `lsst.daf.base.PropertySet` or `None`
            The recipe; without one, or with one that cannot be understood, defaults apply.
        """
        parsed = parseWriteOptions(options, ["image", "mask", "variance"])
        self.writeFits(dest, *(parsed or ()))

    def convertF(self):
        """Return a copy as `MaskedImageF`."""
        return MaskedImageF(self, True)

    def convertD(self):
        """Return a copy as `MaskedImageD`."""
        return MaskedImageD(self, True)

    def __str__(self):
        return (f"image={self.image.array},\nmask={self.mask.array}, "
                f"maskPlaneDict={self.mask.getMaskPlaneDict()}\nvariance={self.variance.array}, "
                f"bbox={self.getBBox()}")

    def __repr__(self):
        return f"{type(self).__module__}.{type(self).__name__}=({self})"

    def __reduce__(self):
        return reduceToFits(self)


class MaskedImageI(_MaskedImage):
    """A masked image of 32-bit signed integers."""

    _imageClass = ImageI


class MaskedImageF(_MaskedImage):
    """A masked image of single-precision numbers."""

    _imageClass = ImageF


class MaskedImageD(_MaskedImage):
    """A masked image of double-precision numbers."""

    _imageClass = ImageD


class MaskedImageU(_MaskedImage):
    """A masked image of 16-bit unsigned integers."""

    _imageClass = ImageU


class MaskedImageL(_MaskedImage):
    """A masked image of 64-bit unsigned integers."""

    _imageClass = ImageL


class MaskedImage(metaclass=TemplateMeta):
    """Selects the masked image class for ``dtype`` (`numpy.float32` or "F" is `MaskedImageF`, and so on)."""


for _cls in (MaskedImageI, MaskedImageF, MaskedImageD, MaskedImageU, MaskedImageL):
    MaskedImage.register(_cls._imageClass._dtype.type, _cls)
    MaskedImage.alias(_cls.__name__[-1], _cls)

_BY_IMAGE = {cls._imageClass: cls for cls in (MaskedImageI, MaskedImageF, MaskedImageD, MaskedImageU,
                                              MaskedImageL)}


def makeMaskedImage(image, mask=None, variance=None):
    """Combine planes into a masked image of the right type, sharing their memory."""
    try:
        cls = _BY_IMAGE[type(image)]
    except KeyError:
        raise TypeError(f"makeMaskedImage needs an image, not {type(image).__name__}") from None
    return cls(image, mask, variance)
