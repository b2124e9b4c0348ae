# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Files with an exposure.

====================== =====================================================================================
HDU                    what
====================== =====================================================================================
primary                no pixels; free metadata, cards of `VisitInfo`, EXPINFO_V (version
                       of the layout), AR_HDU (where the archive is), and for each component its number in
                       the archive: ``ARCHIVE_ID_PSF``, ``ARCHIVE_ID_SKYWCS``...
IMAGE, MASK, VARIANCE  the planes (``imageHdu``), each with its xy0 as WCS "A", and a FITS WCS for other
                       programs
ARCHIVE_INDEX          which rows of the tables that follow are which component
one a kind of row      the components (``psf``, ``photoCalib``... of the packages that have their classes)
====================== =====================================================================================

``exposureFitsWriter`` writes it; ``exposureFitsReader`` reads it and what older stacks wrote.
"""

from lsst.afw.fits import ImageWriteOptions
from lsst.afw.table.io import registerFileFormat

from .._exposure import _Exposure
from .exposureFitsReader import ExposureFitsReader
from .exposureFitsWriter import writeExposure
from .fitsTarget import openForWriting, splitWriteArguments


def _read(cls, source, bbox, origin, conformMasks, allowUnsafe):
    """Return the pixels and the components; or, where components can wait, the reader for them."""
    reader = ExposureFitsReader(source)
    dtype = cls._maskedImageClass._imageClass._dtype
    pixels = reader.readMaskedImage(bbox, origin, conformMasks, allowUnsafe, dtype)
    if reader._keepComponents():
        return pixels, None, reader
    return pixels, reader.readExposureInfo(), None


def _write(exposure, target, *args, **kwargs):
    values = splitWriteArguments(("imageOptions", "maskOptions", "varianceOptions"), args, kwargs)
    options = list(values.values())
    if all(option is None for option in options):
        options = None
    elif not all(isinstance(option, ImageWriteOptions) for option in options):
        raise TypeError("writeFits needs ImageWriteOptions for all three planes, or for none")
    with openForWriting(target) as fits:
        writeExposure(exposure, fits, options)


registerFileFormat(_Exposure, _read, _write)
