# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Exposures: a masked image and what is known about it."""


from lsst.utils import TemplateMeta

from lsst.afw.fits import reduceToFits
from lsst.afw.table.io import fileFormats
from lsst.geom import Extent2I

from ._construction import constructByForm
from ._exposureComponents import ExposureComponents
from ._exposureInfo import ExposureInfo
from ._exposurePixels import ExposurePixels
from ._fitsIo import ReadWithOptionsMixin, parseWriteOptions
from ._imageArithmetic import refuseOperators
from ._imageOrigin import PARENT
from ._maskedImage import MaskedImageD, MaskedImageF, MaskedImageI, MaskedImageL, MaskedImageU
from ._slicing import SliceableMixin

__all__ = ["Exposure", "ExposureI", "ExposureF", "ExposureD", "ExposureU", "ExposureL", "makeExposure"]


class _Exposure(ReadWithOptionsMixin, ExposurePixels, ExposureComponents,
                refuseOperators("add", "sub", "mul", "truediv"), SliceableMixin):
    """A masked image with WCS, PSF, calibration and so on.

    The first argument selects the form of construction:

    - ``width, height, wcs=None``, ``dimensions=Extent2I(), wcs=None`` and ``bbox, wcs=None``;
    - ``maskedImage, wcs=None`` and ``maskedImage, exposureInfo``: share the planes;
    - ``other, deep=False`` and ``other, bbox, origin=PARENT, deep=False``: another exposure (of another pixel
      type only with ``deep=True``) or a part of it;
    - ``fileName, bbox=Box2I(), origin=PARENT, conformMasks=False, allowUnsafe=False``: read a FITS file (a
      path or `lsst.afw.fits.MemFileManager`).

    Raises
    ------
    TypeError
        Raised if the arguments match none of these.
    lsst.pex.exceptions.LengthError
        Raised if a box does not fit.
    lsst.afw.fits.FitsError
        Raised if a file cannot be read.
    """

    _maskedImageClass = None

    def __init__(self, *args, **kwargs):
        forms = {self._maskedImageClass: self._initMaskedImage, _Exposure: self._initCopy}
        constructByForm(self, args, kwargs, forms)

    def _initSize(self, width, height, wcs=None):
        self._set2(self._maskedImageClass(width, height), ExposureInfo(wcs))

    def _initDimensions(self, dimensions=None, wcs=None):
        self._set2(self._maskedImageClass(dimensions or Extent2I(0, 0)), ExposureInfo(wcs))

    def _initBBox(self, bbox, wcs=None):
        self._set2(self._maskedImageClass(bbox), ExposureInfo(wcs))

    def _initMaskedImage(self, maskedImage, wcs=None, *, exposureInfo=None):
        if isinstance(wcs, ExposureInfo):
            wcs, exposureInfo = None, wcs
        info = ExposureInfo(wcs) if exposureInfo is None else exposureInfo
        self._set2(type(maskedImage)(maskedImage), info)

    def _initCopy(self, other=None, bbox=None, origin=PARENT, deep=False, *, src=None):
        other = src if other is None else other
        if isinstance(bbox, bool):
            bbox, deep = None, bbox
        pixels = other._maskedImage
        if bbox is None:
            pixels = self._maskedImageClass(pixels, deep)
        else:
            pixels = self._maskedImageClass(pixels, bbox, origin, deep)
        self._set2(pixels, ExposureInfo(other._info, deep))

    def _initFits(self, fileName=None, bbox=None, origin=PARENT, conformMasks=False, allowUnsafe=False, *,
                  manager=None):
        source = manager if fileName is None else fileName
        pixels, info, reader = fileFormats.of(type(self)).read(
            type(self), source, bbox, origin, conformMasks, allowUnsafe)
        self._set2(pixels, info)
        self._reader = reader

    def _set2(self, maskedImage, info):
        self._maskedImage = maskedImage
        self._loadedInfo = info
        self._reader = None

    @property
    def _info(self):
        """The components, made of the bytes that were read with the pixels when they are first asked for."""
        if self._reader is not None:
            self._loadedInfo = self._reader.readExposureInfo()
            self._reader = None
        return self._loadedInfo

    def subset(self, bbox, origin=PARENT):
        """Return the part inside a box, sharing memory with this exposure."""
        return type(self)(self, bbox, origin, False)

    # Files

    @classmethod
    def readFits(cls, filename):
        """Read an exposure from a path or memory file."""
        return cls(filename)

    def writeFits(self, fileName, *args, **kwargs):
        """Write the exposure to a new FITS file.

        Parameters
        ----------
        fileName : `str`, `lsst.afw.fits.MemFileManager` or `lsst.afw.fits.Fits`
            Where to write.
        imageOptions, maskOptions, varianceOptions : `lsst.afw.fits.ImageWriteOptions`, optional
            Compression and scaling of each plane: all three or none.
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
        """Return a copy as `ExposureF`."""
        return ExposureF(self, deep=True)

    def convertD(self):
        """Return a copy as `ExposureD`."""
        return ExposureD(self, deep=True)

    def __reduce__(self):
        return reduceToFits(self)


class ExposureI(_Exposure):
    """An exposure of 32-bit signed integers."""

    _maskedImageClass = MaskedImageI


class ExposureF(_Exposure):
    """An exposure of single-precision numbers."""

    _maskedImageClass = MaskedImageF


class ExposureD(_Exposure):
    """An exposure of double-precision numbers."""

    _maskedImageClass = MaskedImageD


class ExposureU(_Exposure):
    """An exposure of 16-bit unsigned integers."""

    _maskedImageClass = MaskedImageU


class ExposureL(_Exposure):
    """An exposure of 64-bit unsigned integers."""

    _maskedImageClass = MaskedImageL


class Exposure(metaclass=TemplateMeta):
    """Selects the exposure class for ``dtype`` (`numpy.float32` or "F" is `ExposureF`, and so on)."""


for _cls in (ExposureI, ExposureF, ExposureD, ExposureU, ExposureL):
    Exposure.register(_cls._maskedImageClass._imageClass._dtype.type, _cls)
    Exposure.alias(_cls.__name__[-1], _cls)

_BY_MASKED_IMAGE = {cls._maskedImageClass: cls
                    for cls in (ExposureI, ExposureF, ExposureD, ExposureU, ExposureL)}


def makeExposure(maskedImage, wcs=None):
    """Make an exposure of the right type that shares the planes of a masked image."""
    try:
        cls = _BY_MASKED_IMAGE[type(maskedImage)]
    except KeyError:
        raise TypeError(f"makeExposure needs a masked image, not {type(maskedImage).__name__}") from None
    return cls(maskedImage, wcs)
