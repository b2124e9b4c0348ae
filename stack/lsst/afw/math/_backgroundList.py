# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Backgrounds that add up, as the stack stores them beside a calibrated exposure."""

__all__ = ["BackgroundList"]

from lsst.afw.fits import reduceToFits
from lsst.afw.table.io import fileFormats

from ._approximate import ApproximateControl


class BackgroundList:
    """A list of backgrounds and how to make images of them.

    Items are tuples of the `BackgroundMI`, `Interpolate.Style`, `UndersampleStyle`,
    `ApproximateControl.Style`, orders of the approximation in x and y, and whether it was weighted.

    Parameters
    ----------
    *args : `BackgroundMI` or `tuple`
        Items; of a background alone the rest is what its last image was made with.
    """

    def __init__(self, *args):
        self._backgrounds = []
        for item in args:
            self.append(item)

    def append(self, val):
        """Add an item, or a background alone."""
        self._backgrounds.append(val if isinstance(val, tuple) else (val, *[None]*6))

    def __getitem__(self, index):
        self._backgrounds = [_complete(item) for item in self._backgrounds]
        return self._backgrounds[index]

    def __len__(self):
        return len(self._backgrounds)

    def clone(self):
        """Return a copy that shares the backgrounds."""
        return BackgroundList(*self)

    def getImage(self):
        """Return the sum of the images of the backgrounds, `lsst.afw.image.ImageF`; `None` if empty."""
        total = None
        for background, interpStyle, undersampleStyle, approximateStyle, *_ in self:
            if approximateStyle != ApproximateControl.UNKNOWN:
                image = background.getImageF()
            else:
                image = background.getImageF(interpStyle, undersampleStyle)
            if total is None:
                total = image
            else:
                total += image
        return total

    def writeFits(self, fileName, flags=0):
        """Write the list to a FITS file: three HDUs for each background.

        Parameters
        ----------
        fileName : `str` or `lsst.afw.fits.MemFileManager`
            File.
        flags : `int`
            Not used.
        """
        fileFormats.of(type(self)).write(self, fileName)

    @staticmethod
    def readFits(fileName, hdu=0, flags=0):
        """Read a list from a FITS file.

        Parameters
        ----------
        fileName : `str` or `lsst.afw.fits.MemFileManager`
            File.
        hdu, flags : `int`
            Not used, as in the stack: all HDUs are read.

        Returns
        -------
        backgrounds : `BackgroundList`
            The list.

        Raises
        ------
        lsst.pex.exceptions.RuntimeError
            If there is no such file, or it holds something else.
        lsst.afw.fits.FitsError
            If it cannot be read.
        """
        return fileFormats.of(BackgroundList).read(BackgroundList, fileName)

    def __reduce__(self):
        return reduceToFits(self)


def _complete(item):
    """Fill in what is not known of an item with what its background was last used with."""
    background, interpStyle, undersampleStyle, *_ = item
    if interpStyle is not None and undersampleStyle is not None:
        return item
    control = background.getBackgroundControl().getApproximateControl()
    return (background, background.getAsUsedInterpStyle(), background.getAsUsedUndersampleStyle(),
            control.getStyle(), control.getOrderX(), control.getOrderY(), control.getWeighting())
