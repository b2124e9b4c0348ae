# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""What a camera says about its filters."""

__all__ = ["Instrument"]

from abc import ABC, abstractmethod


class Instrument(ABC):
    """An instrument; of the Gen3 class of this name only what the Gen2 mappers use.

    Making an instrument defines its filters for `lsst.afw.image.Filter`.
    """

    def __init__(self):
        self.filterDefinitions.defineFilters()

    @classmethod
    @abstractmethod
    def getName(cls):
        """Return the name of the instrument."""

    @property
    @abstractmethod
    def filterDefinitions(self):
        """The filters (`FilterDefinitionCollection`)."""
