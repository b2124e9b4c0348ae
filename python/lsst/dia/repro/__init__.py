# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""DIASources of difference images into DIAObjects with forced light curves."""

# First, since it says what to do where there is neither a stack nor the slice.
from .commandLine import gen2Classes  # noqa: F401  # isort: skip

from .association.diaAssociation import DiaObjectMakerConfig
from .association.diaObjectMaker import DiaObjectMakerTask
from .forced.forcedDiaMeasurement import ForcedDiaPhotConfig
from .forced.forcedDiaPhot import ForcedDiaPhotTask
from .lightCurves.diaLightCurves import DiaLightCurvesTask
from .lightCurves.lightCurveAssembly import DiaLightCurvesConfig

__all__ = ["DiaLightCurvesConfig", "DiaLightCurvesTask", "DiaObjectMakerConfig", "DiaObjectMakerTask",
           "ForcedDiaPhotConfig", "ForcedDiaPhotTask"]
