# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Names of plugins that this slice does not have: the defaults and stored configs mention them."""

from .forcedMeasurement import ForcedPlugin
from .sfm import SingleFramePlugin

__all__ = ["registerUnavailable"]

_NAMES = (
    "base_Blendedness",
    "base_CircularApertureFlux",
    "base_GaussianFlux",
    "base_LocalBackground",
    "base_NaiveCentroid",
    "base_PeakLikelihoodFlux",
    "base_ScaledApertureFlux",
    "base_SdssCentroid",
    "base_SdssShape",
)


def registerUnavailable():
    """Register plugins that raise `NotImplementedError` when they are made, under the missing names."""
    for Base in (SingleFramePlugin, ForcedPlugin):
        for name in _NAMES:
            if name not in Base.registry:
                Base.registry.register(name, _makeClass(Base, name))


def _makeClass(Base, name):
    class UnavailablePlugin(Base):
        @classmethod
        def getExecutionOrder(cls):
            return cls.FLUX_ORDER

        def __init__(self, *args, **kwargs):
            raise NotImplementedError(f"Plugin {name!r} is not implemented; remove it from the plugins")

    return UnavailablePlugin
