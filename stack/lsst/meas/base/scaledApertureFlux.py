# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Settings of the scaled aperture plugin, which stored configs mention; the plugin itself is not here."""

from ._control import Control, ControlField

__all__ = ["ScaledApertureFluxControl"]


class ScaledApertureFluxControl(Control):
    """Settings of ``base_ScaledApertureFlux``."""

    shiftKernel = ControlField("std::string", "lanczos5", "kernel that shifts the aperture's coefficients")
    scale = ControlField("double", 3.14, "radius of the aperture (FWHM of the PSF)")
