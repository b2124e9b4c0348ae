# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Settings of the blendedness plugin, which stored configs mention; the plugin itself is not here."""

from ._control import Control, ControlField

__all__ = ["BlendednessControl"]


class BlendednessControl(Control):
    """Settings of ``base_Blendedness``."""

    doOld = ControlField("bool", True, "compute dot products of heavy footprints?")
    doFlux = ControlField("bool", True, "compare fluxes with Gaussian weights?")
    doShape = ControlField("bool", True, "compare shapes with Gaussian weights?")
    nSigmaWeightMax = ControlField("double", 3.0, "where the weights end (standard deviations)")
