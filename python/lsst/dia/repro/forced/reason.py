# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Why a row of a forced catalog has no flux."""

__all__ = ["Reason"]

import enum


class Reason(enum.IntEnum):
    """What the column ``reason`` of ``forcedDIASource`` says.

    The numbers are stored in files: they never change, and a new reason gets
    a new number. If several apply the first in this list is given.
    """

    #: There is a flux.
    MEASURED = 0
    #: The position is off the image or outside the polygon of its valid pixels.
    OFF_IMAGE = 1
    #: The pixel at the position has NO_DATA, or all pixels of the fit are not finite.
    NO_DATA = 2
    #: The PSF cannot be evaluated at the position.
    PSF_FAILED = 3
    #: A pixel of the fit is not finite in flux or variance.
    NON_FINITE_PIXELS = 4
    #: Too little of the PSF is on good pixels to measure.
    TOO_FEW_GOOD_PIXELS = 5
    #: The measurement failed in any other way.
    FAILED = 6

    @property
    def label(self):
        """Name as the documentation has it, such as ``offImage`` (`str`)."""
        first, *others = self.name.lower().split("_")
        return first + "".join(word.capitalize() for word in others)
