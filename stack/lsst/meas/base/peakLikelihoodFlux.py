# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Settings of the peak likelihood plugin, which stored configs mention; the plugin itself is not here."""

from ._control import Control, ControlField

__all__ = ["PeakLikelihoodFluxControl"]


class PeakLikelihoodFluxControl(Control):
    """Settings of ``base_PeakLikelihoodFlux``."""

    warpingKernelName = ControlField("std::string", "lanczos4", "kernel that interpolates the peak")
