# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Base of the transforms that belong to built-in algorithms."""

from lsst.pex.exceptions import LengthError

from .flagHandler import FlagHandler

__all__ = ["BaseTransform"]


class BaseTransform:
    """Turns the fields of an algorithm into calibrated ones.

    Parameters
    ----------
    name : `str`
        Name of the algorithm.
    """

    def __init__(self, name):
        self._name = name

    def _mapFlags(self, mapper, definitions):
        """Copy the flags of an algorithm, besides that of failure, as far as there are fields."""
        names = mapper.getInputSchema().getNames()
        for definition in definitions:
            flag = f"{self._name}_{definition.name}"
            if definition.name != FlagHandler.getFailureFlagName() and flag in names:
                mapper.addMapping(mapper.getInputSchema().find(flag).key)

    @staticmethod
    def checkCatalogSize(cat1, cat2):
        """Check that two catalogs are of the same length.

        Raises
        ------
        lsst.pex.exceptions.LengthError
            They are not.
        """
        if len(cat1) != len(cat2):
            raise LengthError("Catalog size mismatch")
