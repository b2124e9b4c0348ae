# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Files that hold one object of an archive."""

import lsst.pex.exceptions as pexExceptions
from lsst.afw.fits import FitsFile

from .._formatRegistry import registerFileFormat
from .._persistable import Persistable
from ._inputArchive import InputArchive
from ._outputArchive import OutputArchive
from ._readSchema import resolveHdu


def _write(obj, fileName, mode):
    """Write an object, and what it holds; see `Persistable.writeFits`."""
    archive = OutputArchive()
    archive.put(obj)
    with FitsFile(fileName, mode) as file:
        archive.writeFits(file)


def _read(cls, fileName, hdu):
    """Read an object of a class; see `Persistable.readFits`."""
    with FitsFile(fileName, "r") as file:
        archive = InputArchive.readFits(file, resolveHdu(file, hdu))
    result = archive.get(1)
    if not isinstance(result, cls):
        raise pexExceptions.TypeError(f"The file holds a {type(result).__name__}, not a {cls.__name__}")
    return result


registerFileFormat(Persistable, _read, _write)
