# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The color of a source, a placeholder in the stack: no Psf depends on it."""

import math

__all__ = ["Color"]


class Color:
    """The color of a source.

    Parameters
    ----------
    g_r : `float`
        Color g - r, magnitudes; NaN if indeterminate.
    """

    def __init__(self, g_r=math.nan):
        self._g_r = g_r

    def isIndeterminate(self):
        """Tell whether the color is not specified."""
        return math.isnan(self._g_r)

    def __eq__(self, other):
        if not isinstance(other, Color):
            return NotImplemented
        return self._g_r == other._g_r or (self.isIndeterminate() and other.isIndeterminate())

    def __hash__(self):
        return hash(None if self.isIndeterminate() else self._g_r)
