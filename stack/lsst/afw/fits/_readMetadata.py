# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Reading the header of one HDU by file name."""

__all__ = ["DEFAULT_HDU", "readMetadata"]

from ._file import FitsFile

DEFAULT_HDU = -2147483648
"""HDU number that means the first extension if the primary has no pixels, else the primary."""


def readMetadata(fileName, hdu=DEFAULT_HDU, strip=False):
    """Read the header of an HDU.

    Parameters
    ----------
    fileName : path-like or `MemFileManager`
        The file.
    hdu : `int`, optional
        Number of the HDU, 0 for the primary.
    strip : `bool`, optional
        Leave out keys that belong to the file format.

    Returns
    -------
    metadata : `lsst.daf.base.PropertyList`
        The header, with that of the primary added if it says INHERIT = T.

    Raises
    ------
    FitsError
        Raised if the file or HDU does not exist or the header is broken.
    """
    with FitsFile(fileName, "r") as file:
        return file.readHeader(file.defaultHdu() if hdu == DEFAULT_HDU else hdu, strip)
