# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""A flux in an aperture, and its flags."""

from .fluxUtilities import FluxResult

__all__ = ["ApertureFluxResult"]


class ApertureFluxResult(FluxResult):
    """An instrumental flux in an aperture, its error (counts), and the flags of `ApertureFluxAlgorithm`."""

    def __init__(self):
        super().__init__()
        self._flags = set()

    def getFlag(self, bit):
        """Return a flag.

        Parameters
        ----------
        bit : `int` or `str`
            Number or name of the flag.
        """
        if isinstance(bit, str):
            from .apertureFlux import ApertureFluxAlgorithm

            bit = ApertureFluxAlgorithm.getFlagDefinitions().getDefinition(bit).number
        return bit in self._flags

    def setFlag(self, index, value=True):
        """Set a flag of a number to a value."""
        (self._flags.add if value else self._flags.discard)(index)

    def unsetFlag(self, index):
        """Set a flag of a number to false."""
        self.setFlag(index, False)
