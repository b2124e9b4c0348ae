# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Plugins that this slice does not have: the defaults and stored configs mention them."""

from .blendedness import BlendednessControl
from .forcedMeasurement import ForcedPlugin
from .peakLikelihoodFlux import PeakLikelihoodFluxControl
from .scaledApertureFlux import ScaledApertureFluxControl
from .sfm import SingleFramePlugin
from .wrappers import wrapAlgorithmControl

__all__ = ["registerUnavailable"]

_CONTROLS = {
    "base_Blendedness": BlendednessControl,
    "base_PeakLikelihoodFlux": PeakLikelihoodFluxControl,
    "base_ScaledApertureFlux": ScaledApertureFluxControl,
}


def registerUnavailable():
    """Register plugins that have a config, but raise `NotImplementedError` when they are made."""
    for Base in (SingleFramePlugin, ForcedPlugin):
        configs = {name: wrapAlgorithmControl(Base.ConfigClass, Control)
                   for name, Control in _CONTROLS.items()}
        configs["base_InputCount"] = Base.ConfigClass
        for name, ConfigClass in configs.items():
            Base.registry.register(name, _makeClass(Base, name, ConfigClass))


def _makeClass(Base, name, Config):
    class UnavailablePlugin(Base):
        ConfigClass = Config

        @classmethod
        def getExecutionOrder(cls):
            return cls.FLUX_ORDER

        def __init__(self, *args, **kwargs):
            raise NotImplementedError(f"Plugin {name!r} is not implemented; remove it from the plugins")

    return UnavailablePlugin
