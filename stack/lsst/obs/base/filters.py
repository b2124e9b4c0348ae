# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The filters of a camera."""

__all__ = ["FilterDefinition", "FilterDefinitionCollection"]

import collections.abc
import dataclasses
import math
import re
import warnings

from lsst.afw.image import Filter, FilterLabel
from lsst.afw.image.utils import defineFilter, resetFilters


class FilterDefinitionCollection(collections.abc.Sequence):
    """The filters of a camera in a given order.

    Parameters
    ----------
    *filters : `FilterDefinition`
        The filters.
    """

    def __init__(self, *filters):
        self._filters = list(filters)
        self.physical_to_band = {filter.physical_filter: filter.band for filter in self._filters}

    def __getitem__(self, key):
        return self._filters[key]

    def __len__(self):
        return len(self._filters)

    def __str__(self):
        return "FilterDefinitions(" + ", ".join(map(str, self._filters)) + ")"

    def defineFilters(self):
        """Define the filters as the only ones that `lsst.afw.image.Filter` knows."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", category=FutureWarning)
            resetFilters()
            for definition in self._filters:
                definition.defineFilter()

    def findAll(self, name):
        """Return the filters that have a name in any role.

        Parameters
        ----------
        name : `str`
            Name of a band or of a filter, or another name of it.

        Returns
        -------
        matches : `set` of `FilterDefinition`
            The filters.
        """
        return {filter for filter in self._filters if name in filter.names}


@dataclasses.dataclass(frozen=True)
class FilterDefinition:
    """One filter."""

    physical_filter: str
    """Name of the piece of glass, unique in its camera."""

    lambdaEff: float
    """Effective wavelength (nm)."""

    band: str = None
    """Name of the band, the same for all cameras."""

    doc: str = None
    """Description."""

    afw_name: str = None
    """Name as an `lsst.afw.image.Filter`, if neither of the above."""

    lambdaMin: float = math.nan
    """Shortest wavelength with 1% throughput (nm)."""

    lambdaMax: float = math.nan
    """Longest wavelength with 1% throughput (nm)."""

    alias: frozenset = frozenset()
    """Other names."""

    def __post_init__(self):
        object.__setattr__(self, "alias", frozenset(self.alias))

    @property
    def names(self):
        """All names (`set` of `str`)."""
        return {self.physical_filter, self.band, self.afw_name, *self.alias} - {None}

    def defineFilter(self):
        """Define the filter for `lsst.afw.image.Filter`.

        Its name there is ``afw_name``, else the band; the number that ends ``afw_name``, or the first one
        that makes it unique, is added to the band. Its other names become aliases.
        """
        known = set(Filter.getNames())
        if self.physical_filter == self.band and self.physical_filter in known:
            return
        band = self._findFreeBand(known)
        name = band or self.physical_filter
        if self.afw_name is not None and self.afw_name not in known:
            name = self.afw_name
        aliases = {self.physical_filter, band, *self.alias} - known - {name, None}
        defineFilter(name, self.lambdaEff, self.lambdaMin, self.lambdaMax, alias=sorted(aliases))

    def _findFreeBand(self, known):
        if self.band is None:
            return None
        match = re.match(rf"{self.band}(\d+)$", self.afw_name or "")
        numbers = range(int(match.group(1)) if match else 0, 50)
        candidates = (f"{self.band}{number or ''}" for number in numbers)
        return next((candidate for candidate in candidates if candidate not in known), None)

    def makeFilterLabel(self):
        """Return an `lsst.afw.image.FilterLabel` with both names."""
        return FilterLabel(band=self.band, physical=self.physical_filter)
