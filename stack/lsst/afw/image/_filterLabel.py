# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The filter of an exposure: its band, its physical name, or both."""

import re

from lsst.afw.table.io import Persistable

__all__ = ["FilterLabel", "getDatabaseFilterLabel"]


def getDatabaseFilterLabel(filterLabel):
    """Replace every character of a name that is no letter, digit or underscore by an underscore."""
    return re.sub(r"\W", "_", filterLabel, flags=re.ASCII)


class FilterLabel(Persistable):
    """A filter, immutable.

    Parameters
    ----------
    band : `str`, optional
        The band, e.g. "r".
    physical : `str`, optional
        The name of the piece of glass, e.g. "HSC-R2".

    Raises
    ------
    ValueError
        Raised if neither is given.
    TypeError
        Raised if one is not a string.
    """

    def __init__(self, band=None, physical=None):
        for value in (band, physical):
            if value is not None and not isinstance(value, str):
                raise TypeError(f"A filter is named by strings, not {value!r}")
        if band is None and physical is None:
            raise ValueError("Need at least one of band, physical")
        self._band = band
        self._physical = physical

    @staticmethod
    def fromBandPhysical(band, physical):
        """Return a label with both names."""
        return FilterLabel(band=band, physical=physical)

    @staticmethod
    def fromBand(band):
        """Return a label with a band only."""
        return FilterLabel(band=band)

    @staticmethod
    def fromPhysical(physical):
        """Return a label with a physical name only."""
        return FilterLabel(physical=physical)

    def hasBandLabel(self):
        """Is the band known?"""
        return self._band is not None

    @property
    def bandLabel(self):
        """The band; RuntimeError if it is not known (`str`)."""
        if self._band is None:
            raise RuntimeError(f"{self!r} has no band.")
        return self._band

    def hasPhysicalLabel(self):
        """Is the physical name known?"""
        return self._physical is not None

    @property
    def physicalLabel(self):
        """The physical name; RuntimeError if it is not known (`str`)."""
        if self._physical is None:
            raise RuntimeError(f"{self!r} has no physical filter.")
        return self._physical

    def __eq__(self, other):
        if not isinstance(other, FilterLabel):
            return NotImplemented
        return self._band == other._band and self._physical == other._physical

    def __hash__(self):
        return hash((self._band, self._physical))

    def __repr__(self):
        names = (("band", self._band), ("physical", self._physical))
        return "FilterLabel(" + ", ".join(f'{name}="{value}"' for name, value in names
                                          if value is not None) + ")"

    def __copy__(self):
        return FilterLabel(self._band, self._physical)

    def __deepcopy__(self, memo):
        return self.__copy__()
