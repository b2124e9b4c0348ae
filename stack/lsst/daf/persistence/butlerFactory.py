# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The older way to make a butler from a mapper."""

__all__ = ["ButlerFactory"]

from .butler import Butler


class ButlerFactory:
    """Makes butlers that use one mapper.

    Parameters
    ----------
    mapper : `Mapper`
        The mapper; its attribute ``root``, if any, is the root of the repository.
    """

    def __init__(self, mapper):
        self.mapper = mapper

    def create(self):
        """Make a butler."""
        return Butler(root=getattr(self.mapper, "root", None), mapper=self.mapper)
