# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""A few values of a header, without turning all of it into a property list."""

import math

from lsst.afw.fits import FitsError

__all__ = ["HeaderView"]


class HeaderView:
    """Read-only access to the cards of an HDU, and of the primary HDU where it says INHERIT.

    It has as much of the interface of `lsst.daf.base.PropertySet` as the search for ``xy0`` and for mask
    planes needs.

    Parameters
    ----------
    file : `lsst.afw.fits.FitsFile`
        The file.
    hdu : `int`
        Number of the HDU.
    """

    def __init__(self, file, hdu):
        self._units = [file.hdu(hdu)]
        if hdu > 0 and self._units[0].get("INHERIT") in (True, "T"):
            self._units.append(file.hdu(0))

    def _get(self, key):
        return next((value for value in (unit.get(key) for unit in self._units) if value is not None), None)

    def exists(self, key):
        """Is there a card of this name?"""
        return self._get(key) is not None

    def _getTyped(self, key, types):
        value = self._get(key)
        if type(value) not in types or not math.isfinite(value):
            raise FitsError(f"cfitsio error ({self._units[0].where}): {key} = {value!r} is not a number of "
                            "the type it has to be")
        return value

    def getAsDouble(self, key):
        """Return a number; `lsst.afw.fits.FitsError` if the card has none."""
        return float(self._getTyped(key, (int, float)))

    def getAsInt(self, key):
        """Return an integer; `lsst.afw.fits.FitsError` if the card has none."""
        return self._getTyped(key, (int,))

    def paramNames(self, topLevelOnly=True):
        """Return the names of the cards, those of the primary HDU first."""
        return list(dict.fromkeys(key for unit in reversed(self._units) for key in unit._textMap()))
