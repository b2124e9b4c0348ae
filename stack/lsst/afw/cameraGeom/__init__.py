# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Cameras and detectors: geometry, coordinate systems and amplifiers."""

import importlib

from ._amplifier import *
from ._camera import *
from ._cameraSys import *
from ._detector import *
from ._makePixelToTanPixel import *
from ._orientation import *
from ._transformMap import *

NullLinearityType = "None"  # The linearity of amplifiers that need no correction.

# What makes cameras, and needs configs, which readers of exposures do not.
_LATE = {"CameraConfig": ".cameraConfig", "DetectorConfig": ".cameraConfig",
         "TransformMapConfig": ".cameraConfig", "addDetectorBuilderFromConfig": "._cameraFactory",
         "makeCameraFromAmpLists": "._cameraFactory", "makeCameraFromPath": "._cameraFactory"}


def __getattr__(name):
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_LATE[name], __name__), name)


def __dir__():
    return sorted([*globals(), *_LATE])
